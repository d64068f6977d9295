//! Names and values inside of texts: configuration files, environment files, connection strings, JSON.

/// A name and its value in a text of several lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'t> {
    /// From 1.
    pub number: usize,
    /// What is set.
    pub name: &'t str,
    /// What it is set to.
    pub value: &'t str,
}

/// The names and values of a configuration file, whatever its format: `name = value`, `name: value`,
/// `"name": "value"`, `export NAME=value`, `<name>value</name>`, each on a line of its own. Lines that are
/// comments are passed over.
pub(crate) fn lines(text: &str) -> Vec<Line<'_>> {
    let all: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (index, line) in all.iter().enumerate() {
        let line = line.trim();
        if ["#", "//", ";", "--", "<!--", "*", "/*"].iter().any(|mark| line.starts_with(mark)) {
            continue;
        }
        let number = index + 1;
        match assignment(line) {
            // A block of YAML: what it holds is in the next line.
            Some((name, "|" | ">" | "|-" | ">-" | "|+" | ">+")) => {
                let value = all[index + 1..].iter().map(|line| line.trim()).find(|line| !line.is_empty());
                found.extend(value.map(|value| Line { number, name, value }));
            }
            Some((name, value)) if !is_code(value) => found.push(Line { number, name, value }),
            _ => found.extend(pairs(line).into_iter().map(|(name, value)| Line { number, name, value })),
        }
    }
    found
}

/// The names and values inside of a single value: `name=value` in a connection string or in options of a
/// program, `"name": "value"` in JSON.
pub(crate) fn pairs(text: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    for (at, mark) in text.match_indices(['=', ':']) {
        let (before, behind) = (&text[..at], start_of(&text[at + 1..]));
        match mark {
            "=" if bytes.get(at + 1) != Some(&b'=') && !before.ends_with(['=', '!', '<', '>']) => {
                let name = name_at_end(before);
                let value = match behind.chars().next() {
                    Some(quote @ ('"' | '\'')) => behind[1..].split(quote).next().unwrap_or_default(),
                    // What a shell runs for it may have spaces.
                    Some('$') if behind.starts_with("$(") => behind.split_inclusive(')').next().unwrap_or_default(),
                    _ => behind.split([' ', '\t', ';', '&', ',', '"', '\'', '`']).next().unwrap_or_default(),
                };
                found.push((name, value));
            }
            ":" => {
                let quoted = before.trim_end();
                let Some(inside) = quoted.strip_suffix('"').map(|inside| inside.trim_end_matches('\\')) else {
                    continue;
                };
                let name = name_at_end(inside);
                let Some(value) = behind.trim_start().trim_start_matches('\\').strip_prefix('"') else { continue };
                found.push((name, value.split(['"', '\\']).next().unwrap_or_default()));
            }
            _ => {}
        }
    }
    found.retain(|(name, _)| !name.is_empty());
    found
}

/// As much of a text as a value can be long: what keeps a hostile text from being read once for each of its
/// marks.
fn start_of(text: &str) -> &str {
    const LONGEST: usize = 512;
    if text.len() <= LONGEST {
        return text;
    }
    let end = (0..=LONGEST).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    &text[..end]
}

fn name_at_end(text: &str) -> &str {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    let length = text.bytes().rev().take_while(|byte| is_part(byte)).count();
    text[text.len() - length..].trim_start_matches('-')
}

/// A line that sets one name.
fn assignment(line: &str) -> Option<(&str, &str)> {
    if let Some(tag) = line.strip_prefix('<') {
        let (name, rest) = tag.split_once('>')?;
        let name = name.split(' ').next().unwrap_or_default();
        let (value, _) = rest.split_once('<')?;
        return Some((name, value));
    }
    let line =
        ["export ", "set ", "ENV ", "- "].iter().fold(line, |line, word| line.strip_prefix(word).unwrap_or(line));
    let (name, rest) = match line.chars().next()? {
        quote @ ('"' | '\'') => line[1..].split_once(quote)?,
        _ => {
            let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./".contains(&byte);
            let length = line.bytes().take_while(|byte| is_part(*byte)).count();
            line.split_at(length)
        }
    };
    let rest = rest.trim_start();
    let value =
        rest.strip_prefix("=>").or_else(|| rest.strip_prefix(":=")).or_else(|| rest.strip_prefix([':', '=']))?;
    // `a == b` compares, `a://b` is a URL.
    if name.is_empty() || value.starts_with('=') || value.starts_with("//") {
        return None;
    }
    let value = value.trim();
    let is_shell = rest.starts_with('=') && !name.bytes().any(|byte| byte.is_ascii_lowercase());
    match value.split_once(' ') {
        // `NAME=value program` sets a variable of a program.
        Some((value, _)) if is_shell && !value.starts_with(['"', '\'', '`']) && !value.starts_with("$(") => {
            Some((name, value))
        }
        _ => Some((name, unquoted(value))),
    }
}

