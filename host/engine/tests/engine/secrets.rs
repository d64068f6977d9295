//! A value that a rule marked as sensitive is shown nowhere, whatever rules and diagnostics quote of it.

use verdikt_engine::model::{Report, Row};
use verdikt_engine::report::{FORMATS, RenderOptions, render};
use verdikt_engine::{BaselineChange, Engine};

use crate::guest::{Finding, Guest, T, fail};
use crate::support::{check, pack};

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: shop}
spec:
  containers:
    - name: shop
      image: registry.example/shop/web:1 # not hunter2-hunter2
      args: [hunter2-hunter2]
      env:
        - {name: PASSWORD, value: hunter2-hunter2}
        - {name: SHORT, value: shop}
        - {name: NUMBER, value: 4711471147114711}
        - name: LINES
          value: |
            \"first\" line of it
            second line of it
        - {name: OTHER, value: \"said \\\"hello\\\" to it\"}
";

/// Everything in the pod that is marked, but for what may be a word of its own.
const SECRETS: [&str; 7] = [
    "hunter2-hunter2",
    "4711471147114711",
    "\"first\" line of it",
    "\\\"first\\\" line of it",
    "second line of it",
    "said \"hello\" to it",
    "said \\\"hello\\\" to it",
];

fn quoting(pointer: &str, message: &str, sensitive: bool) -> Finding {
    Finding {
        status: 2,
        reason: message.as_bytes().to_vec(),
        message: message.as_bytes().to_vec(),
        related: Some((1, "/containers/0")),
        edit: Some((2, "/containers/0/image", Some("\"hunter2-hunter2\""))),
        sensitive,
        ..fail().pointer(pointer)
    }
}

/// What a pack of these findings says of the pod's workload.
fn report(findings: Vec<Finding>) -> Report {
    let state = |index: usize| format!("(call $state (i32.const {index}) (local.get $rule) (local.get $id))");
    let code: String = (0..findings.len()).map(state).collect();
    let guest = findings.into_iter().fold(Guest::new(&T[..1]), Guest::finding);
    let guest = guest.judge(&format!("(if (i32.eq (local.get $id) (i32.const 1)) (then {code}))"));
    let engine = Engine::builder().pack(pack("test.wasm", guest.component())).build().unwrap();
    engine.check(&check(&[("pod.yaml", POD)])).unwrap()
}

fn marked() -> Vec<Finding> {
    let quotes = SECRETS.join(", ");
    let mut findings: Vec<Finding> =
        (0..5).map(|index| quoting(&format!("/containers/0/env/{index}/value"), &quotes, true)).collect();
    findings.push(quoting("/containers/0/args/0", &quotes, true));
    // Rules that did not mark it quote it as well.
    findings.push(quoting("/containers/0/image", &quotes, false));
    findings.push(quoting("/containers/0/env/1/value", "It is `shop`.", false));
    findings.push(quoting("/containers/0/name", "Container `shop` is fine.", false));
    findings
}

fn row<'r>(report: &'r Report, pointer: &str, sensitive: bool) -> &'r Row {
    let mut rows = report.rows.iter().filter(|row| row.pointer == pointer && row.sensitive == sensitive);
    rows.next().unwrap_or_else(|| panic!("no row at {pointer}"))
}

#[test]
fn secrets_are_in_no_format() {
    let report = report(marked());
    assert_eq!(report.rows.len(), 9);
    // The number is a diagnostic as well, which quotes it.
    assert_eq!(report.diagnostics.len(), 1, "{:?}", report.diagnostics);
    for width in [20, 60, 140] {
        for (format, name, _) in FORMATS {
            let text = render(&report, *format, &RenderOptions { width, ..RenderOptions::default() });
            for secret in SECRETS {
                assert!(!text.contains(secret), "{name} shows {secret}: {text}");
            }
        }
    }
    let text = format!("{report:?}").replace(POD, "");
    let rows = text.split("sources:").next().unwrap();
    assert!(!rows.contains("hunter2"), "{rows}");
}

/// A value of one letter is in every text.
#[test]
fn a_very_short_secret_is_masked_as_a_word() {
    let text = "It says a: a, (a) and 'a'.";
    let guest = Guest::new(&T[..1]).finding(quoting("/containers/0/env/0/value", text, true));
    let guest = guest.judge(
        "(if (i32.eq (local.get $id) (i32.const 1)) \
         (then (call $state (i32.const 0) (local.get $rule) (local.get $id))))",
    );
    let engine = Engine::builder().pack(pack("test.wasm", guest.component())).build().unwrap();
    let report = engine.check(&check(&[("pod.yaml", &POD.replace("hunter2-hunter2", "a"))])).unwrap();
    let row = row(&report, "/containers/0/env/0/value", true);
    assert_eq!(row.message, "It says ***: ***, (***) and '***'.");
}

/// A short value can be a word of its own, so it is masked only where a text is about it.
#[test]
fn a_short_secret_is_masked_at_its_place() {
    let report = report(marked());
    assert_eq!(row(&report, "/containers/0/env/1/value", false).message, "It is `***`.");
    assert_eq!(row(&report, "/containers/0/name", false).message, "Container `shop` is fine.");
}

#[test]
fn nothing_is_masked_when_nothing_is_secret() {
    let findings = marked().into_iter().map(|finding| Finding { sensitive: false, ..finding }).collect();
    assert!(row(&report(findings), "/containers/0/image", false).message.contains("hunter2-hunter2"));
}

/// What Terraform calls sensitive is a secret though no finding is about it.
#[test]
fn what_documents_call_sensitive_is_secret() {
    let text = r#"
variable "password" {
  sensitive = true
  default   = "hunter2-hunter2"
}
resource "aws_ecs_task_definition" "web" {
  family = "hunter2-hunter2"
  container_definitions = "[{\"name\": \"app\", \"image\": \"a:1\", \"user\": \"${var.password}\"}]"
}
"#;
    let finding = quoting("/name", "It says hunter2-hunter2.", false);
    let guest = Guest::new(&T[..1]).finding(finding);
    let guest = guest.judge("(call $state (i32.const 0) (local.get $rule) (local.get $id))");
    let engine = Engine::builder().pack(pack("test.wasm", guest.component())).build().unwrap();
    let report = engine.check(&check(&[("main.tf", text)])).unwrap();
    assert_eq!(row(&report, "/name", false).message, "It says ***.");
    assert!(!report.secrets.is_empty());
    let table = render(&report, FORMATS[0].0, &RenderOptions::default());
    assert!(!table.contains("hunter2"), "{table}");
}

/// Items of a list are named by what they say, but not when that is the secret: it could be guessed.
#[test]
fn neither_fingerprints_nor_baselines_depend_on_a_secret() {
    let guest = Guest::new(&T[..1]).finding(quoting("/containers/0/args/0", "It is there.", true));
    let code = "(call $state (i32.const 0) (local.get $rule) (local.get $id))";
    let guest = guest.judge(&format!("(if (i32.eq (local.get $id) (i32.const 1)) (then {code}))"));
    let engine = Engine::builder().pack(pack("test.wasm", guest.component())).build().unwrap();
    let baseline = |secret: &str| {
        let check = check(&[("pod.yaml", &POD.replace("hunter2-hunter2", secret))]);
        engine.baseline(&check, BaselineChange::Create).unwrap().1.text
    };
    let first = baseline("hunter2-hunter2");
    assert!(!first.contains("hunter2"), "{first}");
    assert_eq!(first, baseline("another one"));
}
