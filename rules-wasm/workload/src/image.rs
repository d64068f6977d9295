//! References of images, as far as they are known: which registry and repository, which tag, which
//! digest.
//!
//! Rules read the whole reference and not the parts that the workload has of it, because of a reference
//! of which only pieces are known the parts are not.
//!
//! <https://pkg.go.dev/github.com/distribution/reference>

use verdikt_rules_shared::wildcard;
use verdikt_sdk::{Container, Decision, Findings, Node, PartialText, Strings, Unknown, Value, Volume, Workload};

/// The registry of images that name none.
const DOCKER_HUB: &str = "docker.io";
/// Other names of Docker Hub. Every runtime reads the first as `docker.io`; the others are its hosts.
const DOCKER_HUB_HOSTS: [&str; 3] = ["index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"];
/// What stands in the host of a private registry of AWS between the account and the region.
///
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html>
const ECR: &str = ".dkr.ecr.";

/// The entry of a list of registries that means repositories which the scanned Terraform creates.
pub(crate) const ECR_SELF: &str = "ecr-self";

/// An image that a workload uses.
#[derive(Clone, Copy)]
pub(crate) struct Used<'a> {
    pub(crate) reference: Value<'a, &'a str>,
    /// The container or volume that uses it, and its name.
    user: (Node<'a>, Value<'a, &'a str>),
}

impl<'a> Used<'a> {
    /// What to call the container or the volume in a message.
    pub(crate) fn user(self) -> String {
        let (node, name) = self.user;
        name.read().known().map_or_else(|| node.pointer(), str::to_owned)
    }

    /// The reference for a message, `…` for pieces that are not known.
    pub(crate) fn shown(self) -> String {
        let show = |text: PartialText<'_>| text.pieces().map(|piece| piece.unwrap_or("…")).collect::<String>();
        let all = self.reference.node().alternatives();
        let mut shown: Vec<String> = all.map(|node| node.text().known().map_or_else(|| "…".to_owned(), show)).collect();
        shown.dedup();
        shown.join(", ")
    }

    /// Whether the image is in a private repository of AWS that Terraform names: that the configuration
    /// creates itself, or also one that it looks up.
    pub(crate) fn is_in_ecr_repository(self, looked_up: bool) -> bool {
        let reference = self.reference.node().unknown().and_then(Unknown::begins_with).unwrap_or_default();
        let mut steps = reference.split('.');
        steps.any(|step| step == "aws_ecr_repository")
            && steps.next_back() == Some("repository_url")
            && (looked_up || !reference.split('.').any(|step| step == "data"))
    }

    /// Decides by a test of what is known of the reference. One that is not there violates nothing.
    pub(crate) fn fails_if(self, violates: impl Fn(&Reference) -> Answer) -> Decision<'a> {
        self.reference.fails_if_text(|text| text.map_or(Some(false), |text| violates(&Reference::of(text))))
    }

    /// What holds of the reference, whatever it will be.
    pub(crate) fn agreed<T: PartialEq>(self, read: impl Fn(&Reference) -> T) -> Option<T> {
        self.reference.node().agreed(|node| Some(read(&Reference::of(&node.text().known()?)))).flatten()
    }
}

/// The images of a workload: of its containers, and those that it mounts as volumes. Something else
/// fills in an image that is absent.
pub(crate) fn images<'a>(workload: Workload<'a>, findings: &mut Findings<'_>) -> Vec<Used<'a>> {
    let containers = findings.every(workload.containers()).map(|container: Container<'_>| Used {
        reference: container.image().reference(),
        user: (container.node(), container.name()),
    });
    let volumes = findings
        .every(workload.volumes())
        .map(|volume: Volume<'_>| Used { reference: volume.image().reference(), user: (volume.node(), volume.name()) });
    containers.chain(volumes).filter(|used| !used.reference.node().is_absent()).collect()
}

/// Whether something holds; `None` when it depends on what is not known.
pub(crate) type Answer = Option<bool>;

/// What an image reference says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) name: Name,
    pub(crate) tag: Part,
    pub(crate) digest: Part,
}

