//! Where a value stands that belongs to a name, in the texts that people configure programs with.
//!
//! There are few ways to write it, whatever the format: behind a sign (`name = value`, `"name": "value"`), between
//! tags (`<name>value</name>`), beside it (`name: NAME`, `value: …`), or behind a space (`requirepass value`).

use crate::literal::closing;
use crate::names::SecretName;

/// What the name of a file says of how it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// Nothing.
    Unknown,
    /// A program: what has no quotes is a name of its own.
    Code,
    /// A script: `${NAME}` is a variable of it.
    Script,
    /// Sentences for people.
    Prose,
    /// Directives, each with its values behind spaces.
    Directives,
}

impl Syntax {
    /// By the ending of a file's name.
    pub fn of(file: &str) -> Syntax {
        const CODE: &[&str] =
            &["py", "js", "ts", "mjs", "lua", "rb", "php", "go", "java", "groovy", "rego", "hcl", "tf", "awk", "pl"];
        const PROSE: &[&str] = &["md", "html", "htm", "rst", "adoc", "tpl", "tmpl"];
        const DIRECTIVES: &[&str] = &["conf", "cnf", "cfg", "netrc", "authinfo"];
        let ending = file.rsplit_once('.').map_or(file, |(_, ending)| ending).to_ascii_lowercase();
        let is = |endings: &[&str]| endings.contains(&ending.as_str());
        if is(CODE) {
            Syntax::Code
        } else if is(&["sh", "bash", "zsh", "ps1"]) {
            Syntax::Script
        } else if is(PROSE) {
            Syntax::Prose
        } else if is(DIRECTIVES) {
            Syntax::Directives
        } else {
            Syntax::Unknown
        }
    }
}

/// The name of a credential in a text.
#[derive(Clone, Copy)]
pub(crate) struct Place<'t> {
    pub(crate) text: &'t str,
    /// Where its line begins.
    pub(crate) line: usize,
    /// Where it begins and ends.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Whether it stands between brackets that begin in its line.
    pub(crate) is_inside: bool,
    pub(crate) kind: SecretName,
    pub(crate) syntax: Syntax,
}

/// As far as anything is looked for around a name.
const REACH: usize = 512;

