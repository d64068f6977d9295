//! `data "aws_iam_policy_document"`: the JSON text that the AWS provider makes of its blocks.
//!
//! The provider asks nobody for it, so it is known as far as the configuration is, and what roles and
//! buckets allow hangs on it. Order, merging and the choice between one value and a list follow
//! `internal/service/iam/policy_document_data_source.go` and `policy_model.go` of the provider, and the
//! layout of the text Go's `json.MarshalIndent`. What is not known stays unknown where it stands.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::encoded;
use crate::functions::json::quoted;
use crate::value::{Data, Element, Encoding, Known, Member, Origin, Text, Type, Unknown, Value, convert};

/// The version that a document has when none is given.
const VERSION: &str = "2012-10-17";

/// The members of a statement in the order in which they are written.
const STATEMENT: &[&str] =
    &["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition"];

/// `json` and `minified_json` of a data source with these arguments, and what the provider would refuse.
pub(super) fn texts_of(body: &Value) -> (Vec<Member>, Vec<String>) {
    let (document, problems) = document(body);
    let text = |name, indent| Member::new(name, document.encoded(indent).with_place(body.place().clone()));
    (vec![text("json", Some(0)), text("minified_json", None)], problems)
}

/// A policy on the way.
#[derive(Default)]
struct Document {
    version: Option<Value>,
    id: Option<Value>,
    statements: Vec<Statement>,
    /// Why there may be other statements, if so.
    open: Option<Arc<str>>,
}

#[derive(Clone)]
struct Statement {
    value: Value,
    sid: Sid,
    certain: bool,
}

#[derive(Clone, PartialEq, Eq)]
enum Sid {
    None,
    Known(String),
    Unknown,
}

/// The document of a data source with these arguments, and what the provider would refuse.
fn document(body: &Value) -> (Document, Vec<String>) {
    let mut problems = Vec::new();
    let mut merged = Document::default();
    for mut source in sources(body.member("source_policy_documents"), &mut problems) {
        for statement in &mut source.statements {
            if matches!(statement.sid, Sid::Known(_))
                && merged.statements.iter().any(|before| before.sid == statement.sid)
            {
                problems.push("Two of the `source_policy_documents` have a statement with the same `Sid`.".to_owned());
            }
        }
        merged.merge(source);
    }
    merged.merge(own_document(body, &mut problems));
    for source in sources(body.member("override_policy_documents"), &mut problems) {
        merged.merge(source);
    }
    (merged, problems)
}

impl Document {
    /// `Merge`: statements of a `Sid` that is there already replace it.
    fn merge(&mut self, new: Document) {
        self.id = new.id.or(self.id.take());
        self.version = match (self.version.take(), new.version) {
            (Some(old), Some(new)) => match (old.as_str(), new.as_str()) {
                (Some(old_text), Some(new_text)) => Some(if new_text > old_text { new } else { old }),
                (None, _) => Some(old),
                (_, None) => Some(new),
            },
            (old, new) => old.or(new),
        };
        if new.open.is_some() {
            // It may replace any of those before it.
            self.doubt();
        }
        self.open = self.open.take().or(new.open);
        for statement in new.statements {
            if statement.sid == Sid::Unknown {
                self.doubt();
            }
            let same = match &statement.sid {
                Sid::Known(_) => self.statements.iter().position(|before| before.sid == statement.sid),
                Sid::None | Sid::Unknown => None,
            };
            match same {
                Some(at) if statement.certain => self.statements[at] = statement,
                Some(at) => {
                    self.statements[at].certain = false;
                    self.statements.insert(at + 1, statement);
                }
                None => self.statements.push(statement),
            }
        }
    }

    /// Something unknown may replace the statements that have a `Sid`.
    fn doubt(&mut self) {
        for statement in &mut self.statements {
            statement.certain &= statement.sid == Sid::None;
        }
    }

