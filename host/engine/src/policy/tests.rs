//! Configs as text: what is wrong with them, whether the published schema agrees, and who stands
//! above whom.

use std::path::Path;
use std::sync::Arc;

use proptest::prelude::{Strategy, prop, prop_assert_eq};
use proptest::test_runner::{Config as Runs, RngSeed, TestRunner};
use serde_json::Value;
use verdikt_input::{InputLimits, LoadOptions, Syntax};
use verdikt_model::{Date, FileId, Mode, PackInfo, RuleInfo, Scope, Severity, Source};

use super::{Config, EffectiveRule, Resolver, RunFlags, RunValues};
use crate::engine::{Check, UnknownPolicy};
use crate::error::Error;
use crate::selection::Selection;
use crate::settings::Parameter;

/// A config as it is read, or its problems as `line:column message`.
fn config(text: &str) -> Result<Config, Vec<String>> {
    let source = Source::new("verdikt.yaml", "verdikt.yaml", text);
    Config::read(&source, Path::new("/repo")).map_err(|error| lines(&Error::Policy(error)))
}

fn lines(error: &Error) -> Vec<String> {
    match error {
        Error::Policy(error) => error
            .0
            .iter()
            .map(|problem| format!("{}:{} {}", problem.location.line, problem.location.column, problem.message))
            .collect(),
        other => vec![other.to_string()],
    }
}

fn rule(id: &str, slug: &str, severity: Severity, scope: Scope, enabled_by_default: bool) -> RuleInfo {
    RuleInfo {
        id: id.into(),
        slug: slug.into(),
        title: String::new(),
        description: String::new(),
        remediation: String::new(),
        severity,
        scope,
        enabled_by_default,
        targets: vec![],
        controls: vec![],
        texts: vec![],
        settings_schema: Some(
            r#"{"type":"object","additionalProperties":false,
                "properties":{"level":{"type":"integer","minimum":0,"maximum":9,"default":0},
                              "least":{"type":"integer"}, "name":{"type":"string","default":""}},
                "dependentSchemas":{"least":{"required":["level"],"properties":{"level":{"minimum":1}}}}}"#
                .into(),
        ),
        extra: vec![],
    }
}

/// Four rules: two that are on by default, one that is off, and one that judges a whole set.
fn pack() -> PackInfo {
    PackInfo {
        id: "workload".into(),
        version: "1.0.0".into(),
        title: String::new(),
        rules: vec![
            rule("WL-001", "privileged", Severity::Critical, Scope::Document, true),
            rule("WL-002", "non-root", Severity::High, Scope::Document, true),
            rule("IM-005", "pull", Severity::Low, Scope::Document, false),
            rule("RS-001", "memory-limit", Severity::High, Scope::Inventory, true),
        ],
        extra: vec![],
    }
}

fn check(text: &str) -> Check {
    let mut check = Check::new(LoadOptions::default(), Date::parse("2026-11-22").unwrap());
    check.config = Arc::new(config(text).unwrap());
    check
}

