//! Image references, taken apart.
//!
//! The grammar is that of github.com/distribution/reference (`reference.go`, `normalize.go`), which
//! both Kubernetes' runtimes and Docker use: what stands before the first slash is a host when it has
//! a dot or a colon, is `localhost` or has an upper-case letter (no repository may have one); else the
//! host is `docker.io`, where a name of one segment belongs to `library/`. A tag or a digest that is
//! not there stays absent: the runtime would take `latest`, a rule has to say so.

use verdikt_model::{NodeId, NodeRef};

use crate::workload::{Derivation, Fields, Member, PLACEHOLDER, Section, Shape, is_placeholder};

/// The image object of a workload from a member of a section. An empty reference counts as absent:
/// both platforms treat it as one that is not given.
pub(crate) fn derive(derivation: &mut Derivation<'_>, section: Section<'_>, key: &str) -> Option<NodeId> {
    let (reference, node) = match section.member(key) {
        Member::Absent => return None,
        Member::Known { node, .. } if node.as_str() == Some("") => return None,
        // What it will be, and whether it will have a tag, nobody knows.
        Member::Known { node, .. } if node.as_str().is_some_and(|text| !is_possible(text)) => {
            let is_placeholder = node.as_str().is_some_and(is_placeholder);
            (derivation.unknown(if is_placeholder { PLACEHOLDER } else { IMPOSSIBLE }, node), node)
        }
        Member::Known { node, .. } => (derivation.fit(node, Shape::Text, key), node),
        Member::Unknown { leaf, node } => (derivation.unknown_leaf(leaf, node), node),
    };
    let mut fields = Fields::default();
    derivation.put(&mut fields, "reference", reference);
    // Below an unknown section the node is the section's.
    if let Some(text) = node.as_str().filter(|_| derivation.builder.node(reference).as_str().is_some()) {
        put_parts(derivation, &mut fields, split(text), node);
    } else {
        // A rule that reads only one part must not take it for absent. What is known of the whole
        // reference (`$parts`) is not known of its parts.
        let why = derivation.builder.node(reference).unknown_entry("$unknown").and_then(NodeRef::as_str);
        let why = why.unwrap_or("the image is not known").to_owned();
        for key in ["registry", "repository", "tag", "digest"] {
            let part = derivation.builder.unknown(node.span(), &why, &[]);
            let part = derivation.unknown_leaf(part, node);
            derivation.put(&mut fields, key, part);
        }
    }
    Some(derivation.map(fields, node))
}

/// Why an image is unknown that no registry can have.
const IMPOSSIBLE: &str =
    "no image can be called so: it is filled in before the platform sees it, or no runtime can pull it";

/// Whether a text can be a reference, by what its grammar has no place for. Every tool that fills in
/// files marks its placeholders in a way of its own (`$TAG`, `%TAG%`, `#{TAG}#`, `@@TAG@@`, `ko://…`), and
/// each would pass for a version if it were read as a tag or a digest.
fn is_possible(reference: &str) -> bool {
    let has_character = |byte: u8| byte.is_ascii_alphanumeric() || b"._-:/@+[]".contains(&byte);
    let name = reference.split_once('@').map_or(reference, |(name, _)| name);
    reference.bytes().all(has_character)
        && !name.is_empty()
        && !name.contains("//")
        && reference.bytes().filter(|byte| *byte == b'@').count() <= 1
}

fn put_parts(derivation: &mut Derivation<'_>, fields: &mut Fields, parts: ImageReference<'_>, node: NodeRef<'_>) {
    let repository = Some(parts.repository.as_str());
    for (key, part) in
        [("registry", Some(parts.registry)), ("repository", repository), ("tag", parts.tag), ("digest", parts.digest)]
    {
        if let Some(part) = part {
            let text = derivation.text(part, node);
            derivation.put(fields, key, text);
        }
    }
}

