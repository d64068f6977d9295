//! Guests for tests, written as WebAssembly text.
//!
//! A guest has static data, laid out as the canonical ABI wants it (descriptions, findings), and a
//! few lines of code that say which finding it states when, or what else it does. Everything else,
//! such as taking the request apart, is the same for all of them.

use std::path::{Path, PathBuf};

use wit_component::StringEncoding;
use wit_parser::Resolve;

/// The published interface.
pub fn wit() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit/0.1.0")
}

/// Where static data begins; below is a place for results of imports.
const DATA: u32 = 1024;
/// Bytes of one finding, one document and one activation in the canonical ABI.
const FINDING: u32 = 120;
const DOCUMENT: u32 = 64;
const ACTIVATION: u32 = 16;

/// Static data of a guest. Each part says where it lies.
#[derive(Default)]
pub struct Data {
    bytes: Vec<u8>,
}

/// Where a text or a list lies, and how long it is. May lie to the host.
#[derive(Clone, Copy)]
pub struct At(pub u32, pub u32);

impl Data {
    fn put(&mut self, bytes: &[u8]) -> u32 {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        let at = DATA + u32::try_from(self.bytes.len()).unwrap();
        self.bytes.extend_from_slice(bytes);
        at
    }

    pub fn text(&mut self, text: impl AsRef<[u8]>) -> At {
        let text = text.as_ref();
        At(self.put(text), u32::try_from(text.len()).unwrap())
    }

    fn list(&mut self, elements: &[Record]) -> At {
        let bytes: Vec<u8> = elements.iter().flat_map(|element| element.clone().finish()).collect();
        At(self.put(&bytes), u32::try_from(elements.len()).unwrap())
    }

    fn texts(&mut self, texts: &[&str]) -> At {
        let elements: Vec<Record> = texts.iter().map(|text| Record::default().at(self.text(text))).collect();
        self.list(&elements)
    }
}

/// A record under construction. All that packs use is aligned to one or four bytes.
#[derive(Clone, Default)]
struct Record(Vec<u8>);

impl Record {
    fn byte(mut self, byte: u8) -> Self {
        self.0.push(byte);
        self
    }

    fn number(mut self, number: u32) -> Self {
        self.0.resize(self.0.len().next_multiple_of(4), 0);
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    fn at(self, At(start, length): At) -> Self {
        self.number(start).number(length)
    }

    /// An option or variant whose largest payload is `size` bytes, aligned to four.
    fn case(self, case: u8, payload: Record, size: usize) -> Self {
        let mut record = self.number(case.into());
        let start = record.0.len();
        record.0.extend(payload.0);
        record.0.resize(start + size, 0);
        record
    }

    fn finish(mut self) -> Vec<u8> {
        self.0.resize(self.0.len().next_multiple_of(4), 0);
        self.0
    }
}

/// A rule in a description.
#[derive(Clone)]
pub struct Rule {
    pub id: &'static str,
    pub slug: &'static str,
    pub inventory: bool,
    pub platform: &'static str,
    pub schema: Option<&'static str>,
}

/// Document rules with ids `T-1`, `T-2` and so on: guests tell rules apart by the last digit.
pub const T: [Rule; 4] =
    [document("T-1", "one"), document("T-2", "two"), document("T-3", "three"), document("T-4", "four")];

const fn document(id: &'static str, slug: &'static str) -> Rule {
    Rule { id, slug, inventory: false, platform: "workload", schema: None }
}

/// Inventory rules `I-5` and `I-6`.
pub const I: [Rule; 2] =
    [Rule { inventory: true, ..document("I-5", "five") }, Rule { inventory: true, ..document("I-6", "six") }];

/// A finding as a guest states it. Texts are bytes, so that they need not be UTF-8.
#[derive(Clone)]
pub struct Finding {
    /// The case of `status`: 0 `fail`, 1 `pass`, 2 `unknown`, 3 `not-applicable`, 4 `informational`,
    /// 5 `manual`, 6 `error`.
    pub status: u8,
    pub reason: Vec<u8>,
    pub pointer: Option<Vec<u8>>,
    pub subject: Vec<u8>,
    pub message: Vec<u8>,
    pub arguments: usize,
    pub controls: Vec<&'static str>,
    /// Document and pointer.
    pub related: Option<(u32, &'static str)>,
    /// Case of `operation`, pointer, value.
    pub edit: Option<(u8, &'static str, Option<&'static str>)>,
    pub severity: Option<u8>,
    pub code: Option<&'static str>,
    /// Where the message lies, if not where it should.
    pub message_at: Option<At>,
    pub sensitive: bool,
}

/// A violation of the whole document.
pub fn fail() -> Finding {
    Finding {
        status: 0,
        reason: Vec::new(),
        pointer: Some(Vec::new()),
        subject: Vec::new(),
        message: b"it fails".to_vec(),
        arguments: 0,
        controls: Vec::new(),
        related: None,
        edit: None,
        severity: None,
        code: None,
        message_at: None,
        sensitive: true,
    }
}

impl Finding {
    pub fn pointer(self, pointer: impl AsRef<[u8]>) -> Self {
        Finding { pointer: Some(pointer.as_ref().to_vec()), ..self }
    }

