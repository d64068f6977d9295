//! IM-001: images carry a unique version, never latest.

use verdikt_sdk::{Decision, Field, Finding, Findings, Image, Node, Strings, Unknown, Workload, rule};

rule! {
    /// # Images carry a unique version, never latest
    ///
    /// `web:latest` is another program tomorrow. Nobody can say what runs, a rollback brings nothing
    /// back, and two copies of one workload may differ.
    ///
    /// ## What is checked
    ///
    /// The image of every container, and images that are mounted as volumes.
    ///
    /// - Neither a tag nor a digest fails: the platform then takes `latest`.
    /// - A tag among `floating_tags` fails. So it does beside a digest: the platform then pulls the
    ///   digest, but the reference still shows no version.
    /// - Any other tag passes, and so does a digest without a tag, which is unique although it does not
    ///   show a version.
    /// - A container without an image is not judged: something else fills it in.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       image: registry.example/shop/web:latest
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "image": "registry.example/shop/web"}]}
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
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "image": "registry.example/shop/web:1.4.2"}]}
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Name the version, best together with the digest: `web:1.4.2@sha256:…`.
    ///
    /// ## References
    ///
    /// - [Kubernetes: image names](https://kubernetes.io/docs/concepts/containers/images/#image-names)
    /// - [ECS: ContainerDefinition](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html)
    pub static RULE = {
        id: "IM-001",
        slug: "version-tag",
        severity: High,
        targets: ["workload/*"],
        controls: ["bsi-sys-1-6-draft:SYS.1.6.A6", "bsi-sys-1-6-2022:SYS.1.6.A14"],
        aliases: ["checkov:CKV_K8S_14", "trivy:KSV-0013", "kube-linter:latest-tag"],
        extra: { "module": "images" },
        settings: Settings {
            /// Tags that are moved from version to version.
            floating_tags: Strings = ["latest", "stable", "main", "master", "edge", "dev", "nightly"],
        },
        texts: {
            "en": {
                title: "Images carry a unique version, never latest",
                remediation: "Use a version tag that is never moved, best together with the digest.",
                messages: {
                    "no-tag": "Image `{image}` of `{user}` has no tag, so `latest` is taken; expected a version.",
                    "floating-tag": "Image `{image}` of `{user}` has the floating tag `{tag}`, expected a version.",
                    "no-version": "The image of `{user}` has no tag or a floating one, whatever the unknown part of it will be; expected a version.",
                    "digest": "Every image is unique; at least one shows its digest only, no version.",
                },
            },
            "de": {
                title: "Images tragen eine eindeutige Version, nie „latest“",
                description: "Hinter einem wandernden Tag steht morgen ein anderes Programm. Geprüft werden die Images aller Container und die als Volume eingebundenen Images: Ein fehlender Tag ohne Digest und ein Tag aus `floating_tags` verstoßen gegen die Regel.",
                remediation: "Einen Versions-Tag verwenden, der nie verschoben wird, am besten zusammen mit dem Digest.",
                messages: {
                    "no-tag": "Image `{image}` von `{user}` hat keinen Tag, also gilt `latest`; erwartet wird eine Version.",
                    "floating-tag": "Image `{image}` von `{user}` hat den wandernden Tag `{tag}`, erwartet wird eine Version.",
                    "no-version": "Das Image von `{user}` hat unabhängig von seinem unbekannten Teil keinen oder einen wandernden Tag; erwartet wird eine Version.",
                    "digest": "Jedes Image ist eindeutig; mindestens eines zeigt nur seinen Digest, keine Version.",
                },
            },
        },
        document: judge,
    };
}

fn judge(workload: Workload<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    let mut digest_only = false;
    for container in findings.every(workload.containers()) {
        digest_only |= judge_image(container.image(), || container.label(), settings, findings);
    }
    for volume in findings.every(workload.volumes()) {
        let name = || volume.name().read().known().map_or_else(|| volume.node().pointer(), str::to_owned);
        digest_only |= judge_image(volume.image(), name, settings, findings);
    }
    if digest_only && findings.is_empty() {
        findings.add(Finding::pass(workload, "digest"));
    }
}