    /// The text, with what it encodes; with two spaces for each level, or on one line.
    fn encoded(&self, indent: Option<usize>) -> Value {
        let mut members = Vec::new();
        members.extend(self.version.clone().map(|version| Member::new("Version", version)));
        members.extend(self.id.clone().map(|id| Member::new("Id", id)));
        if let Some(statements) = self.statements_value() {
            members.push(Member::new("Statement", statements));
        }
        let mut text = String::new();
        let order = ["Version", "Id", "Statement"];
        let value = Value::object(members);
        let marks = value.marks_within();
        let encoded = if value.is_wholly_known() {
            write_members(&value, &order, indent, &mut text);
            Value::text(Text::with_origin(text, Origin::Encoded(Encoding::Json, value)))
        } else {
            let known = Known::Encoded(Encoding::Json, Box::new(value.clone()));
            Value::unknown(Unknown::derived_from([&value]).of_type(Type::String).not_null().with(known))
        };
        encoded.with_marks(marks)
    }

    fn statements_value(&self) -> Option<Value> {
        if self.open.is_none() && self.statements.iter().all(|statement| statement.certain) {
            let statements: Vec<Value> = self.statements.iter().map(|statement| statement.value.clone()).collect();
            return (!statements.is_empty()).then(|| Value::tuple(statements));
        }
        let element = |statement: &Statement| Element { value: statement.value.clone(), certain: statement.certain };
        let known =
            Known::Elements { elements: self.statements.iter().map(element).collect(), open: self.open.is_some() };
        let why = self.open.clone().unwrap_or_else(|| "it depends on a value that is not known".into());
        Some(Value::unknown(Unknown::new(why).not_null().with(known)))
    }
}

/// The documents of a list of texts. What else may be in a list of which not all is known is one more, of which
/// nothing is known.
fn sources(list: Option<Value>, problems: &mut Vec<String>) -> Vec<Document> {
    let Some(list) = list.filter(|list| !list.is_null()) else { return Vec::new() };
    let (texts, open) = elements(&list);
    let mut documents = Vec::with_capacity(texts.len() + 1);
    for (text, certain) in texts.iter().filter(|(text, _)| !text.is_null()) {
        let mut document = source_document(text, problems);
        for statement in &mut document.statements {
            statement.certain &= *certain;
        }
        documents.push(document);
    }
    documents.extend(open.map(|why| Document { open: Some(why), ..Document::default() }));
    documents
}

/// A document that is given as a text.
fn source_document(text: &Value, problems: &mut Vec<String>) -> Document {
    let unknown = |why: Arc<str>| Document { open: Some(why), ..Document::default() };
    let Some(value) = encoded::json(text) else {
        if let Some(text) = text.as_unknown() {
            return unknown(text.why.clone());
        }
        problems.push("A policy that this document is made of is no JSON text.".to_owned());
        return unknown("made of a policy that is no JSON text".into());
    };
    if value.is_unknown() || value.length().is_none() {
        return unknown("made of a policy that is not known".into());
    }
    let mut document = Document {
        version: field(&value, "Version").filter(|version| !is_empty_text(version)),
        id: field(&value, "Id").filter(|id| !is_empty_text(id)),
        ..Document::default()
    };
    let mut add = |statement: &Value, certain: bool| {
        let mut members = Vec::new();
        for name in STATEMENT {
            let Some(member) = field(statement, name).filter(|member| !member.is_null() && !is_empty_text(member))
            else {
                continue;
            };
            let member = match *name {
                "Principal" | "NotPrincipal" => source_principal(member),
                "Condition" => source_condition(member),
                _ => member,
            };
            members.push(Member::new(*name, member));
        }
        let sid = sid_of(field(statement, "Sid").as_ref());
        let value = Value::object(members).with_place(statement.place().clone());
        document.statements.push(Statement { value, sid, certain });
    };
    match field(&value, "Statement") {
        None => {}
        Some(statements) if statements.is_unknown() => match statements.as_unknown().map(|unknown| &unknown.known) {
            Some(Known::Elements { elements, open }) => {
                for element in elements.iter() {
                    add(&statements.child(&element.value), element.certain);
                }
                if *open {
                    document.open = Some("made of a policy that is not known".into());
                }
            }
            _ => document.open = Some("made of a policy that is not known".into()),
        },
        Some(statement) if matches!(statement.data(), Data::Object(_) | Data::Map(_)) => {
            problems.push("A policy that this document is made of has a `Statement` that is no list.".to_owned());
            add(&statement, true);
        }
        Some(statements) => statements.elements().for_each(|statement| add(&statement, true)),
    }
    document
}

