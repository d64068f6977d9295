//! IM-004: images are not pulled from public registries.

use verdikt_sdk::{Finding, Findings, Strings, Workload, rule};

use crate::image::{Answer, Reference, images};

rule! {
    /// # Images are not pulled from public registries
    ///
    /// In a public registry anybody may publish, names that differ by one letter lie in wait, and what is
    /// there today may be gone or limited tomorrow.
    ///
    /// ## What is checked
    ///
    /// The image of every container, and images that are mounted as volumes. It fails when its registry is
    /// one of `public_registries` or a host below one (`eu.gcr.io` below `gcr.io`), at whichever port, unless it
    /// is in one of `allowed_registries`, which are written as for the rule IM-003. An image that names no
    /// registry is in `docker.io`, which has other names: `index.docker.io`, `registry-1.docker.io` and
    /// `registry.hub.docker.com`.
    ///
    /// Unlike IM-003 the rule needs no configuration. Of an image that is known in part, the part that is
    /// known decides where it can; in a host with `.dkr.ecr.` only the account and the region are open, so
    /// it is private.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       image: nginx:1.27.1
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "image": "public.ecr.aws/nginx/nginx:1.27.1"}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   family                = "web"
    ///   container_definitions = jsonencode([{ name = "app", image = "quay.io/someone/web:${var.tag}" }])
    /// }
    /// ```
    ///
    /// ## Passes
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       image: registry.example/mirror/nginx:1.27.1
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app",
    ///   "image": "111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop/web:1.4.2"}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   family                = "web"
    ///   container_definitions = jsonencode([{ name = "app", image = "${var.account}.dkr.ecr.eu-central-1.amazonaws.com/web:1" }])
    /// }
    /// ```
    ///
    /// ## How to fix it
    ///
    /// Pull through a registry of your own: a mirror, or the pull through cache of ECR.
    ///
    /// ## References
    ///
    /// - [Kubernetes: image names](https://kubernetes.io/docs/concepts/containers/images/#image-names)
    /// - [ECR: pull through cache](https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html)
    /// - [Reference grammar](https://pkg.go.dev/github.com/distribution/reference)
    pub static RULE = {
        id: "IM-004",
        slug: "no-public-registry",
        severity: Medium,
        targets: ["workload/*"],
        controls: [],
        extra: { "module": "images" },
        settings: Settings {
            /// Registries that are public.
            public_registries: Strings = [
                "docker.io",
                "quay.io",
                "ghcr.io",
                "gcr.io",
                "registry.k8s.io",
                "public.ecr.aws",
                "mcr.microsoft.com",
            ],
            /// Registries, with a path or without, from which images may come although they are public.
            allowed_registries: Strings = [],
        },
        texts: {
            "en": {
                title: "Images are not pulled from public registries",
                remediation: "Use a private registry, or the pull through cache of ECR.",
                messages: {
                    "public": "Image `{image}` of `{user}` comes from a public registry (`{registry}`), expected a private one.",
                },
            },
            "de": {
                title: "Images werden nicht aus öffentlichen Registries geladen",
                description: "In einer öffentlichen Registry kann jeder veröffentlichen, auch unter täuschend ähnlichen Namen. Geprüft werden die Images aller Container und die als Volume eingebundenen Images: Sie verstoßen gegen die Regel, wenn ihre Registry in `public_registries` steht und nicht in `allowed_registries` ausgenommen ist.",
                remediation: "Eine private Registry oder den Pull-Through-Cache von ECR verwenden.",
                messages: {
                    "public": "Image `{image}` von `{user}` stammt aus einer öffentlichen Registry (`{registry}`), erwartet wird eine private.",
                },
            },
        },
        document: judge,
    };
}

fn judge(workload: Workload<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    for used in images(workload, findings) {
        // Repositories of `aws_ecr_repository` are private, those of `aws_ecrpublic_repository` are not.
        if used.is_in_ecr_repository(true) {
            continue;
        }
        findings.settle(used.fails_if(|reference| is_public(reference, settings)), || {
            let registry = used.agreed(|reference| reference.name.registry().map(str::to_owned)).flatten();
            Finding::fail(used.reference, "public")
                .argument("image", used.shown())
                .argument("user", used.user())
                .argument("registry", registry.unwrap_or_else(|| settings.public_registries.join(", ")))
        });
    }
}

fn is_public(reference: &Reference, settings: &Settings) -> Answer {
    match (reference.is_in_any(&settings.public_registries), reference.is_below_any(&settings.allowed_registries)) {
        (Some(false), _) | (_, Some(true)) => Some(false),
        (Some(true), Some(false)) => Some(true),
        (None, _) | (_, None) => None,
    }
}
