//! Files for configurations of tests, and values as text.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use verdikt_model::{Diagnostic, FileId, LineIndex, NodeId, Span, TreeBuilder};
use verdikt_terraform::budget::Limits;
use verdikt_terraform::files::{FileContent, FileProblem, Files, Json, folder_of};
use verdikt_terraform::program::{Evaluation, Inputs, Program};
use verdikt_terraform::value::{Data, Known, Piece, Value};

/// Files that are texts in memory.
pub struct Texts(BTreeMap<String, (FileId, Arc<str>)>);

impl Texts {
    pub fn new<'t>(files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Self {
        let file =
            |(index, (path, text)): (usize, (&str, &str))| (path.to_owned(), (FileId(index as u32), Arc::from(text)));
        Texts(files.into_iter().enumerate().map(file).collect())
    }

    /// A place as `path:line`, and the text there.
    pub fn place(&self, span: Span) -> String {
        let Some((path, (_, text))) = self.0.iter().find(|(_, (id, _))| *id == span.file) else {
            return "?".to_owned();
        };
        let line = LineIndex::new(text).position(text, span.start).line;
        format!("{path}:{line} {}", &text[span.range()])
    }
}

impl Files for Texts {
    fn read(&self, path: &str) -> Result<FileContent, FileProblem> {
        let (id, text) = self.0.get(path).ok_or(FileProblem::NotFound)?;
        Ok(FileContent::Text { id: *id, text: text.clone() })
    }

    fn list(&self, folder: &str, recursive: bool) -> Vec<String> {
        let inside = |path: &&String| match recursive {
            true => folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')),
            false => folder_of(path) == folder,
        };
        self.0.keys().filter(inside).cloned().collect()
    }

    fn parse_json(&self, file: FileId, text: &str) -> Json {
        parse_json(file, text)
    }
}

/// The files of a folder on disk.
pub struct Disk {
    root: PathBuf,
    read: Mutex<HashMap<String, (FileId, Arc<str>)>>,
}

impl Disk {
    pub fn new(root: &Path) -> Self {
        Disk { root: root.to_owned(), read: Mutex::default() }
    }

    pub fn place(&self, span: Span) -> String {
        let read = self.read.lock().expect("no test panics with the lock");
        let Some((path, (_, text))) = read.iter().find(|(_, (id, _))| *id == span.file) else {
            return "?".to_owned();
        };
        format!("{path}:{}", LineIndex::new(text).position(text, span.start).line)
    }
}

impl Files for Disk {
    fn read(&self, path: &str) -> Result<FileContent, FileProblem> {
        let mut read = self.read.lock().expect("no test panics with the lock");
        if let Some((id, text)) = read.get(path) {
            return Ok(FileContent::Text { id: *id, text: text.clone() });
        }
        let bytes = fs::read(self.root.join(path)).map_err(|_| FileProblem::NotFound)?;
        let Ok(text) = String::from_utf8(bytes.clone()) else { return Ok(FileContent::Binary(bytes.into())) };
        let file = (FileId(read.len() as u32), Arc::from(text));
        read.insert(path.to_owned(), file.clone());
        Ok(FileContent::Text { id: file.0, text: file.1 })
    }

    fn list(&self, folder: &str, recursive: bool) -> Vec<String> {
        let mut found = Vec::new();
        let mut waiting = vec![folder.to_owned()];
        while let Some(folder) = waiting.pop() {
            for entry in fs::read_dir(self.root.join(&folder)).into_iter().flatten().flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                match entry.path().is_dir() {
                    true if recursive => waiting.push(path),
                    true => {}
                    false => found.push(path),
                }
            }
        }
        found.sort();
        found
    }

    fn parse_json(&self, file: FileId, text: &str) -> Json {
        parse_json(file, text)
    }
}

/// A small JSON reader: what it is given is correct.
fn parse_json(file: FileId, text: &str) -> Json {
    let mut reader = JsonReader { file, text, at: 0, builder: TreeBuilder::new() };
    let root = reader.value();
    Json { tree: Arc::new(reader.builder.finish()), root: Some(root), diagnostics: Vec::<Diagnostic>::new() }
}

struct JsonReader<'t> {
    file: FileId,
    text: &'t str,
    at: usize,
    builder: TreeBuilder,
}