/// A member of an object, whatever the case of its name (Go's `encoding/json`).
fn field(value: &Value, name: &str) -> Option<Value> {
    value.member(name).or_else(|| {
        let mut members = value.members();
        members.find(|member| member.key.eq_ignore_ascii_case(name)).map(|member| member.value)
    })
}

fn is_empty_text(value: &Value) -> bool {
    value.as_str() == Some("")
}

fn sid_of(sid: Option<&Value>) -> Sid {
    match sid {
        Some(sid) if sid.is_unknown() => Sid::Unknown,
        Some(sid) => sid.as_str().filter(|sid| !sid.is_empty()).map_or(Sid::None, |sid| Sid::Known(sid.to_owned())),
        None => Sid::None,
    }
}

/// A text in the place of principals is `*`; lists are sorted.
fn source_principal(principal: Value) -> Value {
    if principal.as_str().is_some() {
        let place = principal.place().clone();
        return Value::string("*").with_place(place);
    }
    if principal.is_unknown() {
        return principal;
    }
    let members = principal.members().map(|member| {
        let value = match member.value.data() {
            Data::Tuple(_) | Data::List(_) | Data::Set(_) => sorted(member.value.elements().collect()),
            _ => member.value.clone(),
        };
        Member { value: value.with_place(member.value.place().clone()), ..member }
    });
    principals_value(members.collect::<Vec<_>>(), principal.place().clone())
}

/// `{"*": "*"}` is written as `"*"`.
fn principals_value(members: Vec<Member>, place: crate::value::Place) -> Value {
    if let [member] = &members[..]
        && &*member.key == "*"
    {
        let all = match member.value.length() {
            Some(1) => member.value.element(0),
            _ => Some(member.value.clone()),
        };
        if let Some(all) = all.filter(|all| all.as_str() == Some("*")) {
            return all;
        }
    }
    Value::object(members).with_place(place)
}

/// One value in a list is written without it; `true` is a text.
fn source_condition(condition: Value) -> Value {
    if condition.is_unknown() {
        return condition;
    }
    let tests = condition.members().map(|test| {
        let variables = test.value.members().map(|variable| {
            let value = match variable.value.data() {
                Data::Bool(_) => convert(&variable.value, &Type::String).unwrap_or(variable.value.clone()),
                Data::Tuple(_) | Data::List(_) => one_or_list(variable.value.elements().collect()),
                _ => variable.value.clone(),
            };
            Member { value, ..variable }
        });
        let value = if test.value.is_unknown() { test.value.clone() } else { Value::object(variables.collect()) };
        Member { value: value.with_place(test.value.place().clone()), ..test }
    });
    Value::object(tests.collect()).with_place(condition.place().clone())
}

/// The document of the data source's own blocks.
fn own_document(body: &Value, problems: &mut Vec<String>) -> Document {
    let text = |name: &str| body.member(name).filter(|value| !value.is_null() && !is_empty_text(value));
    let mut document = Document {
        version: Some(text("version").unwrap_or_else(|| Value::string(VERSION))),
        id: text("policy_id"),
        ..Document::default()
    };
    let mut add = |block: &Value, certain: bool| {
        let statement = statement(block, certain);
        if matches!(statement.sid, Sid::Known(_))
            && document.statements.iter().any(|before| before.sid == statement.sid)
        {
            problems.push("Two statements have the same `sid`; remove it or make them differ.".to_owned());
        }
        document.statements.push(statement);
    };
    if let Some(blocks) = body.member("statement") {
        let (elements, open) = elements(&blocks);
        for (block, certain) in &elements {
            add(block, *certain);
        }
        document.open = open;
    }
    document
}

