//! Dates, times, durations and periods as Pacemaker reads them (ISO 8601).
//!
//! Reading order: [`DateTime`] (the value), parse, [`Duration`], [`Period`].

mod date_time;
mod duration;
mod parse;
mod period;

pub use date_time::{DateTime, WeekDate};
pub use duration::{Duration, DurationError};
pub use parse::DateError;
pub use period::{Period, PeriodError};
