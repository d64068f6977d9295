//! The functions that compute texts and lists.
//!
//! What each takes and gives is that of its page in the template reference,
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>.
//! What depends on the account, the region or a resource that exists only after the deployment is
//! unknown.

use verdikt_model::{Code, NodeRef, Provenance, Span};

use crate::cloudformation::evaluate::{Evaluator, TOO_LARGE};
use crate::cloudformation::json;
use crate::cloudformation::template::Call;
use crate::cloudformation::value::{Data, Piece, Value, either};

/// Entries of a mapping that are looked at for what an unknown key can lead to.
const MOST_ENTRIES: usize = 64;

/// A piece of the text of `Fn::Sub`.
#[derive(Debug, PartialEq, Eq)]
enum Token<'t> {
    Text(&'t str),
    /// `${!Literal}`, which becomes `${Literal}`.
    Literal(&'t str),
    Name(&'t str),
}

/// A key of a mapping, as far as it is known.
enum Key {
    Known(String),
    OneOf(Vec<String>),
    Unknown,
}

impl<'a> Evaluator<'a, '_> {
    /// Calls a function.
    pub(super) fn function(&mut self, call: Call<'a>) -> Value {
        let span = call.span;
        match call.name.bare() {
            "Ref" => self.reference(call),
            "Sub" => self.substitute(call),
            "Join" => self.join(call),
            "Select" => self.select(call),
            "Split" => self.split(call),
            "If" => self.choose(call),
            "FindInMap" => self.find_in_map(call),
            "GetAtt" => self.attribute(call),
            "ImportValue" => self.import(call),
            "Base64" => self.base64(call),
            "Length" => self.length(call),
            "ToJsonString" => self.json_string(call),
            "GetAZs" => Value::unknown("the availability zones are known only when the stack is deployed", span),
            "Cidr" => Value::unknown("address blocks are not computed", span),
            "Transform" => Value::unknown("a macro gives the value, which only CloudFormation can run", span),
            "Equals" | "And" | "Or" | "Not" | "Condition" => {
                self.refuse(call, "part in conditions only, and a property chooses by `Fn::If`")
            }
            _ => {
                let what =
                    format!("`{}` is no function of CloudFormation that this version knows", call.name.written());
                self.report(Code::BadFunction, span, format!("{what}. The value is unknown."));
                Value::unknown(what, span)
            }
        }
    }

    fn reference(&mut self, call: Call<'a>) -> Value {
        let name = match self.template.literal_text(call.argument) {
            Some(name) => self.in_loop(name, call.span),
            // With the language extensions the name may be computed.
            None => match self.argument(call.argument) {
                value if value.as_text().is_some() => value.as_text().unwrap_or_default().to_owned(),
                Value { data: Data::Unknown(unknown), .. } => return Value::unknown(unknown.why, call.span),
                _ => return self.refuse(call, "the name of a parameter or a resource"),
            },
        };
        self.refer(&name, call.span)
    }

    fn attribute(&mut self, call: Call<'a>) -> Value {
        const EXPECTED: &str =
            "the name of a resource and of its attribute, as `Resource.Attribute` or as a list of two";
        let path = match (self.template.literal_text(call.argument), self.template.items(call.argument).as_deref()) {
            (Some(text), _) => self.in_loop(text, call.span),
            (None, Some([resource, attribute])) => {
                let Some(resource) = self.template.text(*resource) else { return self.refuse(call, EXPECTED) };
                let resource = self.in_loop(resource, call.span);
                match self.value(*attribute).as_text() {
                    Some(attribute) => format!("{resource}.{attribute}"),
                    None => return Value::unknown("it is an attribute that is not known", call.span),
                }
            }
            _ => return self.refuse(call, EXPECTED),
        };
        match path.split_once('.') {
            Some((resource, _)) => self.attribute_of(resource, &path, call.span),
            None => self.refuse(call, EXPECTED),
        }
    }

    fn attribute_of(&mut self, resource: &str, path: &str, span: Span) -> Value {
        if !self.template.has_resource(resource) && !self.template.has_more_resources() {
            self.undeclared(format!("`{resource}` is no resource of this template"), span);
        }
        Value::reference(format!("`{path}` is known only when the stack is deployed"), path, span)
    }

    fn import(&mut self, call: Call<'a>) -> Value {
        let why = "another stack exports the value";
        match self.argument(call.argument).as_text() {
            Some(name) => Value::reference(why, format!("Fn::ImportValue {name}"), call.span),
            None => Value::unknown(why, call.span),
        }
    }

    fn substitute(&mut self, call: Call<'a>) -> Value {
        const EXPECTED: &str = "a string, or a list of a string and a map of variables";
        let parts = self.template.items(call.argument);
        let (text, variables) = match (self.template.literal_text(call.argument), parts.as_deref()) {
            (Some(text), _) => (text, None),
            (None, Some([text, variables])) if variables.is_map() => match self.template.text(*text) {
                Some(text) => (text, Some(*variables)),
                None => return self.refuse(call, EXPECTED),
            },
            _ => return self.refuse(call, EXPECTED),
        };
        let text = self.in_loop(text, call.span);
        let Some(tokens) = tokens(&text) else {
            return self
                .refuse(call, "names of letters, digits, `.`, `:` and `_` within `${…}`; `${!…}` stands for itself");
        };
        let mut pieces = Vec::new();
        let mut steps: Vec<Provenance> = Vec::new();
        for token in tokens {
            match token {
                Token::Text(text) => pieces.push(Piece::Known(text.to_owned())),
                Token::Literal(name) => pieces.push(Piece::Known(format!("${{{name}}}"))),
                Token::Name(name) => {
                    let value = self.variable(name, variables, call.span);
                    match self.pieces(&value) {
                        Some(found) => pieces.extend(found),
                        None => return self.refuse(call, &format!("texts only, which `{name}` is not")),
                    }
                    steps.extend(value.steps);
                }
            }
        }
        Value::of_pieces(pieces, call.span).with_steps(steps)
    }

    /// A variable of `Fn::Sub`: one of its own, a parameter, a resource, or an attribute of one.
    fn variable(&mut self, name: &str, variables: Option<NodeRef<'a>>, span: Span) -> Value {
        // Searching costs, too.
        let own = variables.filter(|variables| self.charge(variables.entries().len(), 0, span) && variables.is_map());
        if let Some(own) = own.and_then(|variables| variables.get(name)) {
            return self.value(own);
        }
        match name.split_once('.') {
            Some((resource, _)) => self.attribute_of(resource, name, span),
            None => self.refer(name, span),
        }
    }

    fn join(&mut self, call: Call<'a>) -> Value {
        const EXPECTED: &str = "a list of two: the delimiter, and the list of the texts to join";
        let (delimiter, list) = match self.template.items(call.argument).as_deref() {
            Some([delimiter, list]) => (self.value(*delimiter), self.value(*list)),
            _ => return self.refuse(call, EXPECTED),
        };
        let items = match list.data {
            Data::List(items) => items,
            Data::Unknown(unknown) => return Value::unknown(unknown.why, call.span).with_steps(list.steps),
            _ => return self.refuse(call, EXPECTED),
        };
        if delimiter.pieces().is_none() {
            return self.refuse(call, EXPECTED);
        }
        let mut pieces = Vec::new();
        let mut has_certain = false;
        let mut steps = list.steps;
        for item in items {
            let Some(found) = self.pieces(&item) else { return self.refuse(call, EXPECTED) };
            // An element that may not be there has its delimiter with it in its unknown piece.
            if !item.may_be_absent() {
                if has_certain {
                    pieces.extend(self.pieces(&delimiter).unwrap_or_default());
                }
                has_certain = true;
            }
            pieces.extend(found);
            steps.extend(item.steps);
        }
        Value::of_pieces(pieces, call.span).with_steps(steps)
    }

    fn split(&mut self, call: Call<'a>) -> Value {
        const EXPECTED: &str = "a list of two: the delimiter, and the text to split";
        let (delimiter, text) = match self.template.items(call.argument).as_deref() {
            Some([delimiter, text]) => (self.value(*delimiter), self.value(*text)),
            _ => return self.refuse(call, EXPECTED),
        };
        for value in [&delimiter, &text] {
            match &value.data {
                Data::Unknown(unknown) => {
                    return Value::unknown(&*unknown.why, call.span).with_steps(text.steps.clone());
                }
                _ if value.as_text().is_none() => return self.refuse(call, EXPECTED),
                _ => {}
            }
        }
        let (Some(delimiter), Some(source)) = (delimiter.as_text().filter(|text| !text.is_empty()), text.as_text())
        else {
            return self.refuse(call, EXPECTED);
        };
        if !self.charge(source.matches(delimiter).count(), source.len(), call.span) {
            return Value::unknown(TOO_LARGE, call.span);
        }
        let items = source.split(delimiter).map(|item| Value::text(item, call.span)).collect();
        Value::list(items, call.span).with_steps(text.steps)
    }

    fn select(&mut self, call: Call<'a>) -> Value {
        const EXPECTED: &str = "a list of two: an index that counts from zero, and a list that is long enough";
        let (index, list) = match self.template.items(call.argument).as_deref() {
            Some([index, list]) => (self.value(*index), self.value(*list)),
            _ => return self.refuse(call, EXPECTED),
        };
        let steps = list.steps;
        let items = match list.data {
            Data::List(items) => items,
            Data::Unknown(unknown) => return Value::unknown(unknown.why, call.span).with_steps(steps),
            _ => return self.refuse(call, EXPECTED),
        };
        if let Data::Unknown(unknown) = index.data {
            return Value::unknown(unknown.why, call.span).with_steps(steps);
        }
        let Some(index) = index.as_text().and_then(|text| text.parse::<usize>().ok()) else {
            return self.refuse(call, EXPECTED);
        };
        if items.iter().take(index.saturating_add(1)).any(Value::may_be_absent) {
            return Value::unknown("an element before it may not be there", call.span).with_steps(steps);
        }
        match items.into_iter().nth(index) {
            Some(item) => item.moved(call.span).with_steps(steps),
            None => self.refuse(call, EXPECTED),
        }
    }

    fn find_in_map(&mut self, call: Call<'a>) -> Value {
        const EXPECTED: &str = "a list of three: a mapping, its first and its second key; with the language extensions a \
                                fourth, `DefaultValue`";
        let parts = self.template.items(call.argument).unwrap_or_default();
        let (name, first, second, default) = match &parts[..] {
            [name, first, second] => (*name, *first, *second, None),
            [name, first, second, last] => match last.get("DefaultValue") {
                Some(default) => (*name, *first, *second, Some(default)),
                None => return self.refuse(call, EXPECTED),
            },
            _ => return self.refuse(call, EXPECTED),
        };
        let name = self.value(name);
        let keys = (self.value(first), self.value(second));
        let name = match (name.as_text(), &name.data) {
            (Some(name), _) => name.to_owned(),
            (None, Data::Unknown(unknown)) => return Value::unknown(&*unknown.why, call.span),
            _ => return self.refuse(call, EXPECTED),
        };
        let default = default.map(|default| self.value(default));
        let Some(mapping) = self.template.mapping(&name) else {
            return default.unwrap_or_else(|| {
                self.undeclared(format!("`{name}` is no mapping of this template"), call.span);
                Value::unknown(format!("there is no mapping `{name}`"), call.span)
            });
        };
        if !self.charge(mapping.entries().len(), 0, call.span) {
            return Value::unknown(TOO_LARGE, call.span);
        }
        let steps = [keys.0.steps.clone(), keys.1.steps.clone()].concat();
        let (Some(first), Some(second)) = (key(&keys.0), key(&keys.1)) else { return self.refuse(call, EXPECTED) };
        let is_certain = matches!((&first, &second), (Key::Known(_), Key::Known(_)));
        let why = format!("which entry of the mapping `{name}` it is is not known");
        let entries = candidates(mapping, &first).into_iter().flat_map(|entry| candidates(entry, &second));
        let entries: Vec<NodeRef<'a>> = entries.take(MOST_ENTRIES + 1).collect();
        if entries.len() > MOST_ENTRIES {
            return Value::unknown(why, call.span).with_steps(steps);
        }
        let mut found: Option<Value> = None;
        for entry in entries {
            let step = Provenance { what: format!("mapping {name}"), span: entry.span() };
            let value = self.value(entry).moved(call.span).with_steps([step]);
            found = Some(match found {
                Some(other) => either(other, value, call.span, &why),
                None => value,
            });
        }
        let value = match (found, default) {
            // Which of several keys it will be is not known, so it may be one without an entry.
            (Some(value), Some(default)) if !is_certain => either(value, default, call.span, &why),
            (Some(value), _) | (None, Some(value)) => value,
            (None, None) => {
                self.undeclared(format!("The mapping `{name}` has no entry for these keys"), call.span);
                Value::unknown(format!("the mapping `{name}` has no such entry"), call.span)
            }
        };
        value.with_steps(steps)
    }

    fn base64(&mut self, call: Call<'a>) -> Value {
        let value = self.argument(call.argument);
        let encoded = match (value.as_text(), &value.data) {
            (Some(text), _) => base64(text.as_bytes()),
            (None, Data::Unknown(unknown)) => return Value::unknown(&*unknown.why, call.span).with_steps(value.steps),
            _ => return self.refuse(call, "a string"),
        };
        self.charge(0, encoded.len(), call.span);
        Value::text(encoded, call.span).with_steps(value.steps)
    }

    fn length(&mut self, call: Call<'a>) -> Value {
        let value = self.argument(call.argument);
        match value.data {
            Data::List(items) if items.iter().any(Value::may_be_absent) => {
                Value::unknown("an element of the list may not be there", call.span)
            }
            Data::List(items) => Value::new(Data::Number(items.len().to_string()), call.span),
            Data::Unknown(unknown) => Value::unknown(unknown.why, call.span),
            _ => self.refuse(call, "a list"),
        }
        .with_steps(value.steps)
    }

    fn json_string(&mut self, call: Call<'a>) -> Value {
        let value = self.argument(call.argument);
        if !matches!(value.data, Data::List(_) | Data::Map(_) | Data::Unknown(_)) {
            return self.refuse(call, "a list or a map");
        }
        let mut text = String::new();
        match json::write(&value, &mut text) {
            Ok(()) => {
                self.charge(0, text.len(), call.span);
                Value::text(text, call.span).with_steps(value.steps)
            }
            Err(why) => Value::unknown(why, call.span).with_steps(value.steps),
        }
    }
}

fn key(value: &Value) -> Option<Key> {
    if let Some(text) = value.as_text() {
        return Some(Key::Known(text.to_owned()));
    }
    let Data::Unknown(unknown) = &value.data else { return None };
    let known = unknown.alternatives.iter().map(|one| one.as_text().map(str::to_owned)).collect::<Option<Vec<_>>>();
    Some(known.filter(|known| !known.is_empty()).map_or(Key::Unknown, Key::OneOf))
}

/// The entries of a map that a key can lead to.
fn candidates<'a>(map: NodeRef<'a>, key: &Key) -> Vec<NodeRef<'a>> {
    match key {
        Key::Known(key) => map.get(key).into_iter().collect(),
        Key::OneOf(keys) => keys.iter().filter_map(|key| map.get(key)).collect(),
        Key::Unknown => map.entries().map(|(_, entry)| entry).collect(),
    }
}

