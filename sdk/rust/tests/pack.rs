//! A pack from its macros to its answers, and what the harness finds wrong with a bad one.

use verdikt_sdk::testing::{Case, Verdict, check_pack, pack_problems};
use verdikt_sdk::{
    Document, Field, Finding, Findings, Fix, Pack, Selector, Set, Severity, Strings, Workload, export_pack, rule,
};

rule! {
    /// # Replicas
    ///
    /// One copy is no copy.
    pub static REPLICAS = {
        id: "T-001",
        slug: "replicas",
        severity: Low,
        enabled_by_default: false,
        targets: ["workload/Deployment", "workload/StatefulSet"],
        controls: ["test:1"],
        extra: { "module": "tests" },
        settings: ReplicaSettings {
            /// How many there must be
            /// at least.
            minimum: i64 = 2,
            /// Names that are excused.
            excused: Strings = ["single"],
            /// How to address the owner.
            greeting: String = "hello \"you\"",
            /// Whether silence is accepted.
            lenient as "accept.silence": bool = false,
        },
        texts: {
            "en": {
                title: "There are enough replicas",
                remediation: "Raise `replicas`.",
                messages: { "few": "{greeting}: {found} of {minimum} replicas.", "lenient": "Silence is accepted." },
            },
            "de": {
                title: "Es gibt genug Replikate",
                remediation: "`replicas` erhöhen.",
                messages: { "few": "{greeting}: {found} von {minimum} Replikaten.", "lenient": "Keine Angabe ist erlaubt." },
            },
        },
        document: replicas,
    };
}

fn replicas(workload: Workload<'_>, settings: &ReplicaSettings, findings: &mut Findings<'_>) {
    let name = workload.name().read().known().unwrap_or("");
    if settings.excused.contains(name) {
        return findings.add(Finding::not_applicable(workload, "excused"));
    }
    let replicas = workload.replicas();
    if settings.lenient && replicas.read().is_absent() {
        return findings.add(Finding::pass(workload, "lenient"));
    }
    findings.settle(replicas.fails_if(|found| found.unwrap_or(1) < settings.minimum), || {
        Finding::fail(replicas, "few")
            .argument("greeting", &settings.greeting)
            .argument("found", replicas.read().known().unwrap_or(1))
            .argument("minimum", settings.minimum)
            .severity(Severity::High)
            .sensitive()
            .related(workload.name(), "the name")
            .fix(Fix::suggestion("raise it").set(replicas, settings.minimum.to_string()))
    });
}

rule! {
    /// # Owners
    ///
    /// A document without an owner is nobody's.
    pub static OWNER = {
        id: "T-002",
        slug: "owner",
        severity: High,
        targets: ["kubernetes/*"],
        controls: [],
        texts: {
            "en": {
                title: "Documents have owners",
                remediation: "Name one.",
                messages: { "none": "There is no Owner `{name}`.", "found": "Its owner is there.", "lonely": "No owners at all." },
            },
        },
        inventory: owner,
    };
}

fn owner(set: &Set<'_>, findings: &mut Findings<'_>) {
    let owners = set.find(Selector::new("kubernetes", "Owner").label("active", "yes"));
    if owners.is_empty() {
        findings.add(Finding::missing("owners", "lonely"));
    }
    set.judge_each(findings, |document: &Document, findings| {
        let owner = document.root().path(&["metadata", "annotations", "owner"]);
        match owner.str() {
            Field::Known(name) if owners.iter().any(|envelope| envelope.name == name) => {
                findings.add(Finding::pass(document, "found"));
            }
            Field::Known(name) => findings.add(Finding::fail(owner, "none").argument("name", name)),
            Field::Absent if !set.referrers(document.envelope()).is_empty() => {
                findings.add(Finding::pass(document, "found"));
            }
            Field::Absent => findings.add(Finding::fail(owner, "none").argument("name", "")),
            Field::Unknown(unknown) => findings.add(Finding::unknown(unknown)),
        }
    });
}

export_pack! {
    id: "tests",
    title: "Tests",
    rules: [REPLICAS, OWNER],
}

