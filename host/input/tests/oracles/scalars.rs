//! Scalars and keys, one by one: what a cluster makes of them, and that we make the same.
//!
//! The rules are those of sigs.k8s.io/yaml: `resolve` in goyaml.v2/resolve.go, `scalar` in
//! goyaml.v2/decode.go, and for keys `convertToJSONableObject` in yaml.go. Each row is put to kubectl,
//! too, and so are generated texts.

use serde_json::Value;
use verdikt_input::Syntax;
use verdikt_model::{Code, Level};

use crate::kubectl;
use crate::support::{Wrong, normal, read, root, sample, sorted, value};

/// Instead of JSON: what a cluster refuses, and we call unknown.
const REFUSED: &str = "refused";

/// Plain scalars without a tag.
const PLAIN: &[(&str, &str)] = &[
    // resolveMap in resolve.go: null and the booleans of YAML 1.1, in three spellings and no other.
    ("", "null"),
    ("~", "null"),
    ("null", "null"),
    ("Null", "null"),
    ("NULL", "null"),
    ("nULL", r#""nULL""#),
    ("~~", r#""~~""#),
    ("y", "true"),
    ("Y", "true"),
    ("yes", "true"),
    ("Yes", "true"),
    ("YES", "true"),
    ("yEs", r#""yEs""#),
    ("true", "true"),
    ("True", "true"),
    ("TRUE", "true"),
    ("tRUE", r#""tRUE""#),
    ("t", r#""t""#),
    ("on", "true"),
    ("On", "true"),
    ("ON", "true"),
    ("oN", r#""oN""#),
    ("n", "false"),
    ("N", "false"),
    ("no", "false"),
    ("No", "false"),
    ("NO", "false"),
    ("nO", r#""nO""#),
    ("false", "false"),
    ("False", "false"),
    ("FALSE", "false"),
    ("f", r#""f""#),
    ("off", "false"),
    ("Off", "false"),
    ("OFF", "false"),
    // Integers: `ParseInt` with base 0, so prefixes decide, after all underscores are gone.
    ("0", "0"),
    ("-0", "-0"),
    ("+0", "0"),
    ("7", "7"),
    ("+1", "1"),
    ("-31", "-31"),
    ("--1", r#""--1""#),
    ("+-1", r#""+-1""#),
    ("0x1F", "31"),
    ("0X1f", "31"),
    ("-0x1F", "-31"),
    ("+0x1F", "31"),
    ("0xfg", r#""0xfg""#),
    ("0x", r#""0x""#),
    ("0x_", r#""0x_""#),
    ("0x1p-2", r#""0x1p-2""#),
    ("0b11", "3"),
    ("0B1", "1"),
    ("-0b11", "-3"),
    ("0b12", r#""0b12""#),
    ("0b", r#""0b""#),
    // What follows `0b` is parsed once more by itself, with a sign of its own.
    ("0b-11", "-3"),
    ("0b+11", "3"),
    ("0B-11", r#""0B-11""#),
    ("-0b-11", r#""-0b-11""#),
    ("-0b+11", r#""-0b+11""#),
    ("+0b-11", r#""+0b-11""#),
    ("0o17", "15"),
    ("0O17", "15"),
    ("-0o17", "-15"),
    ("0o9", r#""0o9""#),
    ("0o", r#""0o""#),
    ("017", "15"),
    ("0777", "511"),
    ("-017", "-15"),
    ("00", "0"),
    // No octal number, but a float.
    ("08", "8"),
    ("-08", "-8"),
    ("0_1", "1"),
    ("0_8", "8"),
    ("1_000", "1000"),
    ("1__0", "10"),
    ("1_", "1"),
    ("_1", r#""_1""#),
    ("+_1", "1"),
    // `ParseUint` takes what no signed integer holds; beyond it, all is a float, but prefixes have none.
    ("9223372036854775807", "9223372036854775807"),
    ("9223372036854775808", "9223372036854775808"),
    ("18446744073709551615", "18446744073709551615"),
    ("+18446744073709551615", "18446744073709551615"),
    ("18446744073709551616", "18446744073709551616"),
    ("99999999999999999999", "99999999999999999999"),
    ("-9223372036854775808", "-9223372036854775808"),
    ("-9223372036854775809", "-9223372036854775809"),
    ("0xFFFFFFFFFFFFFFFF", "18446744073709551615"),
    ("0777777777777777777777777", "777777777777777777777777"),
    // Floats: `yamlStyleFloat`, then `ParseFloat`, which refuses what is out of range.
    ("1.", "1"),
    ("1.0", "1.0"),
    ("-1.50", "-1.50"),
    ("+1.5", "1.5"),
    (".5", "0.5"),
    ("+.5", "0.5"),
    ("-.5", "-0.5"),
    ("09.5", "9.5"),
    ("012.5", "12.5"),
    ("1_0.5", "10.5"),
    ("1e3", "1e3"),
    ("1E3", "1E3"),
    ("1.e3", "1e3"),
    ("1e+3", "1e+3"),
    ("1e-3", "1e-3"),
    ("12e03", "12e03"),
    ("685.230_15e+03", "685.23015e+03"),
    ("1e", r#""1e""#),
    ("1e+", r#""1e+""#),
    ("1.2.3", r#""1.2.3""#),
    ("1e400", r#""1e400""#),
    ("-1e400", r#""-1e400""#),
    ("1e-400", "1e-400"),
    // What begins with a dot goes to `ParseFloat` as it is, where underscores stand between digits only.
    (".1_0", "0.10"),
    (".5e3", "0.5e3"),
    ("._5", r#""._5""#),
    (".5_", r#"".5_""#),
    (".1__0", r#"".1__0""#),
    (".e5", r#"".e5""#),
    (".", r#"".""#),
    (".1e400", r#"".1e400""#),
    ("...", r#""...""#),
    // JSON has no number for these.
    (".inf", REFUSED),
    (".Inf", REFUSED),
    (".INF", REFUSED),
    ("+.inf", REFUSED),
    ("-.INF", REFUSED),
    (".nan", REFUSED),
    (".NaN", REFUSED),
    (".NAN", REFUSED),
    ("+.nan", r#""+.nan""#),
    (".infx", r#"".infx""#),
    ("inf", r#""inf""#),
    ("NaN", r#""NaN""#),
    ("+inf", r#""+inf""#),
    // Timestamps stay the text that they are, for the sake of compatibility; base 60 was dropped.
    ("2001-12-14", r#""2001-12-14""#),
    ("2001-1-1", r#""2001-1-1""#),
    ("2001-12-14t21:59:43.10-05:00", r#""2001-12-14t21:59:43.10-05:00""#),
    ("2001-12-14 21:59:43.10 -5", r#""2001-12-14 21:59:43.10 -5""#),
    ("1:20", r#""1:20""#),
    ("190:20:30", r#""190:20:30""#),
    ("1:20.5", r#""1:20.5""#),
    // Nothing but text: no hint in the first character, or none that leads anywhere.
    ("=", r#""=""#),
    ("<<", r#""<<""#),
    ("+", r#""+""#),
    ("-v", r#""-v""#),
    ("512Mi", r#""512Mi""#),
    ("250m", r#""250m""#),
    ("10.0.0.1", r#""10.0.0.1""#),
    ("1 000", r#""1 000""#),
    ("1,000", r#""1,000""#),
    ("nginx:1.27", r#""nginx:1.27""#),
    ("١", r#""١""#),
    ("ｙｅｓ", r#""ｙｅｓ""#),
];

/// Scalars with a tag or quotes.
const WRITTEN_OTHERWISE: &[(&str, &str)] = &[
    // Without a tag, what is not plain is text (`scalar` in decode.go).
    ("\"yes\"", r#""yes""#),
    ("'1'", r#""1""#),
    ("''", r#""""#),
    ("|-\n  1", r#""1""#),
    (">-\n  yes", r#""yes""#),
    // Anything is a `!!str`.
    ("!!str 1", r#""1""#),
    ("!!str yes", r#""yes""#),
    ("!!str null", r#""null""#),
    ("!!str", r#""""#),
    ("!!str .inf", r#"".inf""#),
    ("!<tag:yaml.org,2002:str> 1", r#""1""#),
    // The other tags take what resolves to their type, quoted or not.
    ("!!int 3", "3"),
    ("!!int \"3\"", "3"),
    ("!!int 0x1F", "31"),
    ("!!int 0b-11", "-3"),
    ("!!int abc", REFUSED),
    ("!!int 1.5", REFUSED),
    ("!!int 08", REFUSED),
    ("!!int ''", REFUSED),
    ("!!float 3", "3"),
    ("!!float .5", "0.5"),
    ("!!float \"1e3\"", "1e3"),
    ("!!float abc", REFUSED),
    ("!!float .inf", REFUSED),
    ("!!bool yes", "true"),
    ("!!bool \"no\"", "false"),
    ("!!bool 1", REFUSED),
    ("!!bool", REFUSED),
    ("!!null", "null"),
    ("!!null ~", "null"),
    ("!!null ''", "null"),
    ("!!null x", REFUSED),
    ("!!timestamp 2001-01-01", r#""2001-01-01""#),
    ("!!timestamp \"2001-01-01\"", r#""2001-01-01""#),
    ("!!timestamp 2001-1-2 3:4:5.25", r#""2001-1-2 3:4:5.25""#),
    ("!!timestamp 2001-01-01t00:00:00Z", r#""2001-01-01t00:00:00Z""#),
    ("!!timestamp x", REFUSED),
    ("!!timestamp 1", REFUSED),
    ("!!timestamp 2001-13-01", REFUSED),
    ("!!timestamp", REFUSED),
    // Base64 with padding, line breaks skipped; what is not UTF-8 becomes U+FFFD in JSON.
    ("!!binary aGVsbG8=", r#""hello""#),
    ("!!binary \"aGk=\"", r#""hi""#),
    ("!!binary aGVs", r#""hel""#),
    ("!!binary |\n  aGV\n  sbG8=", r#""hello""#),
    ("!!binary /w==", "\"\u{fffd}\""),
    ("!!binary", r#""""#),
    ("!!binary a", REFUSED),
    ("!!binary aGk", REFUSED),
    ("!!binary aG=k", REFUSED),
    ("!!binary aGl=", r#""hi""#),
    ("!!binary '%%'", REFUSED),
    // Tags that nobody knows, and the one that says nothing, leave the text.
    ("! 12", r#""12""#),
    ("!", r#""""#),
    ("!Ref 12", r#""12""#),
    ("!!map x", r#""x""#),
    ("!!seq 1", r#""1""#),
    ("!!merge 1", r#""1""#),
    ("!!set 1", r#""1""#),
    // Of collections, tags say nothing.
    ("!!str [1]", "[1]"),
    ("!!int {a: 1}", r#"{"a":1}"#),
    ("!!map {a: 1}", r#"{"a":1}"#),
    ("!foo [1]", "[1]"),
];

/// What a key becomes, as JSON, or that it cannot be one.
const KEYS: &[(&str, &str)] = &[
    ("a", r#""a""#),
    ("\"a b\"", r#""a b""#),
    ("''", r#""""#),
    ("y", r#""true""#),
    ("Off", r#""false""#),
    ("1", r#""1""#),
    ("-0", r#""0""#),
    ("0x10", r#""16""#),
    ("017", r#""15""#),
    ("1_0", r#""10""#),
    ("0b-11", r#""-3""#),
    ("9223372036854775807", r#""9223372036854775807""#),
    // Floats are printed as Go's `%g` prints a float32.
    ("1.5", r#""1.5""#),
    ("1.0", r#""1""#),
    ("-0.0", r#""-0""#),
    ("1e3", r#""1000""#),
    ("1e5", r#""100000""#),
    ("1e6", r#""1e+06""#),
    ("1e20", r#""1e+20""#),
    ("12345678.5", r#""1.2345678e+07""#),
    ("0.0001", r#""0.0001""#),
    ("0.00001", r#""1e-05""#),
    ("1e-50", r#""0""#),
    ("18446744073709551616", r#""1.8446744e+19""#),
    ("1e39", r#"".inf""#),
    ("-1e39", r#""-.inf""#),
    (".inf", r#"".inf""#),
    ("-.inf", r#""-.inf""#),
    (".nan", r#"".nan""#),
    ("2001-01-01", r#""2001-01-01""#),
    ("=", r#""=""#),
    ("\"<<\"", r#""<<""#),
    ("!!str 1", r#""1""#),
    ("!!int \"2\"", r#""2""#),
    ("!foo 3", r#""3""#),
    ("!!binary aGk=", r#""hi""#),
    ("!!timestamp 2001-01-01", r#""2001-01-01""#),
    ("~", REFUSED),
    ("null", REFUSED),
    // Fits only an unsigned integer of 64 bits.
    ("9223372036854775808", REFUSED),
    ("[a]", REFUSED),
    ("{a: b}", REFUSED),
];

#[test]
fn scalars_mean_what_they_mean_to_a_cluster() {
    let mut wrong = Wrong::default();
    let rows: Vec<_> = PLAIN.iter().chain(WRITTEN_OTHERWISE).collect();
    for (text, expected) in &rows {
        let found = ours(&kubectl::object(0, &format!(" {text}"))).unwrap_or_else(|codes| {
            assert_eq!(codes, [Code::WrongType], "{text}");
            REFUSED.to_owned()
        });
        wrong.check(&found, &(*expected).to_owned(), text);
    }
    let texts: Vec<String> =
        rows.iter().enumerate().map(|(number, (text, _))| kubectl::object(number, &format!(" {text}"))).collect();
    let Some(theirs) = kubectl::specs(&texts) else { return wrong.must_be_empty() };
    for ((text, expected), theirs) in rows.iter().zip(theirs) {
        let expected = (*expected != REFUSED).then(|| normal(serde_json::from_str(expected).unwrap()));
        wrong.check(&theirs, &expected, &format!("{text}, read by kubectl"));
    }
    wrong.must_be_empty();
}

#[test]
fn keys_mean_what_they_mean_to_a_cluster() {
    let mut wrong = Wrong::default();
    let texts: Vec<String> = KEYS
        .iter()
        .enumerate()
        .map(|(number, (text, _))| kubectl::object(number, &format!("\n  ? {text}\n  : 1")))
        .collect();
    for ((text, expected), object) in KEYS.iter().zip(&texts) {
        let found = ours(object).unwrap_or_else(|codes| {
            assert_eq!(codes, [Code::BadKey], "{text}");
            REFUSED.to_owned()
        });
        let expected = if *expected == REFUSED { REFUSED.to_owned() } else { format!("{{{expected}:1}}") };
        wrong.check(&found, &expected, text);
    }
    let Some(theirs) = kubectl::specs(&texts) else { return wrong.must_be_empty() };
    for ((text, expected), theirs) in KEYS.iter().zip(theirs) {
        let expected = (*expected != REFUSED).then(|| serde_json::from_str(&format!("{{{expected}:1}}")).unwrap());
        wrong.check(&theirs, &expected, &format!("{text}, read by kubectl"));
    }
    wrong.must_be_empty();
}

/// Texts that look like numbers, booleans and dates more often than chance would have it.
#[test]
fn generated_scalars_and_keys_mean_what_they_mean_to_a_cluster() {
    let number = "(0[xXbBoO])?[-+]?[0-9]{0,3}_?[0-9]{0,2}(\\.[0-9_]{0,3})?([eE][-+]?[0-9]{0,3})?";
    let noise = "[-+.0-9_xbeE][-+.0-9_xXoObBeEaAfFiInNpP:]{0,6}";
    let word = "[-+.]?(y|Y|n|N|[yY][eE][sS]|[nN][oO]|[oO][nN]|[oO][fF]{2}|[nN]ull|\\.?[iI]nf|\\.[nN]a[nN]|~)";
    let date =
        "[0-9]{4}-[01]?[0-9]-[0-3]?[0-9]([tT ][0-2]?[0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9])?(Z|[-+][01][0-9]:00)?)?";
    let mut texts = Vec::new();
    for pattern in [number, noise, word, date] {
        let strategy = proptest::string::string_regex(&format!("[-+]?{pattern}")).unwrap();
        for number in 0..300 {
            let text = sample(&strategy, number);
            let tag = ["", "!!int ", "!!float ", "!!timestamp "][texts.len() % 4];
            texts.push(format!(" {text}"));
            texts.push(format!(" {tag}{text}"));
            // Without an indicator that would end the key.
            if !text.ends_with(':') {
                texts.push(format!("\n  ? {text}\n  : 1"));
            }
        }
    }
    let texts: Vec<String> = texts.iter().enumerate().map(|(number, text)| kubectl::object(number, text)).collect();
    let Some(theirs) = kubectl::specs(&texts) else { return };
    let mut wrong = Wrong::default();
    for (text, theirs) in texts.iter().zip(theirs) {
        let ours = ours(text).ok().map(|json| normal(serde_json::from_str(&json).unwrap()));
        wrong.check(&ours, &theirs, text);
    }
    wrong.must_be_empty();
}

/// Characters that are easily overlooked, wherever they may stand: what a cluster takes for content is
/// content to us.
#[test]
fn odd_characters_mean_what_they_mean_to_a_cluster() {
    let places = [
        "a^b",
        "^ab",
        "ab^",
        "1 # x^    h: 2",
        "\"a^b\"",
        "'a^b'",
        "|\n    a^b\n",
        ">\n    a\n    ^b",
        "[a^b]",
        "{a^: b}",
        "a^# b",
        "a ^# b",
        "^",
        "a\n  b^c: d",
        "a\n  ^c: d",
        "&a^b 1",
        "!a^b 1",
        "^\n  c: d",
        "\"^\"",
        "- a^",
    ];
    let characters = (0..=0xa1).chain([
        0xad, 0x600, 0x1680, 0x180e, 0x2000, 0x200b, 0x200d, 0x200e, 0x2028, 0x2029, 0x202e, 0x202f, 0x205f, 0x2060,
        0x3000, 0xd7ff, 0xe000, 0xfeff, 0xfffd, 0xfffe, 0xffff, 0x1_0000, 0x1_f600, 0xe_0001, 0x10_ffff,
    ]);
    let characters = characters
        .filter_map(char::from_u32)
        .filter(|character| !character.is_ascii_alphanumeric() && *character != '$');
    let texts: Vec<String> = characters
        .flat_map(|character| places.iter().map(move |place| place.replace('^', &character.to_string())))
        .enumerate()
        .map(|(number, place)| kubectl::object(number, &format!("\n  k: {place}")))
        .collect();
    let Some(theirs) = kubectl::specs(&texts) else { return };
    let mut wrong = Wrong::default();
    for (text, theirs) in texts.iter().zip(theirs) {
        let ours = ours(text).ok().map(|json| normal(serde_json::from_str(&json).unwrap()));
        // go-yaml ends the name of an anchor at these, and takes the rest of it for a string.
        if text.contains("&a:b") || text.contains("&a?b") {
            continue;
        }
        // What only we read is in no cluster, and what only we refuse makes a scan incomplete.
        if let (Some(ours), Some(theirs)) = (&ours, &theirs) {
            wrong.check(&usual(ours), &usual(theirs), text.split_once("spec:").unwrap().1);
        }
    }
    wrong.must_be_empty();
}

/// A value with the line breaks of YAML 1.1 as the white space that we make of them.
fn usual(value: &Value) -> String {
    sorted(value.clone()).to_string().replace(['\u{2028}', '\u{2029}'], " ").replace("\\n", " ")
}

/// What we read at `spec` of an object, as JSON text, or what is wrong with it.
fn ours(object: &str) -> Result<String, Vec<Code>> {
    let (parsed, diagnostics) = read(Syntax::Yaml, object);
    if diagnostics.iter().any(|diagnostic| diagnostic.level() == Level::Error) {
        return Err(diagnostics.iter().map(|diagnostic| diagnostic.code).collect());
    }
    let [document] = &parsed[..] else { return Ok(Value::from(parsed.len()).to_string()) };
    let spec = root(document).get("spec").unwrap();
    // Through JSON text, since that is what rules get.
    assert_eq!(value(spec), normal(serde_json::from_str(&spec.to_json()).unwrap()));
    Ok(spec.to_json())
}
