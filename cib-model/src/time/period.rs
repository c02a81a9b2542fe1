//! Periods: from here to there.
//!
//! **Source:** pacemaker `lib/common/iso8601.c`, `crm_time_parse_period()`.

use super::{DateError, DateTime, Duration, DurationError};

/// A start and an end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Period {
    /// The start.
    pub start: DateTime,
    /// The end.
    pub end: DateTime,
}

/// A text that is not an ISO 8601 period.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// A date in it is none.
    #[error(transparent)]
    Date(#[from] DateError),
    /// A duration in it is none.
    #[error(transparent)]
    Duration(#[from] DurationError),
    /// Start or end is missing, or both are durations.
    #[error("'{0}' is not an ISO 8601 period: it needs a start and an end or a duration")]
    Incomplete(String),
}

impl Period {
    /// Reads `START/END`, `START/DURATION`, `DURATION/END` or `DURATION` (from `now`).
    ///
    /// # Errors
    /// [`PeriodError`].
    pub fn parse(text: &str, now: DateTime) -> Result<Self, PeriodError> {
        let incomplete = || PeriodError::Incomplete(text.to_owned());
        match text.split_once('/') {
            None if text.starts_with('P') => {
                Ok(Period { start: now, end: now.plus(Duration::parse(text)?) })
            }
            None => Err(incomplete()),
            Some((first, second)) => match (first.starts_with('P'), second.starts_with('P')) {
                (true, true) => Err(incomplete()),
                (true, false) => {
                    let end = DateTime::parse(second, now)?;
                    Ok(Period { start: end.minus(Duration::parse(first)?), end })
                }
                (false, true) => {
                    let start = DateTime::parse(first, now)?;
                    Ok(Period { start, end: start.plus(Duration::parse(second)?) })
                }
                (false, false) => Ok(Period {
                    start: DateTime::parse(first, now)?,
                    end: DateTime::parse(second, now)?,
                }),
            },
        }
    }
}