impl JsonReader<'_> {
    fn next(&mut self) -> u8 {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().take_while(|byte| byte.is_ascii_whitespace() || matches!(byte, b',' | b':')).count();
        self.text.as_bytes()[self.at]
    }

    fn span(&self, start: usize) -> Span {
        Span::new(self.file, start as u32, self.at as u32)
    }

    fn string(&mut self) -> String {
        let start = self.at;
        self.at += 1;
        while self.text.as_bytes()[self.at] != b'"' {
            self.at += if self.text.as_bytes()[self.at] == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
        let inner = &self.text[start + 1..self.at - 1];
        inner.replace("\\\"", "\"").replace("\\n", "\n").replace("\\\\", "\\")
    }

    fn value(&mut self) -> NodeId {
        let first = self.next();
        let start = self.at;
        match first {
            b'"' => {
                let text = self.string();
                let span = self.span(start);
                self.builder.string(span, &text)
            }
            b'[' => {
                self.at += 1;
                let mut items = Vec::new();
                while self.next() != b']' {
                    items.push(self.value());
                }
                self.at += 1;
                let span = self.span(start);
                self.builder.list(span, &items)
            }
            b'{' => {
                self.at += 1;
                let mut entries = Vec::new();
                while self.next() != b'}' {
                    let key_start = self.at;
                    let key = self.string();
                    let key_span = self.span(key_start);
                    let value = self.value();
                    entries.push(self.builder.entry(&key, key_span, value));
                }
                self.at += 1;
                let span = self.span(start);
                self.builder.map(span, &entries)
            }
            _ => {
                let rest = &self.text[start..];
                let length = rest.find([',', ']', '}', '\n', ' ']).unwrap_or(rest.len());
                self.at += length;
                let span = self.span(start);
                match &rest[..length] {
                    "null" => self.builder.null(span),
                    "true" => self.builder.bool(span, true),
                    "false" => self.builder.bool(span, false),
                    number => self.builder.number(span, number),
                }
            }
        }
    }
}

/// Evaluates the root in the scanned folder itself.
pub fn evaluate(files: &Texts) -> Evaluation {
    evaluate_with(files, &Inputs::default())
}

pub fn evaluate_with(files: &Texts, inputs: &Inputs) -> Evaluation {
    Program::new(files).evaluate("", inputs, Limits::default()).expect("there is a module")
}

/// A value as JSON text, with what is known of an unknown one behind a question mark.
pub fn shown(value: &Value) -> String {
    match value.data() {
        Data::Null(_) => "null".to_owned(),
        Data::Bool(value) => value.to_string(),
        Data::Number(number) => number.to_string(),
        Data::String(text) => format!("{:?}", text.as_str()),
        Data::List(_) | Data::Set(_) | Data::Tuple(_) => {
            format!("[{}]", value.elements().map(|element| shown(&element)).collect::<Vec<_>>().join(","))
        }
        Data::Map(_) | Data::Object(_) => members(value.members().map(|member| (member.key, member.value))),
        Data::Unknown(_) => {
            let Some(unknown) = value.as_unknown() else { return "?".to_owned() };
            match (&unknown.known, &unknown.reference) {
                (Known::Elements { elements, open }, _) => {
                    let element = |element: &verdikt_terraform::value::Element| {
                        format!("{}{}", shown(&element.value), if element.certain { "" } else { "?" })
                    };
                    let open = if *open { "..." } else { "" };
                    format!("?[{}{open}]", elements.iter().map(element).collect::<Vec<_>>().join(","))
                }
                (Known::Any(values), _) => format!("?({})", values.iter().map(shown).collect::<Vec<_>>().join("|")),
                (Known::Encoded(_, value), _) => format!("?encoded {}", shown(value)),
                (Known::Pieces(pieces), _) => {
                    let piece = |piece: &Piece| match piece {
                        Piece::Literal(literal) => literal.text.to_string(),
                        Piece::Value(value) => {
                            value.as_str().map_or_else(|| format!("${{{}}}", shown(value)), str::to_owned)
                        }
                    };
                    format!("?{:?}", pieces.iter().map(piece).collect::<String>())
                }
                (_, Some(reference)) => format!("?{reference}"),
                (_, None) => "?".to_owned(),
            }
        }
    }
}

fn members(members: impl Iterator<Item = (Arc<str>, Value)>) -> String {
    let members: Vec<String> = members.map(|(key, value)| format!("{key}={}", shown(&value))).collect();
    format!("{{{}}}", members.join(","))
}

/// The body of the item with an address.
pub fn body(evaluation: &Evaluation, address: &str) -> String {
    match evaluation.items.iter().find(|item| item.address == address) {
        Some(item) => shown(&item.body),
        None => format!("there is no `{address}`"),
    }
}

/// The value of a local or output of the root.
pub fn value(evaluation: &Evaluation, address: &str) -> String {
    let item = evaluation.items.iter().find(|item| item.address == address);
    item.and_then(|item| item.body.member("value")).map_or_else(|| "absent".to_owned(), |value| shown(&value))
}

pub fn messages(files: &Texts, evaluation: &Evaluation) -> Vec<String> {
    let message = |diagnostic: &Diagnostic| match &diagnostic.place {
        verdikt_model::DiagnosticPlace::Span(span) => {
            format!("{} {}: {}", diagnostic.code, files.place(*span), diagnostic.message)
        }
        _ => format!("{}: {}", diagnostic.code, diagnostic.message),
    };
    evaluation.diagnostics.iter().map(message).collect()
}
