//! The wall clock, and lifetimes counted from it.

use std::time::{SystemTime, UNIX_EPOCH};

/// Returns the seconds since 1970 in UTC.
pub fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|d| i64::try_from(d.as_secs()).ok())
        .unwrap_or(0)
}

/// Returns when a lifetime (an ISO 8601 duration, or a date) ends, as Pacemaker writes it in a
/// rule: `2026-11-23 23:25:57Z`. `None` where it is neither.
pub fn end_of_lifetime(lifetime: &str) -> Option<String> {
    if !lifetime.starts_with(['P', 'p']) {
        return lifetime.starts_with(|c: char| c.is_ascii_digit()).then(|| lifetime.to_owned());
    }
    let seconds = seconds_of_duration(lifetime.get(1..)?)?;
    Some(utc_text(now().checked_add(seconds)?))
}

/// Reads what stands after the `P` of a duration; months count 30 days, years 365.
fn seconds_of_duration(text: &str) -> Option<i64> {
    const DAY: i64 = 86_400;
    let (mut total, mut number, mut in_time, mut any) = (0_i64, String::new(), false, false);
    for c in text.to_ascii_uppercase().chars() {
        if c.is_ascii_digit() {
            number.push(c);
            continue;
        }
        if c == 'T' {
            in_time = true;
            continue;
        }
        let unit = match (c, in_time) {
            ('Y', false) => 365 * DAY,
            ('M', false) => 30 * DAY,
            ('W', false) => 7 * DAY,
            ('D', false) => DAY,
            ('H', true) => 3600,
            ('M', true) => 60,
            ('S', true) => 1,
            _ => return None,
        };
        total = total.checked_add(number.parse::<i64>().ok()?.checked_mul(unit)?)?;
        number.clear();
        any = true;
    }
    (any && number.is_empty()).then_some(total)
}

/// Writes a time as `YYYY-MM-DD HH:MM:SSZ`.
pub fn utc_text(seconds: i64) -> String {
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}Z",
        rest / 3600,
        rest / 60 % 60,
        rest % 60
    )
}

/// Converts days since 1970-01-01 to a date of the Gregorian calendar.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_gregorian() {
        assert_eq!(utc_text(0), "1970-01-01 00:00:00Z");
        assert_eq!(utc_text(951_782_400), "2000-02-29 00:00:00Z");
        assert_eq!(utc_text(1_426_793_573), "2015-03-19 19:32:53Z");
    }

    #[test]
    fn durations_are_iso_8601() {
        assert_eq!(seconds_of_duration("T10M"), Some(600));
        assert_eq!(seconds_of_duration("1DT1H"), Some(90_000));
        assert_eq!(seconds_of_duration("10M"), Some(25_920_000));
        assert_eq!(seconds_of_duration("T10"), None);
        assert_eq!(seconds_of_duration(""), None);
    }
}
