//! What the rules about a whole standard share: their messages and how they judge.

use verdikt_sdk::{Finding, Findings, Workload};

use crate::common::is_kubernetes;
use crate::pss::{DROP, Level, Statement, Version, Whose, controls, judge};

/// Declares a rule about a whole standard. Its findings name the control that is violated, so that one
/// list of messages serves every control.
macro_rules! profile_rule {
    (
        $(#[doc = $page:literal])+
        id: $id:literal,
        slug: $slug:literal,
        severity: $severity:ident,
        level: $level:ident,
        en: { title: $title:literal, remediation: $remediation:literal, },
        de: { title: $title_de:literal, description: $description_de:literal, remediation: $remediation_de:literal, },
    ) => {
        verdikt_sdk::rule! {
            $(#[doc = $page])+
            pub static RULE = {
                id: $id,
                slug: $slug,
                severity: $severity,
                targets: ["workload/*"],
                controls: ["waf-pp:WAF-SEC-120" => guide],
                extra: { "module": "pod-security-standards" },
                settings: Settings {
                    /// The version of the standard: `latest`, or such as `v1.25`. A version that is newer than all known ones is judged by the newest.
                    pss_version: crate::pss::Version = crate::pss::Latest,
                },
                texts: {
                    "en": {
                        title: $title,
                        remediation: $remediation,
                        messages: {
                            "pod": "The pod violates the control `{control}`: `{field}` is {value}, allowed: {allowed}.",
                            "pod-missing": "The pod violates the control `{control}`: `{field}` is absent, required: {allowed}.",
                            "container": "Container `{container}` violates the control `{control}`: `{field}` is {value}, allowed: {allowed}.",
                            "container-missing": "Container `{container}` violates the control `{control}`: `{field}` is absent, required: {allowed}.",
                            "drop": "Container `{container}` violates the control `{control}`: `{field}` lacks {allowed}.",
                            "host-path": "Volume `{volume}` violates the control `{control}`: it is of the type hostPath, which no pod may use.",
                            "volume": "Volume `{volume}` violates the control `{control}`: it is of the type {value}, allowed: {allowed}.",
                            "ecs": "The rule does not apply: the Pod Security Standards are about pods of Kubernetes.",
                        },
                    },
                    "de": {
                        title: $title_de,
                        description: $description_de,
                        remediation: $remediation_de,
                        messages: {
                            "pod": "Der Pod verletzt die Vorgabe `{control}`: `{field}` ist {value}, erlaubt: {allowed}.",
                            "pod-missing": "Der Pod verletzt die Vorgabe `{control}`: `{field}` fehlt, erforderlich: {allowed}.",
                            "container": "Container `{container}` verletzt die Vorgabe `{control}`: `{field}` ist {value}, erlaubt: {allowed}.",
                            "container-missing": "Container `{container}` verletzt die Vorgabe `{control}`: `{field}` fehlt, erforderlich: {allowed}.",
                            "drop": "Container `{container}` verletzt die Vorgabe `{control}`: In `{field}` fehlt {allowed}.",
                            "host-path": "Volume `{volume}` verletzt die Vorgabe `{control}`: Es ist vom Typ hostPath, den kein Pod nutzen darf.",
                            "volume": "Volume `{volume}` verletzt die Vorgabe `{control}`: Es ist vom Typ {value}, erlaubt: {allowed}.",
                            "ecs": "Die Regel ist nicht anwendbar: Die Pod-Security-Standards gelten für Pods von Kubernetes.",
                        },
                    },
                },
                document: judge_profile,
            };
        }

        fn judge_profile(
            workload: verdikt_sdk::Workload<'_>,
            settings: &Settings,
            findings: &mut verdikt_sdk::Findings<'_>,
        ) {
            crate::pss::profile::judge_level(workload, crate::pss::Level::$level, settings.pss_version, findings);
        }
    };
}

pub(crate) use profile_rule;

/// Judges a workload by all controls of a level.
pub(crate) fn judge_level(workload: Workload<'_>, level: Level, version: Version, findings: &mut Findings<'_>) {
    if is_kubernetes(workload, findings) {
        judge(workload, version, controls(level, version), findings, finding);
    }
}

fn finding<'a>(statement: &Statement<'a>) -> Finding<'a> {
    let is_absent = statement.at.is_absent();
    statement.finding(match statement.whose {
        Whose::Volume(_) if statement.allowed.is_empty() => "host-path",
        Whose::Volume(_) => "volume",
        _ if statement.field == DROP => "drop",
        _ if is_absent => statement.code("pod-missing", "container-missing"),
        _ => statement.code("pod", "container"),
    })
}
