//! From Go's syntax of regular expressions (<https://pkg.go.dev/regexp/syntax>) to that of the `regex`
//! crate.

use std::iter::Peekable;
use std::str::Chars;

use regex::Regex;

/// Why a pattern is not translated.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// Go refuses it as well.
    Invalid(String),
    /// It may mean something else there.
    Unsure(String),
}

fn invalid<T>(why: impl Into<String>) -> Result<T, Problem> {
    Err(Problem::Invalid(why.into()))
}

/// A pattern of Go's syntax, written for the `regex` crate.
pub(super) struct Translation<'p> {
    rest: Peekable<Chars<'p>>,
    pub(super) out: String,
    /// Of the groups.
    pub(super) names: Vec<Option<String>>,
    /// About how many states it has.
    pub(super) size: usize,
    /// What each open group began with.
    open: Vec<Frame>,
    frame: Frame,
}

/// What is known of a group.
#[derive(Clone, Copy, Default)]
struct Frame {
    /// Whether there is something that can be repeated.
    atom: bool,
    /// Whether that is repeated already.
    repeated: bool,
    /// How often that repeats what is in it.
    repeats: usize,
    /// The greatest of those so far.
    most: usize,
    /// About how many states that has.
    size: usize,
    /// Those of all before it.
    before: usize,
}

/// What Go allows; beyond it patterns are refused.
const MOST_REPEATS: usize = 1000;

impl<'p> Translation<'p> {
    pub(super) fn of(pattern: &'p str) -> Result<Translation<'p>, Problem> {
        let rest = pattern.chars().peekable();
        let (out, names, open) = (String::new(), Vec::new(), Vec::new());
        let mut translation = Translation { rest, out, names, size: 0, open, frame: Frame::default() };
        while let Some(letter) = translation.rest.next() {
            translation.step(letter)?;
        }
        if !translation.open.is_empty() {
            return invalid("missing closing )");
        }
        translation.size = translation.frame.before.saturating_add(translation.frame.size).saturating_add(1);
        Ok(translation)
    }

    fn step(&mut self, letter: char) -> Result<(), Problem> {
        match letter {
            '(' => self.group()?,
            ')' => {
                let Some(outer) = self.open.pop() else { return invalid("unexpected )") };
                let inner = std::mem::replace(&mut self.frame, outer);
                self.out.push(')');
                self.atom(inner.before.saturating_add(inner.size));
                self.frame.repeats = inner.most.max(1);
            }
            '|' => {
                self.out.push('|');
                self.atom(0);
                self.frame.atom = false;
            }
            '*' | '+' | '?' => self.repeat(&letter.to_string(), 1)?,
            '{' => match self.counts() {
                Some((least, most, text)) => {
                    let valid = least <= MOST_REPEATS && most.is_none_or(|most| least <= most && most <= MOST_REPEATS);
                    if !valid {
                        return invalid(format!("invalid repeat count in {text}"));
                    }
                    self.repeat(&text, most.unwrap_or(least))?;
                }
                None => self.literal('{'),
            },
            '[' => self.class()?,
            '.' | '^' | '$' => {
                self.out.push(letter);
                self.atom(1);
            }
            '\\' => self.escape()?,
            letter => self.literal(letter),
        }
        Ok(())
    }

    /// Something that can be repeated was written.
    fn atom(&mut self, size: usize) {
        let frame = &mut self.frame;
        frame.before = frame.before.saturating_add(frame.size);
        frame.most = frame.most.max(frame.repeats);
        (frame.atom, frame.repeated, frame.repeats, frame.size) = (true, false, 1, size);
    }

    fn repeat(&mut self, operator: &str, times: usize) -> Result<(), Problem> {
        if !self.frame.atom {
            return invalid(format!("missing argument to repetition operator in {operator}"));
        }
        if self.frame.repeated {
            return invalid(format!("invalid nested repetition operator in {operator}"));
        }
        let frame = &mut self.frame;
        frame.repeated = true;
        frame.repeats = frame.repeats.saturating_mul(times.max(1));
        frame.most = frame.most.max(frame.repeats);
        frame.size = frame.size.saturating_mul(times.max(1));
        if frame.repeats > MOST_REPEATS {
            return invalid(format!("invalid repeat count in {operator}"));
        }
        self.out.push_str(operator);
        if self.rest.next_if_eq(&'?').is_some() {
            self.out.push('?');
        }
        Ok(())
    }

    /// `{n}`, `{n,}` or `{n,m}` behind the brace; anything else is no repetition.
    fn counts(&mut self) -> Option<(usize, Option<usize>, String)> {
        let mut ahead = self.rest.clone();
        let number = |ahead: &mut Peekable<Chars<'p>>| {
            let mut digits = String::new();
            while let Some(digit) = ahead.next_if(char::is_ascii_digit) {
                digits.push(digit);
            }
            let leading_zero = digits.len() > 1 && digits.starts_with('0');
            (!digits.is_empty() && !leading_zero).then(|| digits.parse().unwrap_or(usize::MAX))
        };
        let least = number(&mut ahead)?;
        let (most, text) = if ahead.next_if_eq(&',').is_none() {
            (Some(least), format!("{{{least}}}"))
        } else if ahead.peek() == Some(&'}') {
            (None, format!("{{{least},}}"))
        } else {
            let most = number(&mut ahead)?;
            (Some(most), format!("{{{least},{most}}}"))
        };
        ahead.next_if_eq(&'}')?;
        self.rest = ahead;
        Some((least, most, text))
    }

