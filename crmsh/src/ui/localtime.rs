//! Times as people of this machine's zone read them: `Thu Mar 19 19:32:53 2015`.
//!
//! The zone's rules come from the system's zone files (RFC 8536); without one, UTC.

use std::fs;

use super::clock;

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Writes a time as C's `ctime()` does, without the newline.
pub fn ctime(seconds: i64) -> String {
    let local = seconds + offset_at(seconds);
    let days = local.div_euclid(86_400);
    let weekday = usize::try_from(days.rem_euclid(7)).unwrap_or(0);
    let iso = clock::utc_text(local);
    let part = |range: std::ops::Range<usize>| iso.get(range).unwrap_or_default();
    let month = part(5..7).parse::<usize>().unwrap_or(1).saturating_sub(1);
    let day = part(8..10).trim_start_matches('0');
    format!(
        "{} {} {day:>2} {} {}",
        DAYS.get(weekday).unwrap_or(&"???"),
        MONTHS.get(month).unwrap_or(&"???"),
        part(11..19),
        part(0..4)
    )
}

/// Writes a time as `YYYY-MM-DD HH:MM:SS +HH:MM`, with `Z` right behind it for UTC.
pub fn zoned(seconds: i64) -> String {
    let offset = offset_at(seconds);
    let text = clock::utc_text(seconds + offset);
    if offset == 0 {
        return text;
    }
    let sign = if offset < 0 { '-' } else { '+' };
    let minutes = offset.abs() / 60;
    format!("{} {sign}{:02}:{:02}", text.trim_end_matches('Z'), minutes / 60, minutes % 60)
}

/// Returns the seconds to add to UTC at a time.
fn offset_at(seconds: i64) -> i64 {
    let path = match std::env::var("TZ") {
        Ok(zone) if zone.is_empty() || zone == "UTC" => return 0,
        Ok(zone) if zone.starts_with('/') => zone,
        Ok(zone) => format!("/usr/share/zoneinfo/{}", zone.trim_start_matches(':')),
        Err(_) => "/etc/localtime".to_owned(),
    };
    fs::read(path).ok().and_then(|data| offset_in(&data, seconds)).unwrap_or(0)
}

/// Looks a time up in a zone file of version 2 or later.
fn offset_in(data: &[u8], seconds: i64) -> Option<i64> {
    let first = Header::read(data)?;
    let rest = data.get(HEADER + first.body(4)..)?;
    let header = Header::read(rest)?;
    let body = rest.get(HEADER..)?;
    let times = body.get(..header.times * 8)?;
    let kinds = body.get(header.times * 8..header.times * 9)?;
    let types = body.get(header.times * 9..)?;
    let after = times
        .chunks_exact(8)
        .filter_map(|c| Some(i64::from_be_bytes(c.try_into().ok()?)))
        .take_while(|t| *t <= seconds)
        .count();
    let kind = match after.checked_sub(1) {
        Some(at) => usize::from(*kinds.get(at)?),
        None => 0,
    };
    let entry = types.get(kind * 6..kind * 6 + 4)?;
    Some(i64::from(i32::from_be_bytes(entry.try_into().ok()?)))
}

const HEADER: usize = 44;

/// The counts at the start of a block of a zone file.
struct Header {
    is_utc: usize,
    is_std: usize,
    leaps: usize,
    times: usize,
    types: usize,
    chars: usize,
}

impl Header {
    fn read(data: &[u8]) -> Option<Header> {
        data.starts_with(b"TZif").then_some(())?;
        let count = |at: usize| -> Option<usize> {
            let bytes = data.get(20 + 4 * at..24 + 4 * at)?;
            usize::try_from(u32::from_be_bytes(bytes.try_into().ok()?)).ok()
        };
        Some(Header {
            is_utc: count(0)?,
            is_std: count(1)?,
            leaps: count(2)?,
            times: count(3)?,
            types: count(4)?,
            chars: count(5)?,
        })
    }

    /// Returns the length of the block's body for times of `width` bytes.
    fn body(&self, width: usize) -> usize {
        self.times * (width + 1)
            + self.types * 6
            + self.chars
            + self.leaps * (width + 4)
            + self.is_std
            + self.is_utc
    }
}
