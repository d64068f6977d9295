//! Functions of files and paths. Files are read below the scanned folder only; Terraform runs in the
//! folder of the root module, from which paths are reckoned.

use std::sync::Arc;

use data_encoding::BASE64;
use globset::GlobBuilder;
use verdikt_model::Span;

use crate::files::{FileContent, FileProblem, below};
use crate::value::{Data, Encoding, Literal, Origin, Piece, Place, Text, Type, Value, What};

use super::{Call, Failure};

/// The file that the first argument names.
pub(super) fn content(call: &Call<'_>) -> Result<FileContent, Failure> {
    let path = call.string(0)?;
    let found = resolve(call, path).and_then(|path| call.context.files.read(&path));
    let content = found.map_err(|problem| match problem {
        FileProblem::NotFound | FileProblem::Folder => {
            Failure::argument(0, format!("the file {path:?} {}", problem.as_str()))
        }
        problem => Failure::Unknown(format!("the file {path:?} {}", problem.as_str())),
    })?;
    call.context.budget.spend_bytes(content.bytes().len())?;
    Ok(content)
}

/// The path below the scanned folder.
fn resolve(call: &Call<'_>, path: &str) -> Result<String, FileProblem> {
    if path.starts_with('~') {
        return Err(FileProblem::Outside);
    }
    below(call.context.root_folder, path)
}

/// The text of the file that the first argument names, with the place of each part of it.
fn text(call: &Call<'_>) -> Result<Value, Failure> {
    let path = call.string(0)?;
    match content(call)? {
        FileContent::Text { id, text } => {
            let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
            let span = Span::new(id, 0, end);
            let literal = Literal::as_written(text.clone(), span);
            let pieces = Origin::Pieces(Arc::new([Piece::Literal(literal)]));
            let place = Place::at(span).through(What::File, path, call.span);
            Ok(Value::text(Text::with_origin(&*text, pieces)).with_place(place))
        }
        FileContent::Binary(_) => Err(Failure::new(format!(
            "contents of {path:?} are not valid UTF-8; use the filebase64 function to obtain the Base64 encoded \
             contents or the other file functions (e.g. filemd5, filesha256) to obtain file hashing results instead"
        ))),
    }
}

pub(super) fn file(call: &Call<'_>) -> Result<Value, Failure> {
    text(call)
}

pub(super) fn filebase64(call: &Call<'_>) -> Result<Value, Failure> {
    let encoded = BASE64.encode(content(call)?.bytes());
    call.context.budget.spend_bytes(encoded.len())?;
    Ok(match text(call) {
        Ok(inner) => {
            let place = inner.place().clone();
            Value::text(Text::with_origin(encoded, Origin::Encoded(Encoding::Base64, inner))).with_place(place)
        }
        Err(_) => Value::string(encoded),
    })
}

pub(super) fn fileexists(call: &Call<'_>) -> Result<Value, Failure> {
    let path = call.string(0)?;
    match resolve(call, path).and_then(|path| call.context.files.read(&path)) {
        Ok(_) | Err(FileProblem::TooLarge | FileProblem::Unreadable) => Ok(Value::bool(true)),
        Err(FileProblem::NotFound) => Ok(Value::bool(false)),
        Err(FileProblem::Folder) => Err(Failure::argument(0, format!("{path:?} is a directory, not a file"))),
        Err(FileProblem::Outside) => {
            Err(Failure::Unknown(format!("the file {path:?} {}", FileProblem::Outside.as_str())))
        }
    }
}