impl<'t> Place<'t> {
    /// What the name is set to.
    pub(crate) fn value(&self) -> Option<&'t str> {
        let before = end_of(self.text.get(self.line..self.start)?);
        let behind = start_of(self.text.get(self.end..)?);
        if is_tag(before) {
            return of_tag(behind);
        }
        let (is_quoted, rest) = without_closing(behind);
        if let Some(sign) = Sign::of(rest, is_quoted) {
            return self.assigned(before, is_quoted, sign, &rest[sign.length()..]);
        }
        // `define('NAME', 'value')`
        if is_quoted && is_argument(before) {
            return rest.trim_start().strip_prefix(',').and_then(|rest| quoted(rest.trim_start()));
        }
        if let Some(naming) = Naming::of(before) {
            return self.beside(naming, before, behind);
        }
        if is_quoted { None } else { self.behind_space(before, behind) }
    }

    fn assigned(&self, before: &'t str, is_quoted: bool, sign: Sign, rest: &'t str) -> Option<&'t str> {
        if sign == Sign::Equals && (is_compared(before, is_quoted) || self.is_label(before, rest)) {
            return None;
        }
        let is_first = is_first(before);
        let is_inside = self.is_inside || is_quoted && sign == Sign::Colon;
        if sign == Sign::Colon && !(is_quoted || is_first || self.is_inside) {
            return None;
        }
        let value = rest.trim_start_matches([' ', '\t']);
        if sign == Sign::Colon && is_first && is_end_or_block(value) {
            return self.in_next_line(value);
        }
        if let Some(value) = quoted(value) {
            return Some(value);
        }
        let value = without_anchor(value)?;
        // `${NAME:?message}`, and `${secrets:namespace/name:key}` of Kafka Connect.
        let is_expansion = sign == Sign::Colon && before.ends_with("${");
        if is_expansion && (rest.starts_with(['?', '+']) || self.name() == "secrets") {
            return None;
        }
        // `token=[^&]*`: a regular expression.
        if value.starts_with("[^") {
            return None;
        }
        if let Some(items) = value.strip_prefix('[') {
            return if self.names_items() { item(items) } else { None };
        }
        if value.starts_with("$(") {
            return closing(&value[1..]).map(|length| &value[..length + 1]);
        }
        // How Spring writes a password that is not hashed.
        let value = value.strip_prefix("{noop}").unwrap_or(value);
        if value.starts_with(['{', '*', '!', '`']) && !value.starts_with("{{") || value.starts_with("<<") {
            return None;
        }
        let value = until(value, b"\n\r");
        if value.starts_with("{{") || value.starts_with("${") || value.starts_with('<') {
            let end = ["}}", "}", ">"].iter().find_map(|end| value.find(end).map(|at| at + end.len()));
            return end.map(|end| &value[..end]);
        }
        let value = if is_inside {
            until(value, b",}]")
        } else if is_first && !(sign == Sign::Equals && is_upper(self.name())) {
            without_comment(value).trim_end().trim_end_matches([',', ';'])
        } else if is_first {
            // `NAME=value program` sets a variable of a program.
            until(value, b" \t;\"'`")
        } else {
            until(value, b" \t;&,\"'`)}]\\")
        };
        let value = value.trim();
        // `--password=PASSWORD`, as programs say how to use them.
        if before.ends_with("--") && is_upper(value) && self.name().to_ascii_uppercase().ends_with(value) {
            return None;
        }
        let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        (!is_code(value) && (self.syntax != Syntax::Code || is_number)).then_some(value)
    }

    /// `x_total{secret="…"}` of PromQL: a label, which says the name of something.
    fn is_label(&self, before: &str, rest: &str) -> bool {
        let Some((metric, labels)) = before.rsplit_once('{') else { return false };
        let is_metric = metric.ends_with(|last: char| last.is_ascii_alphanumeric() || last == '_');
        let is_next = labels.is_empty() || labels.contains('=') && labels.trim_end().ends_with(',');
        self.kind == SecretName::Other && is_metric && is_next && rest.starts_with(['"', '\''])
    }

    fn name(&self) -> &'t str {
        &self.text[self.start..self.end]
    }

    /// Whether elements of a list under this name are credentials; `secrets: [db]` names some.
    fn names_items(&self) -> bool {
        let name = self.name().to_ascii_uppercase();
        !["SECRET", "SECRETS", "CREDENTIALS", "CREDS"].iter().any(|end| name.ends_with(end))
    }

    /// The text of YAML that stands in lines of its own: a block, an element, or the rest of a mapping.
    fn in_next_line(&self, value: &'t str) -> Option<&'t str> {
        let (header, rest) = value.split_once('\n')?;
        let indent = indent(&self.text[self.line..self.start]);
        let line = rest.lines().find(|line| !line.trim().is_empty())?;
        let inside = line.trim();
        let is_item = inside.starts_with("- ");
        if indent_of(line) < indent || indent_of(line) == indent && !is_item {
            return None;
        }
        if header.trim_start().starts_with(['|', '>']) {
            return Some(inside);
        }
        if let Some(item) = inside.strip_prefix("- ") {
            return if self.names_items() { scalar(item) } else { None };
        }
        match inside.strip_prefix("value:") {
            Some(value) => scalar(value),
            None => scalar(inside),
        }
    }

    /// The value of which the name is said beside it: `- name: NAME` with a `value` before or behind it.
    fn beside(&self, naming: Naming, before: &'t str, behind: &'t str) -> Option<&'t str> {
        match naming {
            Naming::Element => {
                let (_, rest) = behind.split_once('<')?;
                let at = rest.find("value>")?;
                // Not the value of the next one.
                let is_next = rest[..at].contains("name>") && rest[..at].matches("name>").count() > 1;
                let value = rest[at + 6..].split('<').next().unwrap_or_default();
                (!is_next).then_some(value.trim())
            }
            Naming::Attribute => {
                let end = behind.find('>').unwrap_or(behind.len());
                let tag = &behind[..end];
                if let Some(value) = member(tag, true).or_else(|| member(before.rsplit('<').next()?, true)) {
                    return Some(value);
                }
                let content = behind.get(end + 1..).filter(|_| !tag.ends_with('/'))?;
                let text = until(content, b"<").trim();
                if !text.is_empty() {
                    return Some(text);
                }
                content.trim_start().strip_prefix("<value>")?.split('<').next()
            }
            Naming::Member => {
                let indent = indent(&self.text[self.line..self.start]);
                let own = until_end_of_mapping(behind);
                let before = self.lines_before(indent, before);
                let behind = siblings(behind, indent);
                member(own, false)
                    .or_else(|| behind.iter().find_map(|line| member(line, false)))
                    .or_else(|| before.iter().find_map(|line| member(line, false)))
            }
        }
    }

    /// The lines before the name's that belong to the same mapping, and its own up to the name.
    fn lines_before(&self, own: usize, before: &'t str) -> Vec<&'t str> {
        let mut found = vec![before.rsplit('{').next().unwrap_or_default()];
        if before.trim_start().starts_with("- ") || before.contains('{') {
            return found;
        }
        let above = end_of(&self.text[..self.line]);
        for line in above.lines().rev().take(4) {
            let text = line.trim_start();
            let is_first = text.starts_with('-') || text.starts_with('{');
            if text.is_empty() || indent_of(line) > own + 2 || indent(line) < own && !is_first {
                break;
            }
            found.push(line);
            if is_first {
                break;
            }
        }
        found
    }

    /// `requirepass value`, `--password value`, `PASSWORD 'value'`, `machine … password value`.
    fn behind_space(&self, before: &str, behind: &'t str) -> Option<&'t str> {
        if self.syntax == Syntax::Prose || !behind.starts_with([' ', '\t']) {
            return None;
        }
        let rest = until(behind, b"\n\r").trim();
        let first = quoted(rest).unwrap_or_else(|| until(rest, b" \t;"));
        if before.ends_with("--") || before.ends_with(" -") {
            let is_value = !first.starts_with(['-', '=', '|', '>', '&', '<', '\\', ')']) && !first.contains('=');
            return is_value.then_some(first);
        }
        // `token …` and `Shared_Key …` of Fluent Bit and the like: a word too long to be a keyword.
        let is_key = self.syntax == Syntax::Directives && first.len() >= 8;
        if self.kind != SecretName::Password && !is_key || self.syntax == Syntax::Code {
            return None;
        }
        if rest.starts_with('\'') {
            return quoted(rest);
        }
        let before = before.trim();
        if ["login ", "machine ", "account "].iter().any(|word| before.contains(word)) {
            return Some(first);
        }
        let name = self.name().to_ascii_lowercase();
        if before == "sentinel" {
            return rest.rsplit(' ').next();
        }
        let rest = without_comment(rest).trim_end_matches(';').trim_end();
        let is_single =
            quoted(rest).is_some_and(|inside| inside.len() + 2 == rest.len()) || !rest.contains([' ', '\t']);
        // `password` alone also begins sentences.
        let is_directive = match name.as_str() {
            "password" | "pass" | "passwd" | "pwd" => {
                self.syntax == Syntax::Directives
                    || end_of(&self.text[..self.line])
                        .trim_end()
                        .rsplit('\n')
                        .next()
                        .is_some_and(|line| line.trim_start().starts_with("login "))
            }
            _ => true,
        };
        let is_first = is_first(before) && !before.ends_with('-');
        (is_first && is_single && is_directive && !rest.starts_with(['=', ':', '(', '{', '|']))
            .then_some(quoted(rest).unwrap_or(rest))
    }
}

/// What stands between a name and its value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Equals,
    /// `=>`, `:=`, `?=`
    Long,
    Colon,
}

