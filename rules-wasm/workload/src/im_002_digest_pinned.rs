//! IM-002: images are pinned by digest.

use verdikt_sdk::{Finding, Findings, PartialText, Workload, rule};

use crate::image::{Answer, Part, Reference, images};

rule! {
    /// # Images are pinned by digest
    ///
    /// Whoever may write to a registry may move a tag, and nobody who pulls it notices. A digest is the
    /// fingerprint of the image: another image has another one.
    ///
    /// ## What is checked
    ///
    /// The image of every container, and images that are mounted as volumes, must end in a digest:
    /// `@sha256:` and 64 hexadecimal digits (or `@sha512:` and 128). A tag before it is welcome, since it
    /// shows the version. A container without an image is not judged: something else fills it in. Where a
    /// variable stands behind the `@` the rule is met, as nothing but a digest can be there.
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
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "image": "registry.example/shop/web:1.4.2"}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   family                = "web"
    ///   container_definitions = jsonencode([{ name = "app", image = "registry.example/shop/web:1.4.2" }])
    /// }
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       image: registry.example/shop/web:1.4.2@sha256:0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app",
    ///   "image": "registry.example/shop/web@sha256:0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   family                = "web"
    ///   container_definitions = jsonencode([{ name = "app", image = "registry.example/shop/web@${var.digest}" }])
    /// }
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Let the pipeline that builds the image write its digest, or resolve it with
    /// `docker buildx imagetools inspect IMAGE`, and let a bot keep it current.
    ///
    /// ## References
    ///
    /// - [Kubernetes: image names](https://kubernetes.io/docs/concepts/containers/images/#image-names)
    /// - [OCI: digests](https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests)
    /// - [ECS: ContainerDefinition](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html)
    pub static RULE = {
        id: "IM-002",
        slug: "digest-pinned",
        severity: Low,
        targets: ["workload/*"],
        controls: [],
        aliases: ["checkov:CKV_K8S_43"],
        extra: { "module": "images" },
        texts: {
            "en": {
                title: "Images are pinned by digest",
                remediation: "Append the digest, such as `web:1.4.2@sha256:…`, and let the pipeline update it.",
                messages: {
                    "no-digest": "Image `{image}` of `{user}` has no digest, expected `@sha256:` and 64 hexadecimal digits at its end.",
                    "malformed-digest": "Image `{image}` of `{user}` has a malformed digest, expected `@sha256:` and 64 hexadecimal digits at its end.",
                },
            },
            "de": {
                title: "Images sind per Digest fixiert",
                description: "Ein Tag lässt sich verschieben, ein Digest ist der Fingerabdruck des Images. Geprüft wird, ob die Images aller Container und die als Volume eingebundenen Images auf einen Digest enden.",
                remediation: "Den Digest anhängen, etwa `web:1.4.2@sha256:…`, und ihn von der Pipeline aktualisieren lassen.",
                messages: {
                    "no-digest": "Image `{image}` von `{user}` hat keinen Digest, erwartet werden am Ende `@sha256:` und 64 Hexadezimalziffern.",
                    "malformed-digest": "Image `{image}` von `{user}` hat einen fehlerhaften Digest, erwartet werden am Ende `@sha256:` und 64 Hexadezimalziffern.",
                },
            },
        },
        document: judge,
    };
}

fn judge(workload: Workload<'_>, findings: &mut Findings<'_>) {
    for used in images(workload, findings) {
        let decision = used
            .reference
            .fails_if_text(|text| text.map_or(Some(false), |text| is_missing(&Reference::digest_of(text))));
        findings.settle(decision, || {
            let is_stated = |text: PartialText<'_>| matches!(Reference::digest_of(&text), Part::Known(_));
            let malformed = used.reference.node().agreed(|node| node.text().known().is_some_and(is_stated));
            let code = if malformed == Some(true) { "malformed-digest" } else { "no-digest" };
            Finding::fail(used.reference, code).argument("image", used.shown()).argument("user", used.user())
        });
    }
}

fn is_missing(digest: &Part) -> Answer {
    match digest {
        Part::Absent => Some(true),
        Part::Known(digest) => Some(!is_digest(digest)),
        Part::Stated => Some(false),
        Part::Unknown => None,
    }
}

/// The registered algorithms, whose digits are in lower case.
///
/// <https://github.com/opencontainers/image-spec/blob/main/descriptor.md#registered-algorithms>
fn is_digest(text: &str) -> bool {
    let digits = match text.split_once(':') {
        Some(("sha256", digits)) if digits.len() == 64 => digits,
        Some(("sha512", digits)) if digits.len() == 128 => digits,
        _ => return false,
    };
    digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