/// What holds for a rule, by its place in the pack.
fn effective<T>(check: &Check, place: usize, of: impl FnOnce(EffectiveRule<'_>) -> T) -> Result<T, Vec<String>> {
    let pack = pack();
    let resolver = Resolver::new(&[&pack], check).map_err(|error| lines(&error))?;
    let rule = resolver.effective(&resolver.rules[place], &[]).map_err(|error| lines(&error))?;
    Ok(of(rule))
}

const EVERYTHING: &str = "\
version: 1
profile: strict
select: [workload]
ignore: pull
mode: mark
fail-on: never
unknown: fail
namespace: shop
exclude: ['**/testdata/**', vendor]
respect-ignore: false
kubernetes: {pod-specs: [{kind: Foo.example.com, path: spec.worker.pod}]}
packs: [policies/org.wasm]
waivers: waivers.yaml
baseline: .verdikt-baseline.json
evidence: evidence.yaml
params: {level: 1}
rules:
  WL-001: {enabled: yes, severity: low, mode: audit, params: {level: 2}}
  WL-*: {mode: mark}
overrides:
  - {files: 'legacy/**', namespaces: [a, b*], kinds: Deployment, names: x, addresses: 'a/*/x', rules: {privileged: {enabled: no}}}
profiles:
  strict: {extends: base, select: '*', ignore: [], mode: enforce, fail-on: info, unknown: warn, params: {}, rules: {}}
  base: {extends: all}
";

/// What the shape of a file cannot be: text, and every problem that is told.
const MALFORMED: &[(&str, &[&str])] = &[
    ("- a\n", &["1:1 `verdikt.yaml` must be a map, but it is a list."]),
    ("mode: mark\n", &["1:1 `verdikt.yaml` lacks `version`: write `version: 1`."]),
    ("version: 2\n", &["1:10 This verdikt.yaml is of version 2, and this version of Verdikt reads version 1."]),
    ("version: '1'\n", &["1:10 `version` must be the number 1, but it is `\"1\"`."]),
    (
        "version: 1\nselct: [a]\nmode: warn\nfail-on: Low\nunknown: pass\n",
        &[
            "2:1 `verdikt.yaml` has no member `selct`; did you mean `select`?",
            "3:7 `mode` must be one of `audit`, `mark`, `enforce`, but it is `\"warn\"`.",
            "4:10 `fail-on` must be one of `info`, `low`, `medium`, `high`, `critical`, `never`, but it is `\"Low\"`.",
            "5:10 `unknown` must be one of `ignore`, `warn`, `fail`, but it is `\"pass\"`.",
        ],
    ),
    ("version: 1\nselect: [1]\n", &["2:10 `select` must be a string (put it in quotes), but it is `1`."]),
    ("version: 1\nignore: ' '\n", &["2:9 `ignore` is empty; write a text or leave it away."]),
    ("version: 1\nrespect-ignore: 1\n", &["2:17 `respect-ignore` must be true or false, but it is `1`."]),
    (
        "version: 1\nnamespace: My_Shop\n",
        &["2:12 A namespace has 1 to 63 small letters, digits and dashes, and no dash at either end."],
    ),
    ("version: 1\nparams: [a]\n", &["2:9 `params` must be a map, but it is a list."]),
    ("version: 1\nrules: {WL-001: off}\n", &["2:17 `WL-001` must be a map, but it is `false`."]),
    (
        "version: 1\nrules:\n  WL-001: {enable: true, severity: none}\n",
        &[
            "3:12 `WL-001` has no member `enable`; did you mean `enabled`?",
            "3:36 `severity` must be one of `info`, `low`, `medium`, `high`, `critical`, but it is `\"none\"`.",
        ],
    ),
    ("version: 1\noverrides: {files: a}\n", &["2:12 `overrides` must be a list, but it is a map."]),
    (
        "version: 1\noverrides: [{files: a}]\n",
        &["2:14 `overrides` lacks `rules`: it says what is different for these documents."],
    ),
    (
        "version: 1\noverrides: [{rules: {}}]\n",
        &[
            "2:14 An override says which documents it is about, by `files`, `namespaces`, `kinds`, `names` or `addresses`; \
           what is meant for all belongs under `rules`.",
        ],
    ),
    (
        "version: 1\noverrides: [{kinds: [], rules: {}}]\n",
        &["2:21 `kinds` is an empty list, so the override would match nothing."],
    ),
    ("version: 1\nkubernetes: {pods: []}\n", &["2:14 `kubernetes` has no member `pods`; "]),
    (
        "version: 1\nkubernetes: {pod-specs: [{path: spec.pod}]}\n",
        &["2:27 `pod-specs` lacks `kind`: it says which custom resources are meant."],
    ),
    ("version: 1\nprofiles: {a: {extend: b}}\n", &["2:16 `a` has no member `extend`; did you mean `extends`?"]),
    (
        "version: 1\nprofiles: {a: {exclude: b}}\n",
        &[
            "2:16 `a` has no member `exclude`; it has `select`, `ignore`, `mode`, `fail-on`, `unknown`, `params`, `rules`, `extends`.",
        ],
    ),
];

/// What is wrong beyond the shape.
const CONTRADICTORY: &[(&str, &[&str])] = &[
    (
        "version: 1\nkubernetes: {pod-specs: [{kind: .com, path: spec}, {kind: A, path: a..b}]}\n",
        &["2:26 In `pod-specs`, the kind must be written as ", "2:52 In `pod-specs`, the path must name members "],
    ),
    ("version: 1\nversion: 1\n", &["2:1 "]),
    ("version: 1\nexclude: 'a['\n", &["2:10 `exclude` is no pattern: "]),
    (
        "version: 1\nexclude: [./a, b/, ./]\noverrides: [{files: /c, names: [./a, /b, c/], rules: {}}]\n",
        &[
            "2:11 `exclude` is compared with paths such as `k8s/web.yaml`, and this matches none; write `a`.",
            "2:16 `exclude` is compared with paths such as `k8s/web.yaml`, and this matches none; write `b/**`.",
            "2:20 `exclude` is compared with paths such as `k8s/web.yaml`, and this matches none; write `**`.",
            "3:21 `files` is compared with paths such as `k8s/web.yaml`, and this matches none; write `c`.",
        ],
    ),
    (
        "version: 1\nprofile: strct\nprofiles: {strict: {}}\n",
        &["2:10 There is no profile `strct`; did you mean `strict`?"],
    ),
    ("version: 1\nprofile: nothing\n", &["2:10 There is no profile `nothing`; there are `all`, "]),
    ("version: 1\nprofiles: {a: {extends: b}}\n", &["2:25 There is no profile `b`; "]),
    (
        "version: 1\nprofiles: {a: {extends: a}}\n",
        &["2:25 Profiles cannot extend each other in a circle: `a` extends `a`."],
    ),
    (
        "version: 1\nprofiles:\n  a: {extends: b}\n  b: {extends: c}\n  c: {extends: a}\n  d: {extends: a}\n",
        &[
            "3:16 Profiles cannot extend each other in a circle: `a` extends `b` extends `c` extends `a`.",
            "4:16 Profiles cannot extend each other in a circle: `b` extends `c` extends `a` extends `b`.",
            "5:16 Profiles cannot extend each other in a circle: `c` extends `a` extends `b` extends `c`.",
        ],
    ),
    ("version: 1\noverrides: [{files: 'a[', rules: {}}]\n", &["2:21 `files` is no pattern: "]),
];

const VALID: &[&str] = &[
    EVERYTHING,
    "version: 1\n",
    "# nothing\n",
    "version: 1\nselect:\nrules:\nprofiles:\noverrides:\nmode:\nexclude: []\nignore: []\n",
    "version: 1\nrules: {WL-001: {enabled: , params: }}\n",
    "{\"version\": 1, \"fail-on\": \"high\"}\n",
];

#[test]
fn every_mistake_is_told_where_it_stands() {
    for (text, expected) in MALFORMED.iter().chain(CONTRADICTORY) {
        let found = config(text).expect_err(text);
        assert_eq!(found.len(), expected.len(), "{text}: {found:#?}");
        for (found, expected) in found.iter().zip(*expected) {
            assert!(found.starts_with(expected), "{text}:\n{found}\n{expected}");
        }
    }
}

/// The schema is for editors; what it accepts and refuses must not surprise anybody.
#[test]
fn the_published_schema_agrees_with_the_reader() {
    let schema: Value = serde_json::from_str(include_str!("../../../../schemas/verdikt.schema.json")).unwrap();
    assert!(jsonschema::meta::is_valid(&schema));
    let validator = jsonschema::validator_for(&schema).unwrap();
    let accepts = |text: &str| {
        let (documents, _) = verdikt_input::parse(Syntax::Yaml, FileId(0), text, &InputLimits::default());
        let json = documents.first().map_or("null".to_owned(), |document| document.tree.node(document.root).to_json());
        validator.is_valid(&serde_json::from_str(&json).unwrap())
    };
    for text in VALID {
        assert_eq!(config(text).err(), None, "{text}");
        assert!(accepts(text), "{text}");
    }
    for (text, _) in MALFORMED {
        assert!(!accepts(text), "{text}");
    }
    // Every member that the reader knows is described, and no other.
    let known: Vec<&str> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
    for name in known {
        let problems = config(&format!("version: 1\n{name}: ")).err().unwrap_or_default();
        assert!(problems.iter().all(|problem| !problem.contains("has no member")), "{name}: {problems:?}");
    }
}

#[test]
fn what_means_nothing_to_the_packs_is_told_where_it_stands() {
    let cases: &[(&str, &[&str])] = &[
        (
            "select: [WL-009, pull]\nignore: [nothing]\n",
            &[
                "2:10 `WL-009` names no rule, slug or pack; did you mean ",
                "3:10 `nothing` names no rule, slug or pack; `verdikt rules` lists them.",
            ],
        ),
        ("rules: {priviliged: {}}\n", &["2:9 `priviliged` names no rule, slug or pack; did you mean `privileged`?"]),
        ("profiles: {unused: {select: [X-1]}}\n", &["2:30 `X-1` names no rule"]),
        ("overrides: [{files: a, rules: {X-1: {}}}]\n", &["2:32 `X-1` names no rule"]),
        ("params: {levl: 1}\n", &["2:16 No rule has a parameter `levl`; did you mean `level`?"]),
        (
            "rules: {WL-*: {params: {depth: 1}}}\n",
            &["2:32 WL-* has no parameter `depth`; `verdikt explain RULE` shows"],
        ),
        (
            "params: {level: 10}\n",
            &["2:17 Parameter `level` of WL-001 does not take this: 10 is greater than the maximum of 9."],
        ),
        (
            "rules: {pull: {params: {name: 1.20}}}\n",
            &["2:31 Parameter `name` of IM-005 does not take this: 1.2 is not of type \"string\"."],
        ),
        ("profiles: {unused: {params: {level: [1]}}}\n", &["2:37 Parameter `level` of WL-001 does not take this: "]),
        (
            "rules: {WL-001: {}, privileged: {}}\n",
            &["2:21 `privileged` is the same rule as `WL-001` above; join the two."],
        ),
        (
            "overrides: [{files: a, rules: {'*': {params: {level: 1}}}}]\n",
            &[
                "2:54 RS-001 judges all documents together, so its parameters cannot differ from one to the other; set `level` under `rules`.",
            ],
        ),
    ];
    for (text, expected) in cases {
        let found = effective(&check(&format!("version: 1\n{text}")), 0, |_| ()).expect_err(text);
        assert_eq!(found.len(), expected.len(), "{text}: {found:#?}");
        for (found, expected) in found.iter().zip(*expected) {
            assert!(found.starts_with(expected), "{text}:\n{found}\n{expected}");
        }
    }
    let inventory = "version: 1\noverrides: [{files: a, rules: {RS-001: {enabled: false, severity: low}, WL-*: {params: {level: 1}}}}]\n";
    effective(&check(inventory), 3, |_| ()).unwrap();
}

#[test]
fn parameters_that_are_wrong_only_together_are_told_where_one_of_them_stands() {
    let text = "version: 1\nrules: {WL-001: {params: {least: 1}}}\n";
    let found = effective(&check(text), 0, |_| ()).unwrap_err();
    assert!(
        found.len() == 1 && found[0].starts_with("2:34 The parameters of WL-001 do not fit together: "),
        "{found:?}"
    );
    effective(&check(&text.replace("least: 1", "least: 1, level: 1")), 0, |_| ()).unwrap();
}

/// Where something is said of WL-001, the weakest first; `None` stands for `params`, which say nothing
/// else.
const LAYERS: [(&str, Option<&str>); 9] = [
    ("top", None),
    ("q", None),
    ("q", Some("workload")),
    ("q", Some("WL-*")),
    ("q", Some("WL-001")),
    ("p", None),
    ("p", Some("work*")),
    ("top", Some("workload")),
    ("top", Some("privileged")),
];

/// What the layer of a number says: each something else than the one before.
fn said(layer: usize) -> (Mode, Severity, bool) {
    (Mode::ALL[layer % 3], Severity::ALL[layer % 5], layer.is_multiple_of(2))
}

/// A config with the first layers. Profile `p`, which extends `q`, is its profile.
fn layered(count: usize) -> String {
    let part = |place: &str| {
        let own = LAYERS.iter().enumerate().take(count).filter(|(_, (whose, _))| *whose == place);
        let (mut params, mut rules) = (String::new(), String::new());
        for (layer, (_, selector)) in own {
            let (mode, severity, enabled) = said(layer);
            match selector {
                None => params = format!("level: {layer}"),
                Some(selector) => rules.push_str(&format!(
                    "{selector}: {{mode: {mode}, severity: {severity}, enabled: {enabled}, params: {{level: {layer}}}}}, "
                )),
            }
        }
        format!("params: {{{params}}}, rules: {{{rules}}}")
    };
    let (top, p, q) = (part("top"), part("p"), part("q"));
    format!("{{version: 1, profile: p, {top}, profiles: {{p: {{extends: q, {p}}}, q: {{{q}}}}}}}")
}

#[test]
fn the_order_of_precedence() {
    for count in 0..=LAYERS.len() {
        let check = check(&layered(count));
        let (level, mode, severity, enabled) =
            effective(&check, 0, |rule| (rule.parameters[0].1.clone(), rule.mode, rule.severity, rule.enabled))
                .unwrap();
        let strongest = LAYERS[..count].iter().rposition(|(_, selector)| selector.is_some());
        let expected = strongest.map(said);
        assert_eq!(level.value, count.saturating_sub(1), "{count} layers");
        assert_eq!(mode.map(|mode| mode.value), expected.map(|it| it.0), "{count} layers");
        assert_eq!(severity.value, expected.map_or(Severity::Critical, |it| it.1), "{count} layers");
        assert_eq!(enabled.value, expected.is_none_or(|it| it.2), "{count} layers");
        let says = |origin: &super::Origin, place: &str| match place {
            "top" => origin.to_string().starts_with("verdikt.yaml:1:"),
            profile => origin.to_string().starts_with(&format!("profile {profile}, verdikt.yaml:1:")),
        };
        match LAYERS[..count].last() {
            Some((place, _)) => assert!(says(&level.origin, place), "{count}: {}", level.origin),
            None => assert_eq!(level.origin.to_string(), "default"),
        }
        match strongest {
            Some(layer) => assert!(says(&enabled.origin, LAYERS[layer].0), "{count}: {}", enabled.origin),
            None => assert_eq!(
                (enabled.origin.to_string(), severity.origin.to_string()),
                ("default".into(), "default".into())
            ),
        }
    }
    // And the command line above all of them.
    let mut check = check(&layered(LAYERS.len()));
    check.parameters = vec![Parameter { rule: None, key: "level".into(), value: "9".into() }];
    check.selection.ignore = vec!["WL-*".into()];
    let flags = effective(&check, 0, |rule| (rule.enabled, rule.parameters[0].1.clone())).unwrap();
    assert_eq!((flags.0.value, flags.0.origin.to_string()), (false, "--ignore".to_owned()));
    assert_eq!((flags.1.value, flags.1.origin.to_string()), (9.into(), "--param".to_owned()));
}

#[test]
fn selections() {
    /// Config, profile, `--select`, `--ignore`, and the rules that run.
    type Case = (&'static str, Option<&'static str>, &'static [&'static str], &'static [&'static str], &'static str);

    let enabled = |text: &str, profile: Option<&str>, select: &[&str], ignore: &[&str]| {
        let mut check = check(&format!("version: 1\n{text}"));
        check.profile = profile.map(str::to_owned);
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        check.selection = Selection { select: list(select), ignore: list(ignore) };
        let pack = pack();
        let resolver = Resolver::new(&[&pack], &check).unwrap();
        let on = resolver.rules.iter().filter(|rule| resolver.is_selected(rule));
        on.map(|rule| rule.info.id.clone()).collect::<Vec<_>>().join(" ")
    };
    let off = "rules: {WL-*: {enabled: false}}\n";
    let lists = "ignore: [WL-002]\nprofiles: {p: {ignore: [RS-001], select: [IM-*, workload]}, q: {extends: p, select: [WL-*]}}\n";
    let cases: [Case; 15] = [
        ("", None, &[], &[], "WL-001 WL-002 RS-001"),
        ("", Some("all"), &[], &[], "WL-001 WL-002 IM-005 RS-001"),
        ("", None, &["im-005"], &[], "IM-005"),
        ("", None, &["workload"], &["pull", "WL-*"], "RS-001"),
        ("select: [pull, WL-*]\n", None, &[], &[], "WL-001 WL-002 IM-005"),
        ("select: [pull, WL-*]\n", None, &["RS-001"], &[], "RS-001"),
        ("select: [pull, WL-*]\n", None, &[], &["WL-001"], "WL-002 IM-005"),
        (off, None, &[], &[], "RS-001"),
        (off, None, &["WL-001"], &[], "WL-001"),
        // Lists of what is ignored add up, and the nearest selection holds.
        (lists, None, &[], &[], "WL-001 RS-001"),
        (lists, Some("p"), &[], &[], "WL-001 IM-005"),
        (lists, Some("q"), &[], &["WL-001"], ""),
        (lists, Some("q"), &[], &[], "WL-001"),
        // A rule that an override switches on somewhere takes part.
        ("overrides: [{files: a, rules: {pull: {enabled: true}}}]\n", None, &[], &["WL-*"], "IM-005 RS-001"),
        ("overrides: [{files: a, rules: {pull: {enabled: true}}}]\n", None, &["WL-001"], &[], "WL-001"),
    ];
    for (text, profile, select, ignore, expected) in cases {
        assert_eq!(enabled(text, profile, select, ignore), expected, "{text} {profile:?} {select:?} {ignore:?}");
    }
}