impl Sign {
    fn of(rest: &str, is_quoted: bool) -> Option<Sign> {
        if ["=>", ":=", "?="].iter().any(|sign| rest.starts_with(sign)) {
            return Some(Sign::Long);
        }
        // `a == b` and `a =~ b` compare, `a://b` is a URL.
        if let Some(behind) = rest.strip_prefix('=') {
            return (!behind.starts_with(['=', '~'])).then_some(Sign::Equals);
        }
        let behind = rest.strip_prefix(':')?;
        (is_quoted || !behind.starts_with(['/', ':'])).then_some(Sign::Colon)
    }

    fn length(self) -> usize {
        if self == Sign::Long { 2 } else { 1 }
    }
}

/// How something says that what follows is the name of a value.
#[derive(Clone, Copy)]
enum Naming {
    /// `name: NAME`
    Member,
    /// `<add key="NAME"`
    Attribute,
    /// `<name>NAME</name>`
    Element,
}

impl Naming {
    fn of(before: &str) -> Option<Naming> {
        if before.ends_with("<name>") || before.ends_with("-name>") && before.contains('<') {
            return Some(Naming::Element);
        }
        let text = before.trim_end_matches(['"', '\'', '\\']).trim_end();
        let (rest, is_equals) = match text.strip_suffix('=') {
            Some(rest) => (rest, true),
            None => (text.strip_suffix(':')?, false),
        };
        let rest = rest.trim_end().trim_end_matches(['"', '\'', '\\']);
        let length = rest.bytes().rev().take_while(u8::is_ascii_alphanumeric).count();
        let name = rest[rest.len() - length..].to_ascii_lowercase();
        let is_naming = ["name", "key", "variable", "property", "param", "parameterkey"].contains(&name.as_str());
        is_naming.then_some(if is_equals && before.contains('<') { Naming::Attribute } else { Naming::Member })
    }
}