    fn literal(&mut self, letter: char) {
        push_literal(&mut self.out, letter);
        self.atom(1);
    }

    /// Behind `(`. Groups are numbered as in Go; their names are kept here.
    fn group(&mut self) -> Result<(), Problem> {
        if self.rest.next_if_eq(&'?').is_none() {
            self.names.push(None);
            return self.enter("(");
        }
        let mut ahead = self.rest.clone();
        let _p = ahead.next_if_eq(&'P');
        if ahead.next_if_eq(&'<').is_some() {
            let name: String = ahead.by_ref().take_while(|letter| *letter != '>').collect();
            let valid = !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
            if !valid {
                return invalid(format!("invalid named capture {name:?}"));
            }
            self.rest = ahead;
            self.names.push(Some(name));
            return self.enter("(");
        }
        let (mut flags, mut minus, mut last) = (String::new(), false, None);
        loop {
            let letter = self.rest.next();
            match letter {
                Some(flag @ ('i' | 'm' | 's' | 'U')) => flags.push(flag),
                Some('-') if !minus => {
                    minus = true;
                    flags.push('-');
                }
                Some(':') if last != Some('-') => return self.enter(&format!("(?{flags}:")),
                Some(')') if last != Some('-') => {
                    if !flags.is_empty() {
                        self.out.push_str(&format!("(?{flags})"));
                    }
                    // Nothing that could be repeated.
                    self.atom(0);
                    self.frame.atom = false;
                    return Ok(());
                }
                _ => return invalid("invalid or unsupported Perl syntax in (?"),
            }
            last = letter;
        }
    }

    fn enter(&mut self, text: &str) -> Result<(), Problem> {
        /// Go allows 1,000, the regex crate 250.
        const DEEPEST: usize = 200;
        if self.open.len() >= DEEPEST {
            return Err(Problem::Unsure("this regular expression is nested too deeply".to_owned()));
        }
        self.out.push_str(text);
        self.open.push(std::mem::take(&mut self.frame));
        Ok(())
    }

