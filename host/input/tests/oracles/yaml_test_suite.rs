//! Every case of the yaml-test-suite: what is valid YAML reads as the suite says, what is not is
//! refused.
//!
//! The suite tests YAML 1.2, and a cluster reads something else on purpose. [`DIFFERENCES`] says
//! where, why, and what is read instead; a case there that agrees with the suite fails the test.

use std::fs;

use serde_json::{Deserializer, Value};
use verdikt_input::Syntax;
use verdikt_model::{Code, Level};

use crate::support::{corpus, normal, read, root, value};

/// Cases that are read in another way than the suite says, for one reason.
struct Difference {
    why: &'static str,
    /// What every diagnostic of these cases is; none where there must be none.
    code: Option<Code>,
    /// Identifiers of the cases, each with the JSON texts that are read.
    cases: &'static [(&'static str, &'static str)],
}

/// The image of case 565N as JSON text.
macro_rules! arrow {
    () => {
        r#""GIF89a\f\u0000\f\u0000�\u0000\u0000���������fff\u0000\u0000\u0000���^^^��펎����������������iiiccc������������������������������������������������!�\u000eMade with GIMP\u0000,\u0000\u0000\u0000\u0000\f\u0000\f\u0000\u0000\u0005,  ��0��@\u0014�i\u0010�ъ\b\u001cπM$z��0�p��1f\r\u001b�\u0001�\u0001\u001e\u0010' �\n\u0001\u0000;""#
    };
}

