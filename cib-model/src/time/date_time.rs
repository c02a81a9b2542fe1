//! A point in time with the offset of the clock that shows it.
//!
//! **Source:** pacemaker `lib/common/iso8601.c`.

use std::cmp::Ordering;
use std::fmt;

use crate::time::Duration;

const DAY_S: i64 = 86_400;

/// A date and time to the second. Compared as instants: two clocks showing the same moment are
/// equal.
#[derive(Clone, Copy, Debug)]
pub struct DateTime {
    /// Seconds from 1970-01-01 00:00 to what the clock shows.
    local_s: i64,
    /// How far the clock is ahead of UTC, seconds.
    offset_s: i32,
}

/// A date by ISO weeks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WeekDate {
    /// The year the week belongs to.
    pub year: i64,
    /// 1 to 53.
    pub week: i64,
    /// 1 (Monday) to 7.
    pub day: i64,
}

impl DateTime {
    /// Makes a time from seconds since the epoch, shown by a clock `offset_s` ahead of UTC.
    pub const fn from_epoch(epoch_s: i64, offset_s: i32) -> Self {
        DateTime { local_s: epoch_s.saturating_add(offset_s as i64), offset_s }
    }

    /// Makes a time from a date (day 1 = the first of the year) and seconds of the day as the
    /// clock shows them.
    pub(super) fn from_ordinal(year: i64, day: i64, second: i64, offset_s: i32) -> Self {
        let days = days_before_year(year) + day - 1;
        DateTime { local_s: days * DAY_S + second, offset_s }
    }

    /// Returns seconds since the epoch.
    pub const fn epoch_s(self) -> i64 {
        self.local_s.saturating_sub(self.offset_s as i64)
    }

    /// Returns how far the clock is ahead of UTC, seconds.
    pub const fn offset_s(self) -> i32 {
        self.offset_s
    }

    /// Returns the same moment on a clock at UTC.
    #[must_use]
    pub const fn to_utc(self) -> Self {
        Self::from_epoch(self.epoch_s(), 0)
    }

    /// Returns the year.
    pub fn year(self) -> i64 {
        year_of(self.local_s.div_euclid(DAY_S))
    }

    /// Returns the day of the year, from 1.
    pub fn year_day(self) -> i64 {
        self.local_s.div_euclid(DAY_S) - days_before_year(self.year()) + 1
    }

    /// Returns the month and its day, both from 1.
    pub fn month_day(self) -> (i64, i64) {
        let (year, mut day) = (self.year(), self.year_day());
        for month in 1..12 {
            let length = month_days(year, month);
            if day <= length {
                return (month, day);
            }
            day -= length;
        }
        (12, day)
    }

    /// Returns hour, minute and second.
    pub fn hms(self) -> (i64, i64, i64) {
        let second = self.local_s.rem_euclid(DAY_S);
        (second / 3_600, second / 60 % 60, second % 60)
    }

    /// Returns the date by ISO weeks.
    pub fn week_date(self) -> WeekDate {
        let days = self.local_s.div_euclid(DAY_S);
        let day = (days + 3).rem_euclid(7) + 1;
        // The week belongs to the year of its Thursday.
        let thursday = days + 4 - day;
        let year = year_of(thursday);
        WeekDate { year, week: (thursday - days_before_year(year)) / 7 + 1, day }
    }

    /// Adds seconds (negative: goes back).
    #[must_use]
    pub fn add_seconds(self, seconds: i64) -> Self {
        DateTime { local_s: self.local_s.saturating_add(seconds), ..self }
    }

    /// Adds days.
    #[must_use]
    pub fn add_days(self, days: i64) -> Self {
        self.add_seconds(days.saturating_mul(DAY_S))
    }

    /// Adds months; the day of the month is kept, or is the last where the month is too short.
    #[must_use]
    pub fn add_months(self, months: i64) -> Self {
        let (month, day) = self.month_day();
        let count = self.year().saturating_mul(12).saturating_add(month - 1);
        let count = count.saturating_add(months).clamp(12, 12 * 999_999);
        let (year, month) = (count.div_euclid(12), count.rem_euclid(12) + 1);
        let day = day.min(month_days(year, month));
        let year_day = (1..month).map(|m| month_days(year, m)).sum::<i64>() + day;
        Self::from_ordinal(year, year_day, self.local_s.rem_euclid(DAY_S), self.offset_s)
    }

    /// Adds years; the day of the *year* is kept, as Pacemaker does.
    #[must_use]
    pub fn add_years(self, years: i64) -> Self {
        let year = self.year().saturating_add(years).clamp(1, 999_999);
        Self::from_ordinal(year, self.year_day(), self.local_s.rem_euclid(DAY_S), self.offset_s)
    }

    /// Adds a duration: years, then months, days, seconds.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        let Duration { years, months, days, seconds } = duration;
        self.add_years(i64::from(years))
            .add_months(i64::from(months))
            .add_days(i64::from(days))
            .add_seconds(i64::from(seconds))
    }

    /// Goes back by a duration: years, then months, days, seconds.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        let Duration { years, months, days, seconds } = duration;
        self.add_years(-i64::from(years))
            .add_months(-i64::from(months))
            .add_days(-i64::from(days))
            .add_seconds(-i64::from(seconds))
    }
}

impl PartialEq for DateTime {
    fn eq(&self, other: &Self) -> bool {
        self.epoch_s() == other.epoch_s()
    }
}

impl Eq for DateTime {}

impl PartialOrd for DateTime {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for DateTime {
    fn cmp(&self, other: &Self) -> Ordering {
        self.epoch_s().cmp(&other.epoch_s())
    }
}

/// Writes `2008-03-01 10:30:00 +05:30`, or `2008-03-01 05:00:00Z` at UTC.
impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((month, day), (h, m, s)) = (self.month_day(), self.hms());
        write!(f, "{:04}-{month:02}-{day:02} {h:02}:{m:02}:{s:02}", self.year())?;
        if self.offset_s == 0 {
            return f.write_str("Z");
        }
        let sign = if self.offset_s < 0 { '-' } else { '+' };
        let offset = self.offset_s.unsigned_abs();
        write!(f, " {sign}{:02}:{:02}", offset / 3_600, offset / 60 % 60)
    }
}

pub(super) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(super) fn year_days(year: i64) -> i64 {
    365 + i64::from(is_leap(year))
}

/// Returns the days of a month (1 to 12).
pub(super) fn month_days(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Returns the days from 1970-01-01 to the first day of `year`.
pub(super) fn days_before_year(year: i64) -> i64 {
    let y = year - 1;
    y * 365 + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) - 719_162
}

fn year_of(days: i64) -> i64 {
    // 146,097 days are 400 years; the guess is never too late and at most a year too early.
    let mut year = (days.saturating_mul(400)).div_euclid(146_097) + 1_969;
    while days_before_year(year + 1) <= days {
        year += 1;
    }
    year
}
