//! For the tests of this crate: evaluates the locals of a text.

use std::sync::Arc;

use verdikt_model::{FileId, Span};

use crate::budget::{Budget, Limits};
use crate::evaluate::{Context, Evaluated, EvaluationError, Evaluator, Reference, Resolved, Scope};
use crate::files::{FileContent, FileProblem, Files, Json};
use crate::syntax::{File, Step, parse};
use crate::value::{Data, Known, Piece, Type, Unknown, Value, What};

/// A file system with nothing in it.
struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _path: &str) -> Result<FileContent, FileProblem> {
        Err(FileProblem::NotFound)
    }

    fn list(&self, _folder: &str, _recursive: bool) -> Vec<String> {
        Vec::new()
    }

    fn parse_json(&self, _file: FileId, _text: &str) -> Json {
        Json { tree: Arc::default(), root: None, diagnostics: Vec::new() }
    }
}

/// The arguments of a text, which refer to each other as `local.name`; `unknown.anything` is unknown.
pub(crate) struct Locals {
    text: String,
    file: File,
    budget: Budget,
}

impl Locals {
    pub(crate) fn new(text: &str) -> Self {
        Locals::within(text, Limits::default())
    }

    pub(crate) fn within(text: &str, limits: Limits) -> Self {
        let text = format!("{text}\n");
        let file = parse(FileId(0), &text);
        assert_eq!(file.problems, [], "{text}");
        Locals { text, file, budget: Budget::new(limits) }
    }

    fn context(&self) -> Context<'_> {
        Context { budget: &self.budget, files: &NoFiles, root_folder: "" }
    }

    pub(crate) fn evaluate(&self, name: &str) -> Evaluated {
        let argument = self.file.body.argument(name).expect("an argument of that name");
        Evaluator::new(self, self.context()).evaluate(&argument.value)
    }

    /// The value of an argument in which nothing is wrong.
    pub(crate) fn value(&self, name: &str) -> Value {
        let Evaluated { value, problems } = self.evaluate(name);
        assert_eq!(problems, [], "{}", self.text);
        value
    }

    pub(crate) fn try_value(&self, name: &str) -> Result<Value, EvaluationError> {
        let argument = self.file.body.argument(name).expect("an argument of that name");
        Evaluator::new(self, self.context()).try_evaluate(&argument.value)
    }

    /// The place of the value of an argument.
    pub(crate) fn argument(&self, name: &str) -> Span {
        self.file.body.argument(name).expect("an argument of that name").value.span
    }

    pub(crate) fn text(&self, span: Span) -> &str {
        &self.text[span.range()]
    }

    /// The text at the place of a value, and behind that what it came through.
    pub(crate) fn way(&self, value: &Value) -> String {
        let at = |span: Option<Span>| span.map_or("nowhere", |span| self.text(span));
        let mut way = at(value.place().location()).to_owned();
        for step in value.place().steps() {
            way.push_str(&format!(" <- {} {}: {}", step.what.as_str(), step.name, at(step.span)));
        }
        way
    }
}

impl Scope for Locals {
    fn resolve(&self, reference: &Reference<'_>) -> Result<Resolved, EvaluationError> {
        let Some(Step::Attribute(name)) = reference.steps.first() else {
            return Err(EvaluationError::new(reference.span, "not declared"));
        };
        let through = Some((What::Local, Arc::from(format!("{}.{}", reference.root, name.text))));
        let value = match (reference.root, self.file.body.argument(&name.text)) {
            ("local", Some(argument)) => Evaluator::new(self, self.context()).try_evaluate(&argument.value)?,
            ("unknown", _) => Value::unknown(Unknown::reference("not known", format!("unknown.{}", name.text))),
            ("string", _) => {
                let unknown = Unknown::reference("not known", format!("string.{}", name.text));
                Value::unknown(unknown.of_type(Type::String).not_null())
            }
            _ => return Err(EvaluationError::new(reference.span, "not declared")),
        };
        Ok(Resolved { value, steps: 1, through })
    }
}

/// A value with all that is known of its unknown parts, on one line.
pub(crate) fn shown(value: &Value) -> String {
    let items = |open: &str, close: &str| {
        let items: Vec<String> = value.elements().map(|item| shown(&item)).collect();
        format!("{open}{}{close}", items.join(" "))
    };
    let members = |open: &str, close: &str| {
        let members: Vec<String> =
            value.members().map(|member| format!("{}={}", member.key, shown(&member.value))).collect();
        format!("{open}{}{close}", members.join(" "))
    };
    match value.data() {
        Data::Null(_) => "null".to_owned(),
        Data::Bool(value) => value.to_string(),
        Data::Number(number) => number.to_string(),
        Data::String(text) => format!("'{}'", text.as_str()),
        Data::List(_) => items("list(", ")"),
        Data::Set(_) => items("set(", ")"),
        Data::Tuple(_) => items("[", "]"),
        Data::Map(_) => members("map(", ")"),
        Data::Object(_) => members("{", "}"),
        Data::Unknown(_) => value.as_unknown().map(shown_unknown).unwrap_or_default(),
    }
}

fn shown_unknown(unknown: &Unknown) -> String {
    if let Some(reference) = &unknown.reference {
        return format!("?{reference}");
    }
    let values = |values: Vec<String>| values.join(" ");
    match &unknown.known {
        Known::Nothing => "?".to_owned(),
        Known::Pieces(pieces) => {
            let piece = |piece: &Piece| match piece {
                Piece::Literal(literal) => literal.text.to_string(),
                Piece::Value(value) => format!("${{{}}}", shown(value)),
            };
            format!("?\"{}\"", pieces.iter().map(piece).collect::<String>())
        }
        Known::Repeated(pieces) => {
            let pieces = unknown.clone().with(Known::Pieces(pieces.clone()));
            format!("{}*", shown_unknown(&pieces))
        }
        Known::Any(alternatives) => format!("?any({})", values(alternatives.iter().map(shown).collect())),
        Known::Elements { elements, open } => {
            let element = |element: &crate::value::Element| {
                format!("{}{}", shown(&element.value), if element.certain { "" } else { "?" })
            };
            let elements = values(elements.iter().map(element).collect());
            format!("?[{elements}{}]", if *open { " ..." } else { "" })
        }
        Known::Attributes(members) => {
            let members = members.iter().map(|member| format!("{}={}", member.key, shown(&member.value)));
            format!("?{{{} ...}}", values(members.collect()))
        }
        Known::Encoded(encoding, value) => format!("?{encoding:?}({})", shown(value)),
    }
}
