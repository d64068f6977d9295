//! A team adopts Verdikt in a repository that is not clean: what was there stays quiet, what is new is
//! loud, and nothing is silenced without a trace. Every step asserts everything that is reported.

use serde_json::Value;

use crate::history::{History, diagnostics};
use crate::support::{Run, require_packs};

/// 2026-11-22 and the first day of 2027, in seconds since 1970.
const TODAY: &str = "1795305600";
const NEXT_YEAR: &str = "1798761600";

/// Three rules are enough to tell findings apart.
const RULES: [&str; 2] = ["--select", "WL-001,WL-008,IM-001"];

const SHOP: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: registry.example/web:latest
        - name: proxy
          image: registry.example/proxy:1.4.2
          securityContext:
            privileged: yes
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
  ports: [{port: 80}]
";

/// The deployment of `SHOP` as another tool would write it: other order, flow style, comments.
const SHOP_REFORMATTED: &str = "\
# Written by a formatter.
apiVersion: v1
kind: Service
metadata: {namespace: shop, name: web}
spec: {ports: [{port: 80}], selector: {app: web}}

---

kind: Deployment
apiVersion: apps/v1
metadata: {\"namespace\": \"shop\", \"name\": \"web\"}
spec:
    template:
        spec:
            containers:
            -   {image: 'registry.example/proxy:1.4.2', name: proxy, securityContext: {privileged: true}}

            # The image is still not pinned.
            -   image: >-
                    registry.example/web:latest
                name: web
        metadata: {labels: {app: web}}
    selector: {matchLabels: {app: web}}
";

const DEBUG: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: node-debug
  namespace: shop
spec:
  hostNetwork: true
  containers:
    - name: shell
      image: registry.example/shell:2.0
      securityContext:
        privileged: true
";

const TASK: &str = r#"{
  "family": "billing",
  "containerDefinitions": [
    {"name": "app", "image": "registry.example/billing:3.1", "memory": 256, "privileged": true}
  ]
}
"#;

/// A new workload of somebody who does not know the rules yet.
const AGENT: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: agent
  namespace: ops
spec:
  hostNetwork: true
  containers:
    - name: agent
      image: registry.example/agent:1.0
      securityContext:
        privileged: true
";

const WAIVERS: &str = "\
version: 1
waivers:
  - rule: WL-001
    match: {namespace: ops, name: agent}
    reason: Reads the counters of the kernel
    owner: platform-team
    approved-by: security-office
    expires: 2026-12-31
  - rule: IM-001
    match: {namespace: ops}
    reason: Nobody remembers
    owner: platform-team
";

/// A place where the walk is.
struct Walk {
    history: History,
}

impl Walk {
    fn run(&self, day: &str, arguments: &[&str]) -> Run {
        let mut command = self.history.project.command(&[arguments, &RULES].concat());
        Run::new(command.env("SOURCE_DATE_EPOCH", day).output().unwrap())
    }

    /// A check on a day, with what it must end with, find and complain about.
    #[track_caller]
    fn check(&self, day: &str, flags: &[&str], code: i32, found: &[&str], said: &[&str]) -> Value {
        let report = self.run(day, &[&["check", "-f", "json"], flags].concat()).expect(code).json();
        assert_eq!(rows(&report), found);
        let diagnostics = diagnostics(&report);
        assert_eq!(diagnostics.len(), said.len(), "{diagnostics:#?}");
        for (diagnostic, said) in diagnostics.iter().zip(said) {
            assert!(diagnostic.starts_with(said), "{diagnostic:#?} does not begin with {said:#?}");
        }
        let count = |wanted: bool| found.iter().filter(|row| row.contains(" = ") == wanted).count();
        let summary = &report["summary"];
        assert_eq!((&summary["suppressed"], &summary["fail"]), (&count(true).into(), &count(false).into()));
        report
    }

    /// A command that changes the baseline, and what it prints.
    #[track_caller]
    fn baseline(&self, change: &str, printed: &str) {
        assert_eq!(self.run(TODAY, &["baseline", change]).expect(0).stdout, format!("{printed}\n"));
    }
}

/// `RULE FILE:LINE ADDRESS`, and why it does not count.
fn rows(report: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let row = |row: &Value| {
        let place = &row["location"];
        let found = format!("{} {}:{}", text(&row["rule"]), text(&place["file"]), place["line"]);
        let found = format!("{found} {}", text(&row["document"]["address"]));
        assert_eq!(row["verdict"], "fail", "what is accepted stays what it is: {row:#}");
        match row["suppressed"].as_object() {
            None => found,
            Some(why) => format!("{found} = {}: {}", text(&why["kind"]), text(&why["reason"])),
        }
    };
    report["results"].as_array().unwrap().iter().map(row).collect()
}

