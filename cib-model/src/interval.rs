//! Durations and intervals: Pacemaker's reading in milliseconds, and crm's own.
//!
//! **Source:** pacemaker `lib/common/strings.c`, `pcmk__parse_ms()`,
//! `pcmk_parse_interval_spec()`; crmsh `utils.py`, `crm_msec()`.

use crate::number;
use crate::time::Duration;

/// A text that is not a duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a duration")]
pub struct IntervalError(pub String);

/// Largest interval in ms.
const INTERVAL_MAX_MS: i64 = u32::MAX as i64;

/// Reads a number with an optional unit (`s` where none is given; `ms us m h` and their longer
/// names) and returns milliseconds. Digits after a point are ignored; the result may be negative.
///
/// # Errors
/// [`IntervalError`] where the text begins with no number or the unit is unknown.
pub fn parse_ms(text: &str) -> Result<i64, IntervalError> {
    let fail = || IntervalError(text.to_owned());
    let (number, rest) = number::leading(text).ok_or_else(fail)?;
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let unit = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b');
    // COMPAT(pacemaker 3.x, strings.c get_multiplier_divisor): a unit's first letters decide.
    let begins = |prefix: &str| {
        unit.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    let (multiplier, divisor) = if unit.is_empty() || begins("s") {
        (1_000, 1)
    } else if begins("ms") {
        (1, 1)
    } else if begins("us") {
        (1, 1_000)
    } else if begins("m") {
        (60_000, 1)
    } else if begins("h") {
        (3_600_000, 1)
    } else {
        return Err(fail());
    };
    Ok(number.saturating_mul(multiplier) / divisor)
}

/// Reads an operation's interval or timeout as Pacemaker does: as [`parse_ms`], or an ISO 8601
/// duration beginning with `P`. Negative is 0, too large is clipped to `u32::MAX`.
///
/// # Errors
/// [`IntervalError`] where neither reading works; Pacemaker then uses 0.
pub fn parse_interval_ms(text: &str) -> Result<u32, IntervalError> {
    let ms = if text.starts_with('P') {
        let seconds =
            Duration::parse(text).map_err(|_| IntervalError(text.to_owned()))?.total_seconds();
        seconds.min(INTERVAL_MAX_MS / 1_000).saturating_mul(1_000)
    } else {
        parse_ms(text)?
    };
    Ok(u32::try_from(ms.clamp(0, INTERVAL_MAX_MS)).unwrap_or(u32::MAX))
}

/// Reads an interval as [`parse_interval_ms`], with 0 for a missing or unreadable one.
pub fn interval_ms(text: Option<&str>) -> u32 {
    text.and_then(|text| parse_interval_ms(text).ok()).unwrap_or(0)
}

/// Reads a duration as crm does when it compares operations: whole numbers only, the unit's exact
/// word in any case (`ms msec us usec s sec m min h hr`). Returns milliseconds, or `None` where
/// crm reads nothing (it then goes on with −1).
pub fn crm_msec(text: &str) -> Option<i64> {
    let (number, rest) = number::leading(text).filter(|(number, _)| *number >= 0)?;
    if text.trim_start().starts_with(['+', '-']) {
        return None;
    }
    let rest = rest.trim_start();
    let letters = rest.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let unit = rest.get(..rest.len() - letters.len()).unwrap_or_default().to_ascii_lowercase();
    let (multiplier, divisor) = match unit.as_str() {
        "" | "s" | "sec" => (1_000, 1),
        "ms" | "msec" => (1, 1),
        "us" | "usec" => (1, 1_000),
        "m" | "min" => (60_000, 1),
        "h" | "hr" => (3_600_000, 1),
        _ => return None,
    };
    Some(number.saturating_mul(multiplier) / divisor)
}

#[cfg(test)]
mod tests {
    use super::{crm_msec, interval_ms, parse_interval_ms, parse_ms};

    #[test]
    fn units() {
        for (text, expected) in [
            ("10", 10_000),
            ("10s", 10_000),
            ("10 sec", 10_000),
            ("250ms", 250),
            ("2500us", 2),
            ("2m", 120_000),
            ("2MIN", 120_000),
            ("1h", 3_600_000),
            ("1.9s", 1_000),
            ("-5s", -5_000),
            ("3smth", 3_000),
        ] {
            assert_eq!(parse_ms(text), Ok(expected), "{text}");
        }
        for text in ["", "s", "ten", "10x", "10d"] {
            assert!(parse_ms(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn intervals() {
        for (text, expected) in [
            ("30s", 30_000),
            ("PT30S", 30_000),
            ("P1D", 86_400_000),
            ("PT1H30M", 5_400_000),
            ("-5", 0),
            ("99999999999", u32::MAX),
        ] {
            assert_eq!(parse_interval_ms(text), Ok(expected), "{text}");
        }
        assert!(parse_interval_ms("P").is_err());
        assert_eq!(interval_ms(None), 0);
        assert_eq!(interval_ms(Some("garbage")), 0);
    }

    #[test]
    fn crm_reads_words_exactly() {
        assert_eq!(crm_msec("30s"), Some(30_000));
        assert_eq!(crm_msec("1 min"), Some(60_000));
        assert_eq!(crm_msec("3smth"), None);
        assert_eq!(crm_msec("-1"), None);
        assert_eq!(crm_msec("PT5S"), None);
    }
}