/// The `value` in a part of a mapping or of a tag.
fn member(text: &str, is_tag: bool) -> Option<&str> {
    text.match_indices(['v', 'V']).find_map(|(at, _)| {
        let is_begin = text[..at].bytes().next_back().is_none_or(|byte| !byte.is_ascii_alphanumeric() && byte != b'_')
            || at
                .checked_sub(9)
                .and_then(|from| text.get(from..at))
                .is_some_and(|word| word.eq_ignore_ascii_case("parameter"));
        let rest = text.get(at..at + 5).filter(|word| is_begin && word.eq_ignore_ascii_case("value"))?;
        let (_, behind) = without_closing(&text[at + rest.len()..]);
        let behind = behind.strip_prefix(if is_tag { '=' } else { ':' })?;
        scalar(until_end_of_mapping(behind))
    })
}

/// What stands before the end of the line or of the mapping. The bracket of a placeholder (`${name}`) ends none: what is
/// left of it without would look like a credential.
fn until_end_of_mapping(text: &str) -> &str {
    let (mut open, mut before) = (0_usize, ' ');
    let end = text.find(|character: char| {
        let is_placeholder = character == '{' && before == '$';
        before = character;
        match character {
            '{' if is_placeholder => open += 1,
            '}' if open > 0 => open -= 1,
            '}' | '\n' => return true,
            _ => {}
        }
        false
    });
    &text[..end.unwrap_or(text.len())]
}

/// The lines behind a name that belong to the same mapping.
fn siblings(behind: &str, own: usize) -> Vec<&str> {
    let lines = behind.split('\n').skip(1);
    let belongs = |line: &&str| {
        let text = line.trim_start();
        !text.is_empty()
            && !text.starts_with(['-', '}', ']', '{'])
            && indent_of(line) + 2 >= own
            && !line.starts_with("---")
    };
    lines.take_while(belongs).filter(|line| indent_of(line) <= own + 2).collect()
}