    /// Behind a backslash, outside of a class.
    fn escape(&mut self) -> Result<(), Problem> {
        match self.rest.peek().copied() {
            Some('A' | 'z') => {
                let letter = self.rest.next().unwrap_or('A');
                self.out.push('\\');
                self.out.push(letter);
                self.atom(1);
            }
            // Words are of ASCII.
            Some('b' | 'B') => {
                let letter = self.rest.next().unwrap_or('b');
                self.out.push_str(&format!("(?-u:\\{letter})"));
                self.atom(1);
            }
            Some('Q') => {
                self.rest.next();
                while let Some(letter) = self.rest.next() {
                    if letter == '\\' && self.rest.next_if_eq(&'E').is_some() {
                        break;
                    }
                    self.literal(letter);
                }
            }
            Some('p' | 'P' | 'd' | 'D' | 's' | 'S' | 'w' | 'W') => {
                let class = self.named_class()?;
                self.out.push_str(&class);
                self.atom(2);
            }
            _ => {
                let letter = self.escaped_letter()?;
                self.literal(letter);
            }
        }
        Ok(())
    }

    /// A class such as `\d` or `\p{Greek}`, behind the backslash.
    fn named_class(&mut self) -> Result<String, Problem> {
        Ok(match self.rest.next() {
            Some('d') => "[0-9]".to_owned(),
            Some('D') => "[^0-9]".to_owned(),
            Some('s') => "[\\t\\n\\x0c\\r ]".to_owned(),
            Some('S') => "[^\\t\\n\\x0c\\r ]".to_owned(),
            Some('w') => "[0-9A-Za-z_]".to_owned(),
            Some('W') => "[^0-9A-Za-z_]".to_owned(),
            Some(kind) => {
                let name = match self.rest.next() {
                    Some('{') => {
                        let mut ended = false;
                        let inside = |letter: &char| {
                            ended = *letter == '}';
                            !ended
                        };
                        let name: String = self.rest.by_ref().take_while(inside).collect();
                        if !ended {
                            return invalid("invalid character class range in \\p{");
                        }
                        name
                    }
                    Some(letter) => letter.to_string(),
                    None => return invalid("invalid character class range in \\p"),
                };
                let (negated, name) = match name.strip_prefix('^') {
                    Some(name) => (kind == 'p', name),
                    None => (kind == 'P', &*name),
                };
                let class = unicode_class(name)?;
                if negated { format!("[^{class}]") } else { format!("[{class}]") }
            }
            None => return invalid("trailing backslash at end of expression"),
        })
    }

    /// A letter that is written with a backslash, behind that.
    fn escaped_letter(&mut self) -> Result<char, Problem> {
        let Some(letter) = self.rest.next() else {
            return invalid("trailing backslash at end of expression");
        };
        let octal = |letter: &char| ('0'..='7').contains(letter);
        let code = match letter {
            'a' => 7,
            'f' => 12,
            'n' => 10,
            'r' => 13,
            't' => 9,
            'v' => 11,
            // One digit alone would refer to a group.
            '0'..='7' if letter == '0' || self.rest.peek().is_some_and(octal) => {
                let mut code = letter.to_digit(8).unwrap_or(0);
                for _ in 0..2 {
                    match self.rest.next_if(octal) {
                        Some(digit) => code = code * 8 + digit.to_digit(8).unwrap_or(0),
                        None => break,
                    }
                }
                code
            }
            'x' => self.hexadecimal()?,
            letter if letter.is_ascii() && !letter.is_ascii_alphanumeric() => u32::from(letter),
            letter => return invalid(format!("invalid escape sequence in \\{letter}")),
        };
        char::from_u32(code)
            .ok_or_else(|| Problem::Unsure("this regular expression looks for half a character".to_owned()))
    }

    fn hexadecimal(&mut self) -> Result<u32, Problem> {
        let braced = self.rest.next_if_eq(&'{').is_some();
        let mut digits = String::new();
        while let Some(digit) = self.rest.next_if(|letter| letter.is_ascii_hexdigit() && (braced || digits.len() < 2)) {
            digits.push(digit);
        }
        let complete =
            if braced { self.rest.next_if_eq(&'}').is_some() && !digits.is_empty() } else { digits.len() == 2 };
        match u32::from_str_radix(&digits, 16) {
            Ok(code) if complete && code <= 0x10_ffff => Ok(code),
            _ => invalid(format!("invalid escape sequence in \\x{digits}")),
        }
    }

