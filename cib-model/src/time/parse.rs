//! Reading dates and times.
//!
//! **Source:** pacemaker `lib/common/iso8601.c`, `parse_date()`, `parse_time()`, `parse_hms()`,
//! `parse_offset()`.

use super::date_time::{DateTime, days_before_year, month_days, year_days};

/// A text that is not an ISO 8601 date or time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is not an ISO 8601 date and time: {reason}")]
pub struct DateError {
    /// The text.
    pub text: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl DateTime {
    /// Reads `2009-01-31`, `20090131`, `2009-031`, `2009-W05-6`, each perhaps followed by a blank
    /// or `T` and a time (`10:30:00`, `1030`) with an offset (`Z`, `+01:00`); a time alone (today);
    /// or `epoch`.
    ///
    /// `now` gives today's date and the local offset, used for a time that has none. A date
    /// without time is midnight at UTC.
    ///
    /// # Errors
    /// [`DateError`].
    pub fn parse(text: &str, now: DateTime) -> Result<Self, DateError> {
        parse(text, now).map_err(|reason| DateError { text: text.to_owned(), reason })
    }
}

fn parse(text: &str, now: DateTime) -> Result<DateTime, &'static str> {
    if text.is_empty() {
        return Err("it is empty");
    }
    if let Some(time) = text.strip_prefix('T') {
        return with_time(now.year(), now.year_day(), time, now);
    }
    if text.as_bytes().get(2) == Some(&b':') {
        return with_time(now.year(), now.year_day(), text, now);
    }
    if text.get(..5).is_some_and(|word| word.eq_ignore_ascii_case("epoch")) {
        let rest = text.get(5..).unwrap_or_default();
        if rest.is_empty() || rest.starts_with(|c: char| c == '/' || c.is_ascii_whitespace()) {
            return Ok(DateTime::from_epoch(0, 0));
        }
    }
    let (year, day) = date(text)?;
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-' || c == 'W');
    match rest.strip_prefix([' ', 'T']) {
        Some(time) => with_time(year, day, time, now),
        None => Ok(DateTime::from_ordinal(year, day, 0, 0)),
    }
}

/// Reads the date at the start of the text as year and day of the year.
fn date(text: &str) -> Result<(i64, i64), &'static str> {
    const NONE: &str = "it begins with no date";
    let (first, rest) = digits(text, usize::MAX).ok_or(NONE)?;
    let mut fields = vec![first];
    let mut rest = rest;
    while let Some((field, after)) = rest.strip_prefix('-').and_then(|r| digits(r, usize::MAX)) {
        fields.push(field);
        rest = after;
        if fields.len() == 3 {
            break;
        }
    }
    if let [_] = fields.as_slice() {
        if let Some(week) = rest.strip_prefix("-W") {
            return week_date(first, week);
        }
        let year = digits(text, 4);
        let month = year.and_then(|(_, r)| digits(r, 2));
        let day = month.and_then(|(_, r)| digits(r, 2));
        if let (Some((year, _)), Some((month, _)), Some((day, _))) = (year, month, day) {
            fields = vec![year, month, day];
        }
    }
    match *fields.as_slice() {
        [year, month, day] => {
            check(year >= 1, "the year is out of range")?;
            check((1..=12).contains(&month), "the month is out of range")?;
            check((1..=month_days(year, month)).contains(&day), "the day is out of range")?;
            Ok((year, (1..month).map(|m| month_days(year, m)).sum::<i64>() + day))
        }
        [year, day] => {
            check(year >= 1, "the year is out of range")?;
            check((1..=year_days(year)).contains(&day), "the day is out of range")?;
            Ok((year, day))
        }
        _ => Err(NONE),
    }
}

fn week_date(year: i64, text: &str) -> Result<(i64, i64), &'static str> {
    let (week, rest) = digits(text, usize::MAX).ok_or("the week is missing")?;
    let day = rest.strip_prefix('-').and_then(|r| digits(r, usize::MAX));
    let (day, _) = day.ok_or("the day of the week is missing")?;
    // Week 1 is the one with 4 January; its Monday, counted from the epoch:
    let fourth = days_before_year(year) + 3;
    let monday = fourth - (fourth + 3).rem_euclid(7);
    let next_fourth = days_before_year(year + 1) + 3;
    let next_monday = next_fourth - (next_fourth + 3).rem_euclid(7);
    check((1..=(next_monday - monday) / 7).contains(&week), "the week is out of range")?;
    check((1..=7).contains(&day), "the day of the week is out of range")?;
    let days = monday + (week - 1) * 7 + day - 1;
    Ok((year, days - days_before_year(year) + 1))
}

fn with_time(year: i64, day: i64, text: &str, now: DateTime) -> Result<DateTime, &'static str> {
    let second = hms(text)?;
    let offset = match text.find('Z').or_else(|| text.find([' ', '+', '-'])) {
        None => now.offset_s(),
        Some(at) => offset(text.get(at..).unwrap_or_default().trim_start())?,
    };
    Ok(DateTime::from_ordinal(year, day, second, offset))
}

fn offset(text: &str) -> Result<i32, &'static str> {
    let (sign, size) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let given = text.starts_with(['-', '+']) || text.starts_with(|c: char| c.is_ascii_digit());
    // COMPAT(pacemaker 3.x, parse_offset): anything else counts as UTC.
    let seconds = if given { hms(size)? } else { 0 };
    i32::try_from(sign * seconds).map_err(|_| "the offset is out of range")
}

