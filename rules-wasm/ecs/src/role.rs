//! Roles as task definitions name them: by name, by ARN, or by a reference to what creates them.

use verdikt_sdk::{Decision, Field, Node, PartialText, Unknown};

/// A role that a field names.
#[derive(Clone, Debug)]
pub(crate) enum Role<'a> {
    /// Nothing is stated, or nothing but an empty text.
    Absent,
    /// Name or ARN.
    Named(&'a str),
    /// Name or ARN, known in pieces.
    InPieces(PartialText<'a>, Unknown<'a>),
    /// What this resource creates: an address of Terraform, or a logical id of CloudFormation.
    Created(Resource<'a>, Unknown<'a>),
    /// Whatever this refers to.
    Referred(&'a str, Unknown<'a>),
    Unknown(Unknown<'a>),
}

/// The resource that creates a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource<'a> {
    Terraform(&'a str),
    CloudFormation(&'a str),
}

impl<'a> Role<'a> {
    /// Reads one of the alternatives of a field.
    pub(crate) fn of(node: Node<'a>) -> Role<'a> {
        let unknown = match node.str() {
            Field::Known("") | Field::Absent => return Role::Absent,
            Field::Known(name) => return Role::Named(name),
            Field::Unknown(unknown) => unknown,
        };
        match (node.text(), unknown.reference()) {
            (Field::Known(text), _) => Role::InPieces(text, unknown),
            (_, Some(reference)) => match creator(reference) {
                Some(resource) => Role::Created(resource, unknown),
                None => Role::Referred(reference, unknown),
            },
            _ => Role::Unknown(unknown),
        }
    }

    /// As a message names it.
    pub(crate) fn shown(&self) -> String {
        match self {
            Role::Named(name) => format!("`{name}`"),
            Role::InPieces(text, _) => {
                let pieces: String = text.pieces().map(|piece| piece.unwrap_or("…")).collect();
                format!("`{pieces}`")
            }
            Role::Created(Resource::Terraform(resource) | Resource::CloudFormation(resource), _) => {
                format!("`{resource}`")
            }
            Role::Referred(reference, _) => format!("`{reference}`"),
            Role::Absent | Role::Unknown(_) => "`…`".to_owned(),
        }
    }

    /// Fails when both are the same role.
    pub(crate) fn is_same(&self, other: &Role<'a>) -> Decision<'a> {
        let same = match (self, other) {
            (Role::Absent, _) | (_, Role::Absent) => Some(false),
            (Role::Named(one), Role::Named(other)) => Some(is_same_name(one, other)),
            (Role::Created(one, _), Role::Created(other, _)) => Some(one == other),
            (Role::Referred(one, _), Role::Referred(other, _)) if one == other => Some(true),
            (Role::Named(name), Role::InPieces(text, _)) | (Role::InPieces(text, _), Role::Named(name)) => {
                if_different(differ(name, name, text.prefix(), text.suffix()))
            }
            (Role::InPieces(one, _), Role::InPieces(other, _)) => {
                if_different(differ(one.prefix(), one.suffix(), other.prefix(), other.suffix()))
            }
            _ => None,
        };
        let unknown = self.unknown().or(other.unknown());
        match (same, unknown) {
            (Some(same), _) => Decision::when(same),
            (None, Some(unknown)) => Decision::Unknown(unknown),
            // Two names are always compared.
            (None, None) => Decision::Fail,
        }
    }

    fn unknown(&self) -> Option<Unknown<'a>> {
        match self {
            Role::Absent | Role::Named(_) => None,
            Role::InPieces(_, unknown)
            | Role::Created(_, unknown)
            | Role::Referred(_, unknown)
            | Role::Unknown(unknown) => Some(*unknown),
        }
    }
}

fn if_different(different: bool) -> Option<bool> {
    different.then_some(false)
}

/// A name stands for the role of that name in the account of the task; an ARN has the name at its end,
/// behind a path.
///
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html>
fn is_same_name(one: &str, other: &str) -> bool {
    let name = |text: &'_ str| text.rsplit_once('/').map_or_else(|| text.to_owned(), |(_, name)| name.to_owned());
    match (one.starts_with("arn:"), other.starts_with("arn:")) {
        (true, false) => name(one) == other,
        (false, true) => name(other) == one,
        _ => one == other,
    }
}

/// Whether two texts of which beginning and end are known certainly name different roles.
fn differ(prefix: &str, suffix: &str, other_prefix: &str, other_suffix: &str) -> bool {
    let ends_differ = !suffix.ends_with(other_suffix) && !other_suffix.ends_with(suffix);
    let are_arns = prefix.starts_with("arn:") && other_prefix.starts_with("arn:");
    let begin_differently = !prefix.starts_with(other_prefix) && !other_prefix.starts_with(prefix);
    ends_differ || (are_arns && begin_differently)
}

/// The resource that a reference is about, when that is one that creates a role: `aws_iam_role.web.arn`,
/// `module.a.aws_iam_role.web[0].arn`, or an attribute `Arn` of a template's resource. Data sources and
/// outputs of modules may be the same role under two names.
fn creator(reference: &str) -> Option<Resource<'_>> {
    if let Some(id) = reference.strip_suffix(".Arn") {
        return (!id.contains('.')).then_some(Resource::CloudFormation(id));
    }
    let mut rest = reference;
    while let Some(call) = rest.strip_prefix("module.") {
        rest = &call[segment(call)?..];
        rest = rest.strip_prefix('.')?;
    }
    let name = rest.strip_prefix("aws_iam_role.")?;
    let attribute = match segment(name) {
        None => return Some(Resource::Terraform(reference)),
        Some(end) => &name[end..],
    };
    matches!(attribute, ".arn" | ".id" | ".name")
        .then(|| Resource::Terraform(&reference[..reference.len() - attribute.len()]))
}

/// Where the first segment of a reference ends: at a dot outside of an index.
fn segment(reference: &str) -> Option<usize> {
    let mut depth = 0_u32;
    let mut quoted = false;
    for (at, byte) in reference.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'[' if !quoted => depth += 1,
            b']' if !quoted => depth = depth.saturating_sub(1),
            b'.' if !quoted && depth == 0 => return Some(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Resource, creator, differ, is_same_name};

    #[test]
    fn references_to_roles() {
        for (reference, resource) in [
            ("aws_iam_role.web.arn", Some(Resource::Terraform("aws_iam_role.web"))),
            ("aws_iam_role.web", Some(Resource::Terraform("aws_iam_role.web"))),
            ("aws_iam_role.web[0].arn", Some(Resource::Terraform("aws_iam_role.web[0]"))),
            (r#"aws_iam_role.web["a.b"].name"#, Some(Resource::Terraform(r#"aws_iam_role.web["a.b"]"#))),
            (
                r#"module.m["x.y"].aws_iam_role.web.id"#,
                Some(Resource::Terraform(r#"module.m["x.y"].aws_iam_role.web"#)),
            ),
            ("aws_iam_role.web.tags_all", None),
            ("data.aws_iam_role.web.arn", None),
            ("module.roles.web_arn", None),
            ("module.roles", None),
            ("var.role", None),
            ("Role.Arn", Some(Resource::CloudFormation("Role"))),
            ("Role", None),
            ("Nested.Outputs.Arn", None),
        ] {
            assert_eq!(creator(reference), resource, "{reference}");
        }
    }

    #[test]
    fn names_and_arns() {
        for (one, other, same) in [
            ("web", "web", true),
            ("web", "arn:aws:iam::111122223333:role/web", true),
            ("web", "arn:aws:iam::111122223333:role/shop/web", true),
            ("web", "arn:aws:iam::111122223333:role/my-web", false),
            ("arn:aws:iam::111122223333:role/web", "arn:aws:iam::444455556666:role/web", false),
        ] {
            assert_eq!(is_same_name(one, other), same, "{one} {other}");
            assert_eq!(is_same_name(other, one), same, "{other} {one}");
        }
    }

    #[test]
    fn pieces_differ() {
        for (one, other, expected) in [
            (("arn:aws:iam::", ":role/web"), ("arn:aws:iam::", ":role/exec"), true),
            (("arn:aws:iam::", ":role/web"), ("arn:aws:iam::", ":role/web"), false),
            (("arn:aws:iam::", ":role/web"), ("web", "web"), false),
            (("arn:aws:iam::1", ""), ("arn:aws:iam::2", ""), true),
            (("web", ""), ("arn:", ""), false),
        ] {
            assert_eq!(differ(one.0, one.1, other.0, other.1), expected, "{one:?} {other:?}");
        }
    }
}