/// What a reference says about its version.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Version<'t> {
    NoTag,
    Floating(&'t str),
    Tag(&'t str),
    Digest,
}

impl Version<'_> {
    fn fails(self) -> bool {
        matches!(self, Version::NoTag | Version::Floating(_))
    }
}

/// Judges one image. True when it passes by its digest alone.
fn judge_image(image: Image<'_>, user: impl Fn() -> String, settings: &Settings, findings: &mut Findings<'_>) -> bool {
    let floating = &settings.floating_tags;
    let reference = image.reference();
    match reference.read() {
        Field::Absent => false,
        Field::Known(text) => {
            let version = version_of(text, floating);
            let finding = match version {
                Version::NoTag => Finding::fail(reference, "no-tag"),
                Version::Floating(tag) => Finding::fail(reference, "floating-tag").argument("tag", tag),
                Version::Tag(_) | Version::Digest => return version == Version::Digest,
            };
            findings.add(finding.argument("image", text).argument("user", user()));
            false
        }
        Field::Unknown(unknown) => {
            let version = version_of_parts(unknown, floating);
            let decision = match version {
                Some(version) => Decision::when(version.fails()),
                None => reference.fails_if(|text| text.is_some_and(|text| version_of(text, floating).fails())),
            };
            findings.settle(decision, || Finding::fail(reference, "no-version").argument("user", user()));
            version == Some(Version::Digest)
        }
    }
}

/// The tag stands behind the last colon that is behind the last slash, the digest behind an `@`.
///
/// <https://pkg.go.dev/github.com/distribution/reference>
fn version_of<'t>(reference: &'t str, floating: &Strings) -> Version<'t> {
    let (name, digest) = reference.split_once('@').unwrap_or((reference, ""));
    let last = name.rsplit('/').next().unwrap_or(name);
    match last.rsplit_once(':') {
        Some((_, tag)) if floating.contains(tag) => Version::Floating(tag),
        Some((_, tag)) if !tag.is_empty() => Version::Tag(tag),
        _ if !digest.is_empty() => Version::Digest,
        _ => Version::NoTag,
    }
}

/// What is certain of a reference of which only some pieces are known.
fn version_of_parts<'a>(unknown: Unknown<'a>, floating: &Strings) -> Option<Version<'a>> {
    let parts: Vec<Option<&'a str>> =
        unknown.parts()?.map(|part| part.and_then(|part: Node<'a>| part.str().known())).collect();
    let first = parts.first().copied().flatten();
    if let Some((name, _)) = first.and_then(|first| first.split_once('@')) {
        // The name is known in full. Only the digest is not, and it is there.
        let version = version_of(name, floating);
        return Some(if version == Version::NoTag { Version::Digest } else { version });
    }
    // The end decides when the tag's colon is in it, or a slash with no tag behind. A digest at the
    // end, whole or in part, leaves open which tag stands before it.
    let end = parts.last().copied().flatten()?;
    if end.contains('@') || !end.contains([':', '/']) {
        return None;
    }
    let version = version_of(end, floating);
    let may_be_digest =
        |tag: &str| !end.contains('/') && tag.len() >= 32 && tag.bytes().all(|byte| byte.is_ascii_hexdigit());
    match version {
        Version::Tag(tag) if may_be_digest(tag) => None,
        _ => Some(version),
    }
}

#[cfg(test)]
mod tests {
    use super::{Settings, Version, version_of};

    #[test]
    fn versions_of_references() {
        let floating = Settings::default().floating_tags;
        for (reference, version) in [
            ("web", Version::NoTag),
            ("web:", Version::NoTag),
            ("", Version::NoTag),
            ("web:1.4", Version::Tag("1.4")),
            ("web:latest", Version::Floating("latest")),
            ("web:Latest", Version::Tag("Latest")),
            ("localhost:5000/web", Version::NoTag),
            ("localhost:5000/web:stable", Version::Floating("stable")),
            ("r.example/a/b/web:1@sha256:abc", Version::Tag("1")),
            ("web@sha256:abc", Version::Digest),
            ("web:latest@sha256:abc", Version::Floating("latest")),
            ("web@", Version::NoTag),
        ] {
            assert_eq!(version_of(reference, &floating), version, "{reference}");
        }
    }
}
