//! Every value and every key stands where its span says.

use proptest::prelude::*;
use verdikt_input::Syntax;
use verdikt_model::NodeRef;

use crate::generate::{self, Children, Expected};
use crate::kubectl;
use crate::support::{Wrong, read, reproducible, root, sample, value};

proptest! {
    #![proptest_config(reproducible(1500))]

    #[test]
    fn what_was_written_is_found_where_it_was_written(document in generate::documents(0)) {
        let (parsed, diagnostics) = read(Syntax::Yaml, &document.text);
        prop_assert_eq!(diagnostics, []);
        prop_assert_eq!(parsed.len(), 1);
        check(root(&parsed[0]).get("spec").unwrap(), &document.spec, &document.text)?;
        let comments: Vec<_> =
            parsed[0].comments.iter().map(|comment| (comment.span.range(), comment.own_line)).collect();
        prop_assert_eq!(comments, document.comments);
    }
}

/// Holds a node against what the writer of the text noted.
fn check(node: NodeRef<'_>, expected: &Expected, text: &str) -> Result<(), TestCaseError> {
    let covered = &text[node.span().range()];
    prop_assert_eq!(value(node), expected.value.clone(), "at {:?}", covered);
    prop_assert_eq!(covered, &text[expected.span.clone()], "in {}", text);
    prop_assert_eq!(node.span().range(), expected.span.clone(), "{:?}", covered);
    match &expected.children {
        Children::None => {}
        Children::Items(items) => {
            for (item, expected) in node.items().zip(items) {
                check(item, expected, text)?;
            }
        }
        Children::Members(members) => {
            for (key, span, expected) in members {
                let (key_span, member) = node.get_keyed(key).unwrap();
                prop_assert_eq!(key_span.range(), span.clone(), "{:?}", key);
                check(member, expected, text)?;
            }
        }
    }
    Ok(())
}

/// The writer is right about YAML, and so are we: a cluster reads the same.
#[test]
fn what_was_written_is_what_kubectl_reads() {
    let documents: Vec<_> = (0..1000).map(|number| sample(&generate::documents(number), number)).collect();
    let texts: Vec<&str> = documents.iter().map(|document| document.text.as_str()).collect();
    let Some(theirs) = kubectl::specs(&texts) else { return };
    let mut wrong = Wrong::default();
    for (document, theirs) in documents.iter().zip(theirs) {
        wrong.check(&theirs.as_ref(), &Some(&document.spec.value), &document.text);
    }
    wrong.must_be_empty();
}
