//! Functions of points in time that do not look at a clock: `formatdate`, `timeadd`, `timecmp`.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};

use crate::value::Value;

use super::{Call, Failure};

pub(super) fn timeadd(call: &Call<'_>) -> Result<Value, Failure> {
    let time = parse(call.string(0)?).map_err(|why| Failure::argument(0, why))?;
    let duration = parse_duration(call.string(1)?).map_err(|why| Failure::argument(1, why))?;
    let beyond = || Failure::Unknown("the time is beyond the years that are reckoned with here".to_owned());
    let local = time.local.checked_add(SignedDuration::from_nanos(duration)).map_err(|_| beyond())?;
    if local.year() < 0 {
        return Err(beyond());
    }
    let time = Time { local, ..time };
    let date = format!("{:04}-{:02}-{:02}", local.year(), local.month(), local.day());
    let clock = format!("{:02}:{:02}:{:02}", local.hour(), local.minute(), local.second());
    call.text(format!("{date}T{clock}{}", time.zone("Z", ":")))
}

pub(super) fn timecmp(call: &Call<'_>) -> Result<Value, Failure> {
    let instant = |index: usize| {
        let time = parse(call.string(index)?).map_err(|why| Failure::argument(index, why))?;
        Ok::<_, Failure>(time.instant())
    };
    Ok(Value::number(match instant(0)?.cmp(&instant(1)?) {
        std::cmp::Ordering::Less => -1,
        std::cmp::Ordering::Equal => 0,
        std::cmp::Ordering::Greater => 1,
    }))
}

/// The letters are those of
/// <https://github.com/zclconf/go-cty/blob/main/cty/function/stdlib/datetime.go>.
pub(super) fn formatdate(call: &Call<'_>) -> Result<Value, Failure> {
    let time = parse(call.string(1)?).map_err(|why| Failure::argument(1, why))?;
    let mut out = String::new();
    let mut rest = call.string(0)?;
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            rest = quoted(rest, &mut out)?;
        } else if first.is_ascii_alphabetic() {
            let end = rest.find(|letter| letter != first).unwrap_or(rest.len());
            let (verb, behind) = rest.split_at(end);
            out.push_str(
                &time
                    .format(verb, first)
                    .ok_or_else(|| Failure::argument(0, format!("invalid date format verb {verb:?}")))?,
            );
            rest = behind;
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    call.text(out)
}

/// Text between single quotes, in which two of them are one. Returns what is behind it.
fn quoted<'t>(text: &'t str, out: &mut String) -> Result<&'t str, Failure> {
    let mut rest = &text[1..];
    if let Some(behind) = rest.strip_prefix('\'') {
        out.push('\'');
        return Ok(behind);
    }
    while let Some((inside, behind)) = rest.split_once('\'') {
        out.push_str(inside);
        match behind.strip_prefix('\'') {
            Some(behind) => {
                out.push('\'');
                rest = behind;
            }
            None => return Ok(behind),
        }
    }
    Err(Failure::argument(0, "unterminated literal '"))
}

/// A point in time as it is written: at a distance from UTC.
struct Time {
    local: DateTime,
    /// Of the local time before UTC.
    offset_minutes: i64,
}

impl Time {
    /// Nanoseconds since the year zero, in UTC.
    fn instant(&self) -> i128 {
        let since = self.local.duration_since(Date::ZERO.to_datetime(jiff::civil::Time::midnight()));
        since.as_nanos() - i128::from(self.offset_minutes) * 60_000_000_000
    }

    fn zone(&self, utc: &str, between: &str) -> String {
        if self.offset_minutes == 0 && !utc.is_empty() {
            return utc.to_owned();
        }
        let (sign, minutes) = (if self.offset_minutes < 0 { '-' } else { '+' }, self.offset_minutes.abs());
        format!("{sign}{:02}{between}{:02}", minutes / 60, minutes % 60)
    }

    fn format(&self, verb: &str, letter: char) -> Option<String> {
        const MONTHS: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
        let local = &self.local;
        let short = |name: &str| name.get(..3).unwrap_or(name).to_owned();
        let number = |number: i8| match verb.len() {
            1 => Some(number.to_string()),
            2 => Some(format!("{number:02}")),
            _ => None,
        };
        let month = || MONTHS.get(usize::try_from(local.month() - 1).ok()?);
        let day = || DAYS.get(usize::try_from(local.weekday().to_monday_zero_offset()).ok()?);
        match (letter, verb.len()) {
            ('Y', 2) => Some(format!("{:02}", local.year() % 100)),
            ('Y', 4) => Some(format!("{:04}", local.year())),
            ('M', 3) => Some(short(month()?)),
            ('M', 4) => Some((*month()?).to_owned()),
            ('M', _) => number(local.month()),
            ('D', _) => number(local.day()),
            ('E', 3) => Some(short(day()?)),
            ('E', 4) => Some((*day()?).to_owned()),
            ('h', _) => number(local.hour()),
            ('H', _) => number(if local.hour() % 12 == 0 { 12 } else { local.hour() % 12 }),
            ('A', 2) => Some(if local.hour() < 12 { "AM" } else { "PM" }.to_owned()),
            ('a', 2) => Some(if local.hour() < 12 { "am" } else { "pm" }.to_owned()),
            ('m', _) => number(local.minute()),
            ('s', _) => number(local.second()),
            ('Z', 1) => Some(self.zone("Z", ":")),
            ('Z', 3) => Some(self.zone("UTC", "")),
            ('Z', 4) => Some(self.zone("", "")),
            ('Z', 5) => Some(self.zone("", ":")),
            _ => None,
        }
    }
}

