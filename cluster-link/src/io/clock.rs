//! The clocks: monotonic for every timer, wall for stamps.

use std::time::Duration;

use tokio::time::Instant;

use crate::executor::Now;

/// A clock that counts from its creation.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    started: Instant,
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock {
    /// Starts a clock at 0 ms.
    pub fn new() -> Self {
        Self { started: Instant::now() }
    }

    /// Reads both clocks.
    pub fn now(&self) -> Now {
        let mono_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let epoch_s = epoch.map_or(0, |epoch| i64::try_from(epoch.as_secs()).unwrap_or(i64::MAX));
        Now { mono_ms, epoch_s }
    }

    /// Returns the moment when this clock will show `mono_ms`.
    pub fn instant(&self, mono_ms: u64) -> Instant {
        self.started + Duration::from_millis(mono_ms)
    }
}

/// Writes a time as C's `ctime()` does, in UTC: `Sun Nov 22 09:27:33 2026`.
pub fn ctime_utc(epoch_s: i64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (day, second) = (epoch_s.div_euclid(86_400), epoch_s.rem_euclid(86_400));
    // Days since 0000-03-01, in eras of 400 years.
    let shifted = day + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    let month = (month + 2) % 12;
    let year = year + era * 400 + i64::from(month < 2);
    let name = |list: &[&'static str], at: i64| {
        usize::try_from(at).ok().and_then(|at| list.get(at).copied()).unwrap_or("?")
    };
    format!(
        "{} {} {of_month:2} {:02}:{:02}:{:02} {year}",
        name(&DAYS, day.rem_euclid(7)),
        name(&MONTHS, month),
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

#[cfg(test)]
mod tests {
    use super::ctime_utc;

    #[test]
    fn ctime() {
        assert_eq!(ctime_utc(0), "Thu Jan  1 00:00:00 1970");
        assert_eq!(ctime_utc(951_782_400), "Tue Feb 29 00:00:00 2000");
        assert_eq!(ctime_utc(1_795_339_653), "Sun Nov 22 09:27:33 2026");
        assert_eq!(ctime_utc(-1), "Wed Dec 31 23:59:59 1969");
    }
}