#[test]
fn the_pack_describes_itself() {
    check_pack(&PACK);
    let info = PACK.describe();
    assert_eq!((info.id.as_str(), info.version.as_str()), ("tests", env!("CARGO_PKG_VERSION")));
    let rule = &info.rules[0];
    assert_eq!(rule.description, "# Replicas\n\nOne copy is no copy.");
    assert!(!rule.enabled_by_default);
    assert_eq!(
        rule.targets.iter().map(|target| target.kind.as_str()).collect::<Vec<_>>(),
        ["Deployment", "StatefulSet"]
    );
    let schema: serde_json::Value = serde_json::from_str(rule.settings_schema.as_ref().unwrap()).unwrap();
    assert_eq!(schema["properties"]["minimum"]["type"], "integer");
    assert_eq!(schema["properties"]["minimum"]["description"], "How many there must be at least.");
    assert_eq!(schema["properties"]["minimum"]["default"], 2);
    assert_eq!(schema["properties"]["excused"]["default"], serde_json::json!(["single"]));
    assert_eq!(schema["properties"]["greeting"]["default"], "hello \"you\"");
    assert_eq!(schema["additionalProperties"], false);
    let codes: Vec<_> = rule.texts[1].messages.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(codes, ["few", "lenient", "unknown", "pass", "not-applicable"]);
    assert_eq!(info.rules[1].settings_schema, None);
}

