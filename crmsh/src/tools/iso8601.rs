//! `iso8601`: reads and calculates dates, durations and periods.
//!
//! **Source:** pacemaker `tools/iso8601.c`; `lib/common/iso8601.c`, `crm_time_as_string()`.

use cib_model::time::{DateTime, Duration, Period};
use clap::Parser;

use super::reply::{Common, Reply, Stop, answer, element};
use crate::console::Console;
use crate::exit::Exit;
use crate::ui::clock;

/// Seconds from 0000-001 to the epoch, as Pacemaker counts them.
const BEFORE_EPOCH_S: i64 = 62_167_219_200;

/// Show dates, durations and periods
#[derive(Parser, Clone, Debug, Default)]
#[command(name = "iso8601", disable_version_flag = true)]
struct Options {
    #[command(flatten)]
    common: Common,
    /// The date is now
    #[arg(short = 'n', long)]
    now: bool,
    /// A date
    #[arg(short = 'd', long, value_name = "DATE", allow_hyphen_values = true)]
    date: Option<String>,
    /// A period
    #[arg(short = 'p', long, value_name = "PERIOD", allow_hyphen_values = true)]
    period: Option<String>,
    /// A duration
    #[arg(short = 'D', long, value_name = "DURATION", allow_hyphen_values = true)]
    duration: Option<String>,
    /// Fail where the result is not this
    #[arg(short = 'E', long, value_name = "TEXT", allow_hyphen_values = true)]
    expected: Option<String>,
    /// Show seconds since the year 0
    #[arg(short = 's', long)]
    seconds: bool,
    /// Show seconds since 1970
    #[arg(short = 'S', long)]
    epoch: bool,
    /// Show the time as its own clock does
    #[arg(short = 'L', long)]
    local: bool,
    /// Show the day of the year
    #[arg(short = 'O', long)]
    ordinal: bool,
    /// Show week and weekday
    #[arg(short = 'W', long)]
    week: bool,
}

/// Runs the tool.
pub(super) fn run(argv: &[String], console: &mut Console) -> Exit {
    answer("iso8601", argv, console, |options: &Options| &options.common, calculate)
}

fn calculate(options: &Options, reply: &mut Reply<'_>) -> Result<Exit, Stop> {
    let now = DateTime::from_epoch(clock::now(), 0);
    let invalid = |what: &str, text: &str| {
        Stop::new(Exit::INVALID_PARAM, format!("Invalid {what} specified: {text}"))
    };
    let mut date = options.now.then_some(now);
    if date.is_some() {
        show(reply, "Current date/time", "date", &written(now, options, options.local));
    } else if let Some(text) = &options.date {
        let read = DateTime::parse(text, now).map_err(|_| invalid("date/time", text))?;
        show(reply, "Date", "date", &written(read, options, options.local));
        date = Some(read);
    }
    let mut duration = None;
    if let Some(text) = &options.duration {
        let read = Duration::parse(text).map_err(|_| invalid("duration", text))?;
        show(reply, "Duration", "duration", &in_words(read));
        duration = Some(read);
    }
    if let Some(text) = &options.period {
        let period = Period::parse(text, now)
            .ok()
            .filter(|p| [p.start, p.end].iter().all(|d| (1..=9_999).contains(&d.year())))
            .ok_or_else(|| invalid("interval", text))?;
        let start = written(period.start, options, options.local);
        let end = written(period.end, options, options.local);
        reply.info(&format!("Period: {start} to {end}"));
        let ends = [(element("start", &[]), start), (element("end", &[]), end)];
        reply.texts(&element("period", &[]), &ends);
    }
    let result = match (date, duration) {
        (Some(date), Some(duration)) => {
            let later = date.plus(duration);
            show(reply, "Duration ends at", "duration_ends", &written(later, options, true));
            later
        }
        (Some(date), None) => date,
        _ => return Ok(Exit::OK),
    };
    let text = written(result, options, options.local);
    let fits = options.expected.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(&text));
    Ok(if fits { Exit::OK } else { Exit::FAILED })
}

fn show(reply: &mut Reply<'_>, label: &str, element: &str, text: &str) {
    reply.info(&format!("{label}: {text}"));
    reply.text_element(element, text);
}

/// Writes a date as the options ask; at UTC unless `with_offset`.
fn written(date: DateTime, options: &Options, with_offset: bool) -> String {
    if options.seconds {
        return date.epoch_s().saturating_add(BEFORE_EPOCH_S).to_string();
    }
    if options.epoch {
        return date.epoch_s().to_string();
    }
    let date = if with_offset { date } else { date.to_utc() };
    let text = date.to_string();
    // The day is the part up to the first blank.
    let time = text.split_once(' ').map_or("", |(_, time)| time);
    if options.ordinal {
        format!("{:04}-{:03} {time}", date.year(), date.year_day())
    } else if options.week {
        let week = date.week_date();
        format!("{:04}-W{:02}-{} {time}", week.year, week.week, week.day)
    } else {
        text
    }
}

/// Writes a duration: `1 month 2 days 90 seconds (1 minute 30 seconds)`.
fn in_words(duration: Duration) -> String {
    let Duration { years, months, days, seconds } = duration;
    let plural = |n: u32| if n == 1 { "" } else { "s" };
    // COMPAT(pacemaker 3.x, pcmk__plural_s): -1 is plural.
    let signed = |n: i32| if n == 1 { "" } else { "s" };
    let mut text = String::new();
    if years != 0 {
        text += &format!("{years:4} year{} ", signed(years));
    }
    if months != 0 {
        text += &format!("{months:2} month{} ", signed(months));
    }
    if days != 0 {
        text += &format!("{days:2} day{} ", signed(days));
    }
    if text.is_empty() || seconds != 0 {
        text += &format!("{seconds} second{}", signed(seconds));
    }
    let size = seconds.unsigned_abs();
    if size >= 60 {
        let parts = [(size / 3_600, "hour"), (size / 60 % 60, "minute"), (size % 60, "second")];
        let parts = parts.iter().filter(|(n, _)| *n != 0);
        let parts: Vec<String> =
            parts.map(|(n, unit)| format!("{n} {unit}{}", plural(*n))).collect();
        text += &format!(" ({})", parts.join(" "));
    }
    text
}