/// A tag or a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Absent,
    Known(String),
    /// There is one, and nobody knows which.
    Stated,
    /// Nobody knows whether there is one.
    Unknown,
}

/// Registry and repository, with what runtimes fill in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    Whole(String),
    /// It begins so, with a whole registry; what follows is not known.
    Begins(String),
    /// In a private registry of AWS, of an account or a region that is not known.
    Ecr,
    Unknown,
}

impl Reference {
    pub(crate) fn of(text: &PartialText<'_>) -> Reference {
        let pieces: Vec<Option<&str>> = text.pieces().collect();
        let (digest, at) = digest(text, &pieces);
        let Some((index, name)) = at else {
            let may_be_digest = digest == Part::Unknown;
            return Reference { name: Name::of(&pieces), tag: tag(&pieces, may_be_digest), digest };
        };
        let before = [&pieces[..index], &[Some(name)]].concat();
        Reference { name: Name::of(&before), tag: tag(&before, false), digest }
    }

    /// The digest alone, which is much less work.
    pub(crate) fn digest_of(text: &PartialText<'_>) -> Part {
        digest(text, &text.pieces().collect::<Vec<_>>()).0
    }

    /// Whether registry and repository are one of a list, or below one.
    pub(crate) fn is_below_any(&self, registries: &Strings) -> Answer {
        any(registries.iter().map(|entry| self.name.is_below(entry)))
    }

    /// Whether its registry is one of a list, or a host below one, at whichever port.
    pub(crate) fn is_in_any(&self, registries: &Strings) -> Answer {
        let name = self.name.without_port();
        // Most entries end otherwise, which is found out quickly.
        let may_be_below = |registry: &str| {
            let domain = registry.split('/').next().unwrap_or_default();
            let end = name.registry().map_or(Some(domain), |host| host.get(host.len().checked_sub(domain.len())?..));
            domain.contains('*') || end.is_some_and(|end| end.eq_ignore_ascii_case(domain))
        };
        any(registries.iter().flat_map(|registry| {
            let below = may_be_below(registry).then(|| name.is_below(&format!("*.{registry}")));
            [name.is_below(registry), below.unwrap_or(Some(false))]
        }))
    }

    /// The tag that runtimes pull by; `latest` when there is neither a tag nor a digest.
    pub(crate) fn effective_tag(&self) -> Part {
        match (&self.tag, &self.digest) {
            (Part::Absent, Part::Absent) => Part::Known("latest".to_owned()),
            (Part::Absent, Part::Unknown) => Part::Unknown,
            (tag, _) => tag.clone(),
        }
    }
}

/// Whether one of several answers is yes.
pub(crate) fn any(answers: impl Iterator<Item = Answer>) -> Answer {
    let mut found = Some(false);
    for answer in answers {
        match answer {
            Some(true) => return Some(true),
            Some(false) => {}
            None => found = None,
        }
    }
    found
}