    pub fn message_with(self, at: At) -> Self {
        Finding { message_at: Some(at), ..self }
    }

    fn lay_out(&self, data: &mut Data) -> Vec<u8> {
        let text = |data: &mut Data, text: &str| Record::default().at(data.text(text));
        let place = match &self.pointer {
            Some(pointer) => (1, Record::default().number(0).at(data.text(pointer))),
            None => (0, Record::default()),
        };
        let pair = Record::default().at(data.text("name")).at(data.text("value"));
        let related: Vec<Record> = self
            .related
            .iter()
            .map(|(document, pointer)| Record::default().number(*document).at(data.text(pointer)).at(data.text("note")))
            .collect();
        let fix = match self.edit {
            None => (0, Record::default()),
            Some((operation, pointer, value)) => {
                let value = value.map(|value| text(data, value));
                let edit = Record::default().byte(operation).at(data.text(pointer)).case(
                    value.is_some().into(),
                    value.unwrap_or_default(),
                    8,
                );
                (1, Record::default().at(data.text("fix it")).byte(1).at(data.list(&[edit])))
            }
        };
        let code = self.code.map(|code| text(data, code));
        let message = self.message_at.unwrap_or_else(|| data.text(&self.message));
        let finding = Record::default()
            .number(0)
            .case(self.status, Record::default().at(data.text(&self.reason)), 8)
            .case(place.0, place.1, 12)
            .at(data.text(&self.subject))
            .at(message)
            .case(code.is_some().into(), code.unwrap_or_default(), 8)
            .at(data.list(&vec![pair; self.arguments]))
            .byte(self.severity.is_some().into())
            .byte(self.severity.unwrap_or(0))
            .byte(self.sensitive.into())
            .at(data.texts(&self.controls))
            .at(data.list(&related))
            .case(fix.0, fix.1, 20)
            .at(At(0, 0))
            .finish();
        assert_eq!(finding.len(), FINDING as usize);
        finding
    }
}

/// A guest under construction.
pub struct Guest {
    rules: Vec<Rule>,
    pack_id: &'static str,
    findings: Vec<Finding>,
    log_lines: Vec<String>,
    imports: String,
    describe: String,
    judge: String,
    before: String,
    after: String,
    evaluate: Option<String>,
    globals: String,
    pages: u32,
    start: &'static str,
}

impl Guest {
    /// A guest that states nothing, so that everything passes.
    pub fn new(rules: &[Rule]) -> Self {
        Guest {
            rules: rules.to_vec(),
            pack_id: "test-pack",
            findings: Vec::new(),
            log_lines: Vec::new(),
            imports: String::new(),
            describe: String::new(),
            judge: String::new(),
            before: String::new(),
            after: String::new(),
            evaluate: None,
            globals: String::new(),
            pages: 32,
            start: "",
        }
    }

    /// The pack's id.
    pub fn called(self, pack_id: &'static str) -> Self {
        Guest { pack_id, ..self }
    }

    /// Code that runs for each pair of rule and document. It has the locals `$rule` (index in the
    /// request), `$digit` (last digit of the rule's id), `$id` (of the document), and can
    /// `(call $state (i32.const N) (local.get $rule) (local.get $id))` with the N-th finding.
    pub fn judge(self, code: &str) -> Self {
        Guest { judge: code.to_owned(), ..self }
    }

    pub fn finding(mut self, finding: Finding) -> Self {
        self.findings.push(finding);
        self
    }

