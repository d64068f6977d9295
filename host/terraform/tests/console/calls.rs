//! Which functions there are, and generated calls of them.

#![expect(clippy::disallowed_methods, reason = "another program says what there is")]

use std::collections::BTreeSet;
use std::ops::Range;
use std::process::Command;

use verdikt_terraform::functions::{FUNCTIONS, find};
use verdikt_terraform::value::{Data, Value};

use super::oracle::{ERROR, console};
use super::printed::{UNKNOWN, printed};
use super::world::World;

/// The value of these is not Terraform's, since it depends on the time, on chance or on a program that
/// compresses.
const NEVER_KNOWN: &[&str] = &["base64gzip", "bcrypt", "plantimestamp", "rsadecrypt", "timestamp", "uuid"];

#[test]
fn every_function_of_terraform_is_there() {
    let mut names: Vec<&str> = FUNCTIONS.iter().map(|function| function.name).collect();
    assert!(names.is_sorted());
    let never: Vec<&str> = FUNCTIONS.iter().filter(|one| one.never_known().is_some()).map(|one| one.name).collect();
    assert_eq!(never, NEVER_KNOWN);
    let Ok(output) = Command::new("terraform").args(["metadata", "functions", "-json"]).output() else {
        println!("skipped: there is no `terraform` on this machine to ask for its functions");
        return;
    };
    let text = String::from_utf8(output.stdout).expect("JSON is UTF-8");
    let (_, signatures) = text.split_once("\"function_signatures\":{").expect("a list of functions");
    let listed: BTreeSet<&str> = keys(signatures).into_iter().map(|name| name.trim_start_matches("core::")).collect();
    names.sort_unstable();
    assert_eq!(listed.into_iter().collect::<Vec<_>>(), names);
    assert!(names.iter().all(|name| find(name).is_some_and(|function| function.name == *name)));
}

/// The keys of a JSON object from behind its opening brace, whose values are objects.
fn keys(text: &str) -> Vec<&str> {
    let (mut keys, mut depth, mut rest) = (Vec::new(), 0usize, text);
    while let Some(at) = rest.find(['{', '}', '"']) {
        let byte = rest.as_bytes()[at];
        rest = &rest[at + 1..];
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => break,
            b'}' => depth -= 1,
            _ => {
                let mut end = 0;
                while rest.as_bytes()[end] != b'"' {
                    end += if rest.as_bytes()[end] == b'\\' { 2 } else { 1 };
                }
                if depth == 0 {
                    keys.push(&rest[..end]);
                }
                rest = &rest[end + 1..];
            }
        }
    }
    keys
}

