//! What a policy is about: lists of kinds, and rules of resources.

use verdikt_rules_shared::wildcard;
use verdikt_sdk::{List, Node};

use crate::admission::Target;
use crate::admission::reach::Reach;
use crate::answer::Answer;
use crate::workloads::{Group, Kind};

/// Whether a list of strings is stated and has one of these.
pub(crate) fn has_one<'a>(list: Node<'a>, wanted: &[&str]) -> Answer {
    Answer::any(list.list(), |item| {
        Answer::of(item, |item: Option<&str>| item.is_some_and(|item| wanted.contains(&item)))
    })
}

/// Whether one of these members is stated and not empty.
pub(super) fn has_members(object: Node<'_>, members: &[&str]) -> Answer {
    members.iter().map(|member| Answer::has_content(object.get(member))).fold(Answer::No, Answer::or)
}

/// Something that leaves out some of what it is asked about: nobody knows whether that is among them.
pub(super) fn unless_some(leaves_out_some: Answer) -> Answer {
    if leaves_out_some == Answer::No { Answer::Yes } else { Answer::Maybe }
}

/// Whether a list of groups has the one of a kind.
pub(super) fn has_group<'a>(groups: List<'a, Node<'a>>, kind: Kind<'_>) -> Answer {
    Answer::any(groups, |group| {
        let is_any = Answer::of(group, |group: Option<&str>| group == Some("*"));
        is_any.or(match kind.group {
            Group::Known(own) => Answer::of(group, |group: Option<&str>| group == Some(own)),
            Group::Unknown => Answer::Maybe,
        })
    })
}

/// Whether `MatchResources` of Kubernetes, as bindings, their policies and Kyverno's CEL policies have it,
/// covers what is created with a workload. `unruled` holds of resources without rules.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/validating-admission-policy-binding-v1/>
pub(crate) fn resources_cover<'a>(resources: Node<'a>, target: &Target<'a>, unruled: Answer) -> Reach<'a> {
    let (selector, objects) = (resources.get("namespaceSelector"), resources.get("objectSelector"));
    let (rules, excluded) = (resources.get("resourceRules"), resources.get("excludeResourceRules"));
    // Pods that a controller makes need not have its labels.
    let all_objects = unless_some(has_members(objects, &["matchLabels", "matchExpressions"]));
    let covers = Reach::any(target.kind.chain().map(|kind| {
        let matched = Answer::any(rules.list(), |rule| rule_covers(rule, kind));
        let matched = Answer::has_any(rules.list()).choose(matched, unruled);
        let left_in = Answer::any(excluded.list(), |rule| rule_covers(rule, kind)).not();
        Reach::by(rules, matched).and(Reach::by(excluded, left_in))
    }));
    covers.and(Reach::by(selector, target.namespace.is_selected(selector))).and(Reach::by(objects, all_objects))
}

/// Whether a rule of resources is about the creation of all objects of a kind.
///
/// <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-rules>
fn rule_covers(rule: Node<'_>, kind: Kind<'_>) -> Answer {
    let resources = rule.get("resources");
    let by_name = match kind.resource() {
        Some(resource) => has_one(resources, &["*", "*/*", resource]),
        None => has_one(resources, &["*", "*/*"]).or(Answer::has_any(resources.list()).and(Answer::Maybe)),
    };
    // The API server asks about equivalent versions as well, unless it is told not to.
    let of_version = has_one(rule.get("apiVersions"), &["*", "v1"]).or(Answer::Maybe);
    by_name
        .and(has_group(rule.get("apiGroups").list(), kind))
        .and(has_one(rule.get("operations"), &["*", "CREATE"]))
        .and(Answer::of(rule.get("scope"), |scope: Option<&str>| scope != Some("Cluster")))
        .and(of_version)
        .and(unless_some(Answer::has_any(rule.get("resourceNames").list())))
}