    /// A text for the guest's own use: `$text0`, `$text0_length`, and so on.
    pub fn text(mut self, line: impl Into<String>) -> Self {
        self.log_lines.push(line.into());
        self
    }

    /// Replaces all of `evaluate`. `(call $answer (ptr) (length))` makes a result of findings,
    /// `(call $refuse (ptr) (length))` one that refuses.
    pub fn evaluate(self, code: &str) -> Self {
        Guest { evaluate: Some(code.to_owned()), ..self }
    }

    /// Code before the first pair is judged.
    pub fn evaluate_before(self, code: &str) -> Self {
        Guest { before: code.to_owned(), ..self }
    }

    /// Code after all pairs were judged and before the answer.
    pub fn evaluate_after(self, code: &str) -> Self {
        Guest { after: code.to_owned(), ..self }
    }

    /// Code before `describe` answers.
    pub fn describe(self, code: &str) -> Self {
        Guest { describe: code.to_owned(), ..self }
    }

    pub fn pages(self, pages: u32) -> Self {
        Guest { pages, ..self }
    }

    /// Functions and globals besides.
    pub fn with(self, code: &str) -> Self {
        Guest { globals: code.to_owned(), ..self }
    }

    /// `(start $f)`.
    pub fn start(self, code: &'static str) -> Self {
        Guest { start: code, ..self }
    }

    /// `$log` with level, pointer and length.
    pub fn logs(mut self) -> Self {
        self.imports += r#"(import "verdikt:policy/log@0.1.0" "write" (func $log (param i32 i32 i32)))"#;
        self
    }

