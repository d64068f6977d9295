//! The parts of a file. Chains of any length (operators of one precedence, traversals, templates) are
//! lists and never nest, so that recursion over a tree is bounded by [`super::MAX_DEPTH`].

use verdikt_model::Span;

/// What stands between the braces of a block, or in a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    /// In the order of the text.
    pub items: Vec<Item>,
    pub span: Span,
    /// Whether everything in it could be read, what is nested included.
    pub complete: bool,
}

impl Body {
    /// The arguments, in the order of the text.
    pub fn arguments(&self) -> impl Iterator<Item = &Argument> {
        self.items.iter().filter_map(|item| if let Item::Argument(argument) = item { Some(argument) } else { None })
    }

    /// The blocks, in the order of the text.
    pub fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.items.iter().filter_map(|item| if let Item::Block(block) = item { Some(block) } else { None })
    }

    /// The argument of that name. A body has at most one of each.
    pub fn argument(&self, name: &str) -> Option<&Argument> {
        self.arguments().find(|argument| &*argument.name.text == name)
    }
}

/// One part of a body.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    Argument(Argument),
    Block(Block),
}

/// `name = value`
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    pub name: Name,
    pub value: Expression,
    pub span: Span,
}

/// `kind "label" label { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    pub kind: Name,
    pub labels: Vec<Label>,
    pub body: Body,
    /// From the kind to the closing brace.
    pub span: Span,
}

/// An identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub text: Box<str>,
    pub span: Span,
}

/// A label of a block, quoted or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Without quotes, escapes resolved.
    pub text: Box<str>,
    /// With quotes.
    pub span: Span,
}

/// A comment from its mark to the end of its line, or to its closing mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Without a line break at the end.
    pub span: Span,
    /// Whether nothing but white space stands before it on its line.
    pub own_line: bool,
}

/// Something that has a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    pub kind: ExpressionKind,
    pub span: Span,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExpressionKind {
    Null,
    Bool(bool),
    /// As written; a decimal number with an optional fraction and exponent.
    Number(Box<str>),
    /// A quoted string or a heredoc. One with no part is the empty string; one whose only part is an
    /// interpolation has the value of that expression, whatever its type.
    Template(Vec<Part>),
    /// The name at the beginning of a reference.
    Variable(Box<str>),
    /// `name(arguments)`; the name of a provider's function has `::` between its parts.
    Call {
        name: Name,
        arguments: Vec<Expression>,
        /// Whether the last argument is a list of further arguments (`...`).
        expand: bool,
    },
    Tuple(Vec<Expression>),
    Object(Vec<ObjectItem>),
    For(Box<For>),
    /// Steps into a value.
    Traversal {
        of: Box<Expression>,
        steps: Vec<Step>,
    },
    /// Operations of one precedence, from left to right.
    Operation {
        first: Box<Expression>,
        rest: Vec<Operation>,
    },
    Unary {
        operator: UnaryOperator,
        of: Box<Expression>,
    },
    Conditional {
        condition: Box<Expression>,
        yes: Box<Expression>,
        no: Box<Expression>,
    },
    Parentheses(Box<Expression>),
}

/// A member of an object constructor.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectItem {
    pub key: Key,
    pub value: Expression,
}

/// The key of an object's member.
#[derive(Clone, Debug, PartialEq)]
pub enum Key {
    /// An identifier that stands for itself.
    Name(Name),
    Expression(Expression),
}

/// `[for key, value in collection : … ]` or `{for … }`
#[derive(Clone, Debug, PartialEq)]
pub struct For {
    pub key_name: Option<Name>,
    pub value_name: Name,
    pub collection: Expression,
    /// Present in an object, absent in a tuple.
    pub key: Option<Expression>,
    pub value: Expression,
    /// Whether values of one key are gathered (`...`).
    pub group: bool,
    pub condition: Option<Expression>,
}

/// One step of a traversal.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// `.name`
    Attribute(Name),
    /// `[key]`, or `.0` as older versions wrote it.
    Index { key: Expression, span: Span },
    /// `.*` or `[*]`: the steps behind it go into each element.
    Splat { kind: SplatKind, steps: Vec<Step>, span: Span },
}

impl Step {
    pub fn span(&self) -> Span {
        match self {
            Step::Attribute(name) => name.span,
            Step::Index { span, .. } | Step::Splat { span, .. } => *span,
        }
    }
}

/// How far a splat reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SplatKind {
    /// `.*`: attributes and numbers behind it go into each element, brackets into the result.
    Attributes,
    /// `[*]`: all that follows goes into each element.
    Full,
}

/// An operator and what stands to the right of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    pub operator: Operator,
    pub operator_span: Span,
    pub right: Expression,
}

/// An operator between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Operator {
    /// Greater binds tighter.
    pub fn precedence(self) -> u8 {
        match self {
            Operator::Or => 1,
            Operator::And => 2,
            Operator::Equal | Operator::NotEqual => 3,
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => 4,
            Operator::Add | Operator::Subtract => 5,
            Operator::Multiply | Operator::Divide | Operator::Remainder => 6,
        }
    }
}

/// An operator before one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOperator {
    Negate,
    Not,
}

/// One part of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Text, with escapes resolved and white space stripped where `~` or `<<-` say so.
    Literal {
        text: Box<str>,
        span: Span,
        /// Pairs of offsets, in the text and in the file, in order: from one to the next the text stands
        /// in the file as it is, or somehow where there is none in the file. Empty where all of it begins
        /// where the span does.
        anchors: Box<[(u32, Option<u32>)]>,
    },
    Interpolation(Expression),
    /// `%{ if … }`
    If {
        condition: Expression,
        yes: Vec<Part>,
        no: Vec<Part>,
        span: Span,
    },
    /// `%{ for … }`
    For {
        key_name: Option<Name>,
        value_name: Name,
        collection: Expression,
        body: Vec<Part>,
        span: Span,
    },
}
