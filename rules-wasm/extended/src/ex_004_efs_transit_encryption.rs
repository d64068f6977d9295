//! EX-004: what ECS tasks read from EFS is encrypted on its way.

use verdikt_sdk::{Field, Finding, Findings, Value, Workload, rule};

use crate::common::is_ecs;

rule! {
    /// # What ECS tasks read from EFS is encrypted on its way
    ///
    /// NFS has no encryption of its own. Without `transitEncryption`, what a task reads from a file system and
    /// writes to it crosses the network in plain text.
    ///
    /// ## What is checked
    ///
    /// `transitEncryption` is `ENABLED` in every `efsVolumeConfiguration`. Not stated, it is disabled. The rule
    /// does not apply to tasks without such a volume and to Kubernetes.
    ///
    /// ## Fails
    ///
    /// ```json
    /// {"family": "web", "volumes": [{"name": "data", "efsVolumeConfiguration": {"fileSystemId": "fs-1"}}]}
    /// ```
    ///
    /// ## Passes
    ///
    /// ```json
    /// {"family": "web", "volumes": [{"name": "data", "efsVolumeConfiguration":
    ///   {"fileSystemId": "fs-1", "transitEncryption": "ENABLED"}}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   volume {
    ///     name = "data"
    ///     efs_volume_configuration {
    ///       file_system_id     = aws_efs_file_system.data.id
    ///       transit_encryption = "ENABLED"
    ///     }
    ///   }
    /// }
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Set `transitEncryption` to `ENABLED`. With an access point and `iam: ENABLED` it is required anyway.
    ///
    /// ## References
    ///
    /// - [ECS: EFSVolumeConfiguration](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_EFSVolumeConfiguration.html)
    pub static RULE = {
        id: "EX-004",
        slug: "efs-transit-encryption",
        severity: High,
        enabled_by_default: false,
        targets: ["workload/*"],
        controls: [],
        aliases: ["checkov:CKV_AWS_97", "trivy:AWS-0035"],
        extra: { "module": "extended" },
        texts: {
            "en": {
                title: "What ECS tasks read from EFS is encrypted on its way",
                remediation: "Set `transitEncryption` of the volume to `ENABLED`.",
                messages: {
                    "not-encrypted": "Volume `{volume}` is read and written in plain text: `transitEncryption` is not `ENABLED`.",
                    "no-efs-volume": "The rule does not apply: the task has no EFS volume.",
                    "kubernetes": "The rule does not apply to Kubernetes.",
                },
            },
            "de": {
                title: "Was ECS-Tasks von EFS lesen, ist auf dem Weg verschlüsselt",
                description: "NFS verschlüsselt nicht. Ohne `transitEncryption` gehen die Daten eines EFS-Volumes im Klartext durch das Netz.",
                remediation: "`transitEncryption` des Volumes auf `ENABLED` setzen.",
                messages: {
                    "not-encrypted": "Volume `{volume}` wird im Klartext gelesen und geschrieben: `transitEncryption` ist nicht `ENABLED`.",
                    "no-efs-volume": "Die Regel ist nicht anwendbar: Die Task hat kein EFS-Volume.",
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
    let mut has_volume = false;
    for volume in findings.every(workload.volumes()) {
        match volume.kind().read() {
            Field::Known("efsVolumeConfiguration") => {}
            Field::Known(_) | Field::Absent => continue,
            Field::Unknown(unknown) => {
                findings.add(Finding::unknown(unknown));
                continue;
            }
        }
        has_volume = true;
        let encryption: Value<'_, &str> = volume.source().get("transitEncryption").into();
        findings.settle(encryption.fails_if(|state| state != Some("ENABLED")), || {
            let name = volume.name().read().known().unwrap_or_default();
            Finding::fail(encryption, "not-encrypted").argument("volume", name)
        });
    }
    if !has_volume && findings.is_empty() {
        findings.add(Finding::not_applicable(workload, "no-efs-volume"));
    }
}