/// The digest, and where it is stated: the index of the piece, and what stands before it there.
fn digest<'t>(text: &PartialText<'_>, pieces: &[Option<&'t str>]) -> (Part, Option<(usize, &'t str)>) {
    let split = |(index, piece): (usize, &Option<&'t str>)| Some((index, piece.as_ref()?.split_once('@')?));
    let Some((index, (name, digest))) = pieces.iter().enumerate().find_map(split) else {
        let may_be_digest = text.whole().is_none() && may_end_digest(text.suffix());
        return (if may_be_digest { Part::Unknown } else { Part::Absent }, None);
    };
    let digest = match digest {
        // Runtimes take nothing but a digest there.
        _ if index + 1 < pieces.len() => Part::Stated,
        "" => Part::Absent,
        digest => Part::Known(digest.to_owned()),
    };
    (digest, Some((index, name)))
}

/// Whether the end of a reference may be the end of a digest: nothing but hexadecimal digits, perhaps
/// behind a colon. Fewer than 32 digits behind a colon are none.
fn may_end_digest(end: &str) -> bool {
    let digits = end.rsplit(':').next().unwrap_or(end);
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    !end.contains('/') && is_hex && (!end.contains(':') || digits.len() >= 32)
}

/// The tag stands behind the last colon that is behind the last slash.
fn tag(pieces: &[Option<&str>], may_be_digest: bool) -> Part {
    let Some(end) = pieces.last().copied().flatten() else {
        return Part::Unknown;
    };
    let last = end.rsplit('/').next().unwrap_or(end);
    match last.rsplit_once(':') {
        Some(_) if may_be_digest => Part::Unknown,
        Some((_, "")) => Part::Absent,
        Some((_, tag)) => Part::Known(tag.to_owned()),
        None if pieces.len() == 1 || end.contains('/') => Part::Absent,
        None => Part::Unknown,
    }
}

impl Name {
    /// Of the pieces of a reference without its digest.
    fn of(pieces: &[Option<&str>]) -> Name {
        let begin = pieces.first().copied().flatten().unwrap_or_default();
        if pieces.len() == 1 && pieces[0].is_some() {
            return Name::Whole(full_name(without_tag(begin)));
        }
        let Some((first, rest)) = begin.split_once('/') else {
            return if has_ecr_host(pieces) { Name::Ecr } else { Name::Unknown };
        };
        // Behind the colon of a repository only a tag can follow.
        if rest.rsplit('/').next().is_some_and(|last| last.contains(':')) {
            return Name::Whole(full_name(without_tag(begin)));
        }
        let host = host(first);
        Name::Begins(match host.as_deref() {
            // `library/` is filled in where one segment is all there is.
            Some(DOCKER_HUB) if !rest.contains('/') => format!("{DOCKER_HUB}/"),
            Some(host) => format!("{host}/{rest}"),
            None => format!("{DOCKER_HUB}/{begin}"),
        })
    }

    /// The registry, when it is known.
    pub(crate) fn registry(&self) -> Option<&str> {
        match self {
            Name::Whole(name) | Name::Begins(name) => name.split('/').next(),
            Name::Ecr | Name::Unknown => None,
        }
    }

    /// The same at the host itself: a port is another door to the same registry.
    fn without_port(&self) -> Name {
        let strip = |name: &str| match name.split_once('/') {
            Some((host, path)) => format!("{}/{path}", split_port(host).0),
            None => name.to_owned(),
        };
        match self {
            Name::Whole(name) => Name::Whole(strip(name)),
            Name::Begins(name) => Name::Begins(strip(name)),
            other => other.clone(),
        }
    }

    /// Whether it is an entry of a list of registries, or below one: a registry alone, or with the
    /// beginning of a path. Segments are compared as wholes; `*` in one stands for any text without a slash.
    fn is_below(&self, entry: &str) -> Answer {
        let entry = entry.trim_matches('/');
        let (first, path) = entry.split_once('/').map_or((entry, None), |(first, path)| (first, Some(path)));
        let host = if first.contains('*') { Some(first.to_ascii_lowercase()) } else { host(first) };
        match (host, path) {
            (Some(host), None) => self.is_at_or_below(&host),
            // An official image, or everything of an organization: both are meant by one word.
            (Some(host), Some(path)) if host == DOCKER_HUB && !path.contains('/') => self.is_of_hub(path),
            (Some(host), Some(path)) => self.is_at_or_below(&format!("{host}/{path}")),
            (None, None) if entry.is_empty() => Some(false),
            (None, None) => self.is_of_hub(entry),
            (None, Some(_)) => self.is_at_or_below(&format!("{DOCKER_HUB}/{entry}")),
        }
    }

    fn is_of_hub(&self, word: &str) -> Answer {
        let all = ["", "library/"].map(|folder| self.is_at_or_below(&format!("{DOCKER_HUB}/{folder}{word}")));
        any(all.into_iter())
    }

    fn is_at_or_below(&self, pattern: &str) -> Answer {
        let (name, is_whole) = match self {
            Name::Whole(name) => (name, true),
            Name::Begins(begin) => (begin, false),
            Name::Ecr => return is_ecr(pattern),
            Name::Unknown => return None,
        };
        let mut segments = name.split('/').peekable();
        for pattern in pattern.split('/') {
            let Some(segment) = segments.next() else {
                return if is_whole { Some(false) } else { None };
            };
            if !is_whole && segments.peek().is_none() {
                // What begins so may go on in any way.
                let fixed = pattern.split('*').next().unwrap_or_default();
                let is_open = pattern.contains('*') && segment.starts_with(fixed) || pattern.starts_with(segment);
                return if is_open { None } else { Some(false) };
            }
            if !wildcard::matches(pattern, segment) {
                return Some(false);
            }
        }
        Some(true)
    }
}

/// Whether a pattern is of a private registry of AWS whose account and region are not known.
fn is_ecr(pattern: &str) -> Answer {
    let (host, path) = pattern.split_once('/').map_or((pattern, None), |(host, path)| (host, Some(path)));
    let end = host.rsplit('*').next().unwrap_or(host);
    match (host, path) {
        ("*", None) => Some(true),
        _ if host.contains(ECR) => None,
        _ if host.contains('*')
            && [".amazonaws.com", ".amazonaws.com.cn"].iter().any(|domain| domain.ends_with(end)) =>
        {
            None
        }
        _ => Some(false),
    }
}

/// Whether the host, of which only pieces are known, is that of a private registry of AWS: templates of
/// every sort put account and region into it, and only an account can stand before its fixed part.
fn has_ecr_host(pieces: &[Option<&str>]) -> bool {
    for piece in pieces.iter().copied().flatten() {
        let (head, is_whole) = piece.split_once('/').map_or((piece, true), |(head, _)| (head, false));
        if head.contains(ECR) {
            return true;
        }
        if !is_whole {
            return false;
        }
    }
    false
}

fn without_tag(name: &str) -> &str {
    let last = name.rfind('/').map_or(0, |slash| slash + 1);
    name[last..].rfind(':').map_or(name, |colon| &name[..last + colon])
}

/// A name with the registry and the `library/` that runtimes fill in.
fn full_name(name: &str) -> String {
    let (registry, path) = match name.split_once('/').map(|(first, path)| (host(first), path)) {
        Some((Some(host), path)) => (host, path),
        _ => (DOCKER_HUB.to_owned(), name),
    };
    let library = if registry == DOCKER_HUB && !path.contains('/') { "library/" } else { "" };
    // Every image passes here, and joining is cheaper than formatting.
    [&*registry, "/", library, path].concat()
}

/// A host and its port. The address of IPv6 has colons of its own, within brackets.
fn split_port(host: &str) -> (&str, Option<&str>) {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, Some(port)),
        _ => (host, None),
    }
}