/// The elements of a list, those of a list of unknown length with whether they are there for certain, and
/// why there may be others.
fn elements(list: &Value) -> (Vec<(Value, bool)>, Option<Arc<str>>) {
    match list.as_unknown() {
        None => (list.elements().map(|element| (element, true)).collect(), None),
        Some(unknown) => match &unknown.known {
            Known::Elements { elements, open } => {
                let elements = elements.iter().map(|element| (list.child(&element.value), element.certain));
                (elements.collect(), open.then(|| unknown.why.clone()))
            }
            _ => (Vec::new(), Some(unknown.why.clone())),
        },
    }
}

fn statement(block: &Value, certain: bool) -> Statement {
    let argument = |name: &str| block.member(name).filter(|value| !value.is_null() && !is_empty_text(value));
    let sid = argument("sid");
    let members = [
        ("Sid", sid.clone()),
        ("Effect", Some(argument("effect").unwrap_or_else(|| Value::string("Allow")))),
        ("Action", argument("actions").and_then(|actions| set_of_texts(&actions, false))),
        ("NotAction", argument("not_actions").and_then(|actions| set_of_texts(&actions, false))),
        ("Resource", argument("resources").and_then(|resources| set_of_texts(&resources, true))),
        ("NotResource", argument("not_resources").and_then(|resources| set_of_texts(&resources, true))),
        ("Principal", argument("principals").and_then(|blocks| principals(&blocks))),
        ("NotPrincipal", argument("not_principals").and_then(|blocks| principals(&blocks))),
        ("Condition", argument("condition").and_then(|blocks| conditions(&blocks))),
    ];
    let members = members.into_iter().filter_map(|(name, value)| Some(Member::new(name, value?)));
    Statement {
        value: Value::object(members.collect()).with_place(block.place().clone()),
        sid: sid_of(sid.as_ref()),
        certain,
    }
}

/// A set of texts: one text by itself, several in the order that the provider gives them. None when it is
/// empty. In some of them `&{` stands for `${`, which IAM has variables for.
fn set_of_texts(set: &Value, variables: bool) -> Option<Value> {
    if set.is_unknown() {
        return Some(set.clone());
    }
    let mut elements: Vec<Value> = Vec::new();
    for element in set.elements().filter(|element| !element.is_null()) {
        let element = text_of(&element, variables);
        if element.as_str().is_none() || !elements.iter().any(|before| before.as_str() == element.as_str()) {
            elements.push(element);
        }
    }
    let value = match elements.len() {
        0 => return None,
        1 => return elements.pop(),
        _ => sorted(elements),
    };
    Some(value.with_place(set.place().clone()))
}

/// An element as a text, with the variables of IAM.
fn text_of(element: &Value, variables: bool) -> Value {
    let text = convert(element, &Type::String).unwrap_or_else(|_| element.clone());
    match text.as_str() {
        Some(written) if variables && written.contains("&{") => {
            Value::string(written.replace("&{", "${")).with_marks(text.marks()).with_place(text.place().clone())
        }
        _ => text,
    }
}

/// As `slices.Sort` and `slices.Reverse` leave them; what is not known comes last.
fn sorted(mut elements: Vec<Value>) -> Value {
    elements.sort_by(|a, b| b.as_str().cmp(&a.as_str()));
    Value::tuple(elements)
}

fn one_or_list(mut elements: Vec<Value>) -> Value {
    match elements.len() {
        1 => elements.remove(0),
        _ => Value::tuple(elements),
    }
}

/// `principals` blocks: by type, the identifiers.
fn principals(blocks: &Value) -> Option<Value> {
    let (blocks_known, open) = elements(blocks);
    if open.is_some() || blocks_known.iter().any(|(_, certain)| !certain) {
        return Some(derived(blocks));
    }
    let mut types: Vec<(String, Vec<Value>, bool)> = Vec::new();
    for (block, _) in &blocks_known {
        let (Some(ty), Some(identifiers)) = (block.member("type"), block.member("identifiers")) else { continue };
        let Some(name) = ty.as_str() else { return Some(derived(blocks)) };
        let identifiers = set_of_texts(&identifiers, true).unwrap_or_else(|| Value::tuple(Vec::new()));
        let is_list = matches!(identifiers.data(), Data::Tuple(_));
        let identifiers: Vec<Value> = if is_list { identifiers.elements().collect() } else { vec![identifiers] };
        match types.iter_mut().find(|(known, ..)| known == name) {
            Some((_, all, list)) => {
                all.extend(identifiers);
                *list = true;
            }
            None => types.push((name.to_owned(), identifiers, is_list)),
        }
    }
    let members = types.into_iter().map(|(name, identifiers, is_list)| {
        let value = if is_list { Value::tuple(identifiers) } else { one_or_list(identifiers) };
        Member::new(name, value)
    });
    let members: Vec<Member> = members.collect();
    (!members.is_empty()).then(|| principals_value(members, blocks.place().clone()))
}

