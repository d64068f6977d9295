//! What the rules of this pack say of task definitions of Terraform, whose roles are references.

use verdikt_rules_ecs::PACK;
use verdikt_sdk::Envelope;
use verdikt_sdk::testing::{Case, Verdict};

fn reference(to: &str) -> String {
    format!(r#"{{"$unknown": "only known after apply", "$ref": "{to}"}}"#)
}

fn task(case: Case, family: &str, task_role: &str, execution_role: &str) -> Case {
    let body = format!(r#"{{"family": "{family}", "taskRoleArn": {task_role}, "executionRoleArn": {execution_role}}}"#);
    let envelope = Envelope {
        id: 0,
        platform: "ecs".to_owned(),
        kind: "TaskDefinition".to_owned(),
        namespace: None,
        name: family.to_owned(),
        address: family.to_owned(),
        origin: None,
    };
    case.with(envelope, body)
}

fn role(case: Case, address: &str) -> Case {
    let envelope = Envelope {
        id: 0,
        platform: "terraform".to_owned(),
        kind: "aws_iam_role".to_owned(),
        namespace: None,
        name: "role".to_owned(),
        address: address.to_owned(),
        origin: None,
    };
    case.with(envelope, "{}")
}

#[test]
fn references_are_compared() {
    let known = r#""arn:aws:iam::111122223333:role/exec""#;
    for (one, other, verdict) in [
        (reference("aws_iam_role.exec.arn"), reference("aws_iam_role.exec.arn"), Verdict::Fail),
        (reference("aws_iam_role.exec.arn"), reference("aws_iam_role.exec.name"), Verdict::Fail),
        (reference("aws_iam_role.exec"), reference("aws_iam_role.exec.arn"), Verdict::Fail),
        (reference("aws_iam_role.web.arn"), reference("aws_iam_role.exec.arn"), Verdict::Pass),
        (reference("module.a.aws_iam_role.web.arn"), reference("module.b.aws_iam_role.web.arn"), Verdict::Pass),
        (reference("aws_iam_role.web[0].arn"), reference("aws_iam_role.web[1].arn"), Verdict::Pass),
        (reference("aws_iam_role.web.arn"), "null".to_owned(), Verdict::Pass),
        (reference("aws_iam_role.web.arn"), reference("data.aws_iam_role.exec.arn"), Verdict::Unknown),
        (reference("data.aws_iam_role.a.arn"), reference("data.aws_iam_role.b.arn"), Verdict::Unknown),
        (reference("var.role"), reference("var.role"), Verdict::Fail),
        (reference("var.role"), reference("var.other"), Verdict::Unknown),
        (reference("module.roles.exec_arn"), reference("module.roles.exec_arn"), Verdict::Fail),
        (reference("aws_iam_role.web.arn"), known.to_owned(), Verdict::Unknown),
        (known.to_owned(), reference("aws_iam_role.web.arn"), Verdict::Unknown),
        (r#"{"$unknown": "w"}"#.to_owned(), known.to_owned(), Verdict::Unknown),
        (known.to_owned(), r#"{"$unknown": "w"}"#.to_owned(), Verdict::Unknown),
        (format!(r#"{{"$unknown": "w", "$any": [null, {known}]}}"#), known.to_owned(), Verdict::Unknown),
        (format!(r#"{{"$unknown": "w", "$any": [null, {known}]}}"#), r#""other""#.to_owned(), Verdict::Pass),
        (known.to_owned(), format!(r#"{{"$unknown": "w", "$any": ["exec", {known}]}}"#), Verdict::Fail),
        (r#"{"$unknown": "w", "$any": [null, ""]}"#.to_owned(), known.to_owned(), Verdict::NotApplicable),
    ] {
        let found = task(Case::new(), "web", &one, &other).judge(&PACK, "EC-001");
        assert_eq!(found.verdict(), verdict, "{one} {other}");
        assert_eq!(found.findings.len(), 1, "{one} {other}");
    }
}

#[test]
fn a_role_is_shared_when_its_address_is_one_role() {
    let web = reference("aws_iam_role.shop.arn");
    let worker = reference("aws_iam_role.shop.arn");
    let two = || task(task(Case::new(), "web", &web, "null"), "worker", &worker, "null");
    for (case, verdict) in [
        (role(two(), "aws_iam_role.shop"), Verdict::Informational),
        // Two roots, each with a role of that address: nobody can say whose the references are.
        (role(role(two(), "aws_iam_role.shop"), "aws_iam_role.shop"), Verdict::Pass),
        (two(), Verdict::Pass),
    ] {
        let found = case.judge(&PACK, "EC-001");
        assert_eq!(found.verdict(), verdict);
        assert_eq!(found.findings.len(), 2);
    }
}