/// A scalar to the end of its line, in quotes or not.
fn scalar(text: &str) -> Option<&str> {
    let text = until(text, b"\n\r").trim();
    if let Some(inside) = quoted(text) {
        return Some(inside);
    }
    let text = without_anchor(without_comment(text))?.trim_end().trim_end_matches(',');
    let is_mapping = text.contains(": ") || text.ends_with(':');
    (!is_mapping && !text.starts_with(['{', '[', '*', '!', '&', '|', '>']) || text.starts_with("{{")).then_some(text)
}

/// The first element of a list in brackets.
fn item(items: &str) -> Option<&str> {
    let items = items.trim_start();
    quoted(items).or_else(|| {
        let first = until(items, b",]\n").trim();
        (!first.is_empty() && !first.starts_with(['{', '[', '*'])).then_some(first)
    })
}

/// What stands in quotes, also in escaped ones and in those of programs (`r"…"`, `"""…"""`).
fn quoted(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let is_marked =
        bytes.first().is_some_and(|mark| b"NnBbRrUuFf".contains(mark)) && matches!(bytes.get(1), Some(b'"' | b'\''));
    let text = if is_marked { &text[1..] } else { text };
    for open in ["\"\"\"", "'''"] {
        if let Some(inside) = text.strip_prefix(open) {
            return inside.split(open).next().map(|inside| inside.trim_start().split('\n').next().unwrap_or_default());
        }
    }
    if let Some(inside) = text.strip_prefix("\\\"").or_else(|| text.strip_prefix("\\'")) {
        return inside.split(['\\', '"', '\'']).next();
    }
    let quote = text.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    let inside = &text[1..];
    let mut is_escaped = false;
    let end = inside.find(|character: char| {
        let is_end = character == quote && !is_escaped;
        is_escaped = character == '\\' && !is_escaped && quote == '"';
        is_end
    });
    Some(&inside[..end.unwrap_or(inside.len())])
}

/// What stands behind a name, without what closes its quotes and its brackets: `"]` of `config["name"]`.
fn without_closing(behind: &str) -> (bool, &str) {
    let escaped = behind.strip_prefix('\\').unwrap_or(behind);
    let (is_quoted, rest) = match escaped.strip_prefix(['"', '\'']) {
        Some(rest) => (true, rest.strip_prefix(']').unwrap_or(rest)),
        None => (false, behind),
    };
    (is_quoted, rest.trim_start_matches([' ', '\t']))
}

/// Whether what stands before a name is a call of something that sets it or has a default for it.
fn is_argument(before: &str) -> bool {
    const CALLS: &[&str] = &[
        "define",
        "setenv",
        "putenv",
        "getenv",
        "env",
        "get",
        "set",
        "setdefault",
        "put",
        "setproperty",
        "getproperty",
    ];
    let Some(call) = before.trim_end_matches(['"', '\'']).trim_end().strip_suffix('(') else { return false };
    let length = call.bytes().rev().take_while(u8::is_ascii_alphanumeric).count();
    CALLS.contains(&call[call.len() - length..].to_ascii_lowercase().as_str())
}

/// `[ "$NAME" = "x" ]` and `[ $NAME = x ]` of a script: it is compared, not set.
fn is_compared(before: &str, is_quoted: bool) -> bool {
    let variable = before.strip_suffix('$').or_else(|| before.strip_suffix("${"));
    variable.is_some_and(|before| is_quoted && before.ends_with('"') || before.ends_with("[ "))
}

/// Whether a name is the first of its line, but for words that declare it.
fn is_first(before: &str) -> bool {
    const WORDS: &[&str] = &[
        "export", "set", "setx", "env", "arg", "const", "let", "var", "val", "local", "declare", "readonly", "def",
        "static", "final", "private", "public", "string", "-x", "-",
    ];
    let marks = [' ', '\t', '-', '$', '@', '"', '\'', '{', '+', '/', '?', '\\'];
    before.len() < REACH
        && before
            .split([' ', '\t'])
            .map(|word| word.trim_matches(marks))
            .all(|word| word.is_empty() || WORDS.contains(&word.to_ascii_lowercase().as_str()))
}

