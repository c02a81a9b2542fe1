//! ISO 8601 durations: `P1Y2M10DT2H30M`, `P2W`.
//!
//! **Source:** pacemaker `lib/common/iso8601.c`, `crm_time_parse_duration()`.

/// A duration in calendar units. Years and months keep their own fields, because their length
/// depends on the date they are added to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Duration {
    /// Calendar years.
    pub years: i32,
    /// Calendar months.
    pub months: i32,
    /// Days; weeks are counted in.
    pub days: i32,
    /// Seconds; hours and minutes are counted in.
    pub seconds: i32,
}

/// A text that is not an ISO 8601 duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is not an ISO 8601 duration: {reason}")]
pub struct DurationError {
    /// The text.
    pub text: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl Duration {
    /// Reads a duration. Units may come in any order; `T` only tells minutes from months. Reading
    /// ends at a blank or at `/` (so that periods can be read).
    ///
    /// # Errors
    /// [`DurationError`] where the text is none.
    pub fn parse(text: &str) -> Result<Self, DurationError> {
        let fail = |reason| DurationError { text: text.to_owned(), reason };
        let body = text.strip_prefix('P').ok_or_else(|| fail("it does not begin with P"))?;
        let end = body.find(|c: char| c == '/' || c.is_ascii_whitespace()).unwrap_or(body.len());
        let mut rest = body.get(..end).unwrap_or_default();
        if rest.is_empty() {
            return Err(fail("nothing follows P"));
        }
        let mut duration = Duration::default();
        let mut in_time = false;
        let mut units = 0;
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('T') {
                in_time = true;
                rest = after;
                continue;
            }
            rest = duration.component(rest, in_time).map_err(fail)?;
            units += 1;
        }
        if units == 0 {
            return Err(fail("no amounts and units are given"));
        }
        Ok(duration)
    }

    /// Takes one number with its unit from the front of `text` and returns the rest.
    fn component<'a>(&mut self, text: &'a str, in_time: bool) -> Result<&'a str, &'static str> {
        const TOO_LARGE: &str = "a value is too large";
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix(['+', ':']).unwrap_or(text)),
        };
        let digits = unsigned.trim_start_matches(|c: char| c.is_ascii_digit());
        let length = unsigned.len() - digits.len();
        let number = unsigned.get(..length).filter(|n| !n.is_empty());
        let size: i32 = number.ok_or("a number is missing")?.parse().map_err(|_| TOO_LARGE)?;
        let value = if negative { -size } else { size };
        let add = |field: &mut i32, factor: i32| {
            *field =
                value.checked_mul(factor).and_then(|v| field.checked_add(v)).ok_or(TOO_LARGE)?;
            Ok::<(), &'static str>(())
        };
        let mut rest = digits.chars();
        match (rest.next(), in_time) {
            (Some('Y'), _) => self.years = value,
            (Some('M'), false) => self.months = value,
            (Some('M'), true) => add(&mut self.seconds, 60)?,
            (Some('W'), _) => add(&mut self.days, 7)?,
            (Some('D'), _) => add(&mut self.days, 1)?,
            (Some('H'), _) => add(&mut self.seconds, 3_600)?,
            (Some('S'), _) => add(&mut self.seconds, 1)?,
            (Some(_), _) => return Err("a unit is unknown"),
            (None, _) => return Err("the last number has no unit"),
        }
        Ok(rest.as_str())
    }

    /// Returns the length in seconds, with years of 365 and months of 30 days.
    pub fn total_seconds(self) -> i64 {
        let days = 365 * i64::from(self.years) + 30 * i64::from(self.months) + i64::from(self.days);
        days * 86_400 + i64::from(self.seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::Duration;

    #[test]
    fn units_and_totals() {
        for (text, expected) in [
            ("PT5M", 300),
            ("P5M", 150 * 86_400),
            ("P1Y", 365 * 86_400),
            ("P1W2D", 9 * 86_400),
            ("PT1H30M10S", 5_410),
            ("PT0S", 0),
            ("P1D/2020", 86_400),
            ("PT1H-10M", 3_000),
        ] {
            assert_eq!(Duration::parse(text).map(Duration::total_seconds), Ok(expected), "{text}");
        }
        for text in ["", "5M", "P", "PT", "PX", "P1", "P1Q", "PT99999999999S"] {
            assert!(Duration::parse(text).is_err(), "{text:?}");
        }
    }
}
