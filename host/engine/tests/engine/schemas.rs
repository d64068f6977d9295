//! The published schemas of policy files accept what the readers accept, and refuse what they refuse.

use std::io;
use std::path::Path;

use serde_json::Value;
use verdikt_engine::input::{InputLimits, Syntax, parse};
use verdikt_engine::model::{Date, FileId};
use verdikt_engine::{Evidence, Waivers};

fn repository(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Whether a schema accepts a text.
fn accepts(schema: &str, text: &str) -> bool {
    let schema: Value = serde_json::from_str(&repository(schema)).unwrap();
    let (documents, diagnostics) = parse(Syntax::Yaml, FileId(0), text, &InputLimits::default());
    assert_eq!(diagnostics, [], "{text}");
    let json = documents.first().map_or("null".to_owned(), |it| it.tree.node(it.root).to_json());
    jsonschema::validator_for(&schema).unwrap().is_valid(&serde_json::from_str(&json).unwrap())
}

#[test]
fn waivers_are_what_their_schema_says() {
    const SCHEMA: &str = "schemas/waivers.schema.json";
    let example = repository("examples/policy/waivers.yaml");
    assert!(accepts(SCHEMA, &example));
    Waivers::read("waivers.yaml", &example).unwrap();
    let one = |waiver: &str| format!("version: 1\nwaivers:\n- {waiver}\n");
    for (text, good) in [
        (String::new(), true),
        ("version: 1\nwaivers: []\n".to_owned(), true),
        ("version: 1\n".to_owned(), false),
        ("version: 1\nwaivers:\n".to_owned(), false),
        ("version: '1'\nwaivers: []\n".to_owned(), false),
        ("version: 2\nwaivers: []\n".to_owned(), false),
        ("version: 1\nwaivers: []\nbaseline: x\n".to_owned(), false),
        (one("{rule: a, match: all}"), true),
        (one("{rules: [a, b], match: {kind: [A, B], name: x, namespace: x, address: x, file: x, subject: x}}"), true),
        (one("{rule: [a], match: all, reason: r, owner: o, approved-by: a, expires: 2027-01-31, id: i}"), true),
        (one("{rule: a, rules: b, match: all}"), false),
        (one("{match: all}"), false),
        (one("{rule: a}"), false),
        (one("{rule: [], match: all}"), false),
        (one("{rule: 7, match: all}"), false),
        (one("{rule: a, match: {}}"), false),
        (one("{rule: a, match: every}"), false),
        (one("{rule: a, match: {name: []}}"), false),
        (one("{rule: a, match: {name: ' '}}"), false),
        (one("{rule: a, match: {name: 1}}"), false),
        (one("{rule: a, match: {container: x}}"), false),
        (one("{rule: a, match: all, reason: ''}"), false),
        (one("{rule: a, match: all, expires: }"), false),
        (one("{rule: a, match: all, expires: soon}"), false),
        (one("{rule: a, match: all, until: 2027-01-31}"), false),
    ] {
        assert_eq!(Waivers::read("waivers.yaml", &text).is_ok(), good, "the reader on {text}");
        assert_eq!(accepts(SCHEMA, &text), good, "the schema on {text}");
    }
}

#[test]
fn evidence_is_what_its_schema_says() {
    const SCHEMA: &str = "schemas/evidence.schema.json";
    let one =
        |rest: &str| format!("version: 1\nevidence:\n- {{id: a, statement: s, owner: o, date: 2026-11-01{rest}}}\n");
    let digest = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
    for (text, good) in [
        (String::new(), true),
        ("version: 1\nevidence: []\n".to_owned(), true),
        ("version: 1\nevidence: {}\n".to_owned(), false),
        (one(""), true),
        (one(", result: fail, valid-until: 2027-01-31, match: {name: [a]}"), true),
        (one(", match: all"), true),
        (one(", match: {}"), false),
        (one(", match: "), false),
        (one(", result: passed"), false),
        (one(", valid-until: tomorrow"), false),
        (one(&format!(", attachment: {{file: f, sha256: {digest}}}")), true),
        (one(", attachment: {file: f, sha256: abc}"), false),
        (one(", attachment: {file: f}"), false),
        (one(", attachment: f"), false),
        (one(", reason: r"), false),
        (one("").replace("statement: s, ", ""), false),
        (one("").replace("owner: o, ", ""), false),
        (one("").replace(", date: 2026-11-01", ""), false),
        (one("").replace("id: a, ", ""), false),
    ] {
        let today = Date::parse("2026-11-22").unwrap();
        let read = Evidence::read("e.yaml", &text, today, &mut |file| {
            let bytes: &[u8] = if file == "f" { b"hello\n" } else { return Err(io::ErrorKind::NotFound.into()) };
            Ok(Box::new(bytes) as Box<dyn io::Read>)
        });
        assert_eq!(read.is_ok(), good, "the reader on {text}");
        assert_eq!(accepts(SCHEMA, &text), good, "the schema on {text}");
    }
}
