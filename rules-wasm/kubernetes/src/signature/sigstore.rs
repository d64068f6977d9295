//! The policy controller of sigstore: `ClusterImagePolicy`.
//!
//! <https://docs.sigstore.dev/policy-controller/overview/>

use verdikt_sdk::{List, Node};

use crate::admission::{Reach, Target};
use crate::answer::Answer;
use crate::signature::reference::Written;
use crate::signature::{Demand, Image, Patterns};

/// Namespaces without this label are not looked at.
const INCLUDED: &str = "policy.sigstore.dev/include";

pub(super) fn demand<'a>(spec: Node<'a>, target: &Target<'a>) -> (Patterns<'a>, Demand<'a>) {
    let (conditions, mode, authorities) = (spec.get("match"), spec.get("mode"), spec.get("authorities"));
    let refuses = Answer::of(mode, |mode: Option<&str>| mode != Some("warn"));
    let demand = Demand {
        applies: Reach::by(conditions, covers_pods(conditions)),
        enforces: Reach::by(mode, refuses).and(Reach::by(authorities, asks_for_signatures(authorities))),
        is_labeled: target.namespace.by_label(INCLUDED, Answer::No, |value| Answer::when(value == "true")),
    };
    (Patterns::Sigstore(spec.get("images").list()), demand)
}

pub(super) fn matches_one<'a>(images: List<'a, Node<'a>>, image: &Image<'_>) -> Answer {
    Answer::any(images, |one| {
        let glob = one.get("glob");
        let matches = glob.agreed(|glob| Some(matches_image(glob.str().known()?, image))).flatten();
        Answer::is_stated(glob).and(matches.unwrap_or(Answer::Maybe))
    })
}

/// One authority is enough, and one of them may let everything pass.
fn asks_for_signatures(authorities: Node<'_>) -> Answer {
    let lets_pass = Answer::any(authorities.list(), |authority| {
        Answer::of(authority.path(&["static", "action"]), |action: Option<&str>| action == Some("pass"))
    });
    lets_pass.not()
}

/// Without conditions a policy is about every kind with pods. One that names other kinds leaves pods out
/// that those do not make.
fn covers_pods(conditions: Node<'_>) -> Answer {
    let list = conditions.list();
    let pods = Answer::any(list, |condition| {
        let all = Answer::is_stated(condition.get("selector")).not();
        let pods = Answer::of(condition.get("resource"), |resource: Option<&str>| resource == Some("pods"));
        pods.and(all).or(Answer::Maybe)
    });
    Answer::any(list, Answer::is_stated).choose(pods, Answer::Yes)
}

/// What the pattern is compared with: the reference in full, else as it is written.
fn matches_image(glob: &str, image: &Image<'_>) -> Answer {
    let glob = match glob {
        "*" => "index.docker.io/library/*",
        "*/*" => "index.docker.io/*/*",
        other => other,
    };
    image.passes(glob == "**", |text| {
        let full = Written::of(text).for_sigstore();
        Answer::when(matches(glob, &full) || matches(glob, text))
    })
}

/// `**` stands for anything, `*` for anything without a slash.
fn matches(glob: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    // reached[i]: whether the pattern up to here can stand for the first i characters.
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    let mut rest = glob;
    while let Some(wanted) = rest.chars().next() {
        let (any, length) = if rest.starts_with("**") { (true, 2) } else { (false, wanted.len_utf8()) };
        rest = &rest[length..];
        let mut next = vec![false; text.len() + 1];
        let mut open = false;
        for at in 0..=text.len() {
            if wanted == '*' {
                open = reached[at] || (open && (any || text[at - 1] != '/'));
                next[at] = open;
            } else {
                next[at] = at > 0 && reached[at - 1] && text[at - 1] == wanted;
            }
        }
        reached = next;
    }
    reached[text.len()]
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn globs() {
        for (glob, text, expected) in [
            ("r.example/*", "r.example/a:1", true),
            ("r.example/*", "r.example/a/b:1", false),
            ("r.example/**", "r.example/a/b:1", true),
            ("r.example/*/b:*", "r.example/a/b:1", true),
            ("**", "", true),
            ("**/b:1", "r.example/a/b:1", true),
            ("*b:1", "r.example/a/b:1", false),
            ("r.example/a", "r.example/a:1", false),
            ("", "a", false),
            ("a***", "a/b/c", true),
        ] {
            assert_eq!(matches(glob, text), expected, "{glob} {text}");
        }
    }
}