    /// Behind `[`.
    fn class(&mut self) -> Result<(), Problem> {
        self.out.push('[');
        if self.rest.next_if_eq(&'^').is_some() {
            self.out.push('^');
        }
        let mut first = true;
        loop {
            match self.rest.peek().copied() {
                None => return invalid("missing closing ]"),
                Some(']') if !first => {
                    self.rest.next();
                    break;
                }
                Some('[') if self.posix()? => {}
                Some('\\') if self.class_in_class()? => {}
                Some(_) => self.range()?,
            }
            first = false;
        }
        self.out.push(']');
        self.atom(2);
        Ok(())
    }

    /// `[:alpha:]` inside of a class, if that is what comes.
    fn posix(&mut self) -> Result<bool, Problem> {
        let text: String = self.rest.clone().collect();
        let Some((name, _)) = text.strip_prefix("[:").and_then(|rest| rest.split_once(":]")) else { return Ok(false) };
        const NAMES: &[&str] = &[
            "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper",
            "word", "xdigit",
        ];
        if !NAMES.contains(&name.strip_prefix('^').unwrap_or(name)) {
            return invalid(format!("invalid character class range in [:{name}:]"));
        }
        self.out.push_str(&format!("[:{name}:]"));
        // The name is of ASCII.
        self.rest.by_ref().take(name.len() + 4).for_each(drop);
        Ok(true)
    }

    /// `\d` and the like inside of a class, if that is what comes.
    fn class_in_class(&mut self) -> Result<bool, Problem> {
        let mut ahead = self.rest.clone();
        ahead.next();
        if !matches!(ahead.peek(), Some('p' | 'P' | 'd' | 'D' | 's' | 'S' | 'w' | 'W')) {
            return Ok(false);
        }
        self.rest = ahead;
        let class = self.named_class()?;
        self.out.push_str(&class);
        Ok(true)
    }

    /// A letter or a range of them.
    fn range(&mut self) -> Result<(), Problem> {
        let low = self.class_letter()?;
        let mut ahead = self.rest.clone();
        let is_range = ahead.next() == Some('-') && ahead.peek().is_some_and(|letter| *letter != ']');
        push_literal(&mut self.out, low);
        if is_range {
            self.rest = ahead;
            let high = self.class_letter()?;
            if high < low {
                return invalid(format!("invalid character class range in {low}-{high}"));
            }
            self.out.push('-');
            push_literal(&mut self.out, high);
        }
        Ok(())
    }

    fn class_letter(&mut self) -> Result<char, Problem> {
        match self.rest.next() {
            Some('\\') => self.escaped_letter(),
            Some(letter) => Ok(letter),
            None => invalid("missing closing ]"),
        }
    }
}

fn push_literal(out: &mut String, letter: char) {
    if letter.is_ascii_alphanumeric() {
        out.push(letter);
    } else {
        out.push_str(&format!("\\x{{{:x}}}", u32::from(letter)));
    }
}

