//! IM-007: images are not based on withdrawn versions.

use verdikt_sdk::{Finding, Findings, Strings, Workload, rule};

use crate::image::{Answer, Name, Part, Reference, any, images};

rule! {
    /// # Images are not based on withdrawn versions
    ///
    /// What is no longer maintained gets no fixes. Its next hole stays open.
    ///
    /// ## What is checked
    ///
    /// The image of every container, and images that are mounted as volumes, against the patterns of
    /// `deprecated_images`. A pattern stands for registry, repository and tag, as in
    /// `docker.io/library/python:2.7`, and `*` in it for any characters. An image that names no registry is
    /// in `docker.io`; without tag and digest its tag is `latest`; of one that has only a digest every
    /// pattern that ends in `:*` is meant.
    ///
    /// A manifest does not show what an image is based on, and no list of patterns can prove that it is
    /// maintained. So the rule never passes by itself: without a match it asks a person, once a workload.
    ///
    /// ## Fails
    ///
    /// ```yaml
    /// spec:
    ///   containers:
    ///     - name: app
    ///       image: registry.example/base/python:2.7.18
    /// ```
    ///
    /// ```json
    /// {"containerDefinitions": [{"name": "app", "image": "registry.example/base/debian:9"}]}
    /// ```
    ///
    /// ```hcl
    /// resource "aws_ecs_task_definition" "web" {
    ///   family                = "web"
    ///   container_definitions = jsonencode([{ name = "app", image = "centos:7" }])
    /// }
    /// ```
    ///
    /// ## Passes
    ///
    /// Only by what a person answers, such as with a scan or a bill of materials of the image:
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
    /// ## How to fix it
    ///
    /// Move to a base image that is maintained.
    ///
    /// ## References
    ///
    /// - [endoflife.date](https://endoflife.date/)
    /// - [Reference grammar](https://pkg.go.dev/github.com/distribution/reference)
    pub static RULE = {
        id: "IM-007",
        slug: "deprecated-image",
        severity: High,
        targets: ["workload/*"],
        controls: ["bsi-sys-1-6-draft:SYS.1.6.A6" => text],
        extra: { "module": "images" },
        settings: Settings {
            /// Patterns of images that are withdrawn.
            deprecated_images: Strings = ["*/python:2.*", "*/debian:9*", "*/centos:*"],
        },
        texts: {
            "en": {
                title: "Images are not based on withdrawn versions",
                remediation: "Move to a supported base image.",
                messages: {
                    "withdrawn": "Image `{image}` of `{user}` is withdrawn: it matches {patterns}, expected a maintained version.",
                    "ask": "Are all images of the workload based on versions that are still maintained? {images}: none matches the list of withdrawn ones, which does not prove it.",
                },
            },
            "de": {
                title: "Images basieren nicht auf abgekündigten Versionen",
                description: "Abgekündigte Versionen erhalten keine Sicherheitskorrekturen mehr. Geprüft werden die Images aller Container und die als Volume eingebundenen Images gegen die Muster in `deprecated_images`. Passt keines, muss ein Mensch antworten, denn die Liste beweist das Gegenteil nicht.",
                remediation: "Auf ein unterstütztes Basis-Image wechseln.",
                messages: {
                    "withdrawn": "Image `{image}` von `{user}` ist abgekündigt: Es passt zu {patterns}, erwartet wird eine gepflegte Version.",
                    "ask": "Basieren alle Images des Workloads auf Versionen, die noch gepflegt werden? {images}: Keines passt zur Liste der abgekündigten, was das nicht beweist.",
                },
            },
        },
        document: judge,
    };
}

fn judge(workload: Workload<'_>, settings: &Settings, findings: &mut Findings<'_>) {
    let before = findings.len();
    let patterns = || settings.deprecated_images.iter();
    let images = images(workload, findings);
    for used in &images {
        let decision = used.fails_if(|reference| {
            let image = Image::of(reference);
            any(patterns().map(|pattern| image.matches(pattern)))
        });
        findings.settle(decision, || {
            let matching = patterns()
                .filter(|pattern| used.agreed(|reference| Image::of(reference).matches(pattern)) == Some(Some(true)));
            let matching: Vec<_> = matching.map(|pattern| format!("`{pattern}`")).collect();
            let all = || settings.deprecated_images.join(", ");
            Finding::fail(used.reference, "withdrawn")
                .argument("image", used.shown())
                .argument("user", used.user())
                .argument("patterns", if matching.is_empty() { all() } else { matching.join(", ") })
        });
    }
    if findings.len() == before && !images.is_empty() {
        let names: Vec<_> = images.iter().map(|used| ["`", &used.shown(), "`"].concat()).collect();
        findings.add(Finding::manual(workload, "ask").argument("images", names.join(", ")));
    }
}

/// An image as patterns see it: name and tag.
enum Image {
    Whole(String),
    /// Of which not everything is known.
    Pieces {
        pieces: Vec<Piece>,
        /// It has no tag but a digest: that stands for a version, but nobody can compare it with a pattern.
        only_digest: bool,
    },
}

impl Image {
    fn of(reference: &Reference) -> Image {
        let tag = reference.effective_tag();
        if let (Name::Whole(name), Part::Known(tag)) = (&reference.name, &tag) {
            return Image::Whole([name, ":", tag].concat());
        }
        let known = |text: &str| text.chars().map(Piece::Known).collect::<Vec<_>>();
        let mut pieces = match &reference.name {
            Name::Whole(name) => known(name),
            Name::Begins(name) => [known(name), vec![Piece::Any]].concat(),
            Name::Ecr | Name::Unknown => vec![Piece::Any],
        };
        pieces.push(Piece::Known(':'));
        match &tag {
            Part::Known(tag) => pieces.extend(known(tag)),
            Part::Absent | Part::Stated | Part::Unknown => pieces.push(Piece::Tag),
        }
        Image::Pieces { pieces, only_digest: tag == Part::Absent && matches!(reference.name, Name::Whole(_)) }
    }