/// `condition` blocks: by test and variable, the values.
fn conditions(blocks: &Value) -> Option<Value> {
    let (blocks_known, open) = elements(blocks);
    if open.is_some() || blocks_known.iter().any(|(_, certain)| !certain) {
        return Some(derived(blocks));
    }
    // By test and variable.
    let mut values: BTreeMap<String, BTreeMap<String, Vec<Value>>> = BTreeMap::new();
    for (block, _) in &blocks_known {
        let argument = |name: &str| block.member(name);
        let (Some(test), Some(variable), Some(given)) = (argument("test"), argument("variable"), argument("values"))
        else {
            continue;
        };
        let (Some(test), Some(variable)) = (test.as_str(), variable.as_str()) else { return Some(derived(blocks)) };
        let all = values.entry(test.to_owned()).or_default().entry(variable.to_owned()).or_default();
        match given.is_unknown() {
            true => all.push(given),
            false => all.extend(given.elements().map(|value| text_of(&value, true))),
        }
    }
    let tests = values.into_iter().map(|(test, variables)| {
        let variables = variables.into_iter().map(|(variable, values)| Member::new(variable, one_or_list(values)));
        Member::new(test, Value::object(variables.collect()))
    });
    let tests: Vec<Member> = tests.collect();
    (!tests.is_empty()).then(|| Value::object(tests).with_place(blocks.place().clone()))
}

/// Not known, since what it is made of is not.
fn derived(from: &Value) -> Value {
    Value::unknown(Unknown::derived_from([from])).with_place(from.place().clone())
}

/// An object in a certain order of its members. As deep as values may be.
fn write_members(value: &Value, order: &[&str], indent: Option<usize>, out: &mut String) {
    let members: Vec<&Member> = order
        .iter()
        .filter_map(|name| value.raw_members().iter().find(|member| &*member.key == *name))
        .chain(value.raw_members().iter().filter(|member| !order.contains(&&*member.key)))
        .collect();
    write_all('{', '}', &members, indent, out, |member, inner, out| {
        out.push_str(&quoted(&member.key));
        out.push_str(if indent.is_some() { ": " } else { ":" });
        match &*member.key {
            "Statement" if order.contains(&"Statement") => {
                write_all('[', ']', member.value.raw_elements(), inner, out, |statement, inner, out| {
                    write_members(statement, STATEMENT, inner, out);
                });
            }
            _ => write(&member.value, inner, out),
        }
    });
}

fn write(value: &Value, indent: Option<usize>, out: &mut String) {
    match value.data() {
        Data::Null(_) | Data::Unknown(_) => out.push_str("null"),
        Data::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Data::Number(number) => out.push_str(&number.to_string()),
        Data::String(text) => out.push_str(&quoted(text)),
        Data::List(_) | Data::Set(_) | Data::Tuple(_) => {
            write_all('[', ']', value.raw_elements(), indent, out, write);
        }
        Data::Map(_) | Data::Object(_) => write_members(value, &[], indent, out),
    }
}

/// What stands between brackets, each part on a line of its own where there is an indentation.
fn write_all<T>(
    open: char,
    close: char,
    parts: &[T],
    indent: Option<usize>,
    out: &mut String,
    part: impl Fn(&T, Option<usize>, &mut String),
) {
    let line = |level: usize, out: &mut String| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", level));
    };
    let inner = indent.map(|level| level + 1);
    out.push(open);
    for (index, one) in parts.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        if let Some(level) = inner {
            line(level, out);
        }
        part(one, inner, out);
    }
    if let Some(level) = indent
        && !parts.is_empty()
    {
        line(level, out);
    }
    out.push(close);
}