/// The inside of a class for a category or script by the names that Go knows
/// (<https://pkg.go.dev/unicode#pkg-variables>).
fn unicode_class(name: &str) -> Result<String, Problem> {
    const CATEGORIES: &[&str] = &[
        "Cc", "Cf", "Co", "L", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N", "Nd", "Nl", "No", "P", "Pc",
        "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z", "Zl", "Zp", "Zs",
    ];
    let capitalized = |word: &str| {
        let mut letters = word.chars();
        letters.next().is_some_and(|letter| letter.is_ascii_uppercase())
            && letters.all(|letter| letter.is_ascii_lowercase())
    };
    match name {
        "Any" => Ok("\\x{0}-\\x{10ffff}".to_owned()),
        // Without what is not assigned.
        "C" => Ok("\\p{Cc}\\p{Cf}\\p{Co}".to_owned()),
        name if CATEGORIES.contains(&name) => Ok(format!("\\p{{{name}}}")),
        // Of four letters are also abbreviations that Go does not know.
        "Cham" | "Lisu" | "Thai" => Ok(format!("\\p{{sc={name}}}")),
        name if name.len() > 4 && name.split('_').all(capitalized) => {
            let class = format!("\\p{{sc={name}}}");
            match Regex::new(&class) {
                Ok(_) => Ok(class),
                Err(_) => invalid(format!("invalid character class range in \\p{{{name}}}")),
            }
        }
        "Cs" | "SignWriting" => Err(Problem::Unsure(format!("the class \\p{{{name}}} is not known here"))),
        name if name.len() == 4 && capitalized(name) => {
            Err(Problem::Unsure(format!("the class \\p{{{name}}} is not known here")))
        }
        name => invalid(format!("invalid character class range in \\p{{{name}}}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Accepted and refused by `terraform console` 1.11.4.
    #[test]
    fn patterns_are_read_as_go_reads_them() {
        for (pattern, text, expected) in [
            ("\\d+", "١2", Some("2")),
            ("\\w+", "ñab", Some("ab")),
            ("[[:alpha:]]+", "1ab", Some("ab")),
            ("\\pL+", "1ñb", Some("ñb")),
            ("a{,2}", "a{,2}", Some("a{,2}")),
            ("\\Qa.b\\E", "a.b", Some("a.b")),
            ("a\\z", "a", Some("a")),
            ("[\\d-z]", "-", Some("-")),
            ("[]a]+", "]a", Some("]a")),
            ("\\_\\<", "_<", Some("_<")),
            ("(?s).", "\n", Some("\n")),
            (".", "\n", None),
            ("(?m)^b$", "a\nb", Some("b")),
            ("b$", "b\n", None),
            ("\\p{^Greek}", "a", Some("a")),
            ("\\b", "ñ", None),
            ("[a&&b]+", "&", Some("&")),
            ("\\x{1F600}\\07", "😀\u{7}", Some("😀\u{7}")),
            ("(?P<a>x)(?<a>y)", "xy", Some("xy")),
            ("(?:a|b)+?", "ab", Some("a")),
            ("(?U)a+", "aa", Some("a")),
            ("(?i:A)b", "ab", Some("ab")),
            ("a{", "a{", Some("a{")),
            ("]}", "]}", Some("]}")),
            ("[[.a.]]", "a", None),
            ("(?i)ſ", "s", Some("s")),
            ("(?)a", "a", Some("a")),
            ("a{0001}", "a{0001}", Some("a{0001}")),
        ] {
            let translation = Translation::of(pattern).unwrap_or_else(|problem| panic!("{pattern}: {problem:?}"));
            let regex = Regex::new(&translation.out).unwrap_or_else(|error| panic!("{pattern}: {error}"));
            assert_eq!(regex.find(text).map(|found| found.as_str()), expected, "{pattern}");
        }
        for pattern in [
            "a**",
            "a*?*",
            "a{2}{3}",
            "a{1001}",
            "a{2,1}",
            "(?x)a",
            "(?-)a",
            "a\\Z",
            "[a-\\d]",
            "[^]",
            "[",
            "(",
            ")",
            "*",
            "a|*",
            "(?i)*",
            "\\C",
            "\\K",
            "\\1",
            "\\8",
            "\\",
            "[z-a]",
            "[[:foo:]]",
            "\\p{Alphabetic}",
            "\\p{greek}",
            "(a{100}){11}",
            "(?<>a)",
            "(?=a)",
            "\\xg",
            "\\x{110000}",
            "\\é",
        ] {
            let problem = Translation::of(pattern).err();
            assert!(matches!(problem, Some(Problem::Invalid(_))), "{pattern}: {problem:?}");
        }
        assert!(Translation::of("(a{100}){10}").is_ok());
        assert!(matches!(Translation::of("\\p{Grek}").err(), Some(Problem::Unsure(_))));
        assert!(matches!(Translation::of(&"(".repeat(5000)).err(), Some(Problem::Unsure(_))));
    }
}