/// Whether a list of Kyverno's patterns has one of a kind. No list is about all kinds.
///
/// `ParseKindSelector` in <https://github.com/kyverno/kyverno/blob/main/pkg/utils/kube/kind.go>
pub(super) fn kyverno_kinds_have<'a>(kinds: List<'a, Node<'a>>, kind: Kind<'_>) -> Answer {
    let has_one = Answer::any(kinds, |pattern| {
        let of_text = |pattern: Node<'_>| Some(kyverno_kind_is(pattern.str().known()?, kind));
        pattern.agreed(of_text).flatten().unwrap_or(Answer::Maybe)
    });
    Answer::has_any(kinds).choose(has_one, Answer::Yes)
}

/// `kind`, `version/kind` or `group/version/kind`, each with a subresource behind it or without.
fn kyverno_kind_is(pattern: &str, kind: Kind<'_>) -> Answer {
    let (before, last) = pattern.rsplit_once('/').map_or((None, pattern), |(before, last)| (Some(before), last));
    let parts: Vec<&str> = before.into_iter().flat_map(|before| before.split('/')).chain(last.split('.')).collect();
    let (group, version, name, subresource) = match parts[..] {
        [name] => ("*", "*", name, ""),
        ["*", subresource] if subresource.to_lowercase() == subresource => ("*", "*", "*", subresource),
        [version, name] if is_version(version) => ("*", version, name, ""),
        [name, subresource] => ("*", "*", name, subresource),
        [version, name, subresource] if is_version(version) => ("*", version, name, subresource),
        [group, version, name] => (group, version, name, ""),
        [group, version, name, subresource] => (group, version, name, subresource),
        _ => return Answer::No,
    };
    let of_group = match kind.group {
        Group::Known(own) => Answer::when(wildcard::matches(group, own)),
        Group::Unknown if group == "*" => Answer::Yes,
        Group::Unknown => Answer::Maybe,
    };
    // Objects may be of other versions, too.
    let of_version = if wildcard::matches(version, "v1") { Answer::Yes } else { Answer::Maybe };
    Answer::when(wildcard::matches(name, kind.name) && matches!(subresource, "" | "*")).and(of_group).and(of_version)
}

/// `*`, `v1`, `v1beta1`.
fn is_version(text: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut numbers = text.strip_prefix('v').into_iter().flat_map(|rest| {
        let (major, stage) = rest.split_once("alpha").or_else(|| rest.split_once("beta")).unwrap_or((rest, "1"));
        [major, stage]
    });
    text == "*" || (text.starts_with('v') && numbers.all(is_number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_as_kyverno_writes_them() {
        let deployment = Kind { name: "Deployment", group: Group::Known("apps") };
        for (pattern, pod, of_deployment) in [
            ("Pod", Answer::Yes, Answer::No),
            ("v1/Pod", Answer::Yes, Answer::No),
            ("*/Pod", Answer::Yes, Answer::No),
            ("v1beta1/Pod", Answer::Maybe, Answer::No),
            ("v1beta/Pod", Answer::No, Answer::No),
            ("*/exec", Answer::No, Answer::No),
            ("Pod.exec", Answer::No, Answer::No),
            ("Pod/exec", Answer::No, Answer::No),
            ("v1/Pod/exec", Answer::No, Answer::No),
            ("Pod/*", Answer::Yes, Answer::No),
            ("P*", Answer::Yes, Answer::No),
            ("*", Answer::Yes, Answer::Yes),
            ("*/*", Answer::Yes, Answer::Yes),
            ("apps/v1/Deployment", Answer::No, Answer::Yes),
            ("apps/*/Deployment", Answer::No, Answer::Yes),
            ("apps/v1/Deployment/scale", Answer::No, Answer::No),
            ("apps/v1beta1/Deployment", Answer::No, Answer::Maybe),
            ("batch/v1/Deployment", Answer::No, Answer::No),
            ("*/*/*", Answer::Yes, Answer::Yes),
            ("", Answer::No, Answer::No),
            ("a/b/c/d/e", Answer::No, Answer::No),
        ] {
            let found = [Kind::POD, deployment].map(|kind| kyverno_kind_is(pattern, kind));
            assert_eq!(found, [pod, of_deployment], "{pattern}");
        }
        let open = Kind { name: "Rollout", group: Group::Unknown };
        assert_eq!(kyverno_kind_is("argoproj.io/*/Rollout", open), Answer::Maybe);
        assert_eq!(kyverno_kind_is("Rollout", open), Answer::Yes);
    }
}
