//! PS-008: only restricted volume types are used.

use verdikt_sdk::{Finding, Findings, Workload, rule};

use crate::common::is_kubernetes;
use crate::pss;

rule! {
    /// # Only restricted volume types are used
    ///
    /// A pod that names a file server or a disk decides itself what storage it gets, with which credentials
    /// and from which address. Behind a PersistentVolumeClaim an administrator has decided that.
    ///
    /// ## What is checked
    ///
    /// The type of every volume has to be one that the Pod Security Standard *restricted* allows:
    /// `configMap`, `csi`, `downwardAPI`, `emptyDir`, `ephemeral`, `image`, `persistentVolumeClaim`,
    /// `projected` or `secret`. A volume without a source is an `emptyDir`.
    ///
    /// The rule does not apply to pods without volumes, nor to ECS.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///   volumes:
    ///     - name: share
    ///       nfs: {server: nfs.example, path: /export}
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///   volumes:
    ///     - name: share
    ///       persistentVolumeClaim: {claimName: share}
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Describe the storage in a PersistentVolume or a StorageClass and claim it.
    ///
    /// ## References
    ///
    /// - [Kubernetes: persistent volumes](https://kubernetes.io/docs/concepts/storage/persistent-volumes/)
    /// - [Kubernetes: Pod Security Standards](https://kubernetes.io/docs/concepts/security/pod-security-standards/)
    pub static RULE = {
        id: "PS-008",
        slug: "restricted-volume-types",
        severity: Low,
        targets: ["workload/*"],
        controls: ["waf-pp:WAF-SEC-120" => indirect],
        aliases: ["trivy:KSV-0028"],
        extra: { "module": "pod-security-standards" },
        texts: {
            "en": {
                title: "Only restricted volume types are used",
                remediation: "Move the storage behind a PersistentVolumeClaim.",
                messages: {
                    "type": "Volume `{volume}` is of the type {value}, allowed: {allowed}.",
                    "no-volumes": "The rule does not apply: the pod has no volumes.",
                    "ecs": "The rule does not apply: ECS has other volumes.",
                },
            },
            "de": {
                title: "Nur Volume-Typen des Profils „restricted“ werden genutzt",
                description: "Mit Volumes, die einen Server oder eine Platte nennen, bestimmt ein Pod selbst über seinen Speicher. Geprüft wird, ob jedes Volume einen Typ hat, den der Pod-Security-Standard „restricted“ erlaubt.",
                remediation: "Den Speicher hinter einen PersistentVolumeClaim legen.",
                messages: {
                    "type": "Volume `{volume}` ist vom Typ {value}, erlaubt: {allowed}.",
                    "no-volumes": "Die Regel ist nicht anwendbar: Der Pod hat keine Volumes.",
                    "ecs": "Die Regel ist nicht anwendbar: ECS hat andere Volumes.",
                },
            },
        },
        document: judge,
    };
}

fn judge(workload: Workload<'_>, findings: &mut Findings<'_>) {
    if !is_kubernetes(workload, findings) {
        return;
    }
    let volumes = workload.volumes();
    if volumes.rest().is_none() && volumes.known().next().is_none() {
        findings.add(Finding::not_applicable(workload, "no-volumes"));
        return;
    }
    let control = [&pss::RESTRICTED_VOLUMES].into_iter();
    pss::judge(workload, pss::Latest.into(), control, findings, |statement| statement.finding("type"));
}