#[test]
fn values_of_a_run() {
    let text = "version: 1\nprofile: p\nmode: audit\nfail-on: high\nnamespace: shop\n\
                profiles: {p: {extends: q, fail-on: never}, q: {fail-on: low, unknown: fail}}\n";
    let run = config(text).unwrap();
    let values = RunValues::new(&run, &RunFlags::default()).unwrap();
    assert_eq!((values.profile.value.as_str(), values.profile.origin.to_string()), ("p", "verdikt.yaml:2:10".into()));
    assert_eq!((values.mode.value, values.mode.origin.to_string()), (Mode::Audit, "verdikt.yaml:3:7".into()));
    assert_eq!(
        (values.fail_on.value, values.fail_on.origin.to_string()),
        (None, "profile p, verdikt.yaml:6:37".into())
    );
    assert_eq!(values.unknown.value, UnknownPolicy::Fail);
    assert_eq!(values.namespace.unwrap().value, "shop");
    let flags = RunFlags { profile: Some("q".into()), fail_on: Some(Some(Severity::Info)), ..RunFlags::default() };
    let values = RunValues::new(&run, &flags).unwrap();
    assert_eq!((values.profile.value.as_str(), values.fail_on.value), ("q", Some(Severity::Info)));
    assert_eq!(values.fail_on.origin.to_string(), "--fail-on");
    let flags = RunFlags { profile: Some("qq".into()), ..RunFlags::default() };
    let error = RunValues::new(&run, &flags).unwrap_err();
    assert!(matches!(&error, Error::UnknownProfile { nearest, .. } if nearest.contains(&"q".to_owned())), "{error}");
}