#[test]
fn a_messy_repository_is_adopted_step_by_step() {
    require_packs();
    let files = [
        ("k8s/shop.yaml", SHOP),
        ("k8s/debug.yaml", DEBUG),
        ("ecs/billing.json", TASK),
        ("charts/shop/values.yaml", "replicas: 2\n"),
        ("README.md", "# The shop\n"),
    ];
    let Some(history) = History::new(&files) else { return };
    let walk = Walk { history };
    let (project, history) = (&walk.history.project, &walk.history);

    // 1. What is there? Everything counts.
    let messy = [
        "WL-001 ecs/billing.json:4 billing",
        "WL-008 k8s/debug.yaml:7 shop/Pod/node-debug",
        "WL-001 k8s/debug.yaml:12 shop/Pod/node-debug",
        "IM-001 k8s/shop.yaml:15 shop/Deployment/web",
        "WL-001 k8s/shop.yaml:19 shop/Deployment/web",
    ];
    walk.check(TODAY, &[], 1, &messy, &[]);

    // 2. Draw a line. From now on, the flag stands in the pipeline.
    walk.baseline("create", ".verdikt-baseline.json accepts 5 findings.");
    history.commit("Adopt Verdikt");
    let with_baseline = ["--baseline", ".verdikt-baseline.json"];
    let known = messy.map(|row| format!("{row} = baseline: in the baseline"));
    let known = known.each_ref().map(String::as_str);
    walk.check(TODAY, &with_baseline, 0, &known, &[]);

    // 3. Fix one. The line in the baseline is stale, which is said where it stands until it is pruned.
    project.write("k8s/debug.yaml", DEBUG.replace("  hostNetwork: true\n", ""));
    let fixed = [
        "WL-001 ecs/billing.json:4 billing = baseline: in the baseline",
        "WL-001 k8s/debug.yaml:11 shop/Pod/node-debug = baseline: in the baseline",
        "IM-001 k8s/shop.yaml:15 shop/Deployment/web = baseline: in the baseline",
        "WL-001 k8s/shop.yaml:19 shop/Deployment/web = baseline: in the baseline",
    ];
    let stale = "unused-acceptance .verdikt-baseline.json: This finding of WL-008 is no longer there.";
    let report = walk.check(TODAY, &with_baseline, 0, &fixed, &[stale]);
    let line = report["diagnostics"][0]["location"]["line"].as_u64().unwrap();
    let entry = project.read(".verdikt-baseline.json").lines().nth(line as usize - 1).unwrap().to_owned();
    assert!(entry.contains("WL-008") && entry.contains("k8s/debug.yaml"), "{entry}");
    walk.baseline("prune", ".verdikt-baseline.json accepts 4 findings: 0 added, 0 moved, 1 removed.");
    walk.check(TODAY, &with_baseline, 0, &fixed, &[]);
    history.commit("node-debug leaves the network of its node");

    // 4. Add one, on a branch: loud, and nothing else is.
    history.git(&["checkout", "--quiet", "-b", "agent"]);
    project.write("k8s/agent.yaml", AGENT);
    let mut now = vec![fixed[0], "WL-008 k8s/agent.yaml:7 ops/Pod/agent", "WL-001 k8s/agent.yaml:12 ops/Pod/agent"];
    now.extend(&fixed[1..]);
    walk.check(TODAY, &with_baseline, 1, &now, &[]);

    // 5. Suppress one of the two until the end of the year. After that it counts again.
    let comment = "  # verdikt:ignore WL-008 until=2026-12-31 The metrics of the node are read by its address.\n";
    project.write("k8s/agent.yaml", AGENT.replace("  hostNetwork: true\n", &format!("{comment}  hostNetwork: true\n")));
    now[1] = "WL-008 k8s/agent.yaml:8 ops/Pod/agent = comment: The metrics of the node are read by its address.";
    now[2] = "WL-001 k8s/agent.yaml:13 ops/Pod/agent";
    let report = walk.check(TODAY, &with_baseline, 1, &now, &[]);
    let suppressed = &report["results"][1]["suppressed"];
    assert_eq!((&suppressed["until"], &suppressed["location"]["line"]), (&"2026-12-31".into(), &7.into()));
    let in_time = now[1];
    now[1] = "WL-008 k8s/agent.yaml:8 ops/Pod/agent";
    walk.check(NEXT_YEAR, &with_baseline, 1, &now, &["expired-acceptance k8s/agent.yaml: "]);
    now[1] = in_time;

    // 6. Waive the other. The second waiver is for something that is not there, and has no end.
    project.write("waivers.yaml", WAIVERS);
    let with_both = [&with_baseline[..], &["--waivers", "waivers.yaml"]].concat();
    now[2] = "WL-001 k8s/agent.yaml:13 ops/Pod/agent = waiver: Reads the counters of the kernel";
    let unused = "unused-acceptance waivers.yaml: ";
    let report = walk.check(TODAY, &with_both, 0, &now, &[unused]);
    let suppressed = &report["results"][2]["suppressed"];
    assert_eq!((&suppressed["by"], &suppressed["until"]), (&"security-office".into(), &"2026-12-31".into()));
    assert_eq!(report["diagnostics"][0]["location"]["line"], 9);
    let (comment, waiver) = (now[1], now[2]);
    (now[1], now[2]) = ("WL-008 k8s/agent.yaml:8 ops/Pod/agent", "WL-001 k8s/agent.yaml:13 ops/Pod/agent");
    let ended = ["expired-acceptance k8s/agent.yaml: ", "expired-acceptance waivers.yaml: ", unused];
    walk.check(NEXT_YEAR, &with_both, 1, &now, &ended);
    (now[1], now[2]) = (comment, waiver);
    let waivers = WAIVERS.split("  - rule: IM-001").next().unwrap();
    project.write("waivers.yaml", waivers);
    walk.check(TODAY, &with_both, 0, &now, &[]);
    history.commit("The agent, with what is accepted of it");

    // 7. Move files. What was accepted stays accepted, wherever it was accepted.
    history.git(&["mv", "k8s", "deploy"]);
    let moved: Vec<String> = now
        .iter()
        .map(|row| {
            let row = row.replace("k8s/", "deploy/");
            let file = row.split([' ', ':']).nth(1).unwrap().replace("deploy/", "k8s/");
            let from = format!("in the baseline for {file}, from where it was moved");
            if row.contains("deploy/") { row.replace("in the baseline", &from) } else { row }
        })
        .collect();
    // The table goes by file, and `deploy` comes before `ecs`.
    let moved: Vec<&str> = moved[1..].iter().chain(&moved[..1]).map(String::as_str).collect();
    walk.check(TODAY, &with_both, 0, &moved, &[]);
    assert_eq!(
        walk.run(TODAY, &["baseline", "update", "--waivers", "waivers.yaml"]).expect(0).stdout,
        ".verdikt-baseline.json accepts 4 findings: 0 added, 3 moved, 0 removed.\n"
    );
    let mut now: Vec<String> = now.iter().map(|row| row.replace("k8s/", "deploy/")).collect();
    now.rotate_left(1);
    let settled: Vec<&str> = now.iter().map(String::as_str).collect();
    walk.check(TODAY, &with_both, 0, &settled, &[]);
    history.commit("Deployments have a folder of their own");

    // 8. Reformat. Lines move, order changes, findings stay what they are.
    project.write("deploy/shop.yaml", SHOP_REFORMATTED);
    let settled = [
        &settled[..3],
        &[
            "WL-001 deploy/shop.yaml:16 shop/Deployment/web = baseline: in the baseline",
            "IM-001 deploy/shop.yaml:19 shop/Deployment/web = baseline: in the baseline",
        ],
        &settled[5..],
    ]
    .concat();
    walk.check(TODAY, &with_both, 0, &settled, &[]);
    history.commit("Formatted");

    // 9. What does the branch bring? Nobody needs the baseline for that question: what is on main, even
    // in files that were moved and reformatted since, is old.
    let commit = history.git(&["rev-parse", "--short=7", "main"]);
    let old = format!("diff-base: present at main ({})", commit.trim());
    let branch = [
        "WL-008 deploy/agent.yaml:8 ops/Pod/agent = comment: The metrics of the node are read by its address."
            .to_owned(),
        "WL-001 deploy/agent.yaml:13 ops/Pod/agent".to_owned(),
        format!("WL-001 deploy/debug.yaml:11 shop/Pod/node-debug = {old}, in k8s/debug.yaml"),
        format!("WL-001 deploy/shop.yaml:16 shop/Deployment/web = {old}, in k8s/shop.yaml"),
        format!("IM-001 deploy/shop.yaml:19 shop/Deployment/web = {old}, in k8s/shop.yaml"),
        format!("WL-001 ecs/billing.json:4 billing = {old}"),
    ];
    let mut branch: Vec<&str> = branch.iter().map(String::as_str).collect();
    walk.check(TODAY, &["--diff-base", "main"], 1, &branch, &[]);
    branch[1] = "WL-001 deploy/agent.yaml:13 ops/Pod/agent = waiver: Reads the counters of the kernel";
    walk.check(TODAY, &["--diff-base", "main", "--waivers", "waivers.yaml"], 0, &branch, &[]);

    // 10. Somebody takes the comment away: since the last commit, that is new.
    project.write("deploy/agent.yaml", AGENT);
    let report = walk.run(TODAY, &["check", "-f", "json", "--diff-base", "HEAD"]).expect(1).json();
    let open: Vec<String> = rows(&report).into_iter().filter(|row| !row.contains(" = ")).collect();
    assert_eq!(open, ["WL-008 deploy/agent.yaml:7 ops/Pod/agent"]);
}
