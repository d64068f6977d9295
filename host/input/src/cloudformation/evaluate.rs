//! From expressions to values: literals, maps with loops in them, parameters and references. The
//! functions that compute texts and lists are in `functions`, those that decide in `conditions`.
//!
//! Nothing here recurses without a bound: the depth is limited, and so are the nodes and bytes that
//! one template may become, since loops, mappings and parameters multiply what is written once.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use verdikt_model::{Code, Diagnostic, NodeRef, Provenance, Span, Value as NodeValue};

use crate::InputLimits;
use crate::cloudformation::template::{Argument, Call, FOR_EACH, Name, TRANSFORM, Template};
use crate::cloudformation::value::{Data, MOST_ALTERNATIVES, Map, Member, Piece, Unknown, Value};
use crate::syntax::{Problems, grouped};

/// Bytes of text that the expressions of one template may become. CloudFormation takes templates of
/// one megabyte (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>).
const MOST_TEXT: usize = 16 << 20;
/// Nodes that they may become, where the limit of a document is not smaller: their values take more
/// room than the nodes of a tree.
const MOST_NODES: usize = 500_000;

/// Why a value is unknown when nothing is left of what a template may become.
pub(super) const TOO_LARGE: &str = "the template becomes too large";

/// What is taken for the parameters' values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Mode {
    /// Their defaults, where they have one.
    Defaults,
    /// Anything that the template allows.
    Anything,
}

/// Evaluates the expressions of one template.
pub(super) struct Evaluator<'a, 'd> {
    pub(super) template: &'a Template<'a>,
    pub(super) problems: Problems<'d>,
    pub(super) mode: Mode,
    /// The identifiers of the loops around the expression, the innermost last.
    loops: Vec<(String, Value)>,
    /// What is known of each condition that was asked for; `None` inside while it is being found.
    pub(super) conditions: HashMap<(Mode, String), Option<Option<bool>>>,
    /// The condition that the resource at hand has: it is created only where the condition is true.
    assumed: Option<String>,
    depth: usize,
    limits: &'d InputLimits,
    nodes: usize,
    bytes: usize,
    /// Whether it was reported that nothing is left.
    is_exhausted: bool,
    /// What was reported already: loops and conditions are evaluated again and again.
    reported: HashSet<(Code, Span)>,
}

/// A loop of `Fn::ForEach`.
struct Loop<'a> {
    identifier: String,
    /// `None` when the collection is not known.
    items: Option<Vec<Value>>,
    fragment: NodeRef<'a>,
}

impl<'a, 'd> Evaluator<'a, 'd> {
    pub(super) fn new(template: &'a Template<'a>, limits: &'d InputLimits, problems: Problems<'d>) -> Self {
        Evaluator {
            template,
            problems,
            mode: Mode::Defaults,
            loops: Vec::new(),
            conditions: HashMap::new(),
            assumed: None,
            depth: 0,
            limits,
            nodes: 0,
            bytes: 0,
            is_exhausted: false,
            reported: HashSet::new(),
        }
    }

    /// Takes a condition for true from now on, and what depends on it for what it is then.
    pub(super) fn assume(&mut self, condition: Option<String>) {
        if self.assumed != condition {
            self.assumed = condition;
            self.conditions.clear();
        }
    }

    pub(super) fn is_assumed(&self, condition: &str) -> bool {
        self.assumed.as_deref() == Some(condition)
    }

    /// The value of an expression.
    pub(super) fn value(&mut self, node: NodeRef<'a>) -> Value {
        match self.template.call(node) {
            Some(call) => self.called(call),
            None => self.plain(node),
        }
    }

    /// The value of a function's argument.
    pub(super) fn argument(&mut self, argument: Argument<'a>) -> Value {
        match self.template.call_in(argument) {
            Some(call) => self.called(call),
            None => self.plain(argument.node),
        }
    }

    fn called(&mut self, call: Call<'a>) -> Value {
        // A member `Condition` is a property where a value stands, such as that of a dependency.
        if matches!(call.name, Name::Long("Condition")) {
            return self.bounded(call.span, |evaluator| evaluator.map(&call));
        }
        self.bounded(call.span, |evaluator| evaluator.function(call))
    }