/// Patterns are those of <https://github.com/bmatcuk/doublestar>.
pub(super) fn fileset(call: &Call<'_>) -> Result<Value, Failure> {
    let (path, pattern) = (call.string(0)?, call.string(1)?);
    let outside = || Failure::Unknown("files outside of the scanned folder are not looked for".to_owned());
    if pattern.starts_with("../") || pattern.contains("/../") || pattern.ends_with("/..") || pattern == ".." {
        return Err(Failure::Unknown(format!("the pattern {pattern:?} leads out of its folder")));
    }
    let folder = resolve(call, path).map_err(|_| outside())?;
    let parts: Vec<&str> = pattern.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    let glob = GlobBuilder::new(&parts.join("/")).literal_separator(true).backslash_escape(true).build();
    let glob = glob.map_err(|error| Failure::new(format!("failed to glob pattern {pattern:?}: {error}")))?;
    let matcher = glob.compile_matcher();
    let recursive = parts.len() > 1 || pattern.contains("**") || pattern.contains('{');
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let mut found = Vec::new();
    for file in call.context.files.list(&folder, recursive) {
        call.spend(1)?;
        let Some(relative) = file.strip_prefix(&prefix) else { continue };
        if matcher.is_match(relative) {
            found.push(call.text(relative.to_owned())?);
        }
    }
    Ok(Value::set(Type::String, found))
}

pub(super) fn templatefile(call: &Call<'_>) -> Result<Value, Failure> {
    let template = text(call)?;
    let rendered = render(call, &template)?;
    // What is written in the template came through the file; a template may also be nothing but a variable.
    let place = match rendered.as_text().map(Text::origin) {
        Some(Origin::Pieces(_)) => template.place().clone(),
        _ => template.place().of_child(rendered.place()),
    };
    Ok(rendered.with_place(place))
}

/// Whether the first argument is an expression that may stand there, the evaluator knows.
pub(super) fn templatestring(call: &Call<'_>) -> Result<Value, Failure> {
    let template = call.get(0)?;
    if !matches!(template.data(), Data::String(_)) {
        return Err(Failure::argument(0, "invalid template expression: a string is required"));
    }
    render(call, template)
}

fn render(call: &Call<'_>, template: &Value) -> Result<Value, Failure> {
    let variables = call.get(1)?;
    if !matches!(variables.data(), Data::Map(_) | Data::Object(_)) {
        return Err(Failure::argument(1, "invalid vars value: must be a map"));
    }
    let members: Vec<_> = variables.members().collect();
    if let Some(member) = members.iter().find(|member| !is_identifier(&member.key)) {
        return Err(Failure::argument(
            1,
            format!(
                "invalid template variable name {:?}: must start with a letter, followed by zero or more letters, \
                 digits, and underscores",
                member.key
            ),
        ));
    }
    Ok(call.templates.render(template, &members, call.span)?)
}

fn is_identifier(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(unicode_ident::is_xid_start)
        && letters.all(|letter| unicode_ident::is_xid_continue(letter) || letter == '-')
}

pub(super) fn basename(call: &Call<'_>) -> Result<Value, Failure> {
    let path = call.string(0)?;
    let trimmed = path.trim_end_matches('/');
    call.text(match (path, trimmed) {
        ("", _) => ".".to_owned(),
        (_, "") => "/".to_owned(),
        (_, trimmed) => trimmed.rsplit_once('/').map_or(trimmed, |(_, name)| name).to_owned(),
    })
}

pub(super) fn dirname(call: &Call<'_>) -> Result<Value, Failure> {
    let path = call.string(0)?;
    call.text(clean(path.rfind('/').map_or("", |slash| &path[..=slash])))
}

/// The machine and its folders are not known here; only an absolute path is what it is.
pub(super) fn abspath(call: &Call<'_>) -> Result<Value, Failure> {
    let path = call.string(0)?;
    if path.starts_with('/') {
        return call.text(clean(path));
    }
    Err(Failure::Unknown("it depends on the folder that Terraform runs in".to_owned()))
}

pub(super) fn pathexpand(call: &Call<'_>) -> Result<Value, Failure> {
    let path = call.get(0)?;
    if call.string(0)?.starts_with('~') {
        return Err(Failure::Unknown("it depends on the home folder of who runs Terraform".to_owned()));
    }
    Ok(path.clone())
}

/// The shortest path that means the same (<https://pkg.go.dev/path/filepath#Clean>).
fn clean(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if absolute => {}
            part => parts.push(part),
        }
    }
    match (absolute, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => parts.join("/"),
    }
}
