//! Dates, times, durations and periods as Pacemaker reads them (ISO 8601).

mod duration;

pub use duration::{Duration, DurationError};