/// Numbers that look like chance and are the same each time (<https://prng.di.unimi.it/splitmix64.c>).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) as usize % end
    }

    fn of<'t>(&mut self, choices: &[&'t str]) -> &'t str {
        choices[self.below(choices.len())]
    }

    fn several(&mut self, most: usize, mut one: impl FnMut(&mut Chance) -> String) -> Vec<String> {
        let count = self.below(most + 1);
        (0..count).map(|_| one(self)).collect()
    }

    fn number(&mut self) -> String {
        const NUMBERS: &[&str] = &[
            "0",
            "1",
            "2",
            "3",
            "5",
            "8",
            "10",
            "16",
            "62",
            "100",
            "1000000",
            "-1",
            "-2",
            "0.5",
            "1.5",
            "-2.25",
            "0.1",
            "1e3",
            "1e-3",
            "123456789012345678901234567890",
            "9223372036854775807",
            "-9223372036854775808",
            "(1 / 3)",
            "(-1)",
            "\"7\"",
            "\"0x10\"",
            "1e21",
            "(2 - 2.0)",
            "(-5 % 3)",
        ];
        self.of(NUMBERS).to_owned()
    }

    fn string(&mut self) -> String {
        const STRINGS: &[&str] = &[
            "",
            "a",
            "b",
            "ab",
            "abc",
            "Hello World",
            "hello-world_x",
            "é",
            "e\\u0301",
            "🇩🇪🇫🇷",
            "👩‍👩‍👧",
            "ß",
            "ǆ",
            " a ",
            "\\ta\\n",
            "a,b,,c",
            "a\\nb\\n",
            "x\\ry",
            "x\\ny",
            "1",
            "42",
            "-1.5",
            "true",
            "false",
            "null",
            "%s",
            "%d-%v",
            "%5.2f",
            "%q|%x",
            "/a/",
            "/(a)(b)?/",
            "(\\\\d+)",
            "[a-z]+",
            "$1",
            "a.b",
            "10.0.0.0/8",
            "192.168.1.0/24",
            "fd00::/48",
            "2020-02-29T12:00:00Z",
            "2020-02-29T12:00:00.5+01:00",
            "1h30m",
            "-90s",
            "YYYY-MM-DD hh:mm",
            "aGVsbG8=",
            "aGk",
            "{\\\"a\\\":[1,2.50]}",
            "[true,null]",
            "a: b\\nc: [1, yes]",
            "- 1\\n- x: ~",
            "UTF-8",
            "UTF-16LE",
            "dns",
            "a/b/../c.txt",
            "/",
            "../x",
            "k",
            "name",
            "<&>",
            "\\u2028",
            "日本語テキスト",
            "क्षि",
        ];
        format!("\"{}\"", self.of(STRINGS))
    }

    fn primitive(&mut self) -> String {
        match self.below(10) {
            0..=3 => self.string(),
            4..=6 => self.number(),
            7 => "true".to_owned(),
            8 => "false".to_owned(),
            _ => "null".to_owned(),
        }
    }

    fn list(&mut self, depth: usize) -> String {
        let items = match self.below(6) {
            0 | 1 => self.several(4, Chance::string),
            2 => self.several(4, Chance::number),
            3 => self.several(3, Chance::primitive),
            4 if depth > 0 => self.several(3, |chance| chance.list(depth - 1)),
            _ if depth > 0 => self.several(3, |chance| chance.any(depth - 1)),
            _ => Vec::new(),
        };
        let items = items.join(", ");
        match self.below(5) {
            // Collections of nothing in particular are in the table.
            _ if items.is_empty() => "[]".to_owned(),
            0 => format!("tolist([{items}])"),
            1 => format!("toset([{items}])"),
            _ => format!("[{items}]"),
        }
    }

    fn map(&mut self, depth: usize) -> String {
        const KEYS: &[&str] = &["a", "b", "k", "name", "\"x y\"", "\"é\"", "(\"1\")"];
        let uniform = self.below(2) == 0;
        let members = self.several(3, |chance| {
            let key = chance.of(KEYS);
            let value = if uniform || depth == 0 { chance.string() } else { chance.any(depth - 1) };
            format!("{key} = {value}")
        });
        let members = members.join(", ");
        if self.below(3) == 0 { format!("tomap({{ {members} }})") } else { format!("{{ {members} }}") }
    }

    fn any(&mut self, depth: usize) -> String {
        match self.below(8) {
            0..=3 => self.primitive(),
            4 | 5 => self.list(depth),
            _ => self.map(depth),
        }
    }

    /// An argument for a parameter of that name.
    fn argument(&mut self, name: &str) -> String {
        // What does not fit must be refused as well.
        if self.below(12) == 0 {
            return self.any(2);
        }
        match name {
            "spaces" => self.of(&["0", "2", "-1", "1.5", "\"3\""]).to_owned(),
            "num" | "numbers" | "base" | "power" | "index" | "size" | "offset" | "length" | "hostnum" | "newbits"
            | "netnum" | "params" | "start_index" | "end_index" => self.number(),
            "list" | "lists" | "seqs" | "keys" | "searchset" | "sets" | "first_set" | "other_sets" | "a" | "b" => {
                self.list(1)
            }
            "inputMap" | "maps" | "mapping" => self.map(2),
            "values" if self.below(2) == 0 => self.map(1),
            "values" => self.list(1),
            "val" | "value" | "v" | "args" | "vals" | "default" => self.any(2),
            "number" => format!("\"{}\"", self.of(&["12", "-7", "ff", "Zz", "101", "", "0b1"])),
            "prefix" => format!(
                "\"{}\"",
                self.of(&["10.0.0.0/8", "192.168.1.77/24", "fd00::/48", "0.0.0.0/0", "x", "1.2.3.4/32"])
            ),
            "timestamp" | "time" | "timestamp_a" | "timestamp_b" => {
                const TIMES: &[&str] = &[
                    "2020-02-29T12:00:00Z",
                    "2020-02-29T12:00:00.5+01:00",
                    "1999-12-31T23:59:59-08:00",
                    "2021-02-29T00:00:00Z",
                    "2020-02-29",
                    "0001-01-01T00:00:00Z",
                ];
                format!("\"{}\"", self.of(TIMES))
            }
            _ => self.string(),
        }
    }
}