    /// The value of a node that calls no function.
    fn plain(&mut self, node: NodeRef<'a>) -> Value {
        self.bounded(node.span(), |evaluator| match node.value() {
            NodeValue::List(_) => {
                let items = node.items().map(|item| evaluator.value(item)).collect();
                Value::list(items, node.span()).with_steps(node.provenance().iter().cloned())
            }
            NodeValue::Map(_) => evaluator.members(node),
            _ => evaluator.scalar(node),
        })
    }

    /// Goes one level deeper, when there is room.
    pub(super) fn bounded(&mut self, span: Span, work: impl FnOnce(&mut Self) -> Value) -> Value {
        if self.depth >= self.limits.depth() {
            let message = format!(
                "This expression leads through more than {} levels of references, the limit. Its value is unknown; make \
                 the template flatter.",
                self.limits.depth()
            );
            self.report(Code::TooDeep, span, message);
            return Value::unknown("it leads through too many levels of references", span);
        }
        if !self.charge(1, 0, span) {
            return Value::unknown(TOO_LARGE, span);
        }
        self.depth += 1;
        let value = work(self);
        self.depth -= 1;
        value
    }

    /// Takes nodes and bytes from what is left. False when nothing is.
    pub(super) fn charge(&mut self, nodes: usize, bytes: usize, span: Span) -> bool {
        self.nodes = self.nodes.saturating_add(nodes);
        self.bytes = self.bytes.saturating_add(bytes);
        let fits = self.nodes <= self.most_nodes() && self.bytes <= MOST_TEXT;
        // Once a template: where exactly is of no interest.
        if !fits && !self.is_exhausted && self.mode == Mode::Defaults {
            self.is_exhausted = true;
            let message = format!(
                "Loops, mappings and references make more than {} nodes or {} bytes of text of this template, the limit. \
                 What comes from here on is unknown; split the template.",
                grouped(self.most_nodes()),
                grouped(MOST_TEXT)
            );
            self.report(Code::TooManyNodes, span, message);
        }
        fits
    }

    fn most_nodes(&self) -> usize {
        self.limits.nodes.min(MOST_NODES)
    }

    fn scalar(&mut self, node: NodeRef<'a>) -> Value {
        let value = self.template.literal(node);
        let Data::Text(text) = &value.data else { return value };
        let text = self.in_loop(text, node.span());
        if !self.charge(0, 0, node.span()) {
            return Value::unknown(TOO_LARGE, node.span());
        }
        let hidden = self.loops.iter().rev().find(|(identifier, item)| {
            item.as_text().is_none() && ["${", "&{"].iter().any(|open| text.contains(&format!("{open}{identifier}}}")))
        });
        match hidden {
            Some((identifier, _)) => {
                Value::unknown(format!("the items of the loop over `{identifier}` are not known"), node.span())
            }
            None => Value { data: Data::Text(text), ..value },
        }
    }

    fn members(&mut self, node: NodeRef<'a>) -> Value {
        let mut members: Vec<Member> = Vec::with_capacity(node.entries().len());
        let open = self.each_member(node, &mut |evaluator, key, key_span, member| {
            let value = evaluator.value(member);
            if !value.is_absent() {
                members.push(Member { key, key_span, value });
            }
        });
        Value::new(Data::Map(Map { members, open }), node.span()).with_steps(node.provenance().iter().cloned())
    }

    /// The map of one member that looks like a call.
    fn map(&mut self, call: &Call<'a>) -> Value {
        let node = call.argument.node;
        let value = self.value(node);
        let member = Member { key: call.name.written(), key_span: call.span, value };
        Value::new(Data::Map(Map { members: vec![member], open: None }), call.span)
    }

