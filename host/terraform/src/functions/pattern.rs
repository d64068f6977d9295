//! Regular expressions: `regex`, `regexall`, and those of `replace`.
//!
//! Terraform's are Go's (<https://pkg.go.dev/regexp/syntax>). What is different in the syntax of the
//! `regex` crate, [`Translation`] writes in another way or refuses as Go does; where neither can be
//! promised, the result is unknown.

mod translation;

use regex::{Captures, Regex, RegexBuilder};

use crate::value::{Attribute, Member, Type, Value};

use super::{Call, Failure};
use translation::{Problem, Translation};

pub(super) fn regex(call: &Call<'_>) -> Result<Value, Failure> {
    let text = call.string(1)?;
    let pattern = Pattern::new(call, call.string(0)?, text).map_err(|failure| failure.at(0))?;
    let found = pattern.regex.captures(text);
    let found = found.ok_or_else(|| Failure::new("pattern did not match any part of the given string"))?;
    pattern.result(&found).map_err(|failure| failure.at(0))
}

pub(super) fn regexall(call: &Call<'_>) -> Result<Value, Failure> {
    let text = call.string(1)?;
    let pattern = Pattern::new(call, call.string(0)?, text).map_err(|failure| failure.at(0))?;
    let element = pattern.result_type().map_err(|failure| failure.at(0))?;
    let mut results = Vec::new();
    for found in pattern.regex.captures_iter(text) {
        call.spend(pattern.names.len() + 1)?;
        results.push(pattern.result(&found)?);
    }
    Ok(Value::list(element, results))
}

/// Puts a replacement, in which `$1`, `${1}` and `$name` mean what groups matched, in the place of every
/// match.
pub(super) fn replace_all(call: &Call<'_>, pattern: &Pattern, text: &str, with: &str) -> Result<Value, Failure> {
    let mut out = String::new();
    let mut end = 0;
    for found in pattern.regex.captures_iter(text) {
        call.spend(1)?;
        let Some(whole) = found.get(0) else { continue };
        let before = out.len();
        out.push_str(&text[end..whole.start()]);
        end = whole.end();
        pattern.expand(&found, with, &mut out);
        call.context.budget.spend_bytes(out.len() - before)?;
    }
    out.push_str(&text[end..]);
    call.text(out)
}

/// A regular expression.
pub(super) struct Pattern {
    regex: Regex,
    /// Of the groups.
    names: Vec<Option<String>>,
}

impl Pattern {
    /// Compiles a pattern that is to be applied to a text, and pays for that.
    pub(super) fn new(call: &Call<'_>, pattern: &str, text: &str) -> Result<Pattern, Failure> {
        call.spend(pattern.len())?;
        let translation = Translation::of(pattern).map_err(|problem| match problem {
            Problem::Invalid(why) => Failure::new(format!("invalid regexp pattern: {why}")),
            Problem::Unsure(why) => Failure::Unknown(why),
        })?;
        // In the worst case each state looks at each byte.
        call.spend(translation.size.saturating_mul(text.len() / 32 + 1))?;
        let regex = RegexBuilder::new(&translation.out).size_limit(4 << 20).dfa_size_limit(2 << 20).build();
        let regex = regex.map_err(|_| Failure::Unknown("this regular expression cannot be applied here".to_owned()))?;
        Ok(Pattern { regex, names: translation.names })
    }

    /// A string, a tuple of unnamed groups, or an object of named ones.
    fn result_type(&self) -> Result<Type, Failure> {
        let named = self.names.iter().flatten().count();
        match (self.names.len(), named) {
            (0, _) => Ok(Type::String),
            (groups, 0) => Ok(Type::tuple(vec![Type::String; groups])),
            (groups, named) if groups == named => {
                let attribute = |name: &String| Attribute { name: (**name).into(), ty: Type::String, optional: false };
                Ok(Type::object(self.names.iter().flatten().map(attribute)))
            }
            _ => Err(Failure::new("invalid regexp pattern: cannot mix both named and unnamed capture groups")),
        }
    }

    fn result(&self, found: &Captures<'_>) -> Result<Value, Failure> {
        let group = |index: usize| match found.get(index) {
            Some(group) => Value::string(group.as_str()),
            None => Value::null_of(Type::String),
        };
        Ok(match self.result_type()? {
            Type::String => group(0),
            Type::Tuple(_) => Value::tuple((1..=self.names.len()).map(group).collect()),
            _ => {
                let named = self.names.iter().enumerate();
                let member =
                    |(index, name): (usize, &Option<String>)| Some(Member::new(name.as_deref()?, group(index + 1)));
                Value::object(named.filter_map(member).collect())
            }
        })
    }

    /// As <https://pkg.go.dev/regexp#Regexp.Expand>.
    fn expand(&self, found: &Captures<'_>, template: &str, out: &mut String) {
        let mut rest = template;
        while let Some((before, behind)) = rest.split_once('$') {
            out.push_str(before);
            rest = behind;
            if let Some(behind) = rest.strip_prefix('$') {
                out.push('$');
                rest = behind;
                continue;
            }
            let Some((name, behind)) = group_name(rest) else {
                out.push('$');
                continue;
            };
            rest = behind;
            let number = name.parse().ok().filter(|number| *number < 100_000_000);
            let number = number.filter(|_| name == "0" || !name.starts_with(['0', '+']));
            let group = match number {
                Some(number) => found.get(number),
                None => self
                    .names
                    .iter()
                    .enumerate()
                    .filter(|(_, own)| own.as_deref() == Some(name))
                    .find_map(|(index, _)| found.get(index + 1)),
            };
            out.push_str(group.map_or("", |group| group.as_str()));
        }
        out.push_str(rest);
    }
}

/// The name at the beginning of `name…` or `{name}…`, and what is behind it.
fn group_name(text: &str) -> Option<(&str, &str)> {
    let braced = text.strip_prefix('{');
    let inner = braced.unwrap_or(text);
    let end = inner.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(inner.len());
    let (name, rest) = inner.split_at(end);
    let rest = if braced.is_some() { rest.strip_prefix('}')? } else { rest };
    (!name.is_empty()).then_some((name, rest))
}

impl Failure {
    /// Which argument is at fault.
    pub(super) fn at(self, argument: usize) -> Failure {
        match self {
            Failure::Error(error) if !error.limit => Failure::argument(argument, error.message),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_groups_in_replacements() {
        for (text, expected) in
            [("1x-", Some(("1x", "-"))), ("{1}x", Some(("1", "x"))), ("{a", None), ("-", None), ("{}", None)]
        {
            assert_eq!(group_name(text), expected, "{text}");
        }
    }
}
