//! IM-001: images carry a unique version, never latest.

use verdikt_sdk::{Finding, Findings, Strings, Workload, rule};

use crate::image::{Part, Reference, images};

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
        controls: [
            "bsi-sys-1-6-draft:SYS.1.6.A6" => text,
            "bsi-sys-1-6-2022:SYS.1.6.A14" => text,
            "bsi-sys-1-6-2022:SYS.1.6.A6" => title,
        ],
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
                    "no-version": "Image `{image}` of `{user}` has no tag or a floating one, whatever it will be; expected a version.",
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
                    "no-version": "Image `{image}` von `{user}` hat in jedem Fall keinen oder einen wandernden Tag; erwartet wird eine Version.",
                    "digest": "Jedes Image ist eindeutig; mindestens eines zeigt nur seinen Digest, keine Version.",
                },
            },
        },
        document: judge,
    };
}

fn judge(workload: Workload<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    let version = |reference: &Reference| version_of(reference, &settings.floating_tags);
    let mut digest_only = false;
    for used in images(workload, findings) {
        let decision = used.fails_if(|reference| match version(reference) {
            Version::NoTag | Version::Floating(_) => Some(true),
            Version::Tag | Version::Digest => Some(false),
            Version::Unknown => None,
        });
        digest_only |= used.agreed(version) == Some(Version::Digest);
        findings.settle(decision, || {
            let finding = match used.agreed(version) {
                Some(Version::NoTag) => Finding::fail(used.reference, "no-tag"),
                Some(Version::Floating(tag)) => Finding::fail(used.reference, "floating-tag").argument("tag", tag),
                _ => Finding::fail(used.reference, "no-version"),
            };
            finding.argument("image", used.shown()).argument("user", used.user())
        });
    }
    if digest_only && findings.is_empty() {
        findings.add(Finding::pass(workload, "digest"));
    }
}

/// What a reference says about its version.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Version {
    NoTag,
    Floating(String),
    Tag,
    Digest,
    Unknown,
}

fn version_of(reference: &Reference, floating: &Strings) -> Version {
    match (&reference.tag, &reference.digest) {
        (Part::Known(tag), _) if floating.contains(tag) => Version::Floating(tag.clone()),
        (Part::Known(_), _) => Version::Tag,
        (Part::Absent, Part::Known(_) | Part::Stated) => Version::Digest,
        (Part::Absent, Part::Absent) => Version::NoTag,
        (Part::Absent, Part::Unknown) | (Part::Stated | Part::Unknown, _) => Version::Unknown,
    }
}
