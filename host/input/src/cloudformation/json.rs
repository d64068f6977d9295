//! `Fn::ToJsonString`: known values as JSON text.

use verdikt_model::TreeBuilder;

use crate::cloudformation::value::{Data, Value};

/// Writes a value.
///
/// # Errors
/// With the reason why something of it is not known.
pub(super) fn write(value: &Value, out: &mut String) -> Result<(), String> {
    // The recursion is bounded by the depth of values, which the evaluator limits.
    match &value.data {
        Data::Absent | Data::Null => out.push_str("null"),
        Data::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Data::Number(number) => out.push_str(number),
        Data::Text(text) => write_text(text, value, out),
        Data::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out)?;
            }
            out.push(']');
        }
        Data::Map(map) => {
            if let Some(why) = &map.open {
                return Err(why.clone());
            }
            out.push('{');
            for (index, member) in map.members.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_text(&member.key, &member.value, out);
                out.push(':');
                write(&member.value, out)?;
            }
            out.push('}');
        }
        Data::Unknown(unknown) => return Err(unknown.why.clone()),
    }
    Ok(())
}

/// The tree's own writer escapes texts; keys must not pass it as keys, which are escaped for packs.
fn write_text(text: &str, place: &Value, out: &mut String) {
    let mut builder = TreeBuilder::new();
    let node = builder.string(place.span, text);
    builder.node(node).write_json(out);
}
