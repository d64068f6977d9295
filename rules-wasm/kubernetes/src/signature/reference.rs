//! An image as engines of policies write it before they compare it with their patterns.

use verdikt_sdk::{Field, Node};

use crate::answer::Answer;

/// The image of a container.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Image<'a> {
    pub(crate) reference: Node<'a>,
}

/// A reference, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Written<'t> {
    host: Option<&'t str>,
    path: &'t str,
    tag: Option<&'t str>,
    digest: Option<&'t str>,
}

impl Image<'_> {
    /// Whether the image passes a test of its text, whichever it will be. `always` says whether any image
    /// passes.
    pub(super) fn passes(self, always: bool, test: impl Fn(&str) -> Answer) -> Answer {
        let all = self.reference.alternatives().map(|node| match node.str() {
            _ if always => Answer::Yes,
            Field::Known(text) => test(text),
            Field::Absent | Field::Unknown(_) => Answer::Maybe,
        });
        all.reduce(Answer::either).unwrap_or(Answer::Maybe)
    }
}

impl<'t> Written<'t> {
    /// <https://pkg.go.dev/github.com/distribution/reference>
    pub(super) fn of(text: &'t str) -> Written<'t> {
        let (name, digest) = text.split_once('@').map_or((text, None), |(name, digest)| (name, Some(digest)));
        let last = name.rfind('/').map_or(0, |slash| slash + 1);
        let (name, tag) = match name[last..].rfind(':') {
            Some(colon) => (&name[..last + colon], Some(&name[last + colon + 1..])),
            None => (name, None),
        };
        let is_host =
            |first: &str| first.contains(['.', ':']) || first == "localhost" || first.chars().any(char::is_uppercase);
        match name.split_once('/') {
            Some((host, path)) if is_host(host) => Written { host: Some(host), path, tag, digest },
            _ => Written { host: None, path: name, tag, digest },
        }
    }

    /// As Kyverno writes it: `docker.io/nginx:latest`, without `library/`, and with a digest without the
    /// tag.
    ///
    /// <https://github.com/kyverno/kyverno/blob/main/pkg/utils/image/infos.go>
    pub(super) fn for_kyverno(&self) -> String {
        let name = format!("{}/{}", self.host.unwrap_or("docker.io"), self.path);
        match self.digest {
            Some(digest) => format!("{name}@{digest}"),
            None => format!("{name}:{}", self.tag.unwrap_or("latest")),
        }
    }

    /// As the policy controller of sigstore writes it: `index.docker.io/library/nginx:latest`, and with a
    /// digest without the tag.
    ///
    /// <https://github.com/sigstore/policy-controller/blob/main/pkg/apis/glob/glob.go>
    pub(super) fn for_sigstore(&self) -> String {
        let host = self.host.filter(|host| *host != "docker.io").unwrap_or("index.docker.io");
        let library = if host == "index.docker.io" && !self.path.contains('/') { "library/" } else { "" };
        let name = format!("{host}/{library}{}", self.path);
        match self.digest {
            Some(digest) => format!("{name}@{digest}"),
            None => format!("{name}:{}", self.tag.unwrap_or("latest")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Written;

    #[test]
    fn references_as_engines_write_them() {
        for (text, kyverno, sigstore) in [
            ("nginx", "docker.io/nginx:latest", "index.docker.io/library/nginx:latest"),
            ("a/b:1", "docker.io/a/b:1", "index.docker.io/a/b:1"),
            ("docker.io/nginx:1", "docker.io/nginx:1", "index.docker.io/library/nginx:1"),
            ("r.example/a/b:1", "r.example/a/b:1", "r.example/a/b:1"),
            ("r.example:5000/a", "r.example:5000/a:latest", "r.example:5000/a:latest"),
            ("r.example/a:1@sha256:ab", "r.example/a@sha256:ab", "r.example/a@sha256:ab"),
        ] {
            let written = Written::of(text);
            assert_eq!((written.for_kyverno().as_str(), written.for_sigstore().as_str()), (kyverno, sigstore));
        }
    }
}