/// The host that a first segment is; `None` when it is a part of the path. The port that everybody uses, and
/// the dot that ends a whole name of DNS, make no other host.
fn host(segment: &str) -> Option<String> {
    let is_host = segment.contains(['.', ':']) || segment == "localhost" || segment.chars().any(char::is_uppercase);
    if !is_host {
        return None;
    }
    let (name, port) = split_port(segment);
    let mut name = name.trim_end_matches('.').to_ascii_lowercase();
    if let Some(port) = port.filter(|port| *port != "443") {
        name = format!("{name}:{port}");
    }
    Some(if DOCKER_HUB_HOSTS.contains(&name.as_str()) { DOCKER_HUB.to_owned() } else { name })
}

#[cfg(test)]
mod tests {
    use verdikt_sdk::{Strings, Tape};

    use super::*;

    /// `pieces` as JSON: a string, or a list of pieces.
    fn reference(pieces: &str) -> Reference {
        let text = if pieces.ends_with(']') {
            format!(r#"{{"$unknown": "w", "$parts": {pieces}}}"#)
        } else {
            format!("{pieces:?}")
        };
        let tape = Tape::parse(text).expect("JSON");
        Reference::of(&tape.root().text().known().expect("a text"))
    }

    fn known(text: &str) -> Part {
        Part::Known(text.to_owned())
    }

    #[test]
    fn whole_references() {
        for (text, name, tag, digest) in [
            ("web", "docker.io/library/web", Part::Absent, Part::Absent),
            ("web:", "docker.io/library/web", Part::Absent, Part::Absent),
            ("web:1.4", "docker.io/library/web", known("1.4"), Part::Absent),
            ("shop/web:1", "docker.io/shop/web", known("1"), Part::Absent),
            ("index.docker.io/web", "docker.io/library/web", Part::Absent, Part::Absent),
            ("registry-1.docker.io/a/b", "docker.io/a/b", Part::Absent, Part::Absent),
            ("localhost:5000/web", "localhost:5000/web", Part::Absent, Part::Absent),
            ("R.example/a/b:1@sha256:ab", "r.example/a/b", known("1"), known("sha256:ab")),
            ("web@sha256:ab", "docker.io/library/web", Part::Absent, known("sha256:ab")),
            ("web@", "docker.io/library/web", Part::Absent, Part::Absent),
            ("", "docker.io/library/", Part::Absent, Part::Absent),
        ] {
            assert_eq!(reference(text), Reference { name: Name::Whole(name.to_owned()), tag, digest }, "{text}");
        }
    }

    #[test]
    fn references_known_in_pieces() {
        let whole = |name: &str| Name::Whole(name.to_owned());
        let begins = |name: &str| Name::Begins(name.to_owned());
        for (pieces, name, tag, digest) in [
            (r#"["web:", null]"#, Name::Unknown, Part::Unknown, Part::Unknown),
            (r#"[null, ":latest"]"#, Name::Unknown, known("latest"), Part::Absent),
            (r#"[null, "/web"]"#, Name::Unknown, Part::Absent, Part::Absent),
            (r#"[null, "web"]"#, Name::Unknown, Part::Unknown, Part::Absent),
            (r#"[null, "abc"]"#, Name::Unknown, Part::Unknown, Part::Unknown),
            (r#"["r.example/shop/", null, ":1"]"#, begins("r.example/shop/"), known("1"), Part::Absent),
            (r#"["r.example/shop/web:", null]"#, whole("r.example/shop/web"), Part::Unknown, Part::Unknown),
            (r#"["shop/web:", null, "-x"]"#, whole("docker.io/shop/web"), Part::Unknown, Part::Absent),
            (r#"["shop/we", null]"#, begins("docker.io/shop/we"), Part::Unknown, Part::Unknown),
            (r#"["docker.io/we", null]"#, begins("docker.io/"), Part::Unknown, Part::Unknown),
            (r#"["web@sha256:", null]"#, whole("docker.io/library/web"), Part::Absent, Part::Stated),
            (r#"["web@", null]"#, whole("docker.io/library/web"), Part::Absent, Part::Stated),
            (r#"["web:1@sha256:", null]"#, whole("docker.io/library/web"), known("1"), Part::Stated),
            (r#"[null, "@sha256:4f"]"#, Name::Unknown, Part::Unknown, known("sha256:4f")),
            (r#"[null, ":1@sha256:", null]"#, Name::Unknown, known("1"), Part::Stated),
            (r#"[null, ":4f53cda18c2baa0c0354bb5f9a3ecbe5"]"#, Name::Unknown, Part::Unknown, Part::Unknown),
            (r#"[null, ".dkr.ecr.", null, ".amazonaws.com/web:1"]"#, Name::Ecr, known("1"), Part::Absent),
            (r#"["1.dkr.ecr.", null, ".amazonaws.com/web"]"#, Name::Ecr, Part::Absent, Part::Absent),
            (r#"[null, "/a.dkr.ecr.", null]"#, Name::Unknown, Part::Unknown, Part::Unknown),
            ("[]", Name::Unknown, Part::Unknown, Part::Unknown),
        ] {
            assert_eq!(reference(pieces), Reference { name, tag, digest }, "{pieces}");
        }
    }

    #[test]
    fn registries_are_prefixes_that_end_at_a_slash() {
        const YES: Answer = Some(true);
        const NO: Answer = Some(false);
        for (text, entry, expected) in [
            ("r.example/shop/web:1", "r.example", YES),
            ("r.example/shop/web:1", "r.example/", YES),
            ("r.example/shop/web:1", "r.example/*", YES),
            ("r.example/shop/web:1", "R.EXAMPLE/shop", YES),
            ("r.example/shop/web:1", "r.example/shop/web", YES),
            ("r.example/shop/web:1", "r.example/sho", NO),
            ("r.example/shop/web:1", "example/shop", NO),
            ("r.example:5000/shop/web:1", "r.example", NO),
            ("r.example.org/web", "r.example", NO),
            ("a.r.example/web", "*.r.example", YES),
            ("r.example/web", "*.r.example", NO),
            ("a.r.example/shop/web", "*.r.example/shop", YES),
            ("a.r.example/web", "*.r.example/shop", NO),
            ("nginx", "docker.io", YES),
            ("nginx", "index.docker.io", YES),
            ("nginx", "docker.io/library", YES),
            ("nginx", "docker.io/nginx", YES),
            ("nginx", "nginx", YES),
            ("bitnami/redis", "docker.io/bitnami", YES),
            ("bitnami/redis", "bitnami", YES),
            ("bitnami/redis", "docker.io/redis", NO),
            ("r.example/team-a/web", "r.example/team-*", YES),
            ("r.example/teamevil/web", "r.example/team", NO),
            ("r.example/shop/team-a/web", "r.example/team-*", NO),
            ("r.example/shop/web", "r.example/*/web", YES),
            ("r.example/web", "r.example/*/web", NO),
            ("evilr.example/web", "*.r.example", NO),
            ("r.example.evil/web", "*.r.example", NO),
            ("r.example/web", "*", YES),
            ("nginx", "*", YES),
            ("nginx", "", NO),
            ("nginx", "/", NO),
            ("r.example:443/web", "r.example", YES),
            ("r.example/web", "r.example:443", YES),
            ("r.example./web", "r.example", YES),
            ("r.example:5000/web", "r.example:5000", YES),
            ("r.example:5000/web", "r.example:50", NO),
            ("[fd00::1]:5000/web", "[fd00::1]:5000", YES),
            ("[fd00::1]:5000/web", "[fd00::1]", NO),
            ("[fd00::1]:443/web", "[fd00::1]", YES),
            ("localhost/web", "docker.io", NO),
            ("registry.hub.docker.com:443/nginx", "docker.io", YES),
            (r#"["r.example/team-", null]"#, "r.example/team-*", None),
            (r#"["r.example/te", null]"#, "r.example/team-*", None),
            (r#"["r.example/shop", null]"#, "r.example/team-*", NO),
            (r#"["r.example/team-a/", null]"#, "r.example/team-*", YES),
            (r#"["r.example/", null]"#, "r.example", YES),
            (r#"["r.example/", null]"#, "r.example/shop", None),
            (r#"["r.example/shop", null]"#, "r.example/shop", None),
            (r#"["r.example/shop-", null]"#, "r.example/shop", NO),
            (r#"["r.example/shop/", null]"#, "r.example/shop", YES),
            (r#"["r.example/", null]"#, "docker.io", NO),
            (r#"[null, "/web"]"#, "docker.io", None),
            (r#"[null, ".dkr.ecr.", null, ".amazonaws.com/web"]"#, "docker.io", NO),
            (r#"[null, ".dkr.ecr.", null, ".amazonaws.com/web"]"#, "1.dkr.ecr.eu-central-1.amazonaws.com", None),
            (r#"[null, ".dkr.ecr.", null, ".amazonaws.com/web"]"#, "*.amazonaws.com", None),
        ] {
            assert_eq!(reference(text).is_below_any(&Strings::from([entry])), expected, "{text} {entry}");
        }
        assert_eq!(reference("a.example/x").is_below_any(&Strings::default()), NO);
        for (text, expected) in [
            ("docker.io:443/nginx", YES),
            ("DOCKER.IO/nginx", YES),
            ("nginx", YES),
            ("gcr.io:8443/a/b", YES),
            ("mirror.gcr.io/library/nginx", YES),
            ("gcr.io./a/b", YES),
            ("notgcr.io/a/b", NO),
            ("gcr.io.example/a/b", NO),
            ("xn--gcr-io.example/a/b", NO),
            ("localhost:5000/nginx", NO),
            ("[::1]:5000/nginx", NO),
        ] {
            assert_eq!(reference(text).is_in_any(&Strings::from(["docker.io", "gcr.io"])), expected, "{text}");
        }
    }
}
