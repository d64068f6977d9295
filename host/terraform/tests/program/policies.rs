//! `aws_iam_policy_document` gives the text that the AWS provider makes of it.

use super::support::{Texts, evaluate, messages, value};

/// The body of the data source, what comes before it, and the minified text.
const CASES: &[(&str, &str, &str)] = &[
    // One value stands by itself, several are sorted in reverse, repeated ones count once.
    (
        "",
        r#"statement {
  actions   = ["s3:GetObject"]
  resources = ["arn:b", "arn:a", "arn:b", "arn:c"]
}"#,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":["arn:c","arn:b","arn:a"]}]}"#,
    ),
    // The order of members, empty ones left out, IAM's own variables.
    (
        "",
        r#"version   = "2008-10-17"
policy_id = "id"
statement {
  sid         = "One"
  effect      = "Deny"
  not_actions = ["a:*", "b:*"]
  resources   = []
}
statement {
  sid           = ""
  actions       = ["x:&{y}"]
  not_resources = ["plain"]
}"#,
        r#"{"Version":"2008-10-17","Id":"id","Statement":[{"Sid":"One","Effect":"Deny","NotAction":["b:*","a:*"]},{"Effect":"Allow","Action":"x:\u0026{y}","NotResource":"plain"}]}"#,
    ),
    // Principals: by type, merged; everybody is written short only as `*` of `*`.
    (
        "",
        r#"statement {
  principals {
    type        = "AWS"
    identifiers = ["arn:a", "arn:b"]
  }
  principals {
    type        = "Service"
    identifiers = ["ecs.amazonaws.com"]
  }
  not_principals {
    type        = "*"
    identifiers = ["*"]
  }
}
statement {
  principals {
    type        = "AWS"
    identifiers = ["*"]
  }
  resources = ["arn:<&{aws:username}>"]
}"#,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:b","arn:a"],"Service":"ecs.amazonaws.com"},"NotPrincipal":"*"},{"Effect":"Allow","Resource":"arn:\u003c${aws:username}\u003e","Principal":{"AWS":"*"}}]}"#,
    ),
    // Conditions: by test and variable, in order.
    (
        "",
        r#"statement {
  condition {
    test     = "StringEquals"
    variable = "aws:b"
    values   = ["2", "1"]
  }
  condition {
    test     = "StringEquals"
    variable = "aws:a"
    values   = ["&{x}"]
  }
  condition {
    test     = "Bool"
    variable = "aws:SecureTransport"
    values   = [false]
  }
}"#,
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Condition":{"Bool":{"aws:SecureTransport":"false"},"StringEquals":{"aws:a":"${x}","aws:b":["2","1"]}}}]}"#,
    ),
    // Other documents: sources come before, overrides replace what has the same sid.
    (
        r#"
data "aws_iam_policy_document" "source" {
  statement {
    sid     = "A"
    actions = ["source:a"]
  }
  statement {
    sid     = "B"
    actions = ["source:b"]
  }
  statement { actions = ["source:none"] }
}"#,
        r#"source_policy_documents = [
  data.aws_iam_policy_document.source.json,
  jsonencode({ Version = "2008-10-17", Statement = [{ Sid = "C", effect = "Allow", Principal = "x", Resource = ["r"], Other = 1 }] }),
]
override_policy_documents = [
  "{\"Statement\": [{\"Sid\": \"B\", \"Effect\": \"Deny\", \"Action\": [\"z\", \"a\"], \"Condition\": {\"Bool\": {\"k\": true, \"l\": [\"one\"]}}}]}"
]
statement {
  sid     = "A"
  actions = ["own:a"]
}"#,
        r#"{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":"own:a"},{"Sid":"B","Effect":"Deny","Action":["z","a"],"Condition":{"Bool":{"k":"true","l":"one"}}},{"Effect":"Allow","Action":"source:none"},{"Sid":"C","Effect":"Allow","Resource":["r"],"Principal":"*"}]}"#,
    ),
    // Nothing at all.
    ("", "", r#"{"Version":"2012-10-17"}"#),
];

fn document(before: &str, body: &str) -> String {
    format!(
        "{before}\ndata \"aws_iam_policy_document\" \"d\" {{\n{body}\n}}\nlocals {{\n json = data.aws_iam_policy_document.d.json\n minified = data.aws_iam_policy_document.d.minified_json\n}}\n"
    )
}

#[test]
fn documents_are_those_of_the_provider() {
    for (before, body, expected) in CASES {
        let text = document(before, body);
        let files = Texts::new([("main.tf", text.as_str())]);
        let evaluation = evaluate(&files);
        assert_eq!(messages(&files, &evaluation), Vec::<String>::new(), "{body}");
        assert_eq!(value(&evaluation, "local.minified"), format!("{expected:?}"), "{body}");
    }
}