/// Reads `10:30:00`, `10:30`, `103000`, `1030` or `10` as seconds of the day.
fn hms(text: &str) -> Result<i64, &'static str> {
    let (mut h, mut rest) = digits(text, usize::MAX).ok_or("the hour is missing")?;
    let (mut m, mut s) = (0, 0);
    if let Some((minute, after)) = rest.strip_prefix(':').and_then(|r| digits(r, usize::MAX)) {
        m = minute;
        rest = after;
        s = rest.strip_prefix(':').and_then(|r| digits(r, usize::MAX)).map_or(0, |(s, _)| s);
    } else if let Some((hour, after)) = digits(text, 2) {
        h = hour;
        if let Some((minute, after)) = digits(after, 2) {
            m = minute;
            s = digits(after, 2).map_or(0, |(s, _)| s);
        }
    }
    check(h < 24 || (h == 24 && m == 0 && s == 0), "the hour is out of range")?;
    check(m < 60, "the minute is out of range")?;
    check(s < 60, "the second is out of range")?;
    Ok(h * 3_600 + m * 60 + s)
}

/// Takes up to `width` digits from the front; nine at most make a number.
fn digits(text: &str, width: usize) -> Option<(i64, &str)> {
    let length = text.bytes().take(width).take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at_checked(length)?;
    Some((number.parse::<u32>().ok()?.into(), rest))
}

fn check(holds: bool, reason: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(reason) }
}

#[cfg(test)]
mod tests {
    use super::super::{DateTime, Duration, Period};

    /// 2026-11-23 12:00 on a clock an hour ahead.
    fn now() -> DateTime {
        DateTime::from_epoch(1_795_431_600, 3_600)
    }

    #[test]
    fn dates_as_pacemakers_tool_reads_them() {
        for (text, expected) in [
            ("2008-03-01 10:30:00 +05:30", "2008-03-01 05:00:00Z"),
            ("2009-W53-07", "2010-01-03 00:00:00Z"),
            ("2009-W01-1", "2008-12-29 00:00:00Z"),
            ("2019-01", "2019-01-01 00:00:00Z"),
            ("2009-07-01T10:00", "2009-07-01 09:00:00Z"),
            ("20090131T1030Z", "2009-01-31 10:30:00Z"),
            ("2005-040/2005-043", "2005-02-09 00:00:00Z"),
            ("2016-02-29 24:00:00Z", "2016-03-01 00:00:00Z"),
            ("T10:00:00Z", "2026-11-23 10:00:00Z"),
            ("10:00-03", "2026-11-23 13:00:00Z"),
            ("epoch", "1970-01-01 00:00:00Z"),
            ("0001-01-01", "0001-01-01 00:00:00Z"),
        ] {
            let read = DateTime::parse(text, now()).map(|t| t.to_utc().to_string());
            assert_eq!(read.as_deref(), Ok(expected), "{text}");
        }
        for text in
            ["", "x", "2019-13-01", "2019-02-29", "2019-366", "2019-W54-1", "2019-01-01 25:00"]
        {
            assert!(DateTime::parse(text, now()).is_err(), "{text:?}");
        }
    }

    #[test]
    fn fields_and_weeks() {
        let time = DateTime::parse("2009-12-31 23:30:00 -01:00", now()).unwrap();
        assert_eq!((time.year(), time.year_day(), time.month_day()), (2009, 365, (12, 31)));
        assert_eq!(time.to_string(), "2009-12-31 23:30:00 -01:00");
        let week = time.week_date();
        assert_eq!((week.year, week.week, week.day), (2009, 53, 4));
        let sunday = DateTime::parse("2016-01-03", now()).unwrap().week_date();
        assert_eq!((sunday.year, sunday.week, sunday.day), (2015, 53, 7));
        for epoch_s in (-80_000_000_000_i64..80_000_000_000).step_by(86_400 * 97) {
            let time = DateTime::from_epoch(epoch_s, 0);
            assert!(time.year_day() >= 1 && time.year_day() <= 366, "{epoch_s}");
        }
    }

    #[test]
    fn arithmetic_keeps_the_day_of_the_month() {
        let end = |text: &str, duration: &str| {
            let duration = Duration::parse(duration).unwrap();
            DateTime::parse(text, now()).unwrap().plus(duration).to_string()
        };
        assert_eq!(end("2009-01-31", "P1M"), "2009-02-28 00:00:00Z");
        assert_eq!(end("2009-12-31", "PT24H"), "2010-01-01 00:00:00Z");
        assert_eq!(end("2009-03-31", "P11M1D"), "2010-03-01 00:00:00Z");
    }

    #[test]
    fn periods() {
        let period = |text: &str| {
            Period::parse(text, now()).map(|p| format!("{} to {}", p.start, p.end)).ok()
        };
        let expected = "2005-02-20 00:00:00Z to 2005-07-20 00:00:00Z".to_owned();
        assert_eq!(period("2005-02-20/P5M"), Some(expected.clone()));
        assert_eq!(period("P5M/2005-07-20"), Some(expected.clone()));
        assert_eq!(period("2005-02-20/2005-07-20"), Some(expected));
        assert!(period("PT1H").is_some(), "from now");
        assert_eq!(period("2005-02-20"), None);
        assert_eq!(period("P1D/P1D"), None);
    }
}