/// Profiles that extend each other in any way are read or refused, and never followed forever; what
/// holds is what the nearest of them says.
#[test]
fn chains_of_profiles_end() {
    let runs = Runs { rng_seed: RngSeed::Fixed(5), failure_persistence: None, cases: 64, ..Runs::default() };
    let extends = prop::collection::vec((prop::option::of(0usize..6), prop::option::of(0usize..3)), 6);
    let cases = extends.prop_map(|profiles| {
        let mut text = "version: 1\nprofiles:\n".to_owned();
        for (index, (extends, mode)) in profiles.iter().enumerate() {
            let extends = extends.map_or(String::new(), |next| format!("extends: p{next}, "));
            let mode = mode.map_or(String::new(), |mode| format!("mode: {}", Mode::ALL[mode]));
            text.push_str(&format!("  p{index}: {{{extends}{mode}}}\n"));
        }
        (profiles, text)
    });
    let result = TestRunner::new(runs).run(&cases, |(profiles, text)| {
        // By hand: follow from each profile for as many steps as there are profiles.
        let mut is_circle = false;
        let mut modes = Vec::new();
        for start in 0..profiles.len() {
            let (mut at, mut mode) = (Some(start), None);
            for _ in 0..profiles.len() {
                let Some(here) = at else { break };
                mode = mode.or(profiles[here].1);
                at = profiles[here].0;
            }
            is_circle |= at.is_some();
            modes.push(mode.map_or(Mode::default(), |mode| Mode::ALL[mode]));
        }
        let read = config(&text);
        prop_assert_eq!(read.is_err(), is_circle, "{}", text);
        if let Ok(config) = read {
            for (index, mode) in modes.into_iter().enumerate() {
                let flags = RunFlags { profile: Some(format!("p{index}")), ..RunFlags::default() };
                prop_assert_eq!(RunValues::new(&config, &flags).unwrap().mode.value, mode, "p{} of {}", index, text);
            }
        }
        Ok(())
    });
    result.unwrap();
}