/// A value without its quotes, and without what follows it on its line.
fn unquoted(value: &str) -> &str {
    match value.chars().next() {
        Some(quote @ ('"' | '\'')) => value[1..].split(quote).next().unwrap_or_default(),
        _ => {
            let value = value.split_once(" #").map_or(value, |(value, _)| value);
            value.trim_end().trim_end_matches([',', ';']).trim_end()
        }
    }
}

/// What is evaluated or continued rather than a text: calls, lists, maps, anchors and aliases.
fn is_code(value: &str) -> bool {
    let is_call = value.ends_with(')')
        && value.split_once('(').is_some_and(|(name, _)| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.$".contains(&byte))
        });
    is_call || (value.starts_with(['[', '{', '&', '*', '!', '`']) && !value.starts_with("{{"))
}

#[cfg(test)]
mod tests {
    use super::{lines, pairs};

    #[test]
    fn lines_of_configuration_files() {
        for (text, expected) in [
            ("password=geheim", vec![("password", "geheim")]),
            ("  db.password : geheim word  # why", vec![("db.password", "geheim word")]),
            ("\"password\": \"geheim\",", vec![("password", "geheim")]),
            ("password: 'ge#heim'", vec![("password", "ge#heim")]),
            ("export TOKEN=\"abc\"", vec![("TOKEN", "abc")]),
            ("<password>geheim</password>", vec![("password", "geheim")]),
            ("'password' => 'geheim',", vec![("password", "geheim")]),
            ("password := geheim;", vec![("password", "geheim")]),
            ("password: |\n  geheim\nuser: x", vec![("password", "geheim"), ("user", "x")]),
            ("# password=geheim", vec![]),
            ("password = getenv(\"X\")", vec![]),
            ("TOKEN=$(cat /run/token)", vec![("TOKEN", "$(cat /run/token)")]),
            ("PGPASSWORD=abc psql", vec![("PGPASSWORD", "abc")]),
            ("{\"user\": \"a\", \"password\": \"b\"}", vec![("user", "a"), ("password", "b")]),
            ("if password == x", vec![]),
            ("https://example.org", vec![]),
            ("password", vec![]),
            ("password:", vec![("password", "")]),
            ("", vec![]),
            ("ä: ü", vec![]),
        ] {
            let found: Vec<_> = lines(text).into_iter().map(|line| (line.name, line.value)).collect();
            let expected: Vec<(&str, &str)> = expected;
            assert_eq!(found, expected, "{text}");
        }
        assert_eq!(lines("a=1\n\nb=2").last().map(|line| line.number), Some(3));
    }

    #[test]
    fn pairs_inside_of_values() {
        for (text, expected) in [
            ("jdbc:x://h/db?user=a&password=b", vec![("user", "a"), ("password", "b")]),
            ("Server=h;Password=b c", vec![("Server", "h"), ("Password", "b")]),
            ("-Dstore.password='b c' -Da=1", vec![("Dstore.password", "b c"), ("Da", "1")]),
            ("{\"a\":{\"password\":\"b\"}}", vec![("password", "b")]),
            (r#"{\"password\": \"b\"}"#, vec![("password", "b")]),
            ("a == b", vec![]),
            ("=x", vec![]),
            ("ü=x", vec![]),
        ] {
            let expected: Vec<(&str, &str)> = expected;
            assert_eq!(pairs(text), expected, "{text}");
        }
    }
}
