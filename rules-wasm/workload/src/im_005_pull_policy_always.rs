//! IM-005: imagePullPolicy is not Always.

use verdikt_sdk::{Container, Decision, Field, Finding, Findings, Node, Workload, rule};

use crate::image::{Part, Reference};

rule! {
    /// # imagePullPolicy is not Always
    ///
    /// A container that pulls its image at every start may run another version after a crash than before
    /// it, when its tag has moved in between.
    ///
    /// ## What is checked
    ///
    /// Kubernetes: the pull policy of every container, init container, sidecar and ephemeral container.
    /// Where none is stated Kubernetes takes `Always` for the tag `latest`, also when no tag is stated, and
    /// `IfNotPresent` for everything else. `Always` is worth a note; with the parameter `enforce` it fails.
    ///
    /// The rule is off at first: where tenants share nodes, `Always` makes sure that nobody runs a cached
    /// image without the credentials for it, which outweighs what this rule is about. It does not apply to
    /// ECS, where the agent has the setting.
    ///
    /// ## Fails
    ///
    /// With `enforce=true`:
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       image: registry.example/shop/web:1.4.2
    ///       imagePullPolicy: Always
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       image: registry.example/shop/web:1.4.2
    ///       imagePullPolicy: IfNotPresent
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Remove the field and name fixed versions.
    ///
    /// ## References
    ///
    /// - [Kubernetes: image pull policy](https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy)
    pub static RULE = {
        id: "IM-005",
        slug: "pull-policy-always",
        severity: Info,
        enabled_by_default: false,
        targets: ["workload/*"],
        controls: ["bsi-sys-1-6-2022:SYS.1.6.A14" => text],
        extra: { "module": "images" },
        settings: Settings {
            /// Whether the policy `Always` fails.
            enforce: bool = false,
        },
        texts: {
            "en": {
                title: "imagePullPolicy is not Always",
                remediation: "Remove `imagePullPolicy` and use fixed versions.",
                messages: {
                    "always": "Container `{container}` pulls its image at every start: `imagePullPolicy` is Always, expected IfNotPresent or nothing.",
                    "always-by-default": "Container `{container}` pulls its image at every start: `imagePullPolicy` is absent, which means Always for the tag latest.",
                    "ecs": "The rule does not apply: in ECS the pull policy is a setting of the agent.",
                },
            },
            "de": {
                title: "imagePullPolicy ist nicht „Always“",
                description: "Wird das Image bei jedem Start neu geladen, kann nach einem Absturz eine andere Version laufen als zuvor. Geprüft wird die wirksame `imagePullPolicy` jedes Containers; ohne Angabe gilt `Always` für den Tag `latest`. Ein Verstoß ist ein Hinweis, mit `enforce` ein Fehler.",
                remediation: "`imagePullPolicy` entfernen und feste Versionen verwenden.",
                messages: {
                    "always": "Container `{container}` lädt sein Image bei jedem Start: `imagePullPolicy` ist Always, erwartet wird IfNotPresent oder keine Angabe.",
                    "always-by-default": "Container `{container}` lädt sein Image bei jedem Start: `imagePullPolicy` fehlt, was beim Tag latest Always bedeutet.",
                    "ecs": "Die Regel ist nicht anwendbar: In ECS ist die Pull-Richtlinie eine Einstellung des Agents.",
                },
            },
        },
        document: judge,
    };
}

fn judge(workload: Workload<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    if workload.is_ecs() {
        return findings.add(Finding::not_applicable(workload, "ecs"));
    }
    for container in findings.every(workload.containers()) {
        let policy = container.image_pull_policy();
        let decision = policy.node().decide(|policy| match policy.str() {
            Field::Known("") | Field::Absent => is_latest(container),
            Field::Known(policy) => Decision::when(policy == "Always"),
            Field::Unknown(unknown) => Decision::Unknown(unknown),
        });
        findings.settle(decision, || {
            let stated = policy.node().agreed(|node: Node<'_>| node.is_absent()) != Some(true);
            let code = if stated { "always" } else { "always-by-default" };
            let finding =
                if settings.enforce { Finding::fail(policy, code) } else { Finding::informational(policy, code) };
            finding.argument("container", container.label())
        });
    }
}

/// Whether the tag is `latest`, for which Kubernetes pulls always (`SetDefaults_Container` in
/// k8s.io/kubernetes/pkg/apis/core/v1/defaults.go).
fn is_latest(container: Container<'_>) -> Decision<'_> {
    container.image().reference().fails_if_text(|text| match text.map(Reference::of) {
        None => Some(false),
        Some(reference) => match reference.effective_tag() {
            Part::Known(tag) => Some(tag == "latest"),
            Part::Absent => Some(false),
            Part::Stated | Part::Unknown => None,
        },
    })
}
