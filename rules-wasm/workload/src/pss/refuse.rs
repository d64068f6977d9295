//! How controls state what they refuse.

use verdikt_sdk::{Decision, Field, List, Node, PartialText, Read, Value};

use crate::pss::Judge;

impl<'a> Judge<'a> {
    /// The security context of the pod, before it reaches containers.
    pub(super) fn pod_context(&self) -> Node<'a> {
        self.pod.pod().get("securityContext")
    }

    /// States a value that a test refuses.
    pub(super) fn refuse<T: Read<'a>>(
        &mut self,
        value: Value<'a, T>,
        field: &'static str,
        allowed: &'static [&'static str],
        violates: impl Fn(Option<T>) -> bool,
    ) {
        self.state(value, value.fails_if(violates), field, allowed);
    }

    /// The elements of a list that are certain. Whether there are others may be unknown.
    pub(super) fn every<T: From<Node<'a>> + 'a>(
        &mut self,
        list: List<'a, T>,
        field: &'static str,
    ) -> impl Iterator<Item = T> + use<'a, T> {
        if let Some(unknown) = list.rest() {
            self.state(list, Decision::Unknown(unknown), field, &[]);
        }
        list.known()
    }

    /// States a profile of seccomp or AppArmor that is neither the runtime's nor one of the host.
    pub(super) fn refuse_profile(&mut self, profile: Node<'a>, field: &'static str) {
        self.state(profile.get("type"), profile.decide(|profile| decide_profile(profile, false)), field, PROFILES);
    }

    /// The same, where one has to be stated.
    pub(super) fn require_profile(&mut self, profile: Node<'a>, field: &'static str) {
        self.state(profile.get("type"), profile.decide(|profile| decide_profile(profile, true)), field, PROFILES);
    }

    /// States each annotation with this beginning whose value a test refuses.
    pub(super) fn refuse_annotations(
        &mut self,
        prefix: &str,
        allowed: &'static [&'static str],
        is_bad: impl Fn(&PartialText<'a>) -> Option<bool>,
    ) {
        match self.pod.annotations().members() {
            Field::Absent => {}
            Field::Unknown(unknown) => {
                self.state(self.pod.annotations(), Decision::Unknown(unknown), "metadata.annotations", allowed);
            }
            Field::Known(annotations) => {
                for (key, value) in annotations.filter(|(key, _)| key.starts_with(prefix)) {
                    let value: Value<'a, &'a str> = value.into();
                    let decision = value.fails_if_text(|profile| profile.map_or(Some(false), &is_bad));
                    self.state(value, decision, format!("metadata.annotations[{key}]"), allowed);
                }
            }
        }
    }
}

/// What seccomp and AppArmor may be set to.
const PROFILES: &[&str] = &["RuntimeDefault", "Localhost"];

/// Decides a profile. One that is stated without a type has the empty type, which is none.
fn decide_profile(profile: Node<'_>, required: bool) -> Decision<'_> {
    if profile.is_absent() {
        return Decision::when(required);
    }
    let kind: Value<'_, &str> = profile.get("type").into();
    kind.fails_if(|kind| kind.is_none_or(|kind| !PROFILES.contains(&kind)))
}

/// Whether a text is stated and not empty.
pub(super) fn is_set(text: Option<&PartialText<'_>>) -> Option<bool> {
    text.map_or(Some(false), |text| text.is("").map(|is_empty| !is_empty))
}