/// The parts of an image reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImageReference<'a> {
    pub(crate) registry: &'a str,
    pub(crate) repository: String,
    pub(crate) tag: Option<&'a str>,
    pub(crate) digest: Option<&'a str>,
}

const DOCKER_HUB: &str = "docker.io";
/// The name that Docker Hub had; references to it mean `docker.io`.
const LEGACY_DOCKER_HUB: &str = "index.docker.io";

/// Takes a reference apart. Any text has parts; whether a registry would accept them is not asked.
pub(crate) fn split(reference: &str) -> ImageReference<'_> {
    let (name, digest) = match reference.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (reference, None),
    };
    let last_segment = name.rfind('/').map_or(0, |slash| slash + 1);
    let (name, tag) = match name[last_segment..].rfind(':') {
        Some(colon) => (&name[..last_segment + colon], Some(&name[last_segment + colon + 1..])),
        None => (name, None),
    };
    let (registry, path) = match name.split_once('/') {
        Some((host, path)) if is_host(host) => (host, path),
        _ => (DOCKER_HUB, name),
    };
    let registry = if registry == LEGACY_DOCKER_HUB { DOCKER_HUB } else { registry };
    let repository =
        if registry == DOCKER_HUB && !path.contains('/') { format!("library/{path}") } else { path.to_owned() };
    ImageReference {
        registry,
        repository,
        tag: tag.filter(|tag| !tag.is_empty()),
        digest: digest.filter(|digest| !digest.is_empty()),
    }
}

fn is_host(segment: &str) -> bool {
    segment.contains(['.', ':']) || segment == "localhost" || segment.chars().any(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_image_can_be_called() {
        for (text, expected) in [
            ("nginx", true),
            ("[::1]:5000/A_b/c-d.e:1.2_3-x@sha512+b64:00", true),
            ("nginx:$TAG", false),
            ("nginx:${TAG}", false),
            ("$(image)", false),
            ("%IMAGE%:1", false),
            ("#{image}#", false),
            ("nginx@@DIGEST@@", false),
            ("@@IMAGE@@", false),
            ("@sha256:ab", false),
            ("ko://example.com/cmd/app", false),
            (" nginx:1", false),
            ("nginx:1\n", false),
            ("ü/ü:ü", false),
        ] {
            assert_eq!(is_possible(text), expected, "{text}");
        }
    }

    #[test]
    fn references_are_taken_apart() {
        for (reference, registry, repository, tag, digest) in [
            ("nginx", "docker.io", "library/nginx", None, None),
            ("nginx:1.27", "docker.io", "library/nginx", Some("1.27"), None),
            ("bitnami/redis:7", "docker.io", "bitnami/redis", Some("7"), None),
            ("docker.io/nginx", "docker.io", "library/nginx", None, None),
            ("index.docker.io/library/nginx:1", "docker.io", "library/nginx", Some("1"), None),
            ("ghcr.io/a/b/c:v1", "ghcr.io", "a/b/c", Some("v1"), None),
            ("host:5000/x", "host:5000", "x", None, None),
            ("host:5000/x:2", "host:5000", "x", Some("2"), None),
            ("localhost/x", "localhost", "x", None, None),
            ("localhost:5000/x", "localhost:5000", "x", None, None),
            ("x@sha256:ab", "docker.io", "library/x", None, Some("sha256:ab")),
            ("r.example/x:1@sha256:ab", "r.example", "x", Some("1"), Some("sha256:ab")),
            ("Registry/app:1", "Registry", "app", Some("1"), None),
            ("Nginx", "docker.io", "library/Nginx", None, None),
            ("[::1]:5000/x", "[::1]:5000", "x", None, None),
            ("x:", "docker.io", "library/x", None, None),
            ("x@", "docker.io", "library/x", None, None),
            ("/x", "docker.io", "/x", None, None),
            (":", "docker.io", "library/", None, None),
        ] {
            let expected = ImageReference { registry, repository: repository.to_owned(), tag, digest };
            assert_eq!(split(reference), expected, "{reference}");
        }
    }
}