fn deployment(replicas: &str) -> Case {
    Case::workload(&format!(r#"{{"kind": "Deployment", "name": "web", "replicas": {replicas}}}"#))
}

#[test]
fn findings_carry_everything_that_the_rule_said() {
    let found = deployment("1").judge(&PACK, "replicas");
    let finding = &found.findings[0];
    assert_eq!(finding.verdict, Verdict::Fail);
    assert_eq!(finding.pointer.as_deref(), Some("/replicas"));
    assert_eq!(finding.message, "hello \"you\": 1 of 2 replicas.");
    assert_eq!(finding.code.as_deref(), Some("few"));
    assert_eq!(finding.severity, Some(Severity::High));
    assert!(finding.sensitive);
    assert_eq!(deployment("2").judge(&PACK, "T-001").findings, []);

    let found = deployment(r#"{"$unknown": "set later"}"#).judge(&PACK, "T-001");
    assert_eq!((found.verdict(), found.findings[0].reason.as_str()), (Verdict::Unknown, "set later"));
    assert_eq!(
        found.findings[0].message,
        "Whether the rule is met cannot be known, because the value at `/replicas` is not: set later."
    );
}

rule! {
    /// # Parts
    ///
    /// Parts are in order, or somebody says why not.
    pub static PARTS = {
        id: "T-003",
        slug: "parts",
        severity: High,
        targets: ["terraform/*"],
        controls: [],
        texts: {
            "en": {
                title: "Parts are in order",
                remediation: "Repair them.",
                messages: { "broken": "It is broken.", "nobody": "Nobody looks after {name}." },
            },
        },
        document: parts,
    };
}

fn parts(document: &Document, findings: &mut Findings<'_>) {
    for part in findings.every(document.root().get("parts").list()) {
        let broken = verdikt_sdk::Value::from(part.get("broken"));
        findings.settle(broken.fails_if(|broken| broken == Some(true)), || Finding::fail(broken, "broken"));
        if part.get("keeper").is_absent() {
            findings.add(Finding::undecided(part, "nobody").argument("name", "the part"));
        }
    }
}

static PARTS_PACK: Pack = Pack { id: "parts", version: "1", title: "Parts", rules: &[&PARTS], extra: &[] };

#[test]
fn what_may_not_be_there_does_not_fail() {
    for (parts, expected) in [
        (r#"[{"broken": true, "keeper": 1}]"#, vec![(Verdict::Fail, "/parts/0/broken")]),
        (
            r#"[{"$unknown": "w", "$any": [{"broken": true, "keeper": 1}, null]}]"#,
            vec![(Verdict::Unknown, "/parts/0/$any/0/broken")],
        ),
        (r#"[{"$unknown": "w", "$any": [{"broken": false, "keeper": 1}, null]}]"#, vec![]),
        (
            r#"[{"$unknown": "w", "$any": [null, {"broken": {"$unknown": "v", "$any": [true, true]}, "keeper": 1}]}]"#,
            vec![(Verdict::Unknown, "/parts/0/$any/1/broken")],
        ),
        // Absent in no case: the alternatives decide together.
        (
            r#"[{"$unknown": "w", "$any": [{"broken": true, "keeper": 1}, {"broken": true, "keeper": 1}]}]"#,
            vec![(Verdict::Fail, "/parts/0/broken")],
        ),
        (r#"[{"$any": [1]}]"#, vec![(Verdict::Unknown, "/parts/0")]),
    ] {
        let body = format!(r#"{{"kind": "box", "parts": {parts}}}"#);
        let found = Case::new().document("terraform", &body).judge(&PARTS_PACK, "T-003");
        assert_eq!(found.pointers(), expected, "{parts}");
    }
    let body = r#"{"kind": "box", "parts": [{"$unknown": "w", "$any": [{"broken": true, "keeper": 1}, null]}]}"#;
    let found = Case::new().document("terraform", body).judge(&PARTS_PACK, "T-003");
    assert_eq!(found.findings[0].reason, "it is one of several values that may be there: w");
}

#[test]
fn an_unknown_may_have_a_message_of_its_own() {
    let found = Case::new().document("terraform", r#"{"kind": "box", "parts": [{}]}"#).judge(&PARTS_PACK, "T-003");
    let finding = &found.findings[0];
    assert_eq!((finding.verdict, finding.code.as_deref()), (Verdict::Unknown, Some("nobody")));
    assert_eq!((finding.message.as_str(), finding.reason.as_str()), ("Nobody looks after the part.", "nobody"));
}

#[test]
fn reasons_have_their_own_message_or_the_general_one() {
    let excused = Case::workload(r#"{"kind": "Deployment", "name": "single"}"#).judge(&PACK, "T-001");
    assert_eq!(excused.verdict(), Verdict::NotApplicable);
    assert_eq!(excused.findings[0].message, "The rule does not apply: excused.");
    assert_eq!(excused.findings[0].reason, "excused");
    let lenient = deployment("null").setting("T-001", r#"{"accept.silence": true}"#).judge(&PACK, "T-001");
    assert_eq!((lenient.verdict(), lenient.findings[0].message.as_str()), (Verdict::Pass, "Silence is accepted."));
}

#[test]
fn settings_are_typed() {
    let judge = |settings: &str| deployment("3").setting("T-001", settings).try_judge(&PACK, "T-001");
    assert_eq!(judge(r#"{"minimum": 4}"#).unwrap().verdict(), Verdict::Fail);
    assert_eq!(judge(r#"{"minimum": null}"#).unwrap().verdict(), Verdict::Pass);
    for (settings, message) in [
        (r#"{"minimum": "4"}"#, r#"settings of T-001: parameter `minimum` must be {"type": "integer"}"#),
        (r#"{"excused": [1]}"#, "parameter `excused` must be"),
        (r#"{"excused": {"$unknown": "w"}}"#, "parameter `excused` must be"),
        (r#"{"greeting": 1}"#, "parameter `greeting` must be"),
        (r#"{"accept.silence": "yes"}"#, "parameter `accept.silence` must be"),
        (
            r#"{"maximum": 4}"#,
            "there is no parameter `maximum` (there are: minimum, excused, greeting, accept.silence)",
        ),
        ("[]", "the settings must be an object"),
        ("{", "not valid JSON at byte 1"),
    ] {
        let error = judge(settings).expect_err(settings);
        assert!(error.contains(message), "{settings}: {error}");
    }
    let error = Case::new().setting("T-002", r#"{"x": 1}"#).try_judge(&PACK, "T-002").unwrap_err();
    assert!(error.contains("no parameters, so none named `x`"), "{error}");
}

#[test]
fn rules_see_only_what_they_target() {
    let pod = Case::workload(r#"{"kind": "Pod", "replicas": 0}"#).judge(&PACK, "T-001");
    assert_eq!((pod.documents.len(), pod.findings.len()), (0, 0));
}

#[test]
fn inventory_rules_see_the_set() {
    let owned = |name: &str| {
        format!(r#"{{"kind": "Thing", "metadata": {{"name": "t", "annotations": {{"owner": "{name}"}}}}}}"#)
    };
    let anna = r#"{"kind": "Owner", "metadata": {"name": "anna", "labels": {"active": "yes"}, "annotations": {"owner": "anna"}}}"#;
    let case = Case::new().document("kubernetes", anna).document("kubernetes", &owned("anna"));
    assert_eq!(case.judge(&PACK, "owner").verdict(), Verdict::Pass);

    let case =
        case.document("kubernetes", &owned("bert")).document("kubernetes", r#"{"kind": "Thing"}"#).link(0, "", 3);
    let found = case.judge(&PACK, "owner");
    let expected = [Verdict::Pass, Verdict::Pass, Verdict::Fail, Verdict::Pass];
    assert_eq!(found.findings.iter().map(|finding| finding.verdict).collect::<Vec<_>>(), expected);
    assert_eq!(found.findings[2].document, Some(2));

    let found = Case::new().document("kubernetes", &owned("anna")).judge(&PACK, "owner");
    assert_eq!((found.findings[0].subject.as_str(), found.findings[0].pointer.as_deref()), ("owners", None));
}

#[test]
#[should_panic(expected = "states no outcome for document 0")]
fn an_inventory_rule_must_not_be_silent() {
    rule! {
        /// # Silent
        ///
        /// Says nothing.
        static SILENT = {
            id: "T-003",
            slug: "silent",
            severity: Low,
            targets: ["workload/*"],
            controls: [],
            texts: { "en": { title: "t", remediation: "r", messages: {} } },
            inventory: silent,
        };
    }
    fn silent(_: &Set<'_>, _: &mut Findings<'_>) {}
    static PACK: Pack = Pack { id: "p", version: "1.0.0", title: "p", rules: &[&SILENT], extra: &[] };
    Case::workload("{}").judge(&PACK, "T-003");
}

#[test]
fn the_harness_finds_what_is_wrong_with_a_pack() {
    rule! {
        /// Too short.
        static BAD = {
            id: "T 3",
            slug: "Not-Kebab",
            severity: Low,
            targets: ["cloud/*", "workload"],
            controls: ["SYS.1.6"],
            aliases: ["checkov", "checkov:CKV_1@", "checkov:CKV_1@part"],
            texts: {
                "de": { title: "", remediation: "r", messages: { "a": "{y}", "c": "c", "c": "c" } },
                "en": { title: "t", remediation: "r", messages: { "a": "{x}", "b": "{x", "c": "" } },
            },
            document: nothing,
        };
    }
    fn nothing(_: &Document, _: &mut Findings<'_>) {}
    static PACK: Pack = Pack { id: "Bad", version: "1.0.0", title: "", rules: &[&BAD, &BAD], extra: &[] };
    let problems = pack_problems(&PACK).join("\n");
    for expected in [
        "the id `Bad` is not in kebab case",
        "the pack has no title",
        "T 3: `T 3` names another rule too",
        "an id is made of letters, digits and hyphens",
        "the slug `Not-Kebab` is not in kebab case",
        "the page says too little",
        "target `cloud/*` is not `platform/kind`",
        "target `workload` is not `platform/kind`",
        "control `SYS.1.6` is not `framework:control`",
        "alias `checkov` is not `tool:check` or `tool:check@member`",
        "alias `checkov:CKV_1@` is not `tool:check`",
        "the first language must be `en`",
        "there is no title in `de`",
        "a message stands twice in `de`",
        "message `b` is not in `de`",
        "message `b` in `en` has a brace without a name",
        "message `a` has other arguments in `de` than in `en`",
    ] {
        assert!(problems.contains(expected), "{expected} is not in:\n{problems}");
    }
    assert!(!problems.contains("CKV_1@part"), "{problems}");
}
