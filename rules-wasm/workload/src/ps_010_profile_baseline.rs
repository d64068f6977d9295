//! PS-010: a workload meets the Pod Security Standard baseline.

use crate::pss::profile::profile_rule;

profile_rule! {
    /// # Workload meets the Pod Security Standard baseline
    ///
    /// The standard *baseline* forbids what is known to hand over a node: privileged containers, the
    /// host's namespaces and paths, and ways around seccomp, AppArmor and SELinux. A workload that meets it
    /// can run in a namespace that enforces it, so this rule says beforehand what the API server would say.
    ///
    /// ## What is checked
    ///
    /// The controls of the standard, each as the API server's admission plugin judges it. A finding names
    /// the control and points at the attribute.
    ///
    /// | control | since | of pods, containers, volumes | allowed |
    /// |---|---|---|---|
    /// | `hostNamespaces` | v1.0 | `hostNetwork`, `hostPID`, `hostIPC` | not true |
    /// | `privileged` | v1.0 | `securityContext.privileged` | not true |
    /// | `capabilities_baseline` | v1.0 | `capabilities.add` | `AUDIT_WRITE`, `CHOWN`, `DAC_OVERRIDE`, `FOWNER`, `FSETID`, `KILL`, `MKNOD`, `NET_BIND_SERVICE`, `SETFCAP`, `SETGID`, `SETPCAP`, `SETUID`, `SYS_CHROOT` |
    /// | `hostPathVolumes` | v1.0 | volumes | any type but `hostPath` |
    /// | `hostPorts` | v1.0 | `ports[].hostPort` | 0 |
    /// | `appArmorProfile` | v1.0 | `appArmorProfile.type` | `RuntimeDefault`, `Localhost` |
    /// | | | annotations `container.apparmor.security.beta.kubernetes.io/*` | `runtime/default`, `localhost/*` |
    /// | `seLinuxOptions` | v1.0 | `seLinuxOptions.type` | `container_t`, `container_init_t`, `container_kvm_t`; from v1.31 `container_engine_t` |
    /// | | | `seLinuxOptions.user`, `.role` | empty |
    /// | `procMount` | v1.0 | `procMount` | `Default`; from v1.35 anything with `hostUsers: false` |
    /// | `seccompProfile_baseline` | v1.0 | annotations `seccomp.security.alpha.kubernetes.io/pod` and `container.seccomp.security.alpha.kubernetes.io/*` | `runtime/default`, `docker/default`, `localhost/*` |
    /// | | from v1.19 instead | `seccompProfile.type` | `RuntimeDefault`, `Localhost` |
    /// | `sysctls` | v1.0 | `sysctls[].name` | the safe ones: see PS-005 |
    /// | `windowsHostProcess` | v1.0 | `windowsOptions.hostProcess` | not true |
    /// | `hostProbesAndHostLifecycle` | v1.34 | `host` of probes and hooks | empty |
    ///
    /// All containers count: init containers, sidecars and ephemeral containers too. What is stated for the
    /// pod is judged for itself, also when every container overrides it, because the API server does so.
    ///
    /// `pss_version` pins a version of the standard, as the label `enforce-version` of a namespace does.
    /// `latest` has the controls of v1.37.
    ///
    /// The rule does not apply to ECS.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// spec:
    ///   hostPID: true
    ///   containers:
    ///     - name: app
    ///       securityContext:
    ///         privileged: true
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       image: registry.example/shop/web:1.4.2
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Remove what the findings name. An agent of the node that cannot do without belongs into a namespace
    /// of its own, which enforces no standard and in which nobody else may create pods.
    ///
    /// ## References
    ///
    /// - [Kubernetes: Pod Security Standards](https://kubernetes.io/docs/concepts/security/pod-security-standards/)
    /// - [Kubernetes: Pod Security Admission](https://kubernetes.io/docs/concepts/security/pod-security-admission/)
    /// - [The checks of the admission plugin](https://github.com/kubernetes/kubernetes/tree/master/staging/src/k8s.io/pod-security-admission/policy)
    id: "PS-010",
    slug: "profile-baseline",
    severity: High,
    level: Baseline,
    en: {
        title: "Workload meets the Pod Security Standard baseline",
        remediation: "Remove what the findings name, or run the workload in a namespace of its own that does not enforce the standard.",
    },
    de: {
        title: "Workload erfüllt den Pod-Security-Standard „baseline“",
        description: "Geprüft werden alle Vorgaben des Pod-Security-Standards „baseline“, so wie sie das Admission-Plugin des API-Servers prüft. Jedes Finding nennt die verletzte Vorgabe. `pss_version` legt die Version des Standards fest.",
        remediation: "Die genannten Angaben entfernen oder den Workload in einem eigenen Namespace betreiben, der den Standard nicht erzwingt.",
    },
}