/// Takes the text of `Fn::Sub` apart; `None` when a name has characters that CloudFormation refuses.
fn tokens(text: &str) -> Option<Vec<Token<'_>>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, following)) = after.split_once('}') else { break };
        if !before.is_empty() {
            tokens.push(Token::Text(before));
        }
        if let Some(literal) = name.strip_prefix('!') {
            tokens.push(Token::Literal(literal));
        } else if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.:".contains(&byte)) {
            tokens.push(Token::Name(name));
        } else {
            return None;
        }
        rest = following;
    }
    if !rest.is_empty() {
        tokens.push(Token::Text(rest));
    }
    Some(tokens)
}

/// RFC 4648 section 4.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = group.iter().enumerate().fold(0u32, |bits, (at, byte)| bits | u32::from(*byte) << (16 - 8 * at));
        for at in 0..4 {
            let digit = ALPHABET[(bits >> (18 - 6 * at)) as usize & 63];
            out.push(if at <= group.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_sub_are_taken_apart() {
        use Token::{Literal, Name, Text};
        for (text, expected) in [
            ("", Some(vec![])),
            ("plain", Some(vec![Text("plain")])),
            ("${A}", Some(vec![Name("A")])),
            ("a-${A.B}-${AWS::Region}", Some(vec![Text("a-"), Name("A.B"), Text("-"), Name("AWS::Region")])),
            ("${!Literal}x", Some(vec![Literal("Literal"), Text("x")])),
            ("$ {a} ${", Some(vec![Text("$ {a} ${")])),
            ("${A", Some(vec![Text("${A")])),
            ("${A }", None),
            ("${}", None),
            ("${A:-b}", None),
        ] {
            assert_eq!(tokens(text), expected, "{text}");
        }
    }

    #[test]
    fn base64_of_texts() {
        for (text, expected) in [("", ""), ("a", "YQ=="), ("ab", "YWI="), ("abc", "YWJj"), ("hello?>", "aGVsbG8/Pg==")]
        {
            assert_eq!(base64(text.as_bytes()), expected, "{text}");
        }
    }
}
