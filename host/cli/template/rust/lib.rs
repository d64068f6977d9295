//! Rules for Verdikt. Each rule has its metadata beside it; `export_pack!` at the end lists them.

use verdikt_sdk::{Field, Finding, Findings, Strings, Workload, export_pack, rule};

rule! {
    /// Workloads say which team answers for them.
    ///
    /// When something breaks at night, somebody has to find out whom to call. Kubernetes pods say it
    /// with a label `team`, ECS task definitions with a tag of that name.
    pub static TEAM_LABEL = {
        // Rename it: ids are unique among all packs of a scan.
        id: "{{prefix}}-001",
        slug: "{{name}}-team-label",
        severity: Medium,
        targets: ["workload/*"],
        controls: [],
        settings: Settings {
            /// The teams that there are; any, when empty.
            teams: Strings = [],
        },
        texts: {
            "en": {
                title: "Workloads carry a team label",
                remediation: "Add the label `team` to the pod template, or the tag `team` to the task definition.",
                messages: {
                    "missing": "There is no label `team`.",
                    "other": "There is no team `{team}`.",
                },
            },
        },
        document: team_label,
    };
}

fn team_label(workload: Workload<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    let team = workload.labels().get("team");
    match team.str() {
        Field::Known(name) if settings.teams.is_empty() || settings.teams.contains(name) => {}
        Field::Known(name) => findings.add(Finding::fail(team, "other").argument("team", name)),
        Field::Absent => findings.add(Finding::fail(team, "missing")),
        // What cannot be known is never a pass.
        Field::Unknown(unknown) => findings.add(Finding::unknown(unknown)),
    }
}

export_pack! {
    id: "{{name}}",
    title: "Rules of {{name}}",
    rules: [TEAM_LABEL],
}

#[cfg(test)]
mod tests {
    use verdikt_sdk::testing::{Case, Verdict, check_pack};

    use super::PACK;

    /// `verdikt normalize fixtures/no-team.yaml` prints it as the body of the workload.
    const NO_TEAM: &str = include_str!("../testdata/no-team.json");

    #[test]
    fn the_metadata_is_complete() {
        check_pack(&PACK);
    }

    #[test]
    fn a_workload_without_a_team_fails() {
        let found = Case::workload(NO_TEAM).judge(&PACK, "{{prefix}}-001");
        assert_eq!(found.verdict(), Verdict::Fail);
        assert_eq!(found.findings[0].pointer.as_deref(), Some("/labels/team"));
    }

    #[test]
    fn the_team_must_be_one_that_there_is() {
        let judge = |teams: &str| {
            Case::workload(r#"{"labels": {"team": "blue"}}"#)
                .setting("{{prefix}}-001", teams)
                .judge(&PACK, "{{prefix}}-001")
                .verdict()
        };
        assert_eq!(judge(r#"{"teams": []}"#), Verdict::Pass);
        assert_eq!(judge(r#"{"teams": ["blue", "red"]}"#), Verdict::Pass);
        assert_eq!(judge(r#"{"teams": ["red"]}"#), Verdict::Fail);
    }

    #[test]
    fn an_unknown_team_is_no_pass() {
        let workload = Case::workload(r#"{"labels": {"team": {"$unknown": "a variable without a value"}}}"#);
        assert_eq!(workload.judge(&PACK, "{{prefix}}-001").verdict(), Verdict::Unknown);
    }
}