fn is_tag(before: &str) -> bool {
    let name = before.trim_end_matches(|character: char| character.is_ascii_alphanumeric() || character == ':');
    name.ends_with('<') && (before.ends_with('<') || before.ends_with(':'))
}

/// What stands in the tag whose name ends here: a `value`, or its content.
fn of_tag(behind: &str) -> Option<&str> {
    let (tag, content) = behind.split_once('>')?;
    if !tag.is_empty() && !tag.starts_with([' ', '\t', '\n', '/']) {
        return None;
    }
    if let Some(value) = member(tag, true) {
        return Some(value);
    }
    if tag.ends_with('/') {
        return None;
    }
    let content = content.trim_start();
    match content.strip_prefix("<![CDATA[") {
        Some(text) => text.split("]]>").next(),
        None => content.split_once("</").map(|(text, _)| text.trim_end()).filter(|text| !text.contains('<')),
    }
}

/// Nothing else in this line, or the header of a block (YAML 1.2, 8.1).
fn is_end_or_block(value: &str) -> bool {
    let line = until(value, b"\n");
    let line = without_comment(line).trim();
    let header = line.trim_start_matches(['|', '>']);
    line.is_empty()
        || header.len() + 1 == line.len() && header.bytes().all(|byte| byte.is_ascii_digit() || b"+-".contains(&byte))
}

/// A value of YAML without its anchor and its type; `None` for an alias and for types of programs, such as `!vault`.
fn without_anchor(value: &str) -> Option<&str> {
    let value = match value.strip_prefix('&') {
        Some(rest) => rest.split_once(' ').map(|(_, rest)| rest.trim_start())?,
        None => value,
    };
    match value.strip_prefix("!!") {
        Some(rest) => rest.split_once(' ').map(|(_, rest)| rest.trim_start().trim_matches(['"', '\''])),
        None => Some(value),
    }
}

fn without_comment(text: &str) -> &str {
    text.split_once(" #").map_or(text, |(text, _)| text)
}

/// A text up to the first of these bytes, which are ASCII.
fn until<'t>(text: &'t str, ends: &[u8]) -> &'t str {
    let end = text.bytes().position(|byte| ends.contains(&byte));
    end.map_or(text, |end| &text[..end])
}

fn is_upper(name: &str) -> bool {
    !name.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// What is evaluated rather than a text: calls, elements, members of what programs know.
fn is_code(value: &str) -> bool {
    const ROOTS: &[&str] =
        &["process.env.", "os.environ", "env.", "System.", "self.", "this.", "var.", "local.", "module.", "data."];
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.$".contains(&byte))
    };
    let is_call = value.trim_end_matches(';').ends_with([')', ']'])
        && value.split_once(['(', '[']).is_some_and(|(name, _)| is_name(name));
    is_call || ROOTS.iter().any(|root| value.starts_with(root)) || value.starts_with('`')
}

/// The columns before a name, with the mark of an element.
fn indent(line: &str) -> usize {
    line.bytes().take(REACH).take_while(|byte| b" \t-".contains(byte)).count()
}

fn indent_of(line: &str) -> usize {
    line.bytes().take(REACH).take_while(|byte| b" \t".contains(byte)).count()
}

fn start_of(text: &str) -> &str {
    if text.len() <= REACH {
        return text;
    }
    let end = (0..=REACH).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    &text[..end]
}

fn end_of(text: &str) -> &str {
    if text.len() <= REACH {
        return text;
    }
    let start = (text.len() - REACH..text.len()).find(|start| text.is_char_boundary(*start)).unwrap_or(text.len());
    &text[start..]
}
