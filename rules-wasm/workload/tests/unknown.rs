//! Values that cannot be known, rule by rule: never a pass, and a failure only where every value
//! would fail. Files cannot say most of this yet, so the bodies are written as the host writes them.

use verdikt_rules_workload::PACK;
use verdikt_sdk::Severity;
use verdikt_sdk::testing::{Case, Judgement, Verdict};

const FAIL: Verdict = Verdict::Fail;
const UNKNOWN: Verdict = Verdict::Unknown;
const NOT_APPLICABLE: Verdict = Verdict::NotApplicable;
const PASS: Verdict = Verdict::Pass;

/// `?` stands for a value that cannot be known.
fn body(text: &str) -> String {
    text.replace('?', r#"{"$unknown": "set at deployment"}"#)
}

fn judge(rule: &str, settings: &str, text: &str) -> Judgement {
    Case::workload(&body(text)).setting(rule, settings).judge(&PACK, rule)
}

#[track_caller]
fn expect(rule: &str, settings: &str, cases: &[(&str, &[(Verdict, &str)])]) {
    for (text, expected) in cases {
        assert_eq!(judge(rule, settings, text).pointers(), *expected, "{rule} {settings} {text}");
    }
}

/// Wraps containers into a Kubernetes workload.
macro_rules! pod {
    ($containers:literal) => {
        concat!(r#"{"platform": "kubernetes", "containers": ["#, $containers, "]}")
    };
}

/// Wraps containers into an ECS workload.
macro_rules! task {
    ($containers:literal) => {
        concat!(r#"{"platform": "ecs", "containers": ["#, $containers, "]}")
    };
    ($members:literal, $containers:literal) => {
        concat!(r#"{"platform": "ecs", "#, $members, r#", "containers": ["#, $containers, "]}")
    };
}

#[test]
fn what_every_container_rule_does_with_unknown_surroundings() {
    for rule in ["WL-001", "WL-002", "WL-003", "WL-004", "WL-005", "WL-007", "IM-001", "RS-001"] {
        expect(rule, "{}", &[(r#"{"platform": "kubernetes", "containers": ?}"#, &[(UNKNOWN, "/containers")])]);
        let whole = judge(rule, "{}", pod!("?"));
        assert_eq!(whole.verdict(), UNKNOWN, "{rule}: a container of which nothing is known");
        assert!(whole.findings[0].pointer.as_deref().unwrap().starts_with("/containers/0"), "{rule}");
    }
    for rule in ["WL-001", "WL-002", "WL-003", "WL-004", "WL-005", "WL-007"] {
        expect(
            rule,
            "{}",
            &[
                (r#"{"platform": "kubernetes", "os": ?, "containers": []}"#, &[(UNKNOWN, "/os")]),
                (r#"{"platform": "kubernetes", "os": "windows", "containers": ?}"#, &[(NOT_APPLICABLE, "")]),
                (r#"{"platform": "kubernetes", "os": "linux", "containers": []}"#, &[]),
            ],
        );
    }
}

#[test]
fn wl_001_privileged() {
    expect(
        "WL-001",
        "{}",
        &[
            (pod!(r#"{"name": "a", "privileged": ?}"#), &[(UNKNOWN, "/containers/0/privileged")]),
            (
                pod!(r#"{"name": "a", "privileged": ?}, {"name": "b", "privileged": true}"#),
                &[(UNKNOWN, "/containers/0/privileged"), (FAIL, "/containers/1/privileged")],
            ),
            (pod!(r#"{"privileged": {"$unknown": "w", "$any": [true, true]}}"#), &[(FAIL, "/containers/0/privileged")]),
            (pod!(r#"{"privileged": {"$unknown": "w", "$any": [false, null]}}"#), &[]),
            // A container that may not be there: what is right of it is right, what is wrong depends.
            (pod!(r#"{"$unknown": "w", "$any": [{"privileged": false}, null]}"#), &[]),
            (
                pod!(r#"{"$unknown": "w", "$any": [{"privileged": true}, null]}"#),
                &[(UNKNOWN, "/containers/0/$any/0/privileged")],
            ),
            (
                pod!(r#"{"$unknown": "w", "$any": [{"privileged": true}, {"privileged": true}]}"#),
                &[(FAIL, "/containers/0/privileged")],
            ),
            // A list of unknown length: its known element fails all the same.
            (
                r#"{"containers": {"$unknown": "w", "$parts": [{"name": "a", "privileged": true}, null]}}"#,
                &[(UNKNOWN, "/containers"), (FAIL, "/containers/$parts/0/privileged")],
            ),
        ],
    );
    expect(
        "WL-001",
        r#"{"require_explicit": true}"#,
        &[
            (pod!(r#"{"privileged": ?}"#), &[(UNKNOWN, "/containers/0/privileged")]),
            (pod!("{}"), &[(FAIL, "/containers/0/privileged")]),
            (task!(r#""compatibilities": ?"#, "{}"), &[(UNKNOWN, "/compatibilities")]),
            (task!(r#""fargate": true"#, "{}"), &[(PASS, "")]),
            (task!(r#""fargate": false"#, "{}"), &[(FAIL, "/containers/0/privileged")]),
            (task!(r#""fargate": true"#, r#"{"privileged": true}"#), &[(FAIL, "/containers/0/privileged")]),
        ],
    );
}

#[test]
fn wl_002_non_root() {
    expect(
        "WL-002",
        "{}",
        &[
            (pod!(r#"{"user": {"uid": ?}}"#), &[(UNKNOWN, "/containers/0/user/uid")]),
            (pod!(r#"{"user": ?}"#), &[(UNKNOWN, "/containers/0/user/uid")]),
            (pod!(r#"{"user": {"uid": ?}, "runAsNonRoot": true}"#), &[(UNKNOWN, "/containers/0/user/uid")]),
            (pod!(r#"{"runAsNonRoot": ?}"#), &[(UNKNOWN, "/containers/0/runAsNonRoot")]),
            (pod!(r#"{"user": {"uid": 0}, "runAsNonRoot": ?}"#), &[(FAIL, "/containers/0/user/uid")]),
            (pod!(r#"{"user": {"uid": 5}, "runAsNonRoot": ?}"#), &[]),
            (pod!(r#"{"user": {"uid": -1}}"#), &[(FAIL, "/containers/0/user/uid")]),
            (pod!(r#"{"user": {"gid": 5}}"#), &[(FAIL, "/containers/0/runAsNonRoot")]),
            (task!(r#"{"user": ?}"#), &[(UNKNOWN, "/containers/0/user/uid")]),
            (task!(r#"{"user": {"name": ?}}"#), &[(UNKNOWN, "/containers/0/user/name")]),
            (task!(r#"{"user": {"name": "00"}}"#), &[(FAIL, "/containers/0/user/name")]),
            (task!(r#"{"user": {"name": ""}}"#), &[(FAIL, "/containers/0/user")]),
            (task!(r#"{"runAsNonRoot": true}"#), &[(FAIL, "/containers/0/user")]),
            (task!(r#"{"user": {"name": "app"}}"#), &[(PASS, "")]),
            (
                task!(r#"{"user": {"$unknown": "w", "$any": [{"uid": 0}, {"name": "root"}, null]}}"#),
                &[(FAIL, "/containers/0/user/uid")],
            ),
            (
                task!(r#"{"user": {"$unknown": "w", "$any": [{"name": "00"}, {"name": "root"}]}}"#),
                &[(FAIL, "/containers/0/user/name")],
            ),
            (task!(r#"{"user": {"$unknown": "w", "$any": [{"uid": 7}, {"uid": 8}]}}"#), &[]),
            (
                task!(r#"{"user": {"$unknown": "w", "$any": [{"uid": 7}, {"uid": 0}]}}"#),
                &[(UNKNOWN, "/containers/0/user")],
            ),
            (pod!(r#"{"user": {"uid": {"$unknown": "w", "$any": [null, 7]}}, "runAsNonRoot": true}"#), &[]),
        ],
    );
    expect(
        "WL-002",
        r#"{"accept_user_namespaces": true}"#,
        &[
            (r#"{"hostUsers": ?, "containers": [{"user": {"uid": 0}}]}"#, &[(UNKNOWN, "/hostUsers")]),
            (r#"{"hostUsers": ?, "containers": [{"user": {"uid": 1}}]}"#, &[]),
            (r#"{"hostUsers": false, "containers": [{"user": {"uid": 0}}]}"#, &[(PASS, "")]),
            (r#"{"hostUsers": false, "containers": [{"user": ?}]}"#, &[(PASS, "")]),
            (r#"{"hostUsers": ?, "containers": [{"user": ?}]}"#, &[(UNKNOWN, "/containers/0/user/uid")]),
            (r#"{"hostUsers": true, "containers": [{"user": ?}]}"#, &[(UNKNOWN, "/containers/0/user/uid")]),
            (r#"{"hostUsers": true, "containers": [{"user": {"uid": 0}}]}"#, &[(FAIL, "/containers/0/user/uid")]),
        ],
    );
}

#[test]
fn wl_002_says_which_case_it_is() {
    for (text, code) in [
        (pod!(r#"{"name": "a", "user": {"uid": 0}}"#), "explicit-root"),
        (pod!(r#"{"name": "a", "user": {"uid": 0}, "runAsNonRoot": true}"#), "root-refused"),
        (pod!(r#"{"name": "a"}"#), "not-declared"),
        (task!(r#"{"name": "a"}"#), "no-user"),
        (task!(r#"{"name": "a", "user": {"name": "root"}}"#), "explicit-root"),
    ] {
        assert_eq!(judge("WL-002", "{}", text).findings[0].code.as_deref(), Some(code), "{text}");
    }
}

#[test]
fn wl_003_privilege_escalation() {
    const APE: &str = "/containers/0/allowPrivilegeEscalation";
    const OPTIONS: &str = "/containers/0/securityOptions";
    expect(
        "WL-003",
        "{}",
        &[
            (pod!(r#"{"allowPrivilegeEscalation": ?}"#), &[(UNKNOWN, APE)]),
            (pod!(r#"{"allowPrivilegeEscalation": ?, "privileged": true}"#), &[(FAIL, "/containers/0/privileged")]),
            (
                pod!(r#"{"allowPrivilegeEscalation": ?, "capabilities": {"add": ["CAP_SYS_ADMIN"]}}"#),
                &[(FAIL, "/containers/0/capabilities/add/0")],
            ),
            (pod!(r#"{"allowPrivilegeEscalation": false, "privileged": ?}"#), &[(UNKNOWN, "/containers/0/privileged")]),
            (
                pod!(r#"{"allowPrivilegeEscalation": false, "capabilities": ?}"#),
                &[(UNKNOWN, "/containers/0/capabilities/add")],
            ),
            (
                pod!(r#"{"allowPrivilegeEscalation": false, "capabilities": {"add": ["CHOWN", ?]}}"#),
                &[(UNKNOWN, "/containers/0/capabilities/add/1")],
            ),
            (
                pod!(r#"{"allowPrivilegeEscalation": false, "capabilities": {"add": [?, "ALL"]}}"#),
                &[(FAIL, "/containers/0/capabilities/add/1")],
            ),
            (pod!(r#"{"privileged": ?}"#), &[(FAIL, APE)]),
            (task!(r#"{"securityOptions": ?}"#), &[(UNKNOWN, OPTIONS)]),
            (task!(r#"{"securityOptions": [?]}"#), &[(UNKNOWN, "/containers/0/securityOptions/0")]),
            (task!(r#"{"securityOptions": [?, "no-new-privileges"]}"#), &[]),
            (task!(r#"{"securityOptions": {"$unknown": "w", "$parts": ["no-new-privileges", null]}}"#), &[]),
            (task!(r#""compatibilities": ?"#, "{}"), &[(UNKNOWN, "/compatibilities")]),
            (task!(r#""compatibilities": ?"#, r#"{"securityOptions": ["no-new-privileges"]}"#), &[]),
            (task!(r#""fargate": true"#, "?"), &[(NOT_APPLICABLE, "")]),
        ],
    );
}

#[test]
fn wl_004_drop_all_capabilities() {
    const DROP: &str = "/containers/0/capabilities/drop";
    expect(
        "WL-004",
        "{}",
        &[
            (pod!(r#"{"capabilities": {"drop": ?}}"#), &[(UNKNOWN, DROP)]),
            (pod!(r#"{"capabilities": {"drop": ["ALL", ?]}}"#), &[]),
            (pod!(r#"{"capabilities": {"drop": ["CHOWN", ?]}}"#), &[(UNKNOWN, "/containers/0/capabilities/drop/1")]),
            (pod!(r#"{"capabilities": {"drop": {"$unknown": "w", "$parts": ["ALL", null]}}}"#), &[]),
            (pod!(r#"{"capabilities": {"drop": ["ALL"]}, "privileged": ?}"#), &[]),
            (
                task!(r#"{"capabilities": {"drop": ["ALL"]}, "privileged": ?}"#),
                &[(UNKNOWN, "/containers/0/privileged")],
            ),
            (task!(r#"{"capabilities": {"drop": ?}, "privileged": true}"#), &[(FAIL, "/containers/0/privileged")]),
            (task!(r#"{"privileged": ?}"#), &[(FAIL, DROP)]),
        ],
    );
}

#[test]
fn wl_005_added_capabilities() {
    expect(
        "WL-005",
        "{}",
        &[
            (pod!(r#"{"capabilities": {"add": ?}}"#), &[(UNKNOWN, "/containers/0/capabilities/add")]),
            (
                pod!(r#"{"capabilities": {"add": [?, "CHOWN"]}}"#),
                &[(UNKNOWN, "/containers/0/capabilities/add/0"), (FAIL, "/containers/0/capabilities/add/1")],
            ),
            (
                pod!(r#"{"capabilities": {"add": {"$unknown": "w", "$parts": [null, "CHOWN"]}}}"#),
                &[(UNKNOWN, "/containers/0/capabilities/add"), (FAIL, "/containers/0/capabilities/add/$parts/1")],
            ),
            (pod!(r#"{"capabilities": {"add": null}}"#), &[]),
        ],
    );
    let severity = |settings: &str, capability: &str| {
        let text = format!(r#"{{"containers": [{{"name": "a", "capabilities": {{"add": ["{capability}"]}}}}]}}"#);
        judge("WL-005", settings, &text).findings[0].severity
    };
    assert_eq!(severity("{}", "CAP_SYS_ADMIN"), Some(Severity::Critical));
    assert_eq!(severity("{}", "CHOWN"), None);
    assert_eq!(severity(r#"{"critical_capabilities": ["CAP_CHOWN"]}"#, "CHOWN"), Some(Severity::Critical));
    assert_eq!(severity(r#"{"critical_capabilities": []}"#, "SYS_ADMIN"), None);
    let message = &judge(
        "WL-005",
        r#"{"allowed_capabilities": []}"#,
        pod!(r#"{"name": "a", "capabilities": {"add": ["CHOWN"]}}"#),
    )
    .findings[0]
        .message;
    assert_eq!(message, "Container `a` adds the capability `CHOWN`, allowed: -.");
}

#[test]
fn wl_007_read_only_root_filesystem() {
    const FIELD: &str = "/containers/0/readOnlyRootFilesystem";
    expect(
        "WL-007",
        "{}",
        &[
            (pod!(r#"{"readOnlyRootFilesystem": ?}"#), &[(UNKNOWN, FIELD)]),
            (pod!(r#"{"readOnlyRootFilesystem": {"$unknown": "w", "$any": [false, null]}}"#), &[(FAIL, FIELD)]),
            (pod!(r#"{"readOnlyRootFilesystem": {"$unknown": "w", "$any": [true, null]}}"#), &[(UNKNOWN, FIELD)]),
            (pod!(r#"{"readOnlyRootFilesystem": null}"#), &[(FAIL, FIELD)]),
        ],
    );
}

#[test]
fn wl_008_and_wl_009_host_namespaces() {
    for (rule, flag, mode) in
        [("WL-008", "hostNetwork", "networkMode"), ("WL-009", "hostPID", "pidMode"), ("WL-009", "hostIPC", "ipcMode")]
    {
        for (members, expected) in [
            (format!(r#""{flag}": ?"#), vec![(UNKNOWN, flag)]),
            (format!(r#""{flag}": true"#), vec![(FAIL, flag)]),
            (format!(r#""{flag}": false"#), vec![]),
            (format!(r#""{mode}": ?"#), vec![(UNKNOWN, mode)]),
            (format!(r#""{mode}": "host", "{flag}": true"#), vec![(FAIL, flag)]),
            (format!(r#""{mode}": {{"$unknown": "w", "$any": ["none", null]}}"#), vec![]),
        ] {
            let found = judge(rule, "{}", &format!("{{{members}}}"));
            let expected: Vec<_> = expected.iter().map(|(verdict, field)| (*verdict, format!("/{field}"))).collect();
            let found: Vec<_> = found.pointers().into_iter().map(|(verdict, at)| (verdict, at.to_owned())).collect();
            assert_eq!(found, expected, "{rule} {members}");
        }
    }
}

#[test]
fn im_001_version_tag() {
    let image = |reference: &str| {
        let text = format!(r#"{{"containers": [{{"name": "a", "image": {{"reference": {reference}}}}}]}}"#);
        judge("IM-001", "{}", &text).verdict()
    };
    let parts = |parts: &str| image(&format!(r#"{{"$unknown": "w", "$parts": [{parts}]}}"#));
    let any = |any: &str| image(&format!(r#"{{"$unknown": "w", "$any": [{any}]}}"#));
    assert_eq!(image("?"), UNKNOWN);
    for (pieces, verdict) in [
        (r#""nginx:", null"#, UNKNOWN),
        (r#"null, ":latest""#, FAIL),
        (r#"null, ":1.25""#, PASS),
        (r#"null, "/web""#, FAIL),
        (r#"null, "/web:1.25""#, PASS),
        (r#"null, "web""#, UNKNOWN),
        (r#""r.example/", null, ":stable""#, FAIL),
        (r#""nginx:", null, "-alpine""#, UNKNOWN),
        (r#""nginx@sha256:", null"#, PASS),
        (r#""nginx:1@sha256:", null"#, PASS),
        (r#""nginx:latest@sha256:", null"#, FAIL),
        (r#"null, "@sha256:4f53""#, UNKNOWN),
        (r#"null, ":4f53cda18c2baa0c0354bb5f9a3ecbe5""#, UNKNOWN),
        ("", UNKNOWN),
        ("null", UNKNOWN),
    ] {
        assert_eq!(parts(pieces), verdict, "{pieces}");
    }
    for (values, verdict) in
        [(r#""a:1", "b:2""#, PASS), (r#""a", "b:latest""#, FAIL), (r#""a", "b:2""#, UNKNOWN), (r#""a", null"#, UNKNOWN)]
    {
        assert_eq!(any(values), verdict, "{values}");
    }
    expect(
        "IM-001",
        "{}",
        &[
            (r#"{"volumes": ?}"#, &[(UNKNOWN, "/volumes")]),
            (r#"{"volumes": [{"name": "v", "image": ?}]}"#, &[(UNKNOWN, "/volumes/0/image/reference")]),
            (r#"{"containers": [{"image": {"reference": "a@sha256:1"}}]}"#, &[(PASS, "")]),
            (r#"{"containers": [{}]}"#, &[]),
        ],
    );
}

#[test]
fn rs_001_memory_limit() {
    const OWN: &str = "/containers/0/resources/limits/memory";
    const WHOLE: &str = "/resources/limits/memory";
    expect(
        "RS-001",
        "{}",
        &[
            (pod!(""), &[(PASS, "")]),
            (pod!(r#"{"resources": {"limits": {"memory": ?}}}"#), &[(UNKNOWN, OWN)]),
            (pod!(r#"{"resources": ?}"#), &[(UNKNOWN, OWN)]),
            (pod!("{}"), &[(FAIL, OWN)]),
            (pod!(r#"{"resources": {"limits": {"memory": true}}}"#), &[(UNKNOWN, OWN)]),
            (pod!(r#"{"resources": {"limits": {"memory": {"$unknown": "w", "$any": ["1Gi", 5]}}}}"#), &[(PASS, "")]),
            (pod!(r#"{"resources": {"limits": {"memory": {"$unknown": "w", "$any": [null, "0"]}}}}"#), &[(FAIL, OWN)]),
            (pod!(r#"{"resources": {"limits": {"memory": {"$unknown": "w", "$any": [1, "0"]}}}}"#), &[(UNKNOWN, OWN)]),
            (
                pod!(
                    r#"{"resources": {"$unknown": "w", "$any": [{"limits": {"memory": 1}}, {"limits": {"memory": 2}}]}}"#
                ),
                &[(PASS, "")],
            ),
            (task!(r#""os": "windows", "resources": {"limits": {"memory": "1Gi"}}"#, "{}"), &[(FAIL, OWN)]),
            (task!(r#""os": ?, "resources": {"limits": {"memory": "1Gi"}}"#, "{}"), &[(UNKNOWN, "/os")]),
            (
                task!(r#""os": "windows", "fargate": true, "resources": {"limits": {"memory": "1Gi"}}"#, "{}"),
                &[(PASS, "")],
            ),
            (r#"{"resources": ?, "containers": [{}]}"#, &[(UNKNOWN, WHOLE)]),
            (r#"{"resources": ?, "containers": [{"resources": {"limits": {"memory": "1Gi"}}}]}"#, &[(PASS, "")]),
            (r#"{"resources": {"limits": {"memory": "1Gi"}}, "containers": [{"resources": ?}]}"#, &[(PASS, "")]),
            (r#"{"resources": {"limits": {"memory": "0"}}, "containers": [{}]}"#, &[(FAIL, OWN)]),
            (task!(r#""compatibilities": ?"#, "{}"), &[(UNKNOWN, "/compatibilities")]),
            (task!(r#""fargate": true"#, "{}"), &[(PASS, "")]),
            (task!(r#""resources": {"limits": {"memory": ?}}"#, "{}"), &[(UNKNOWN, WHOLE)]),
            (task!(r#""resources": {"limits": {"memory": ?}}, "fargate": true"#, "{}"), &[(PASS, "")]),
        ],
    );
    let reason = |text: &str| judge("RS-001", "{}", text).findings[0].reason.clone();
    assert_eq!(reason(pod!(r#"{"resources": {"limits": {"memory": 1}}}"#)), "container");
    assert_eq!(reason(r#"{"resources": {"limits": {"memory": 1}}, "containers": [{}]}"#), "pod-level");
    assert_eq!(reason(task!(r#""fargate": true"#, "{}")), "platform");
}

#[test]
fn rs_001_limit_ranges() {
    let range = |namespace: &str, limits: &str| {
        body(&format!(
            r#"{{"kind": "LimitRange", "metadata": {{"name": "r", "namespace": {namespace}}}, "spec": {{"limits": {limits}}}}}"#
        ))
    };
    let verdict = |namespace: &str, ranges: &[String]| {
        let workload = format!(r#"{{"kind": "Pod", "namespace": {namespace}, "containers": [{{"name": "a"}}]}}"#);
        let case = ranges.iter().fold(Case::workload(&workload), |case, range| case.document("kubernetes", range));
        let found = case.judge(&PACK, "RS-001");
        (found.verdict(), found.findings[0].reason.clone())
    };
    let default = r#"[{"type": "Container", "default": {"memory": "1Gi"}}]"#;
    let shop = r#""shop""#;
    let inherited = (PASS, "inherited-limitrange".to_owned());
    assert_eq!(verdict(shop, &[range(shop, default)]), inherited);
    for (namespace, limits, expected) in [
        (r#""other""#, default, FAIL),
        ("null", default, UNKNOWN),
        (shop, r#"[{"type": "Container", "max": {"memory": "1Gi"}}]"#, PASS),
        (shop, r#"[{"type": "Container", "default": {"memory": "0"}, "max": {"memory": "1Gi"}}]"#, FAIL),
        (shop, r#"[{"type": "Container", "defaultRequest": {"memory": "1Gi"}}]"#, FAIL),
        (shop, r#"[{"type": "Pod", "default": {"memory": "1Gi"}}]"#, FAIL),
        (shop, r#"[{"type": ?, "default": {"memory": "1Gi"}}]"#, UNKNOWN),
        (shop, r#"[{"type": "Container", "default": {"memory": ?}}]"#, UNKNOWN),
        (shop, r#"[{"type": "Container", "default": ?}]"#, UNKNOWN),
        (shop, "?", UNKNOWN),
        (shop, "[?]", UNKNOWN),
        (shop, "[]", FAIL),
        (shop, "null", FAIL),
    ] {
        assert_eq!(verdict(shop, &[range(namespace, limits)]).0, expected, "{namespace} {limits}");
    }
    // One certain LimitRange is enough, whatever others say.
    assert_eq!(verdict(shop, &[range("null", default), range(shop, "?"), range(shop, default)]), inherited);
    // Without a namespace it depends, unless no LimitRange could supply anything.
    assert_eq!(verdict("null", &[range(shop, default)]).0, UNKNOWN);
    assert_eq!(verdict("null", &[range(shop, "[]")]).0, FAIL);
    assert_eq!(verdict("null", &[]).0, FAIL);
}