    /// Visits the members of a map, those that loops make of it too, each inside of its loops. Gives
    /// the reason why there may be more members, if so.
    pub(super) fn each_member(
        &mut self,
        map: NodeRef<'a>,
        visit: &mut dyn FnMut(&mut Self, String, Span, NodeRef<'a>),
    ) -> Option<String> {
        // The recursion is bounded by the depth of the text.
        let mut open = None;
        for (key, key_span, member) in map.keyed_entries() {
            if key.starts_with(FOR_EACH) {
                open = self.each_iteration(member, key_span, visit).or(open);
            } else if key == TRANSFORM {
                open = Some("a macro adds members, which only CloudFormation can run".to_owned());
            } else if key == "Ref" || key.starts_with("Fn::") {
                let message =
                    format!("`{key}` must be the only member of its map. CloudFormation refuses the template.");
                self.report(Code::BadFunction, key_span, message);
                open = Some(format!("`{key}` stands beside other members"));
            } else {
                let key = self.in_loop(key, key_span);
                visit(self, key, key_span, member);
            }
        }
        open
    }

    fn each_iteration(
        &mut self,
        node: NodeRef<'a>,
        key_span: Span,
        visit: &mut dyn FnMut(&mut Self, String, Span, NodeRef<'a>),
    ) -> Option<String> {
        let Some(each) = self.read_loop(node) else {
            let message = "`Fn::ForEach` takes a list of three: the identifier, the collection (a list, or a reference to a \
                           parameter that is one), and a map. CloudFormation refuses the template.";
            self.report(Code::BadFunction, key_span.join(node.span()), message.into());
            return Some("a loop is not written as CloudFormation demands".to_owned());
        };
        let Loop { identifier, items, fragment } = each;
        let unknown = items.is_none();
        let why = format!("the items of the loop over `{identifier}` are not known");
        let items = items.unwrap_or_else(|| vec![Value::unknown(&*why, node.span())]);
        let mut open = unknown.then_some(why);
        for item in items {
            // An empty fragment costs, too.
            if !self.charge(1, 0, node.span()) {
                return Some(TOO_LARGE.to_owned());
            }
            self.loops.push((identifier.clone(), item));
            open = self.each_member(fragment, visit).or(open);
            self.loops.pop();
        }
        open
    }

    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html>
    fn read_loop(&mut self, node: NodeRef<'a>) -> Option<Loop<'a>> {
        let mut parts = node.items();
        let (identifier, collection, fragment) = (self.template.text(parts.next()?)?, parts.next()?, parts.next()?);
        if parts.len() > 0 || !fragment.is_map() {
            return None;
        }
        let items = match self.value(collection).data {
            Data::List(items) => (!items.iter().any(Value::may_be_absent)).then_some(items),
            Data::Unknown(_) => None,
            _ => return None,
        };
        Some(Loop { identifier: identifier.to_owned(), items, fragment })
    }

    /// A text with the identifiers of the loops around it replaced: `${Id}` by the item, `&{Id}` by
    /// its letters and digits (`_replace_string_params` of cfn-lint's
    /// template/transforms/_language_extensions.py). What is not known stays as it is written.
    pub(super) fn in_loop(&mut self, text: &str, span: Span) -> String {
        let mut bytes = text.len();
        let mut text = text.to_owned();
        for (identifier, item) in self.loops.iter().rev() {
            let Some(item) = item.as_text() else { continue };
            for (open, item) in [("${", Cow::Borrowed(item)), ("&{", only_alphanumeric(item))] {
                let pattern = format!("{open}{identifier}}}");
                let count = text.matches(&pattern).count();
                bytes = bytes.saturating_add(count.saturating_mul(item.len()));
                // Else the charge below fails, and nobody uses the text.
                if count > 0 && bytes <= MOST_TEXT {
                    text = text.replace(&pattern, &item);
                }
            }
        }
        self.charge(0, bytes, span);
        text
    }

    /// What a name stands for: an item of a loop, a parameter, a pseudo parameter or a resource.
    pub(super) fn refer(&mut self, name: &str, span: Span) -> Value {
        if let Some((_, item)) = self.loops.iter().rev().find(|(identifier, _)| identifier == name) {
            return item.clone().moved(span);
        }
        if let Some(parameter) = self.template.parameter(name) {
            return self.parameter(name, parameter, span);
        }
        if name == "AWS::NoValue" {
            return Value::new(Data::Absent, span);
        }
        if PSEUDO_PARAMETERS.contains(&name) {
            return Value::reference(format!("`{name}` is known only when the stack is deployed"), name, span);
        }
        let may_exist = self.template.has_more_resources() && !name.contains("::");
        if !self.template.has_resource(name) && !may_exist {
            self.undeclared(format!("`{name}` is no parameter and no resource of this template"), span);
        }
        Value::reference(format!("what `{name}` refers to is known only when the stack is deployed"), name, span)
    }

    /// A parameter's default, or what is known without one.
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>
    fn parameter(&mut self, name: &str, parameter: NodeRef<'a>, span: Span) -> Value {
        let kind = parameter.str("Type").unwrap_or_default();
        let is_list = kind == "CommaDelimitedList" || kind.starts_with("List<");
        let default = parameter.get_present("Default");
        let step = |place: NodeRef<'_>| Provenance { what: format!("parameter {name}"), span: place.span() };
        // The value, and the default, is the name of an entry of the Parameter Store.
        if kind.starts_with("AWS::SSM::Parameter::Value<") {
            let why = format!("the parameter `{name}` is read from the Parameter Store when the stack is deployed");
            return Value::reference(why, name, span).with_steps([step(default.unwrap_or(parameter))]);
        }
        if let Some(default) = default.filter(|_| self.mode == Mode::Defaults) {
            let literal = self.template.literal(default);
            if let Some(text) = literal.as_text() {
                let elements = if is_list { text.split(',').count() } else { 0 };
                if !self.charge(elements, text.len(), span) {
                    return Value::unknown(TOO_LARGE, span);
                }
                // Elements of a list are given without the space around them.
                let element = |element: &str| Value::text(element.trim(), span);
                let data = match is_list {
                    true => Data::List(text.split(',').map(element).collect()),
                    false => Data::Text(text.to_owned()),
                };
                return Value::new(data, span).with_steps([step(default)]);
            }
            let message = "The default of a parameter must be a string or a number; a list is written as one string with commas. \
                           CloudFormation refuses the template.";
            self.report(Code::WrongType, default.span(), message.into());
        }
        let alternatives = match parameter.get_present("AllowedValues") {
            Some(allowed) if !is_list && allowed.items().len() <= MOST_ALTERNATIVES => {
                allowed.items().map(|one| self.template.literal(one)).collect()
            }
            _ => Vec::new(),
        };
        // Every scalar is a text when it comes out of a parameter.
        let as_text = |one: &Value| one.as_text().map(|text| Value::text(text, span));
        let alternatives = alternatives.iter().map(as_text).collect::<Option<Vec<Value>>>().unwrap_or_default();
        let unknown = Unknown {
            why: format!("the parameter `{name}` has no default"),
            reference: Some(name.to_owned()),
            alternatives,
            ..Unknown::default()
        };
        Value::new(Data::Unknown(unknown), span).with_steps([step(parameter)])
    }

    /// Texts of an expression as pieces, for functions that put texts together. `None` when it is a
    /// list or a map.
    pub(super) fn pieces(&mut self, value: &Value) -> Option<Vec<Piece>> {
        let pieces = value.pieces()?;
        let bytes = pieces.iter().map(|piece| if let Piece::Known(text) = piece { text.len() } else { 1 }).sum();
        if self.charge(0, bytes, value.span) {
            Some(pieces)
        } else {
            Some(vec![Piece::Unknown { why: TOO_LARGE.into(), reference: None }])
        }
    }

    /// A function is not written as CloudFormation demands.
    pub(super) fn refuse(&mut self, call: Call<'a>, expected: &str) -> Value {
        let name = call.name.written();
        let message = format!("`{name}` takes {expected}. CloudFormation refuses the template; the value is unknown.");
        self.report(Code::BadFunction, call.span, message);
        Value::unknown(format!("`{name}` is not written as CloudFormation demands"), call.span)
    }

    /// Something is referred to that the template does not declare.
    pub(super) fn undeclared(&mut self, what: String, span: Span) {
        let message =
            format!("{what}, so that CloudFormation refuses the template. The value is unknown; the rest was judged.");
        self.report(Code::UndeclaredReference, span, message);
    }

    /// Reports a problem once.
    pub(super) fn report(&mut self, code: Code, span: Span, message: String) {
        if self.mode == Mode::Defaults && self.reported.insert((code, span)) {
            self.problems.push(Diagnostic::at(code, span, message));
        }
    }
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html>
const PSEUDO_PARAMETERS: [&str; 7] = [
    "AWS::AccountId",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

fn only_alphanumeric(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        text.into()
    } else {
        text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().into()
    }
}
