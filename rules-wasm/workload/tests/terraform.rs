//! What the rules of this pack say of resources of Terraform, in bodies as the host writes them.

use verdikt_rules_workload::PACK;
use verdikt_sdk::Envelope;
use verdikt_sdk::testing::{Case, Verdict};

/// Adds a resource. `?` stands for a value that cannot be known.
fn resource(case: Case, address: &str, body: &str) -> Case {
    let (kind, name) = address.split_once('.').expect("an address");
    let envelope = Envelope {
        id: 0,
        platform: "terraform".to_owned(),
        kind: kind.to_owned(),
        namespace: None,
        name: name.to_owned(),
        address: address.to_owned(),
        origin: None,
    };
    case.with(envelope, body.replace('?', r#"{"$unknown": "set at deployment"}"#))
}

fn untrusted_pod(case: Case, kind: &str, namespace: &str, labels: &str) -> Case {
    let namespace = if namespace.is_empty() { String::new() } else { format!(r#""namespace": "{namespace}", "#) };
    let body = format!(
        r#"{{"platform": "kubernetes", "kind": "{kind}", {namespace}"labels": {{"workload-trust": "untrusted"{labels}}}}}"#
    );
    case.document("workload", &body)
}

#[test]
fn ecs_exec() {
    for (settings, body, verdict, pointer) in [
        ("{}", r#"{"enable_execute_command": true}"#, Verdict::Fail, Some("/enable_execute_command")),
        ("{}", r#"{"enable_execute_command": "true"}"#, Verdict::Fail, Some("/enable_execute_command")),
        ("{}", r#"{"enable_execute_command": "1"}"#, Verdict::Fail, Some("/enable_execute_command")),
        ("{}", r#"{"enable_execute_command": false}"#, Verdict::Pass, None),
        ("{}", r#"{"enable_execute_command": "false"}"#, Verdict::Pass, None),
        ("{}", r#"{"enable_execute_command": null}"#, Verdict::Pass, None),
        ("{}", "{}", Verdict::Pass, None),
        ("{}", r#"{"enable_execute_command": ?}"#, Verdict::Unknown, Some("/enable_execute_command")),
        ("{}", r#"{"enable_execute_command": "perhaps"}"#, Verdict::Unknown, Some("/enable_execute_command")),
        (
            "{}",
            r#"{"enable_execute_command": {"$unknown": "w", "$any": [true, "true"]}}"#,
            Verdict::Fail,
            Some("/enable_execute_command"),
        ),
        (
            r#"{"production_selector": ["label:stage=prod"]}"#,
            r#"{"enable_execute_command": true, "tags": {"stage": "test"}}"#,
            Verdict::NotApplicable,
            Some(""),
        ),
        (
            r#"{"production_selector": ["label:stage=prod", "namespace=shop"]}"#,
            r#"{"enable_execute_command": true, "tags": {"stage": ?}}"#,
            Verdict::Unknown,
            Some("/tags/stage"),
        ),
        (
            r#"{"production_selector": ["label:stage=prod"]}"#,
            r#"{"enable_execute_command": true, "tags": {"stage": "prod"}}"#,
            Verdict::Fail,
            Some("/enable_execute_command"),
        ),
    ] {
        let found =
            resource(Case::new(), "aws_ecs_service.web", body).setting("WL-012", settings).judge(&PACK, "WL-012");
        assert_eq!(found.verdict(), verdict, "{settings} {body}");
        assert_eq!(found.findings.first().and_then(|finding| finding.pointer.as_deref()), pointer, "{settings} {body}");
    }
}

#[test]
fn untrusted_services() {
    const PROVIDERS: &str = r#"{"default_capacity_provider_strategy": [{"capacity_provider": "FARGATE"}]}"#;
    for (body, cluster, verdict) in [
        (r#""launch_type": "FARGATE""#, None, Verdict::Pass),
        (r#""launch_type": "EC2""#, None, Verdict::Fail),
        (r#""launch_type": "EC2""#, Some(PROVIDERS), Verdict::Fail),
        (r#""launch_type": ?"#, None, Verdict::Unknown),
        (r#""launch_type": null"#, None, Verdict::Fail),
        (r#""launch_type": null"#, Some(PROVIDERS), Verdict::Unknown),
        (r#""launch_type": null"#, Some("{}"), Verdict::Fail),
        (r#""capacity_provider_strategy": []"#, None, Verdict::Fail),
        (r#""capacity_provider_strategy": ?"#, None, Verdict::Unknown),
        (r#""capacity_provider_strategy": [{"capacity_provider": "FARGATE_SPOT"}]"#, None, Verdict::Pass),
        (
            r#""capacity_provider_strategy": [{"capacity_provider": "FARGATE"}, {"capacity_provider": "shop-ec2"}]"#,
            None,
            Verdict::Fail,
        ),
        (
            r#""capacity_provider_strategy": [{"capacity_provider": "FARGATE"}, {"capacity_provider": ?}]"#,
            None,
            Verdict::Unknown,
        ),
        (
            r#""capacity_provider_strategy": {"$unknown": "w", "$parts": [{"capacity_provider": "shop-ec2"}, null]}"#,
            None,
            Verdict::Fail,
        ),
    ] {
        let body = format!(r#"{{"tags": {{"workload-trust": "untrusted"}}, {body}}}"#);
        let case = resource(Case::new(), "aws_ecs_service.plugin", &body);
        let case = match cluster {
            Some(cluster) => resource(case, "aws_ecs_cluster_capacity_providers.main", cluster),
            None => case,
        };
        assert_eq!(case.judge(&PACK, "WL-015").verdict(), verdict, "{body} {cluster:?}");
    }
    for (tags, verdict) in [
        (r#"{"workload-trust": "trusted"}"#, Verdict::NotApplicable),
        (r#"{"workload-trust": ?}"#, Verdict::Unknown),
        ("?", Verdict::Unknown),
        ("{}", Verdict::Manual),
    ] {
        let case = resource(Case::new(), "aws_ecs_service.web", &format!(r#"{{"tags": {tags}}}"#));
        assert_eq!(case.judge(&PACK, "WL-015").verdict(), verdict, "{tags}");
    }
    // On Fargate it is isolated, whether it is trusted or not.
    let case = resource(Case::new(), "aws_ecs_service.web", r#"{"tags": ?, "launch_type": "FARGATE"}"#);
    assert_eq!(case.judge(&PACK, "WL-015").verdict(), Verdict::Pass);
}

#[test]
fn fargate_profiles_take_pods() {
    for (selectors, expected) in [
        (r#"[{"namespace": "shop"}]"#, Verdict::Pass),
        (r#"[{"namespace": "office"}, {"namespace": "shop"}]"#, Verdict::Pass),
        (r#"[{"namespace": "sh*"}]"#, Verdict::Pass),
        (r#"[{"namespace": "office"}]"#, Verdict::Fail),
        (r#"[{"labels": {"workload-trust": "untrusted"}}]"#, Verdict::Fail),
        ("[]", Verdict::Fail),
        (r#"[{"namespace": "shop", "labels": {"workload-trust": "untrusted"}}]"#, Verdict::Pass),
        (r#"[{"namespace": "shop", "labels": {"workload-trust": "un*", "app": "web"}}]"#, Verdict::Pass),
        (r#"[{"namespace": "shop", "labels": {"workload-trust": "trusted"}}]"#, Verdict::Fail),
        (r#"[{"namespace": "shop", "labels": {"tier": "front"}}]"#, Verdict::Fail),
        (r#"[{"namespace": "shop", "labels": {}}]"#, Verdict::Pass),
        (r#"[{"namespace": ?}]"#, Verdict::Unknown),
        (r#"[{"namespace": "shop", "labels": ?}]"#, Verdict::Unknown),
        (r#"[{"namespace": "office", "labels": ?}]"#, Verdict::Fail),
        (r#"[{"namespace": "shop", "labels": {"app": ?}}]"#, Verdict::Unknown),
        (r#"[{"namespace": ?, "labels": {"tier": "front"}}]"#, Verdict::Fail),
        ("?", Verdict::Unknown),
        ("[?]", Verdict::Unknown),
        (r#"[?, {"namespace": "shop"}]"#, Verdict::Pass),
    ] {
        let body = format!(r#"{{"selector": {selectors}}}"#);
        let judge = |kind, namespace| {
            let case = untrusted_pod(Case::new(), kind, namespace, r#", "app": "web""#);
            resource(case, "aws_eks_fargate_profile.untrusted", &body).judge(&PACK, "WL-015").verdict()
        };
        assert_eq!(judge("Deployment", "shop"), expected, "{selectors}");
        assert_eq!(judge("DaemonSet", "shop"), Verdict::Fail, "{selectors}");
        if expected == Verdict::Pass {
            assert_eq!(judge("Deployment", ""), Verdict::Unknown, "{selectors}");
        }
    }
}

#[test]
fn the_question_is_asked_once() {
    let pod = r#"{"platform": "kubernetes", "kind": "Pod", "namespace": "shop"}"#;
    let case = resource(Case::workload(pod).document("workload", pod), "aws_ecs_service.web", "{}");
    let found = case.judge(&PACK, "WL-015");
    let verdicts: Vec<_> = found.findings.iter().map(|finding| (finding.document, finding.verdict)).collect();
    assert_eq!(
        verdicts,
        [(Some(1), Verdict::NotApplicable), (Some(2), Verdict::NotApplicable), (Some(0), Verdict::Manual)]
    );
}

#[test]
fn the_add_on_collects_logs() {
    for (body, verdict) in [
        (r#"{"addon_name": "amazon-cloudwatch-observability"}"#, Verdict::Pass),
        (r#"{"addon_name": "coredns"}"#, Verdict::Unknown),
        (r#"{"addon_name": ?}"#, Verdict::Unknown),
    ] {
        let case = Case::workload(r#"{"platform": "kubernetes", "kind": "Pod"}"#);
        let found = resource(case, "aws_eks_addon.logs", body).judge(&PACK, "LG-001");
        assert_eq!(found.verdict(), verdict, "{body}");
    }
}
