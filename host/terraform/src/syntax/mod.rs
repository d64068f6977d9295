//! HCL's native syntax: from text to a tree that keeps every place.
//!
//! The parser goes on behind a mistake: what cannot be read costs its own argument or block header,
//! and the body around it is marked as incomplete, so that nobody takes what is left for the whole.

mod ast;
mod expression;
mod fragment;
mod lexer;
mod parser;
mod template;
#[cfg(test)]
mod tests;

pub use ast::{
    Argument, Block, Body, Comment, Expression, ExpressionKind, For, Item, Key, Label, Name, ObjectItem, Operation,
    Operator, Part, SplatKind, Step, UnaryOperator,
};
pub use fragment::{parse_expression, parse_template};
pub use parser::{File, Origin, Problem, parse};

/// Levels of nesting that are read. Everything that walks an expression recursively relies on it.
pub const MAX_DEPTH: usize = 128;
