//! `csvdecode`, for tables as <https://pkg.go.dev/encoding/csv> reads them.

use crate::value::{Attribute, Member, Type, Value};

use super::{Call, Failure};

pub(super) fn csvdecode(call: &Call<'_>) -> Result<Value, Failure> {
    let text = call.string(0)?;
    call.spend(text.len() / 16)?;
    let mut reader = Reader { rest: text, line: 0 };
    let names = reader.record()?.ok_or_else(|| Failure::argument(0, "missing header line"))?;
    let mut sorted = names.clone();
    sorted.sort();
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(Failure::argument(0, format!("duplicate column name {:?}", pair[0])));
    }
    let attribute = |name: &String| Attribute { name: (**name).into(), ty: Type::String, optional: false };
    let row_type = Type::object(names.iter().map(attribute));
    let mut rows = Vec::new();
    while let Some(fields) = reader.record()? {
        if fields.len() != names.len() {
            return Err(reader.error("wrong number of fields"));
        }
        call.spend(fields.len() + 1)?;
        let members = names.iter().zip(fields).map(|(name, field)| Member::new(&**name, Value::string(field)));
        rows.push(Value::object(members.collect()));
    }
    Ok(Value::list(row_type, rows))
}

struct Reader<'t> {
    rest: &'t str,
    line: usize,
}

impl<'t> Reader<'t> {
    fn error(&self, what: &str) -> Failure {
        Failure::argument(0, format!("CSV parse error on line {}: {what}", self.line))
    }

    /// The next line without its end, and whether it had one.
    fn line(&mut self) -> Option<(&'t str, bool)> {
        if self.rest.is_empty() {
            return None;
        }
        self.line += 1;
        match self.rest.split_once('\n') {
            Some((line, rest)) => {
                self.rest = rest;
                Some((line.strip_suffix('\r').unwrap_or(line), true))
            }
            None => {
                let line = std::mem::take(&mut self.rest);
                Some((line.strip_suffix('\r').unwrap_or(line), false))
            }
        }
    }

    /// The fields of the next line that is not empty, and of those behind it that quotes lead into.
    fn record(&mut self) -> Result<Option<Vec<String>>, Failure> {
        let (mut line, mut ended) = loop {
            match self.line() {
                None => return Ok(None),
                Some(("", _)) => {}
                Some(line) => break line,
            }
        };
        let mut fields = Vec::new();
        loop {
            let Some(quoted) = line.strip_prefix('"') else {
                let (field, behind) = line.split_once(',').map_or((line, None), |(field, rest)| (field, Some(rest)));
                if field.contains('"') {
                    return Err(self.error("bare \" in non-quoted-field"));
                }
                fields.push(field.to_owned());
                match behind {
                    Some(behind) => line = behind,
                    None => return Ok(Some(fields)),
                }
                continue;
            };
            let mut field = String::new();
            line = quoted;
            line = loop {
                match line.split_once('"') {
                    Some((inside, behind)) => {
                        field.push_str(inside);
                        match behind.strip_prefix('"') {
                            Some(behind) => {
                                field.push('"');
                                line = behind;
                            }
                            None => break behind,
                        }
                    }
                    None => {
                        field.push_str(line);
                        if !ended {
                            return Err(self.error("extraneous or missing \" in quoted-field"));
                        }
                        field.push('\n');
                        let next = self.line();
                        (line, ended) = next.ok_or_else(|| self.error("extraneous or missing \" in quoted-field"))?;
                    }
                }
            };
            fields.push(field);
            match line.strip_prefix(',') {
                Some(behind) => line = behind,
                None if line.is_empty() => return Ok(Some(fields)),
                None => return Err(self.error("extraneous or missing \" in quoted-field")),
            }
        }
    }
}
