//! Days, as people write them into acceptances.

use std::fmt;

/// A day of the Gregorian calendar. Acceptances that end on a day hold throughout that day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date(jiff::civil::Date);

impl Date {
    /// `None` when there is no such day.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Date> {
        jiff::civil::Date::new(year, month, day).ok().map(Date)
    }

    /// Reads `YYYY-MM-DD`, the one form that sorts as text and that no country reads differently.
    pub fn parse(text: &str) -> Option<Date> {
        let bytes = text.as_bytes();
        let shape = bytes.len() == 10
            && bytes.iter().enumerate().all(|(at, byte)| match at {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        shape.then(|| text.parse().ok().map(Date)).flatten()
    }

    /// The day in UTC that a moment belongs to, in seconds since 1970. `None` beyond the year 9999.
    pub fn from_unix(seconds: i64) -> Option<Date> {
        let moment = jiff::Timestamp::from_second(seconds).ok()?;
        Some(Date(moment.to_zoned(jiff::tz::TimeZone::UTC).date()))
    }

    /// The day that is so many days later.
    pub fn plus_days(self, days: u16) -> Option<Date> {
        self.0.checked_add(jiff::Span::new().days(i64::from(days))).ok().map(Date)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_that_exist_in_the_one_form_are_read() {
        for good in ["2026-11-22", "2024-02-29", "0001-01-01"] {
            assert_eq!(Date::parse(good).unwrap().to_string(), good);
        }
        for bad in ["2026-02-29", "2026-13-01", "2026-1-1", "22.11.2026", "2026-11-22T00:00", "+026-11-22", "", "soon"]
        {
            assert_eq!(Date::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn days_are_ordered_and_counted() {
        let day = |text| Date::parse(text).unwrap();
        assert!(day("2026-11-22") < day("2026-12-01"));
        assert_eq!(day("2028-02-28").plus_days(2), Some(day("2028-03-01")));
        assert_eq!(Date::from_unix(0), Some(day("1970-01-01")));
        assert_eq!(Date::from_unix(86_400 * 20_000 - 1), Some(day("2024-10-03")));
        assert_eq!(Date::from_unix(i64::MAX), None);
    }
}
