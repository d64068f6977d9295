//! RS-006 of services in Terraform, natively: what a service is scaled by is in other resources.

use verdikt_rules_workload::PACK;
use verdikt_sdk::Envelope;
use verdikt_sdk::testing::{Case, Verdict};

const FAIL: Verdict = Verdict::Fail;
const UNKNOWN: Verdict = Verdict::Unknown;
const NOT_APPLICABLE: Verdict = Verdict::NotApplicable;
const PASS: Verdict = Verdict::Pass;

fn envelope(kind: &str, name: &str) -> Envelope {
    Envelope {
        id: 0,
        platform: "terraform".to_owned(),
        kind: kind.to_owned(),
        namespace: None,
        name: name.to_owned(),
        address: format!("{kind}.{name}"),
        origin: None,
    }
}

/// `?` stands for a value that cannot be known.
fn service(body: &str) -> Case {
    Case::new().with(envelope("aws_ecs_service", "web"), with_unknown(body))
}

fn target(case: Case, body: &str) -> Case {
    case.with(envelope("aws_appautoscaling_target", "web"), with_unknown(body))
}

fn with_unknown(text: &str) -> String {
    text.replace('?', r#"{"$unknown": "set at deployment"}"#)
}

fn verdict(case: &Case) -> Verdict {
    case.judge(&PACK, "RS-006").verdict()
}

#[test]
fn services_by_themselves() {
    for (body, expected, pointer) in [
        (r#"{"name": "web", "desired_count": 2}"#, PASS, ""),
        (r#"{"name": "web", "desired_count": 1}"#, FAIL, "/desired_count"),
        (r#"{"name": "web"}"#, FAIL, "/desired_count"),
        (r#"{"name": "web", "desired_count": ?}"#, UNKNOWN, "/desired_count"),
        (r#"{"name": "web", "desired_count": {"$unknown": "w", "$any": [2, 3]}}"#, PASS, ""),
        (r#"{"name": "web", "desired_count": {"$unknown": "w", "$any": [1, null]}}"#, FAIL, "/desired_count"),
        (r#"{"name": "web", "desired_count": {"$unknown": "w", "$any": [1, 2]}}"#, UNKNOWN, "/desired_count"),
        (r#"{"name": "web", "scheduling_strategy": "DAEMON"}"#, NOT_APPLICABLE, ""),
        (r#"{"name": "web", "scheduling_strategy": "REPLICA", "desired_count": 2}"#, PASS, ""),
        (r#"{"name": "web", "scheduling_strategy": ?}"#, UNKNOWN, "/scheduling_strategy"),
        (
            r#"{"name": "web", "desired_count": 1, "lifecycle": [{"ignore_changes": ["desired_count"]}]}"#,
            UNKNOWN,
            "/desired_count",
        ),
        (r#"{"name": "web", "desired_count": 9, "lifecycle": [{"ignore_changes": "all"}]}"#, UNKNOWN, "/desired_count"),
        (r#"{"name": "web", "desired_count": 2, "lifecycle": [{"ignore_changes": ["tags"]}]}"#, PASS, ""),
    ] {
        let found = service(body).judge(&PACK, "RS-006");
        assert_eq!(found.pointers(), [(expected, pointer)], "{body}");
    }
}

#[test]
fn autoscaling_targets_decide() {
    let ignored = r#"{"name": "web", "desired_count": 1, "lifecycle": [{"ignore_changes": ["desired_count"]}]}"#;
    for (body, expected) in [
        (r#"{"resource_id": "service/main/web", "min_capacity": 2}"#, PASS),
        (r#"{"resource_id": "service/main/web", "min_capacity": 1}"#, FAIL),
        (r#"{"resource_id": "service/main/web", "min_capacity": ?}"#, UNKNOWN),
        (r#"{"resource_id": "service/main/other", "min_capacity": 2}"#, UNKNOWN),
        (r#"{"resource_id": {"$unknown": "w", "$parts": ["service/", null, "/web"]}, "min_capacity": 2}"#, PASS),
        (r#"{"resource_id": {"$unknown": "w", "$parts": ["service/", null, "/api"]}, "min_capacity": 2}"#, UNKNOWN),
        (r#"{"resource_id": ?, "min_capacity": 2}"#, UNKNOWN),
        (
            r#"{"resource_id": "service/main/web", "scalable_dimension": "dynamodb:table:ReadCapacityUnits", "min_capacity": 2}"#,
            UNKNOWN,
        ),
        (
            r#"{"resource_id": "service/main/web", "scalable_dimension": "ecs:service:DesiredCount", "min_capacity": 2}"#,
            PASS,
        ),
    ] {
        assert_eq!(verdict(&target(service(ignored), body)), expected, "{body}");
    }
}

#[test]
fn a_target_that_may_mean_the_service_counts_when_it_changes_nothing() {
    let maybe = |count: i64, capacity: i64| {
        let service = service(&format!(r#"{{"name": "web", "desired_count": {count}}}"#));
        verdict(&target(service, &format!(r#"{{"resource_id": ?, "min_capacity": {capacity}}}"#)))
    };
    assert_eq!((maybe(2, 2), maybe(1, 1), maybe(2, 1), maybe(1, 2)), (PASS, FAIL, UNKNOWN, UNKNOWN));
}

#[test]
fn a_reference_is_certain() {
    let case = target(service(r#"{"name": ?, "desired_count": 1}"#), r#"{"resource_id": ?, "min_capacity": 2}"#);
    assert_eq!(verdict(&case), UNKNOWN);
    assert_eq!(verdict(&case.link(1, "/resource_id", 0)), PASS);
}
