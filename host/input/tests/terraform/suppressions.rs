//! Comments that accept findings.

use verdikt_model::{Reach, Span};

use crate::support::{folder, problems};

#[test]
fn comments_are_about_what_they_stand_at() {
    let main = r#"# verdikt:ignore WL-001 above a block
resource "aws_x" "a" {
  name = "a" # verdikt:ignore WL-002 behind an argument
  // verdikt:ignore WL-003 above an argument
  tags = {
    k = "v" /* verdikt:ignore WL-004 behind a member */
  }
  rule { # verdikt:ignore WL-005 behind a header
    on = true
  }
  # verdikt:ignore WL-006 inside, above nothing
}

resource "aws_x" "b" {
  #checkov:skip=CKV_AWS_1:known
  #tfsec:ignore:aws-x-y
  name = "b"
  list = [
    # verdikt:ignore WL-007 above an element
    { a = 1 },
    { a = 2 },
  ]
}
"#;
    let loaded = folder(&[("main.tf", main)]);
    assert_eq!(problems(&loaded), Vec::<String>::new());
    let shown = |span: Span| {
        let text = loaded.sources.text(span);
        let first = text.lines().next().unwrap_or_default();
        let last = text.lines().last().unwrap_or_default();
        format!("{first} … {}", last.trim())
    };
    let found: Vec<(String, String)> = loaded
        .directives
        .iter()
        .map(|directive| {
            let reach = match directive.reach {
                Reach::Place { target: Some(target), .. } => shown(target),
                Reach::Place { target: None, around } => format!("around {}", shown(around)),
                Reach::Document(_) => "document".to_owned(),
            };
            (format!("{} {}", directive.rules[0].name, directive.reason), reach)
        })
        .collect();
    let block_a = "resource \"aws_x\" \"a\" { … }";
    let block_b = "resource \"aws_x\" \"b\" { … }";
    let expected = [
        ("WL-001 above a block", block_a),
        ("WL-002 behind an argument", "name = \"a\" … name = \"a\""),
        ("WL-003 above an argument", "tags = { … }"),
        ("WL-004 behind a member", "k = \"v\" … k = \"v\""),
        ("WL-005 behind a header", "rule { # verdikt:ignore WL-005 behind a header … }"),
        (
            "WL-006 inside, above nothing",
            "around # verdikt:ignore WL-006 inside, above nothing … # verdikt:ignore WL-006 inside, above nothing",
        ),
        ("CKV_AWS_1 known", block_b),
        ("aws-x-y ", "name = \"b\" … name = \"b\""),
        ("WL-007 above an element", "{ a = 1 } … { a = 1 }"),
    ];
    let found: Vec<(&str, &str)> = found.iter().map(|(one, other)| (one.as_str(), other.as_str())).collect();
    assert_eq!(found, expected);
}

#[test]
fn what_is_hardly_meant_otherwise_is_told() {
    let loaded = folder(&[("main.tf", "// verdikt:skip WL-001\nresource \"aws_x\" \"a\" {}\n")]);
    assert!(problems(&loaded)[0].contains("looks like a suppression"), "{:?}", problems(&loaded));
}