const DIFFERENCES: &[Difference] = &[
    Difference {
        why: "JSON has no keys but strings, so Kubernetes refuses these documents: `convertToJSONableObject` in \
              sigs.k8s.io/yaml/yaml.go takes strings, numbers and booleans. The suite has no JSON for them either. We \
              say which key is wrong and read the rest.",
        code: Some(Code::BadKey),
        cases: &[
            ("2JQS", "{}"),
            ("4FJ6", "[{}]"),
            ("6BFJ", "{}"),
            ("6M2F", r#"{"a":"b"}"#),
            ("6PBE", "{}"),
            ("9MMW", r#"[[{"YAML":"separate"}],[{"JSON like":"adjacent"}],[{}]]"#),
            ("CFD4", "[[{}],[{}]]"),
            ("DFF7", r#"{"explicit":"entry","implicit":"entry"}"#),
            ("FH7J", r#"["",{"b":""},{"":null}]"#),
            ("FRK4", r#"{"foo":null}"#),
            ("KK5P", r#"{"complex1":{},"complex2":{},"complex3":{},"complex4":{"a\n":null},"complex5":{}}"#),
            ("LX3P", "{}"),
            ("M2N8/0", "[{}]"),
            ("M2N8/1", "{}"),
            ("M5DY", "{}"),
            ("NHX8", "{}"),
            ("NKF9", r#"{"key":"value"} {"key":"value"} {} {}"#),
            ("PW8X", r#"[null,"a",{"b":null},{},{},{}]"#),
            ("Q9WF", "{}"),
            ("RZP5", r#"{"a":"double quotes","b":"plain value","c":"d","e":[{"x":true}],"block":"abcde\n"}"#),
            ("S3PD", r#"{"plain key":"in-line value","quoted key":["entry"]}"#),
            ("SBG9", r#"{"a":["b","c"]}"#),
            ("SM9W/1", "{}"),
            ("UKK6/0", "[{}]"),
            ("V9D5", r#"[{"sun":"yellow"},{}]"#),
            ("X38W", "{}"),
            ("XW4D", r#"{"a":"double quotes","b":"plain value","c":"d","e":[{"x":true}],"block":"abcde\n"}"#),
        ],
    },
    Difference {
        why: "An empty document holds no object; kubectl passes over it (`visitFromStream` in \
              k8s.io/cli-runtime/pkg/resource/visitor.go), and so do we.",
        code: None,
        cases: &[
            ("6XDY", ""),
            ("6ZKB", r#""Document" {"matches %":20}"#),
            ("9DXL", r#"{"Mapping":"Document"} {"matches %":20}"#),
            ("DK95/7", ""),
            ("MUS6/2", ""),
            ("MUS6/3", ""),
            ("MUS6/4", ""),
            ("MUS6/5", ""),
            ("MUS6/6", ""),
            ("PUW8", r#"{"a":"b"}"#),
            ("UT92", r#"{"matches %":20}"#),
            ("W4TN", r#""%!PS-Adobe-2.0\n""#),
        ],
    },
    Difference {
        why: "YAML 1.1 has more booleans, and `y` is one, as a key too (`resolveTable` in goyaml.v2/resolve.go).",
        code: None,
        cases: &[(
            "C4HZ",
            r#"[{"center":{"x":73,"true":129},"radius":7},{"start":{"x":73,"true":129},"finish":{"x":89,"true":102}},
                {"start":{"x":73,"true":129},"color":16772795,"text":"Pretty vector drawing."}]"#,
        )],
    },
    Difference {
        why: "A binary value is the text that its bytes are, not their base64 (`scalar` in goyaml.v2/decode.go), and \
              encoding/json writes U+FFFD for what is not UTF-8.",
        code: None,
        cases: &[(
            "565N",
            concat!(
                r#"{"canonical":"#,
                arrow!(),
                r#","generic":"#,
                arrow!(),
                r#","description":"The binary value above is a tiny arrow encoded as a gif image."}"#
            ),
        )],
    },
    Difference {
        why: "Indentation means nothing in brackets (`yaml_parser_unroll_indent` in goyaml.v2/scannerc.go). A key may \
              even stand in a line of its own, which kubectl refuses.",
        code: None,
        cases: &[("9C9N", r#"{"flow":["a","b","c"]}"#), ("VJP3/0", r#"{"k":{"k":"v"}}"#)],
    },
    Difference {
        why: "The suite states no JSON here, though there is one: a key without a value has null, and the tag `!` makes a \
              string.",
        code: None,
        cases: &[
            ("4ABK", r#"{"unquoted":"separate","http://foo.com":null,"omitted value":null}"#),
            ("UKK6/2", r#""""#),
        ],
    },
];

/// How many cases the suite has, so that none is lost by how this test reads it.
const CASES: usize = 402;

/// A text and what the suite says of it.
pub struct Case {
    /// Name of the file, and the index where it has several cases.
    id: String,
    pub yaml: String,
    fails: bool,
    /// Where the suite says it: the documents.
    json: Option<Vec<Value>>,
}

#[test]
fn every_case_reads_as_the_suite_says_or_differs_for_a_reason() {
    let Some(cases) = cases() else { return };
    assert_eq!(cases.len(), CASES);
    let mut wrong = Vec::new();
    for case in &cases {
        let (parsed, diagnostics) = read(Syntax::Yaml, &case.yaml);
        let documents: Vec<Value> = parsed.iter().map(|document| value(root(document))).collect();
        let agrees = if case.fails {
            diagnostics.iter().any(|diagnostic| diagnostic.level() == Level::Error)
        } else {
            diagnostics.is_empty() && case.json.as_ref() == Some(&documents)
        };
        let stated = DIFFERENCES.iter().find_map(|difference| {
            let (_, json) = difference.cases.iter().find(|(id, _)| *id == case.id)?;
            Some((difference, texts(json)))
        });
        let complaint = match stated {
            None if agrees => continue,
            None => "differs from the suite".to_owned(),
            Some((difference, _)) if agrees => format!("agrees, and stands among the differences: {}", difference.why),
            Some((difference, expected)) => {
                let codes_fit = diagnostics.is_empty() == difference.code.is_none()
                    && diagnostics.iter().all(|diagnostic| Some(diagnostic.code) == difference.code);
                if expected == documents && codes_fit {
                    continue;
                }
                format!("differs from what is stated of it, {}: {}", Value::from(expected), difference.why)
            }
        };
        wrong.push(format!(
            "{} {complaint}\n{}\nsuite: {}\nread: {}\n{diagnostics:?}\n",
            case.id,
            case.yaml,
            if case.fails {
                "an error".to_owned()
            } else {
                case.json.clone().map(Value::from).unwrap_or_default().to_string()
            },
            Value::from(documents),
        ));
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
    for (id, _) in DIFFERENCES.iter().flat_map(|difference| difference.cases) {
        assert!(cases.iter().any(|case| case.id == *id), "the suite has no case {id}");
    }
}

/// The cases of all files, in order. A file is a list; what a case does not state is as in the one
/// before, but for `fail`. `None` where the suite is not on this machine.
pub fn cases() -> Option<Vec<Case>> {
    let folder = corpus("robustness/yaml-test-suite/src")?;
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut cases = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let (parsed, diagnostics) = read(Syntax::Yaml, &text);
        assert_eq!(diagnostics, [], "{}", path.display());
        let name = path.file_stem().unwrap().to_str().unwrap();
        let list = root(&parsed[0]);
        // The suite itself skips these.
        if list.items().any(|case| case.get("skip").is_some()) {
            continue;
        }
        let mut json = None;
        for (index, case) in list.items().enumerate() {
            if let Some(stated) = case.get("json") {
                json = stated.as_str().map(|stated| texts(&unescape(stated)));
            }
            cases.push(Case {
                id: if list.items().len() > 1 { format!("{name}/{index}") } else { name.to_owned() },
                yaml: unescape(case.str("yaml").unwrap()),
                fails: case.get("fail").is_some(),
                json: json.clone(),
            });
        }
    }
    Some(cases)
}

/// The JSON texts that stand in a text.
fn texts(json: &str) -> Vec<Value> {
    Deserializer::from_str(json).into_iter::<Value>().map(|text| normal(text.unwrap())).collect()
}

/// Undoes how the suite writes characters that editors would lose.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // The dashes before a tab show its width.
    let mut dashes = 0;
    for character in text.chars() {
        match character {
            '—' => {
                dashes += 1;
                continue;
            }
            '»' => out.push('\t'),
            other => {
                out.extend(std::iter::repeat_n('—', dashes));
                match other {
                    '␣' => out.push(' '),
                    '←' => out.push('\r'),
                    '⇔' => out.push('\u{feff}'),
                    '↵' => {}
                    other => out.push(other),
                }
            }
        }
        dashes = 0;
    }
    // No line break at the end.
    if out.ends_with("∎\n") {
        out.truncate(out.len() - "∎\n".len());
    }
    out
}