    /// Whether it matches a pattern.
    fn matches(&self, pattern: &str) -> Answer {
        match self {
            Image::Whole(text) => Some(is_match(text, pattern)),
            Image::Pieces { pieces, only_digest } => {
                // Only `*` can stand for what is not known whatever it will be.
                let certain: Vec<_> =
                    pieces.iter().map(|piece| if piece.is_known() { *piece } else { NOTHING }).collect();
                let certain = can_match(&certain, pattern);
                if certain || *only_digest || !can_match(pieces, pattern) { Some(certain) } else { None }
            }
        }
    }
}

/// Whether a text that is known matches a pattern.
fn is_match(text: &str, pattern: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return text == pattern };
    let (between, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    let middle = text.strip_prefix(first).and_then(|rest| rest.strip_suffix(last));
    // The first place where a piece fits leaves the most for the others.
    let mut pieces = between.split('*');
    middle.and_then(|rest| pieces.try_fold(rest, |rest, piece| rest.split_once(piece).map(|(_, rest)| rest))).is_some()
}

/// A character of an image, or a piece of any length that is not known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Piece {
    Known(char),
    Any,
    /// Of a tag, which has neither a slash nor a colon.
    Tag,
}

/// A character that is in no pattern.
const NOTHING: Piece = Piece::Known('\0');

impl Piece {
    fn is_known(self) -> bool {
        matches!(self, Piece::Known(_))
    }

    fn can_have(self, wanted: char) -> bool {
        match self {
            Piece::Known(found) => found == wanted,
            Piece::Any => true,
            Piece::Tag => !matches!(wanted, '/' | ':'),
        }
    }
}

/// Whether a text matches a pattern for some value of what is not known of it.
fn can_match(text: &[Piece], pattern: &str) -> bool {
    // reached[i]: whether the pattern up to here can stand for the first i pieces.
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    skip_unknown(text, &mut reached);
    for wanted in pattern.chars() {
        let mut next = vec![false; text.len() + 1];
        if wanted == '*' {
            let mut open = false;
            for (at, next) in next.iter_mut().enumerate() {
                open |= reached[at];
                *next = open;
            }
        } else {
            for (at, piece) in text.iter().enumerate().filter(|(at, piece)| reached[*at] && piece.can_have(wanted)) {
                // A piece that is not known can go on.
                next[if piece.is_known() { at + 1 } else { at }] = true;
            }
        }
        skip_unknown(text, &mut next);
        reached = next;
    }
    reached[text.len()]
}

/// A piece that is not known may be empty, or end here.
fn skip_unknown(text: &[Piece], reached: &mut [bool]) {
    for (at, piece) in text.iter().enumerate() {
        if !piece.is_known() && reached[at] {
            reached[at + 1] = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use verdikt_sdk::Tape;

    use super::*;

    #[test]
    fn patterns_of_references_that_are_known_in_part() {
        const YES: Answer = Some(true);
        const NO: Answer = Some(false);
        for (pieces, pattern, expected) in [
            (r#""a.example/python:2.7""#, "*/python:2.*", YES),
            (r#""python:2.7""#, "*/python:2.*", YES),
            (r#""python:2.7@sha256:ab""#, "*/python:2.*", YES),
            (r#""python:27""#, "*/python:2.*", NO),
            (r#""python:3.2.1""#, "*/python:2.*", NO),
            (r#""a/notpython:2.7""#, "*/python:2.*", NO),
            (r#""centos""#, "*/centos:*", YES),
            (r#""centos""#, "*/centos:latest", YES),
            (r#""centos@sha256:ab""#, "*/centos:*", YES),
            (r#""python@sha256:ab""#, "*/python:2.*", NO),
            (r#""a/b:1""#, "docker.io/a/b:1", YES),
            (r#""a/b:1""#, "", NO),
            (r#"["python:", null]"#, "*/python:2.*", None),
            (r#"["a/python:", null]"#, "*/python:*", YES),
            (r#"["a/python:", null]"#, "*/python:2.*", None),
            (r#"["a/ruby:", null]"#, "*/python:*", NO),
            (r#"[null, "/python:2.7"]"#, "*/python:2.*", None),
            (r#"[null, "/b:3"]"#, "*/python:3", None),
            (r#"[null, ":2.7"]"#, "*/python:2.*", None),
            (r#"[null, ":2.7"]"#, "*:2.*", YES),
        ] {
            let text = if pieces.starts_with('[') {
                format!(r#"{{"$unknown": "w", "$parts": {pieces}}}"#)
            } else {
                pieces.to_owned()
            };
            let tape = Tape::parse(text).expect("JSON");
            let image = Reference::of(&tape.root().text().known().expect("a text"));
            assert_eq!(Image::of(&image).matches(pattern), expected, "{pieces} {pattern}");
        }
    }

    #[test]
    fn what_is_known_matches_as_what_is_known_in_part() {
        let texts = ["", "a", "ab", "aab", "abab", "b:a", "ä:b", "aa"];
        for pattern in ["", "*", "**", "a", "a*", "*a", "*b", "a*b", "*a*", "a*a", "*ab*ab*", "ä:*", "aa*aa", "*:*a"] {
            for text in texts {
                let pieces: Vec<Piece> = text.chars().map(Piece::Known).collect();
                assert_eq!(is_match(text, pattern), can_match(&pieces, pattern), "{text} {pattern}");
            }
        }
    }
}
