//! What rules read of resources of Terraform, whose arguments have the types that its providers give them.

use verdikt_sdk::{Decision, Field, Node};

/// Decides a boolean argument. Terraform takes texts for booleans too.
///
/// <https://developer.hashicorp.com/terraform/language/expressions/types#type-conversion>
pub(crate) fn is_true(argument: Node<'_>) -> Decision<'_> {
    argument.decide(|argument| match (argument.bool(), argument.str()) {
        (Field::Known(value), _) => Decision::when(value),
        (_, Field::Known(text)) if matches!(text, "true" | "false" | "1" | "0") => {
            Decision::when(matches!(text, "true" | "1"))
        }
        (Field::Absent, _) => Decision::Pass,
        (Field::Unknown(unknown), _) => Decision::Unknown(unknown),
    })
}
