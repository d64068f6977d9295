//! How the security context of a pod reaches its containers.
//!
//! Kubernetes resolves field by field: what a container states wins over what the pod states
//! (`DetermineEffectiveSecurityContext` in pkg/securitycontext/util.go of kubernetes/kubernetes, and
//! "Set the security context for a Container" in its documentation). Objects such as
//! `seccompProfile` and `seLinuxOptions` are taken whole; of `windowsOptions` each field is resolved
//! by itself, the two of GMSA together. For AppArmor, the old annotation of a container stands
//! between its field and the pod's (`GetProfile` in pkg/security/apparmor/helpers.go). Annotations for
//! seccomp are not read: Kubernetes 1.27 removed them.

use std::collections::HashMap;

use verdikt_model::{Code, Diagnostic, NodeId, NodeRef, Provenance};

use crate::kubernetes::shapes;
use crate::limits::MOST_REPEATED;
use crate::syntax::grouped;
use crate::workload::{Derivation, Fields, Member, Section, Shape, may_be_absent};

const APP_ARMOR_ANNOTATION: &str = "container.apparmor.security.beta.kubernetes.io/";

/// The members of a pod's security context that containers inherit whole.
const INHERITED: [&str; 7] = [
    "runAsUser",
    "runAsGroup",
    "runAsNonRoot",
    "seccompProfile",
    "appArmorProfile",
    "seLinuxOptions",
    "windowsOptions",
];

/// What the containers of a pod can inherit.
pub(super) struct PodLevel<'a> {
    context: Section<'a>,
    /// The checked copy of the security context.
    raw: Option<NodeId>,
    /// What stands in for inherited values when they are too large to be repeated.
    too_large: Option<NodeId>,
    annotations: Section<'a>,
    /// AppArmor annotations by container.
    app_armor: HashMap<&'a str, NodeRef<'a>>,
}

impl<'a> PodLevel<'a> {
    pub(super) fn new(
        derivation: &mut Derivation<'_>,
        context: Section<'a>,
        raw: Option<NodeId>,
        annotations: Section<'a>,
        containers: usize,
    ) -> Self {
        let app_armor = match annotations {
            Section::Map(map) => {
                map.entries().filter_map(|(key, node)| Some((key.strip_prefix(APP_ARMOR_ANNOTATION)?, node))).collect()
            }
            _ => HashMap::new(),
        };
        let mut pod_level = PodLevel { context, raw, too_large: None, annotations, app_armor };
        if let Section::Map(node) = context {
            let size: usize = INHERITED
                .iter()
                .filter_map(|key| pod_level.member(derivation, key))
                .map(|member| derivation.builder.node(member).to_json().len())
                .sum();
            if size.saturating_mul(containers) > MOST_REPEATED {
                derivation.diagnostics.push(Diagnostic::at(
                    Code::TooManyNodes,
                    node.span(),
                    format!(
                        "This security context of {} bytes would be repeated in {} containers, and {} is the limit of \
                         what is repeated. What containers inherit from it was not judged; make it smaller.",
                        grouped(size),
                        grouped(containers),
                        grouped(MOST_REPEATED)
                    ),
                ));
                pod_level.too_large = Some(derivation.unknown("too large to be repeated in every container", node));
            }
        }
        pod_level
    }

    /// A member of the pod's security context as it was copied, or what it is when the whole is
    /// unknown.
    pub(super) fn member(&self, derivation: &Derivation<'_>, key: &str) -> Option<NodeId> {
        match self.context {
            Section::Absent => None,
            Section::Unknown { leaf, .. } => match self.raw.and_then(|raw| derivation.builder.node(raw).get(key)) {
                Some(known) => (!known.is_null()).then(|| known.id()),
                None => Some(leaf),
            },
            Section::Map(_) => Some(derivation.builder.node(self.raw?).get(key)?.id()),
        }
    }

    fn inheritable(&self, derivation: &Derivation<'_>, key: &str) -> Option<NodeId> {
        let member = self.member(derivation, key)?;
        Some(self.too_large.unwrap_or(member))
    }
}

/// The security context of one container: its own and what it inherits.
pub(super) struct Resolver<'p, 'a> {
    pod: &'p PodLevel<'a>,
    own: Section<'a>,
    /// For the container's `inherited`.
    inherited: Fields,
}

impl<'p, 'a> Resolver<'p, 'a> {
    /// `own` is the container's `securityContext`.
    pub(super) fn new(pod: &'p PodLevel<'a>, own: Section<'a>) -> Self {
        Resolver { pod, own, inherited: Fields::default() }
    }

    /// Puts the security fields of a container, in the order of the schema.
    pub(super) fn put_all(
        mut self,
        derivation: &mut Derivation<'_>,
        out: &mut Fields,
        container: NodeRef<'a>,
        name: Option<&str>,
    ) -> Fields {
        derivation.take(out, "privileged", self.own, "privileged", Shape::Bool);
        let mut user = Fields::default();
        self.resolve(derivation, &mut user, "uid", "user.uid", "runAsUser", Shape::Integer);
        self.resolve(derivation, &mut user, "gid", "user.gid", "runAsGroup", Shape::Integer);
        let states_user = ["runAsUser", "runAsGroup"].iter().any(|key| !matches!(self.own.member(key), Member::Absent));
        let source = if states_user { self.own.node() } else { self.pod.context.node() };
        derivation.put_map(out, "user", user, source.or(Some(container)));
        self.resolve(derivation, out, "runAsNonRoot", "runAsNonRoot", "runAsNonRoot", Shape::Bool);
        derivation.take(out, "allowPrivilegeEscalation", self.own, "allowPrivilegeEscalation", Shape::Bool);
        derivation.take(out, "readOnlyRootFilesystem", self.own, "readOnlyRootFilesystem", Shape::Bool);
        derivation.take(out, "procMount", self.own, "procMount", Shape::Text);
        derivation.take(out, "capabilities", self.own, "capabilities", shapes::CAPABILITIES);
        self.resolve(derivation, out, "seccompProfile", "seccompProfile", "seccompProfile", shapes::PROFILE);
        self.app_armor(derivation, out, name);
        self.resolve(derivation, out, "seLinuxOptions", "seLinuxOptions", "seLinuxOptions", shapes::SE_LINUX);
        self.windows(derivation, out);
        self.inherited
    }

