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
