//! `verdikt pack new`: the project of a new rule pack.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::args::PackNewArgs;
use crate::exit::Exit;

include!(concat!(env!("OUT_DIR"), "/sdk.rs"));

/// A language that packs can be started in, and the files of such a project, relative to its
/// folder. `{{name}}` and `{{prefix}}` are filled in.
struct Template {
    language: &'static str,
    files: &'static [(&'static str, &'static str)],
}

const TEMPLATES: &[Template] = &[Template {
    language: "rust",
    files: &[
        ("Cargo.toml", include_str!("../template/rust/manifest.toml")),
        ("README.md", include_str!("../template/rust/README.md")),
        (".gitignore", include_str!("../template/rust/gitignore")),
        ("src/lib.rs", include_str!("../template/rust/lib.rs")),
        ("fixtures/no-team.yaml", include_str!("../template/rust/no-team.yaml")),
        ("testdata/no-team.json", include_str!("../template/rust/no-team.json")),
    ],
}];

/// Where the SDK goes in a Rust project.
const SDK_FOLDER: &str = "vendor/verdikt-sdk";

/// Names that Cargo refuses, or that mean another crate in every Rust program.
/// <https://doc.rust-lang.org/cargo/reference/manifest.html#the-name-field>
const RESERVED: [&str; 10] =
    ["test", "core", "std", "alloc", "proc-macro", "deps", "build", "examples", "incremental", "verdikt-sdk"];

/// Rust's keywords, which Cargo refuses as names.
/// <https://doc.rust-lang.org/reference/keywords.html>
const KEYWORDS: [&str; 51] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

pub(crate) fn run(args: &PackNewArgs) -> Result<Exit> {
    let Some(template) = TEMPLATES.iter().find(|template| template.language == args.lang) else {
        let known: Vec<&str> = TEMPLATES.iter().map(|template| template.language).collect();
        bail!("--lang {}: this version writes projects in {} only", args.lang, known.join(", "));
    };
    if let Some(problem) = name_problem(&args.name) {
        bail!("`{}` cannot be the name of a pack: {problem}", args.name);
    }
    let folder = Path::new(&args.name);
    // Made new, never written into: nothing of the user's can be lost.
    fs::create_dir(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let prefix = prefix(&args.name);
    for (path, text) in template.files {
        write(folder, path, &text.replace("{{name}}", &args.name).replace("{{prefix}}", &prefix))?;
    }
    for (path, text) in SDK {
        write(folder, &format!("{SDK_FOLDER}/{path}"), text)?;
    }
    super::print(&format!(
        "Made the rule pack {name}. Its first rule is in {name}/src/lib.rs.\n\n  cd {name}\n  cargo test\n  \
         verdikt pack build\n  verdikt check --pack {name}.wasm fixtures\n",
        name = args.name
    ))?;
    Ok(Exit::Clean)
}

fn write(folder: &Path, path: &str, text: &str) -> Result<()> {
    let file = folder.join(path);
    let context = || format!("cannot write {}", file.display());
    if let Some(parent) = file.parent() {
        fs::create_dir_all(parent).with_context(context)?;
    }
    fs::write(&file, text).with_context(context)
}

/// Why a name cannot be that of a pack, a crate and a folder.
fn name_problem(name: &str) -> Option<&'static str> {
    let is_letter = |byte: &u8| byte.is_ascii_lowercase();
    if name.is_empty() || name.len() > 48 {
        return Some("it must have 1 to 48 characters");
    }
    if !name.bytes().all(|byte| is_letter(&byte) || byte.is_ascii_digit() || byte == b'-') {
        return Some("it may have small letters, digits and dashes only");
    }
    if !name.as_bytes().first().is_some_and(is_letter) || name.ends_with('-') || name.contains("--") {
        return Some("it must begin with a letter, and have no dash at its end and no two together");
    }
    (RESERVED.contains(&name) || KEYWORDS.contains(&name)).then_some("it means something else in Rust")
}

/// The beginning of the ids of a pack's rules: the first letters of its words, or of its only word.
fn prefix(name: &str) -> String {
    let words: Vec<&str> = name.split('-').collect();
    let letters: String = match words.as_slice() {
        [word] => word.chars().take(3).collect(),
        words => words.iter().filter_map(|word| word.chars().next()).take(4).collect(),
    };
    letters.to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["a", "our-company", "team2-rules"] {
            assert_eq!(name_problem(good), None, "{good}");
        }
        for bad in
            ["", "A", "a_b", "2a", "-a", "a-", "a--b", "../a", "a/b", "std", "fn", "verdikt-sdk", &"a".repeat(49)]
        {
            assert!(name_problem(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn prefixes() {
        for (name, expected) in [("our-company", "OC"), ("acme", "ACM"), ("a-b-c-d-e", "ABCD"), ("x", "X")] {
            assert_eq!(prefix(name), expected);
        }
    }

    #[test]
    fn the_sdk_is_complete_and_stands_alone() {
        let text = |path: &str| SDK.iter().find(|(name, _)| *name == path).map(|(_, text)| *text);
        let manifest = text("Cargo.toml").unwrap();
        assert!(!manifest.contains("workspace"), "{manifest}");
        assert!(text("src/lib.rs").is_some());
        assert!(text("LICENSE").is_some());
        assert!(SDK.iter().any(|(name, _)| name.starts_with("wit/") && name.ends_with(".wit")));
        assert!(SDK.iter().all(|(name, _)| !name.contains("..") && !name.starts_with('/')));
    }

    #[test]
    fn templates_have_no_other_placeholders() {
        for (path, text) in TEMPLATES.iter().flat_map(|template| template.files) {
            let text = text.replace("{{name}}", "").replace("{{prefix}}", "");
            assert!(!text.contains("{{"), "{path}");
        }
    }
}
