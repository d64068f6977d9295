//! RFC 6901 pointers, and how they are found in a tree.

use std::borrow::Cow;
use std::fmt;

use crate::tree::{NodeRef, Provenance, Value, escape_key};

/// An RFC 6901 pointer in its text form; empty for the whole document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pointer(String);

impl Pointer {
    pub fn root() -> Self {
        Self::default()
    }

    /// # Errors
    /// When the text is not a pointer: it must be empty or begin with `/`, and `~` must be
    /// followed by `0` or `1`.
    pub fn parse(text: &str) -> Result<Self, PointerError> {
        if !text.is_empty() && !text.starts_with('/') {
            return Err(PointerError::Syntax { pointer: text.to_owned() });
        }
        let mut rest = text;
        while let Some(at) = rest.find('~') {
            rest = &rest[at + 1..];
            if !rest.starts_with(['0', '1']) {
                return Err(PointerError::Syntax { pointer: text.to_owned() });
            }
        }
        Ok(Pointer(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The pointer to a member. `key` is written as in JSON text, so with `$$` for user keys that
    /// begin with `$`.
    pub fn member(&self, key: &str) -> Pointer {
        Pointer(format!("{}/{}", self.0, key.replace('~', "~0").replace('/', "~1")))
    }

    pub fn index(&self, index: usize) -> Pointer {
        Pointer(format!("{}/{index}", self.0))
    }

    /// The unescaped tokens from the root down.
    pub fn tokens(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.0.split('/').skip(1).map(|token| {
            if token.contains('~') { token.replace("~1", "/").replace("~0", "~").into() } else { token.into() }
        })
    }

    /// Finds the node that the pointer names, or the nearest ancestor that exists.
    ///
    /// A missing member of a map is legal: the pointer then means something that is absent. So is
    /// anything below a value that is unknown.
    ///
    /// # Errors
    /// When an index is out of range or no index, or when the pointer steps into a scalar.
    pub fn resolve<'a>(&self, root: NodeRef<'a>) -> Result<Resolved<'a>, PointerError> {
        let mut node = root;
        let mut provenance = root.provenance();
        for token in self.tokens() {
            let next = match node.value() {
                Value::Map(_) => match node.entries().find(|(key, _)| escape_key(key) == token) {
                    Some((_, member)) => member,
                    None => return Ok(Resolved { node, exact: false, provenance }),
                },
                // Below an unknown value nothing can be wrong.
                Value::Unknown(_) => match node.unknown_entry(&token) {
                    Some(member) => member,
                    None => return Ok(Resolved { node, exact: false, provenance }),
                },
                // A null stands for an absent value, which may be a map.
                Value::Null => return Ok(Resolved { node, exact: false, provenance }),
                Value::List(_) => {
                    let item = parse_index(&token).and_then(|index| node.item(index));
                    item.ok_or_else(|| PointerError::Index {
                        pointer: self.0.clone(),
                        token: token.into_owned(),
                        length: node.items().len(),
                    })?
                }
                Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                    return Err(PointerError::Scalar { pointer: self.0.clone(), token: token.into_owned() });
                }
            };
            node = next;
            if !node.provenance().is_empty() {
                provenance = node.provenance();
            }
        }
        Ok(Resolved { node, exact: true, provenance })
    }
}

/// RFC 6901 allows no leading zeros in an index.
fn parse_index(token: &str) -> Option<usize> {
    let canonical = token == "0" || (!token.starts_with('0') && token.bytes().all(|byte| byte.is_ascii_digit()));
    if canonical { token.parse().ok() } else { None }
}

impl fmt::Display for Pointer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// What a pointer led to.
#[derive(Clone, Copy, Debug)]
pub struct Resolved<'a> {
    /// The node, or its nearest ancestor that exists.
    pub node: NodeRef<'a>,
    /// Whether `node` is what the pointer names.
    pub exact: bool,
    /// Where the value came from: what the innermost node on the way says of it, since a whole map may
    /// come from elsewhere.
    pub provenance: &'a [Provenance],
}

/// Why a pointer cannot mean anything in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PointerError {
    Syntax { pointer: String },
    Index { pointer: String, token: String, length: usize },
    Scalar { pointer: String, token: String },
}

impl fmt::Display for PointerError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PointerError::Syntax { pointer } => {
                write!(
                    out,
                    "`{pointer}` is not an RFC 6901 pointer (empty, or `/member/0/...` with `~0` for `~` and `~1` for `/`)"
                )
            }
            PointerError::Index { pointer, token, length } => {
                write!(out, "pointer `{pointer}`: `{token}` is no index into a list of {length}")
            }
            PointerError::Scalar { pointer, token } => {
                write!(out, "pointer `{pointer}` steps into a scalar at `{token}`")
            }
        }
    }
}

impl std::error::Error for PointerError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;
    use crate::span::Span;
    use crate::tree::TreeBuilder;

    #[test]
    fn resolves_members_indexes_and_absence() {
        let at = Span::new(FileId(0), 0, 0);
        let mut builder = TreeBuilder::new();
        let scalar = builder.bool(at, true);
        let list = builder.list(at, &[scalar]);
        let unknown = builder.unknown(at, "why", &[]);
        let entries =
            [builder.entry("a/b", at, list), builder.entry("$x", at, scalar), builder.entry("u", at, unknown)];
        let root = builder.map(at, &entries);
        let tree = builder.finish();
        let find = |text: &str| {
            let pointer = Pointer::parse(text)?;
            pointer.resolve(tree.node(root)).map(|found| (found.node.id(), found.exact))
        };
        assert_eq!(find(""), Ok((root, true)));
        assert_eq!(find("/a~1b/0"), Ok((scalar, true)));
        assert_eq!(find("/$$x"), Ok((scalar, true)));
        assert_eq!(find("/$x"), Ok((root, false)));
        assert_eq!(find("/none/deep/1"), Ok((root, false)));
        assert_eq!(find("/u/0/x"), Ok((unknown, false)));
        assert!(matches!(find("/a~1b/1"), Err(PointerError::Index { length: 1, .. })));
        assert!(matches!(find("/a~1b/00"), Err(PointerError::Index { .. })));
        assert!(matches!(find("/a~1b/-"), Err(PointerError::Index { .. })));
        assert!(matches!(find("/a~1b/0/x"), Err(PointerError::Scalar { .. })));
        assert!(matches!(find("a"), Err(PointerError::Syntax { .. })));
        assert!(matches!(find("/~2"), Err(PointerError::Syntax { .. })));
    }
}
