//! PS-011: a workload meets the Pod Security Standard restricted.

use crate::pss::profile::profile_rule;

profile_rule! {
    /// # Workload meets the Pod Security Standard restricted
    ///
    /// The standard *restricted* asks for more than *baseline*: that a workload gives up what it does not
    /// need. A workload that meets it can run in a namespace that enforces it, so this rule says beforehand
    /// what the API server would say.
    ///
    /// ## What is checked
    ///
    /// The controls of *baseline* (PS-010) and these, each as the API server's admission plugin judges it. A
    /// finding names the control and points at the attribute.
    ///
    /// | control | since | of pods, containers, volumes | required |
    /// |---|---|---|---|
    /// | `restrictedVolumes` | v1.0 | volumes | `configMap`, `csi`, `downwardAPI`, `emptyDir`, `ephemeral`, `image`, `persistentVolumeClaim`, `projected`, `secret` |
    /// | `allowPrivilegeEscalation` | v1.8 | `allowPrivilegeEscalation` | false for every container |
    /// | `runAsNonRoot` | v1.0 | `runAsNonRoot` | true for the pod or every container, and nowhere false |
    /// | `runAsUser` | v1.23 | `runAsUser` | nowhere 0 |
    /// | `seccompProfile_restricted` | v1.19 | `seccompProfile.type` | `RuntimeDefault` or `Localhost` for the pod or every container, and nowhere anything else |
    /// | `capabilities_restricted` | v1.22 | `capabilities.drop` | has `ALL` |
    /// | | | `capabilities.add` | only `NET_BIND_SERVICE` |
    /// | `procMount_restricted` | v1.35 | `procMount` | `Default` |
    ///
    /// They stand in place of `hostPathVolumes`, `seccompProfile_baseline`, `capabilities_baseline` and
    /// `procMount`.
    ///
    /// - From v1.25 on, pods with `os.name: windows` are let off `allowPrivilegeEscalation`,
    ///   `seccompProfile_restricted` and `capabilities_restricted`. A node selector for Windows is not
    ///   enough.
    /// - From v1.35 on, pods with `hostUsers: false` are let off `runAsNonRoot` and `runAsUser`.
    ///
    /// All containers count: init containers, sidecars and ephemeral containers too. `pss_version` pins a
    /// version of the standard, as the label `enforce-version` of a namespace does; `latest` has the
    /// controls of v1.37.
    ///
    /// The rule does not apply to ECS.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       image: registry.example/shop/web:1.4.2
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// spec:
    ///   securityContext:
    ///     runAsNonRoot: true
    ///     seccompProfile:
    ///       type: RuntimeDefault
    ///   containers:
    ///     - name: app
    ///       image: registry.example/shop/web:1.4.2
    ///       securityContext:
    ///         allowPrivilegeEscalation: false
    ///         capabilities:
    ///           drop: [ALL]
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Take the example that passes, and add what the findings name. A program that has to listen on a port
    /// below 1024 may add `NET_BIND_SERVICE`.
    ///
    /// ## References
    ///
    /// - [Kubernetes: Pod Security Standards](https://kubernetes.io/docs/concepts/security/pod-security-standards/)
    /// - [Kubernetes: Pod Security Admission](https://kubernetes.io/docs/concepts/security/pod-security-admission/)
    /// - [Kubernetes: user namespaces and Pod Security Admission](https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/)
    /// - [The checks of the admission plugin](https://github.com/kubernetes/kubernetes/tree/master/staging/src/k8s.io/pod-security-admission/policy)
    id: "PS-011",
    slug: "profile-restricted",
    severity: Medium,
    level: Restricted,
    en: {
        title: "Workload meets the Pod Security Standard restricted",
        remediation: "Set `runAsNonRoot: true` and `seccompProfile.type: RuntimeDefault` on the pod, `allowPrivilegeEscalation: false` and `capabilities.drop: [ALL]` on every container, and remove what else the findings name.",
    },
    de: {
        title: "Workload erfüllt den Pod-Security-Standard „restricted“",
        description: "Geprüft werden alle Vorgaben des Pod-Security-Standards „restricted“, so wie sie das Admission-Plugin des API-Servers prüft. Jedes Finding nennt die verletzte Vorgabe. `pss_version` legt die Version des Standards fest.",
        remediation: "`runAsNonRoot: true` und `seccompProfile.type: RuntimeDefault` am Pod sowie `allowPrivilegeEscalation: false` und `capabilities.drop: [ALL]` an jedem Container setzen und entfernen, was die Findings sonst nennen.",
    },
}