#[test]
fn the_longer_text_is_indented() {
    let text = document("", "statement {\n actions = [\"a\"]\n resources = [\"x\", \"y\"]\n}");
    let files = Texts::new([("main.tf", text.as_str())]);
    let expected = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Effect\": \"Allow\",\n      \"Action\": \"a\",\n      \"Resource\": [\n        \"y\",\n        \"x\"\n      ]\n    }\n  ]\n}";
    assert_eq!(value(&evaluate(&files), "local.json"), format!("{expected:?}"));
}

#[test]
fn what_is_not_known_stays_so_where_it_stands() {
    for (body, expected) in [
        (
            "statement {\n actions = [\"a\", \"b\"]\n resources = [aws_s3_bucket.b.arn, \"x\"]\n}",
            r#"?encoded {Statement=[{Action=["b","a"],Effect="Allow",Resource=["x",?aws_s3_bucket.b.arn]}],Version="2012-10-17"}"#,
        ),
        (
            "statement {\n resources = [\"${aws_s3_bucket.b.arn}/*\"]\n sid = var.unknown\n}",
            r#"?encoded {Statement=[{Effect="Allow",Resource=?"${?aws_s3_bucket.b.arn}/*",Sid=?var.unknown}],Version="2012-10-17"}"#,
        ),
        (
            "dynamic \"statement\" {\n for_each = var.unknown\n content {\n  actions = [statement.value]\n }\n}\nstatement {\n actions = [\"a\"]\n}",
            r#"?encoded {Statement=?[{Action=?,Effect="Allow"}?,{Action="a",Effect="Allow"}...],Version="2012-10-17"}"#,
        ),
        (
            "source_policy_documents = concat([jsonencode({ Statement = [{ Action = \"s\" }] })], var.unknown)\nstatement {\n actions = [\"b\"]\n}",
            r#"?encoded {Statement=?[{Action="s"},{Action="b",Effect="Allow"}...],Version="2012-10-17"}"#,
        ),
        (
            "override_policy_documents = [var.unknown]\nstatement {\n sid = \"A\"\n}\nstatement {\n actions = [\"b\"]\n}",
            r#"?encoded {Statement=?[{Effect="Allow",Sid="A"}?,{Action="b",Effect="Allow"}...],Version="2012-10-17"}"#,
        ),
        (
            "statement {\n principals {\n  type = var.unknown\n  identifiers = [\"x\"]\n }\n}",
            r#"?encoded {Statement=[{Effect="Allow",Principal=?}],Version="2012-10-17"}"#,
        ),
    ] {
        let text = document("variable \"unknown\" {}\nresource \"aws_s3_bucket\" \"b\" {}\n", body);
        let files = Texts::new([("main.tf", text.as_str())]);
        let evaluation = evaluate(&files);
        assert_eq!(messages(&files, &evaluation), Vec::<String>::new(), "{body}");
        assert_eq!(value(&evaluation, "local.json"), expected, "{body}");
    }
}

#[test]
fn what_the_provider_refuses_is_told() {
    for (body, said) in [
        ("statement {\n sid = \"A\"\n}\nstatement {\n sid = \"A\"\n}", "same `sid`"),
        ("source_policy_documents = [\"no json\"]", "no JSON text"),
        ("source_policy_documents = [\"{\\\"Statement\\\": {\\\"Effect\\\": \\\"Deny\\\"}}\"]", "no list"),
    ] {
        let text = document("", body);
        let files = Texts::new([("main.tf", text.as_str())]);
        let messages = messages(&files, &evaluate(&files));
        assert!(messages.len() == 1 && messages[0].contains(said), "{body}: {messages:?}");
    }
}

#[test]
fn templates_of_files_are_rendered() {
    let files = Texts::new([
        (
            "main.tf",
            "data \"template_file\" \"t\" {\n template = file(\"t.json\")\n vars = {\n  image = \"nginx\"\n  count = 2\n  unknown = aws_x.r.arn\n }\n}\nresource \"aws_x\" \"r\" {}\nlocals {\n t = data.template_file.t.rendered\n d = terraform_data.d.output.a\n}\nresource \"terraform_data\" \"d\" {\n input = { a = 1 }\n}\n",
        ),
        ("t.json", "{\"image\": \"${image}\", \"n\": ${count}, \"u\": \"${unknown}\", \"e\": \"$${x}\"}"),
    ]);
    let evaluation = evaluate(&files);
    assert_eq!(messages(&files, &evaluation), Vec::<String>::new());
    let expected = "?\"{\\\"image\\\": \\\"nginx\\\", \\\"n\\\": 2, \\\"u\\\": \\\"${?aws_x.r.arn}\\\", \\\"e\\\": \\\"${x}\\\"}\"";
    assert_eq!(value(&evaluation, "local.t"), expected);
    assert_eq!(value(&evaluation, "local.d"), "1");
}