/// Those that read files are held against Terraform in the table.
fn generates(name: &str) -> bool {
    !name.starts_with("file")
        && !name.starts_with("template")
        && !matches!(name, "abspath" | "pathexpand" | "can" | "try")
}

/// Calls of every function with arguments that fit more or less.
fn generated(seed: u64, of_each: usize) -> Vec<String> {
    let mut chance = Chance(seed);
    let mut calls = Vec::new();
    for function in FUNCTIONS.iter().filter(|one| one.never_known().is_none() && generates(one.name)) {
        for _ in 0..of_each {
            let fixed = function.parameter_names().count();
            let further = if function.variadic_name().is_some() { chance.below(4) } else { 0 };
            let arguments: Vec<String> = (0..fixed + further)
                .filter_map(|index| Some(chance.argument(function.parameter_name(index)?)))
                .collect();
            calls.push(format!("{}({})", function.name, arguments.join(", ")));
        }
    }
    calls
}

#[test]
fn generated_calls_have_the_values_that_terraform_prints() {
    let expressions = generated(11, 15);
    let Some(results) = console(&expressions) else { return };
    let world = World::new();
    let mut different = Vec::new();
    let (mut known, mut refused) = (0, 0);
    for (expression, expected) in expressions.iter().zip(&results) {
        let found = world.evaluate(expression).map_or_else(|_| ERROR.to_owned(), |value| printed(&value));
        // What we do not know is no mistake, and is counted.
        if found == UNKNOWN {
            continue;
        }
        known += 1;
        refused += usize::from(found == ERROR);
        if found != *expected {
            different.push(format!("{expression}\n  expected {expected}\n  found {found}"));
        }
    }
    assert!(different.is_empty(), "{} of {known} differ:\n{}", different.len(), different.join("\n"));
    assert!(known * 20 > expressions.len() * 19, "only {known} of {} are known", expressions.len());
    assert!(refused * 2 < known, "{refused} of {known} are refused");
}

/// Whether a value can be what is known of it in another one.
fn agrees(general: &Value, value: &Value) -> bool {
    if general.is_unknown() || general.is_null() && value.is_null() {
        return true;
    }
    let (left, right) = (general.elements(), value.elements());
    let (left_members, right_members) = (general.members(), value.members());
    if left.len() != right.len() || left_members.len() != right_members.len() {
        return false;
    }
    if left.len() == 0 && left_members.len() == 0 {
        // Of what type several values are together, those that are not known have a say in.
        return printed(general).trim_matches('"') == printed(value).trim_matches('"');
    }
    // Elements of a set have another order when they are known.
    let unordered = matches!(general.data(), Data::Set(_)) && !general.is_wholly_known();
    (unordered || left.zip(right).all(|(general, value)| agrees(&general, &value)))
        && left_members
            .zip(right_members)
            .all(|(general, value)| general.key == value.key && agrees(&general.value, &value.value))
}

#[test]
fn an_unknown_part_changes_no_known_result() {
    let world = World::new();
    let (mut compared, mut known) = (0, 0);
    for call in generated(51, 40) {
        let Ok(value) = world.evaluate(&call) else { continue };
        for string in strings(&call) {
            let changed = format!("{}(local.unknown){}", &call[..string.start], &call[string.end..]);
            let Ok(general) = world.evaluate(&changed) else { continue };
            compared += 1;
            known += usize::from(!general.is_unknown());
            assert!(agrees(&general, &value), "{call}\n  {}\n{changed}\n  {}", printed(&value), printed(&general));
        }
    }
    assert!(compared > 1000 && known > 200, "{compared} compared, {known} known");
}

/// Where the strings of an expression are, with their quotes.
fn strings(text: &str) -> Vec<Range<usize>> {
    let (mut strings, mut start) = (Vec::new(), None);
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match (letter, start) {
            ('\\', Some(_)) => drop(letters.next()),
            ('"', None) => start = Some(at),
            ('"', Some(first)) => {
                strings.push(first..at + 1);
                start = None;
            }
            _ => {}
        }
    }
    strings
}
