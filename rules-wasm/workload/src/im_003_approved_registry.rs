//! IM-003: images come only from approved registries.

use verdikt_sdk::{Decision, Finding, Findings, Strings, Workload, rule};

use crate::image::{ECR_SELF, Used, images};

rule! {
    /// # Images come only from approved registries
    ///
    /// Anybody may publish an image, also under a name that looks like a known one. What may run is
    /// decided where images come from: in registries whose content somebody answers for.
    ///
    /// ## What is checked
    ///
    /// The image of every container, and images that are mounted as volumes, must be in one of
    /// `allowed_registries`. Nobody but you knows them, so the list is empty at first, and the rule says
    /// *unknown* until it is not.
    ///
    /// An entry is a registry (`registry.example`), or a registry with the beginning of a path, compared
    /// segment by segment (`registry.example/shop` allows `registry.example/shop/web`, not
    /// `registry.example/shopping`). `*` stands for any text within a segment: `*.registry.example` allows every
    /// host below that domain, `registry.example/team-*` the paths of all teams. Hosts are compared without
    /// regard to case and to the port 443; any other port is another registry. An image that names no registry
    /// is in `docker.io`, and one of a single word there is in `docker.io/library`.
    /// The entry `ecr-self` allows repositories that the scanned Terraform creates itself
    /// (`aws_ecr_repository.….repository_url`).
    ///
    /// Of an image that is known in part, the part that is known decides where it can.
    ///
    /// ## Fails
    ///
    /// With `allowed_registries=["registry.example"]`:
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       image: docker.io/someone/web:1.4.2
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "image": "quay.io/someone/web:1.4.2"}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   family                = "web"
    ///   container_definitions = jsonencode([{ name = "app", image = "quay.io/someone/web:1.4.2" }])
    /// }
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
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   family                = "web"
    ///   container_definitions = jsonencode([{ name = "app", image = "registry.example/shop/web:${var.tag}" }])
    /// }
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Mirror the image into an approved registry, or approve its registry and write down why.
    ///
    /// ## References
    ///
    /// - [Kubernetes: images](https://kubernetes.io/docs/concepts/containers/images/)
    /// - [ECR: pull through cache](https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html)
    /// - [Reference grammar](https://pkg.go.dev/github.com/distribution/reference)
    pub static RULE = {
        id: "IM-003",
        slug: "approved-registry",
        severity: High,
        targets: ["workload/*"],
        controls: [
            "bsi-sys-1-6-draft:SYS.1.6.A6" => text,
            "bsi-sys-1-6-2022:SYS.1.6.A6" => title,
            "bsi-sys-1-6-2022:SYS.1.6.A12" => text,
            "xccdf-eks:approved_registries" => text,
        ],
        extra: { "module": "images" },
        settings: Settings {
            /// Registries, with a path or without, from which images may come.
            allowed_registries: Strings = [],
        },
        texts: {
            "en": {
                title: "Images come only from approved registries",
                remediation: "Mirror the image into an approved registry, or add the registry to `allowed_registries` with a written reason.",
                messages: {
                    "not-approved": "Image `{image}` of `{user}` comes from no approved registry, expected one of: {allowed}.",
                    "no-list": "Whether the images come from approved registries cannot be known, because `allowed_registries` is empty.",
                },
            },
            "de": {
                title: "Images stammen nur aus freigegebenen Registries",
                description: "Ein Image kann jeder veröffentlichen, auch unter einem Namen, der einem bekannten gleicht. Geprüft wird, ob die Images aller Container und die als Volume eingebundenen Images aus einer der Registries in `allowed_registries` stammen. Solange die Liste leer ist, ist das nicht bestimmbar.",
                remediation: "Das Image in eine freigegebene Registry spiegeln oder die Registry mit schriftlicher Begründung in `allowed_registries` aufnehmen.",
                messages: {
                    "not-approved": "Image `{image}` von `{user}` stammt aus keiner freigegebenen Registry, erwartet wird eine von: {allowed}.",
                    "no-list": "Ob die Images aus freigegebenen Registries stammen, lässt sich nicht feststellen, weil `allowed_registries` leer ist.",
                },
            },
        },
        document: judge,
    };
}

fn judge(workload: Workload<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    let allowed = &settings.allowed_registries;
    let images = images(workload, findings);
    if allowed.is_empty() {
        if !images.is_empty() {
            findings.add(Finding::undecided(workload, "no-list"));
        }
        return;
    }
    for used in images {
        if allowed.contains(ECR_SELF) && used.is_in_ecr_repository(false) {
            continue;
        }
        findings.settle(outside(used, settings), || {
            Finding::fail(used.reference, "not-approved")
                .argument("image", used.shown())
                .argument("user", used.user())
                .argument("allowed", allowed.join(", "))
        });
    }
}

fn outside<'a>(used: Used<'a>, settings: &Settings) -> Decision<'a> {
    used.fails_if(|reference| reference.is_below_any(&settings.allowed_registries).map(|inside| !inside))
}
