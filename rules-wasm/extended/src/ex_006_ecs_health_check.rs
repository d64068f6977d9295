//! EX-006: essential containers of ECS have a health check.

use verdikt_sdk::{Decision, Finding, Findings, Workload, rule};

use crate::common::is_ecs;

rule! {
    /// # Essential containers of ECS have a health check
    ///
    /// ECS replaces a task whose essential container is unhealthy. It cannot know that without a health check:
    /// it ignores those that images bring along.
    ///
    /// ## What is checked
    ///
    /// Every essential container has a `healthCheck` with a command that is not `["NONE"]`. A container is essential
    /// unless it says `essential: false`. Tasks behind a load balancer that checks their health need none, so
    /// the rule is off by default. It does not apply to Kubernetes, whose probes are `EX-001` and `EX-002`.
    ///
    /// ## Fails
    ///
    /// ```json
    /// {"family": "web", "containerDefinitions": [{"name": "app", "image": "registry.example/shop/web:1"}]}
    /// ```
    ///
    /// ## Passes
    ///
    /// ```json
    /// {"family": "web", "containerDefinitions": [{"name": "app", "image": "registry.example/shop/web:1",
    ///   "healthCheck": {"command": ["CMD-SHELL", "curl -f http://localhost/ || exit 1"]}}]}
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Add a `healthCheck` with a command that is in the image and ends with 0 when the program can work.
    ///
    /// ## References
    ///
    /// - [ECS: HealthCheck](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html)
    pub static RULE = {
        id: "EX-006",
        slug: "ecs-health-check",
        severity: Low,
        enabled_by_default: false,
        targets: ["workload/*"],
        controls: [],
        extra: { "module": "extended" },
        texts: {
            "en": {
                title: "Essential containers of ECS have a health check",
                remediation: "Add a `healthCheck` to the container definition.",
                messages: {
                    "missing": "Container `{container}` has no `healthCheck`, so ECS does not replace it when it hangs.",
                    "no-command": "The health check of container `{container}` runs nothing, expected a `command`.",
                    "switched-off": "Container `{container}` has its health check switched off with `NONE`.",
                    "kubernetes": "The rule does not apply to Kubernetes.",
                },
            },
            "de": {
                title: "Wesentliche Container von ECS haben einen Health-Check",
                description: "ECS ersetzt eine Task, deren wesentlicher Container nicht gesund ist, erfährt das aber nur durch einen `healthCheck`; den eines Images beachtet es nicht.",
                remediation: "Der Container-Definition einen `healthCheck` geben.",
                messages: {
                    "missing": "Container `{container}` hat keinen `healthCheck`, also ersetzt ECS ihn nicht, wenn er hängt.",
                    "no-command": "Der Health-Check von Container `{container}` führt nichts aus, erwartet wird ein `command`.",
                    "switched-off": "Der Health-Check von Container `{container}` ist mit `NONE` abgeschaltet.",
                    "kubernetes": "Die Regel ist auf Kubernetes nicht anwendbar.",
                },
            },
        },
        document: judge,
    };
}

fn judge(workload: Workload<'_>, findings: &mut Findings<'_>) {
    if !is_ecs(workload, findings) {
        return;
    }
    for container in findings.every(workload.containers()) {
        // "Fail" means that the container matters.
        let essential = container.essential().fails_if(|essential| essential != Some(false));
        if matches!(essential, Decision::Pass) {
            continue;
        }
        let check = container.probes().get("health");
        let command = check.get("command").list();
        let first = command.known().next();
        let (violated, code) = if let Some(unknown) = check.unknown() {
            (Decision::Unknown(unknown), "missing")
        } else if check.is_absent() {
            (Decision::Fail, "missing")
        } else if let Some(unknown) = command.rest().or(first.and_then(verdikt_sdk::Node::unknown)) {
            (Decision::Unknown(unknown), "switched-off")
        } else if first.is_none() {
            (Decision::Fail, "no-command")
        } else {
            let off = first.is_some_and(|word: verdikt_sdk::Node<'_>| word.str().known() == Some("NONE"));
            (Decision::when(off), "switched-off")
        };
        // Both have to hold: that it matters, and that it has none.
        findings.settle(essential.or(violated), || Finding::fail(check, code).argument("container", container.label()));
    }
}