    /// What the container states, else what the pod states. `path` is the field's name in
    /// `inherited`.
    fn resolve(
        &mut self,
        derivation: &mut Derivation<'_>,
        out: &mut Fields,
        to: &str,
        path: &str,
        from: &str,
        shape: Shape,
    ) {
        let pod = self.pod.inheritable(derivation, from);
        match (self.own.member(from), pod) {
            (Member::Absent, Some(value)) => self.inherit(derivation, out, to, path, value),
            (Member::Absent, None) => {}
            (Member::Known { node, .. }, Some(value)) if may_be_absent(node) => {
                let merged =
                    derivation.each_alternative_or(node, value, |derivation, one| derivation.fit(one, shape, from));
                derivation.put(out, to, merged);
            }
            _ => derivation.take(out, to, self.own, from, shape),
        }
    }

    fn inherit(&mut self, derivation: &mut Derivation<'_>, out: &mut Fields, to: &str, path: &str, value: NodeId) {
        let inherited = derivation.inherit(value, "pod level");
        derivation.put(out, to, inherited);
        if let Some(source) = self.pod.context.node() {
            let from = derivation.text("pod", source);
            derivation.put(&mut self.inherited, path, from);
        }
    }

    fn app_armor(&mut self, derivation: &mut Derivation<'_>, out: &mut Fields, name: Option<&str>) {
        const FIELD: &str = "appArmorProfile";
        if !matches!(self.own.member(FIELD), Member::Absent) {
            derivation.take(out, FIELD, self.own, FIELD, shapes::PROFILE);
            return;
        }
        let annotated = match self.pod.annotations {
            Section::Absent => None,
            Section::Unknown { leaf, node } => Some((derivation.unknown_leaf(leaf, node), node)),
            Section::Map(_) => name
                .and_then(|name| self.pod.app_armor.get(name))
                .and_then(|node| Some((annotated_profile(derivation, *node)?, *node))),
        };
        let Some((profile, node)) = annotated else {
            self.resolve(derivation, out, FIELD, FIELD, FIELD, shapes::PROFILE);
            return;
        };
        derivation.builder.add_provenance(profile, Provenance { what: "annotation".into(), span: node.span() });
        derivation.put(out, FIELD, profile);
        let from = derivation.text("annotation", node);
        derivation.put(&mut self.inherited, FIELD, from);
    }

    fn windows(&mut self, derivation: &mut Derivation<'_>, out: &mut Fields) {
        const FIELD: &str = "windowsOptions";
        let pod = self.pod.inheritable(derivation, FIELD);
        // What is wrong with it is said where it is copied.
        let own = derivation.quietly(|derivation| derivation.section(self.own, FIELD));
        let (Some(pod), Section::Map(node)) = (pod, own) else {
            self.resolve(derivation, out, FIELD, FIELD, FIELD, shapes::WINDOWS);
            return;
        };
        let mut fields = Fields::default();
        let states = |key: &str| !matches!(own.member(key), Member::Absent);
        let states_gmsa = states("gmsaCredentialSpecName") || states("gmsaCredentialSpec");
        for (key, shape) in [
            ("gmsaCredentialSpecName", Shape::Text),
            ("gmsaCredentialSpec", Shape::Text),
            ("runAsUserName", Shape::Text),
            ("hostProcess", Shape::Bool),
        ] {
            let is_own = if key.starts_with("gmsa") { states_gmsa } else { states(key) };
            if is_own {
                derivation.take(&mut fields, key, own, key, shape);
                continue;
            }
            let pod_node = derivation.builder.node(pod);
            let value = if pod_node.is_unknown() { Some(pod) } else { pod_node.get(key).map(NodeRef::id) };
            if let Some(value) = value {
                self.inherit(derivation, &mut fields, key, &format!("{FIELD}.{key}"), value);
            }
        }
        let merged = derivation.map(fields, node);
        derivation.put(out, FIELD, merged);
    }
}

/// The profile that an AppArmor annotation means, in the form of the field that replaced it. `None`
/// for a value that names none; the kubelet goes on to the pod's field then.
fn annotated_profile(derivation: &mut Derivation<'_>, node: NodeRef<'_>) -> Option<NodeId> {
    let Some(text) = node.as_str() else {
        // A wrong type was reported with the annotations.
        return Some(derivation.quietly(|derivation| derivation.fit(node, Shape::Text, "annotations")));
    };
    let (kind, localhost) = match text {
        "runtime/default" => ("RuntimeDefault", None),
        "unconfined" => ("Unconfined", None),
        _ => ("Localhost", Some(text.strip_prefix("localhost/")?)),
    };
    let mut fields = Fields::default();
    let kind = derivation.text(kind, node);
    derivation.put(&mut fields, "type", kind);
    if let Some(profile) = localhost {
        let profile = derivation.text(profile, node);
        derivation.put(&mut fields, "localhostProfile", profile);
    }
    Some(derivation.map(fields, node))
}
