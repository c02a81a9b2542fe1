//! Waiting for what the cluster should show, and saying what it showed instead.

use std::time::{Duration, Instant};

use super::{DemoError, Result};

/// How often a waiting step looks again.
const PACE: Duration = Duration::from_millis(20);

/// Looks until `look` gives something, at most for `patience`.
///
/// # Errors
/// [`DemoError::Step`] with what `look` said last.
pub(super) fn until<T>(
    step: &str,
    patience: Duration,
    mut look: impl FnMut() -> std::result::Result<T, String>,
) -> Result<T> {
    let begun = Instant::now();
    loop {
        match look() {
            Ok(found) => return Ok(found),
            Err(found) if begun.elapsed() > patience => {
                return Err(DemoError::Step { step: step.to_owned(), found });
            }
            Err(_) => std::thread::park_timeout(PACE),
        }
    }
}

/// Checks that two texts are equal, and names the first line that differs.
///
/// # Errors
/// [`DemoError::Step`].
pub(super) fn same(step: &str, found: &str, expected: &str) -> Result<()> {
    if found == expected {
        return Ok(());
    }
    let differs = found.lines().zip(expected.lines()).position(|(f, e)| f != e);
    let at = differs.unwrap_or_else(|| found.lines().count().min(expected.lines().count()));
    let line = |text: &str| text.lines().nth(at).map_or("nothing".to_owned(), |l| format!("{l:?}"));
    let found = format!("line {} is {}, expected {}", at + 1, line(found), line(expected));
    Err(DemoError::Step { step: step.to_owned(), found })
}

/// Checks a condition.
///
/// # Errors
/// [`DemoError::Step`] with what `found` says.
pub(super) fn holds(step: &str, condition: bool, found: impl FnOnce() -> String) -> Result<()> {
    if condition {
        return Ok(());
    }
    Err(DemoError::Step { step: step.to_owned(), found: found() })
}