/// A time as RFC 3339 writes it.
fn parse(text: &str) -> Result<Time, String> {
    let mut reader = Reader { rest: text };
    let date = reader.date()?;
    reader.expect('T', "missing required time introducer 'T'")?;
    let hour = reader.digits(2, "hour", 23)?;
    reader.colon()?;
    let minute = reader.digits(2, "minute", 59)?;
    reader.colon()?;
    let second = reader.digits(2, "second", 59)?;
    let nanosecond = reader.fraction()?;
    let offset_minutes = reader.offset()?;
    if !reader.rest.is_empty() {
        return Err(problem(&format!("extra text: {:?}", reader.rest)));
    }
    let small = |number: i64| i8::try_from(number).map_err(|_| problem("cannot be reckoned with"));
    let local = DateTime::from_parts(date, jiff::civil::Time::midnight())
        .with()
        .hour(small(hour)?)
        .minute(small(minute)?)
        .second(small(second)?)
        .subsec_nanosecond(nanosecond)
        .build()
        .map_err(|_| problem("cannot be reckoned with"))?;
    Ok(Time { local, offset_minutes })
}

fn problem(what: &str) -> String {
    format!("not a valid RFC3339 timestamp: {what}")
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn take(&mut self, letter: char) -> bool {
        match self.rest.strip_prefix(letter) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, letter: char, message: &str) -> Result<(), String> {
        if self.take(letter) { Ok(()) } else { Err(problem(message)) }
    }

    fn colon(&mut self) -> Result<(), String> {
        self.expect(':', "a colon is expected")
    }

    fn digits(&mut self, count: usize, what: &str, most: i64) -> Result<i64, String> {
        let unusable = || problem(&format!("cannot use {:?} as {what}", self.rest));
        let digits = self.rest.get(..count).ok_or_else(|| problem(&format!("end of string before {what}")))?;
        if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(unusable());
        }
        let number = digits.parse().ok().filter(|number| *number <= most).ok_or_else(unusable)?;
        self.rest = &self.rest[count..];
        Ok(number)
    }

    fn date(&mut self) -> Result<Date, String> {
        let year = self.digits(4, "year", 9999)?;
        self.expect('-', "a hyphen is expected")?;
        let month = self.digits(2, "month", 12)?;
        self.expect('-', "a hyphen is expected")?;
        let day = self.digits(2, "day of month", 31)?;
        let (year, month, day) = (i16::try_from(year), i8::try_from(month), i8::try_from(day));
        let (Ok(year), Ok(month), Ok(day)) = (year, month, day) else { return Err(problem("day out of range")) };
        Date::new(year, month, day).map_err(|_| problem("day out of range"))
    }

    /// Nanoseconds; digits behind them are dropped.
    fn fraction(&mut self) -> Result<i32, String> {
        let Some(rest) = self.rest.strip_prefix('.') else { return Ok(0) };
        let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
        let (digits, behind) = rest.split_at(end);
        if digits.is_empty() {
            return Err(problem(&format!("cannot use {:?} as UTC offset", self.rest)));
        }
        self.rest = behind;
        let nine: String = digits.chars().chain(std::iter::repeat('0')).take(9).collect();
        Ok(nine.parse().unwrap_or(0))
    }

    fn offset(&mut self) -> Result<i64, String> {
        if self.take('Z') {
            return Ok(0);
        }
        let sign = match self.rest.chars().next() {
            Some('+') => 1,
            Some('-') => -1,
            Some(_) => return Err(problem(&format!("cannot use {:?} as UTC offset", self.rest))),
            None => return Err(problem("end of string before UTC offset")),
        };
        self.rest = &self.rest[1..];
        let hours = self.digits(2, "UTC offset", 23)?;
        self.colon()?;
        let minutes = self.digits(2, "UTC offset", 59)?;
        Ok(sign * (hours * 60 + minutes))
    }
}

/// Nanoseconds, as <https://pkg.go.dev/time#ParseDuration> reads them.
fn parse_duration(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {text:?}");
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let whole_end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
        let (whole, behind) = rest.split_at(whole_end);
        let (fraction, behind) = match behind.strip_prefix('.') {
            Some(behind) => {
                behind.split_at(behind.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(behind.len()))
            }
            None => ("", behind),
        };
        if whole.is_empty() && fraction.is_empty() {
            return Err(invalid());
        }
        let unit_end = behind.find(|letter: char| letter == '.' || letter.is_ascii_digit()).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(unit_end);
        rest = behind;
        let unit: u64 = match unit {
            "ns" => 1,
            "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            "" => return Err(format!("time: missing unit in duration {text:?}")),
            unit => return Err(format!("time: unknown unit {unit:?} in duration {text:?}")),
        };
        let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| invalid())? };
        let whole = whole.checked_mul(unit).ok_or_else(invalid)?;
        total =
            total.checked_add(whole).and_then(|total| total.checked_add(part(fraction, unit))).ok_or_else(invalid)?;
        if total > 1 << 63 {
            return Err(invalid());
        }
    }
    let total = i128::from(total) * if negative { -1 } else { 1 };
    i64::try_from(total).map_err(|_| invalid())
}

/// Digits behind a point, of a unit.
fn part(digits: &str, unit: u64) -> u64 {
    let (mut value, mut scale) = (0u64, 1f64);
    for digit in digits.bytes() {
        let next = value.checked_mul(10).and_then(|value| value.checked_add(u64::from(digit - b'0')));
        match next.filter(|next| *next <= 1 << 63) {
            Some(next) => value = next,
            // Digits beyond that do not count.
            None => break,
        }
        scale *= 10.0;
    }
    (value as f64 * (unit as f64 / scale)) as u64
}