    /// `$get` with document, pointer, length and where to put the result: `$find_all`, `$references`
    /// and `$referrers` likewise.
    pub fn looks_around(mut self) -> Self {
        self.imports += r#"
            (import "verdikt:policy/inventory@0.1.0" "get" (func $get (param i32 i32 i32 i32)))
            (import "verdikt:policy/inventory@0.1.0" "references" (func $references (param i32 i32)))
            (import "verdikt:policy/inventory@0.1.0" "referrers" (func $referrers (param i32 i32)))
            (import "verdikt:policy/inventory@0.1.0" "find"
                (func $find (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))"#;
        self
    }

    /// The core module as text.
    pub fn wat(&self) -> String {
        let mut data = Data::default();
        let description = self.describe_data(&mut data);
        let mut templates = Vec::new();
        for finding in &self.findings {
            templates.extend(finding.lay_out(&mut data));
        }
        let templates = data.put(&templates);
        let texts: String = self
            .log_lines
            .iter()
            .enumerate()
            .map(|(index, text)| {
                let At(at, length) = data.text(text);
                format!(
                    "(global $text{index} i32 (i32.const {at}))
                     (global $text{index}_length i32 (i32.const {length}))"
                )
            })
            .collect();
        let bytes: String = data.bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
        // Stated findings are collected in the upper half of the first mebibyte.
        assert!(data.bytes.len() < 500 << 10, "too much static data");
        let default = format!(
            "{before}
             (loop $rules
                (if (i32.lt_u (local.get $rule) (local.get $rule_count)) (then
                    (local.set $activation
                        (i32.add (local.get $rules) (i32.mul (local.get $rule) (i32.const {ACTIVATION}))))
                    (local.set $digit (i32.sub (i32.load8_u (i32.sub
                        (i32.add (i32.load (local.get $activation)) (i32.load offset=4 (local.get $activation)))
                        (i32.const 1))) (i32.const 48)))
                    (local.set $document (i32.const 0))
                    (loop $documents
                        (if (i32.lt_u (local.get $document) (local.get $document_count)) (then
                            (local.set $id (i32.load
                                (i32.add (local.get $documents)
                                    (i32.mul (local.get $document) (i32.const {DOCUMENT})))))
                            {judge}
                            (local.set $document (i32.add (local.get $document) (i32.const 1)))
                            (br $documents))))
                    (local.set $rule (i32.add (local.get $rule) (i32.const 1)))
                    (br $rules))))
             {after}
             (call $answer (i32.const {out}) (global.get $stated))",
            before = self.before,
            after = self.after,
            judge = self.judge,
            out = 512 << 10,
        );
        format!(
            r#"(module
                {imports}
                (memory (export "memory") {pages})
                {globals}
                {texts}
                (global $heap (mut i32) (i32.const {heap}))
                (global $stated (mut i32) (i32.const 0))
                (data (i32.const {DATA}) "{bytes}")
                (func $allocate (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32)
                    (local $at i32)
                    (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
                    (global.set $heap (i32.add (local.get $at) (local.get $size)))
                    (if (i32.gt_u (global.get $heap) (i32.mul (memory.size) (i32.const 65536))) (then
                        (if (i32.eq (i32.const -1) (memory.grow
                            (i32.add (i32.shr_u (local.get $size) (i32.const 16)) (i32.const 1))))
                            (then unreachable))))
                    (local.get $at))
                (func $state (param $finding i32) (param $rule i32) (param $id i32)
                    (local $at i32)
                    (local.set $at (i32.add (i32.const {out}) (i32.mul (global.get $stated) (i32.const {FINDING}))))
                    (memory.copy (local.get $at)
                        (i32.add (i32.const {templates}) (i32.mul (local.get $finding) (i32.const {FINDING})))
                        (i32.const {FINDING}))
                    (i32.store (local.get $at) (local.get $rule))
                    (i32.store offset=20 (local.get $at) (local.get $id))
                    (global.set $stated (i32.add (global.get $stated) (i32.const 1))))
                (func $answer (param i32 i32) (result i32)
                    (i32.store8 (i32.const 16) (i32.const 0))
                    (i32.store (i32.const 20) (local.get 0))
                    (i32.store (i32.const 24) (local.get 1))
                    (i32.const 16))
                (func $refuse (param i32 i32) (result i32)
                    (drop (call $answer (local.get 0) (local.get 1)))
                    (i32.store8 (i32.const 16) (i32.const 1))
                    (i32.const 16))
                (func (export "verdikt:policy/pack@0.1.0#describe") (result i32)
                    {describe}
                    (i32.const {description}))
                (func (export "verdikt:policy/pack@0.1.0#evaluate")
                    (param $rules i32) (param $rule_count i32) (param $documents i32) (param $document_count i32)
                    (result i32)
                    (local $rule i32) (local $document i32) (local $activation i32) (local $digit i32) (local $id i32)
                    (local $a i32) (local $b i32)
                    {evaluate})
                {start})"#,
            imports = self.imports,
            pages = self.pages,
            globals = self.globals,
            heap = 1 << 20,
            out = 512 << 10,
            describe = self.describe,
            evaluate = self.evaluate.as_deref().unwrap_or(&default),
            start = self.start,
        )
    }

    fn describe_data(&self, data: &mut Data) -> u32 {
        let nothing = At(0, 0);
        let rules: Vec<Record> = self
            .rules
            .iter()
            .map(|rule| {
                let target = Record::default().at(data.text(rule.platform)).at(data.text("*"));
                let schema = rule.schema.map(|schema| Record::default().at(data.text(schema)));
                Record::default()
                    .at(data.text(rule.id))
                    .at(data.text(rule.slug))
                    .at(data.text("A rule"))
                    .at(data.text("What it checks."))
                    .at(data.text("What to do."))
                    .byte(3)
                    .byte(rule.inventory.into())
                    .byte(1)
                    .at(data.list(&[target]))
                    .at(nothing)
                    .at(nothing)
                    .case(schema.is_some().into(), schema.unwrap_or_default(), 8)
                    .at(nothing)
            })
            .collect();
        let pack = Record::default()
            .at(data.text(self.pack_id))
            .at(data.text("1.0.0"))
            .at(data.text("A pack for tests"))
            .at(data.list(&rules))
            .at(nothing)
            .finish();
        data.put(&pack)
    }

    /// A core module without a component type.
    pub fn bare_module(&self) -> Vec<u8> {
        let text = self.wat();
        wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    /// A core module with the component type embedded.
    pub fn module(&self) -> Vec<u8> {
        self.module_for(&wit())
    }

    /// The same for an interface in another folder.
    pub fn module_for(&self, wit: &Path) -> Vec<u8> {
        embed(self.bare_module(), wit)
    }

    pub fn component(&self) -> Vec<u8> {
        verdikt_runtime::componentize(&self.module()).unwrap()
    }
}

/// Embeds the component type of the larger world in a core module.
pub fn embed(mut module: Vec<u8>, wit: &Path) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(wit).unwrap();
    let world = resolve.select_world(&[package], Some("inventory-rule-pack")).unwrap();
    wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false).unwrap();
    module
}
