//! Scores: integers that saturate at ±1,000,000, where the ends mean infinity.
//!
//! **Source:** pacemaker `lib/common/scores.c`.

use std::fmt;
use std::ops::{Add, AddAssign, Neg};

use crate::number;

/// A score in −1,000,000..=1,000,000.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Score(i32);

/// A text that is not a score.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a score")]
pub struct ScoreError(pub String);

/// What the words `red`, `yellow` and `green` stand for (cluster options `node-health-…`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HealthScores {
    /// `red`; −INFINITY unless configured.
    pub red: Score,
    /// `yellow`; 0 unless configured.
    pub yellow: Score,
    /// `green`; 0 unless configured.
    pub green: Score,
}

impl Default for HealthScores {
    fn default() -> Self {
        HealthScores { red: Score::MINUS_INFINITY, yellow: Score::ZERO, green: Score::ZERO }
    }
}

impl Score {
    /// Must.
    pub const INFINITY: Score = Score(1_000_000);
    /// Must not.
    pub const MINUS_INFINITY: Score = Score(-1_000_000);
    /// No preference.
    pub const ZERO: Score = Score(0);

    /// Makes a score, clipping to ±1,000,000.
    pub fn new(value: i64) -> Self {
        let clipped = value.clamp(i64::from(Self::MINUS_INFINITY.0), i64::from(Self::INFINITY.0));
        Score(i32::try_from(clipped).unwrap_or_default())
    }

    /// Returns the number.
    pub const fn value(self) -> i32 {
        self.0
    }

    /// Returns true at either end.
    pub const fn is_infinite(self) -> bool {
        self.0 >= Self::INFINITY.0 || self.0 <= Self::MINUS_INFINITY.0
    }

    /// Reads a score with the default meanings of the health colours.
    ///
    /// # Errors
    /// [`ScoreError`] where the text begins with no number and is none of the words.
    pub fn parse(text: &str) -> Result<Self, ScoreError> {
        Self::parse_with(text, &HealthScores::default())
    }

    /// Reads a score as Pacemaker does: `[+-]INFINITY` in capitals, a colour in any case, or a
    /// whole number at the start of the text (what follows it is ignored, too large is clipped).
    ///
    /// # Errors
    /// [`ScoreError`] where the text begins with no number and is none of the words.
    pub fn parse_with(text: &str, health: &HealthScores) -> Result<Self, ScoreError> {
        match text {
            "INFINITY" | "+INFINITY" => return Ok(Self::INFINITY),
            "-INFINITY" => return Ok(Self::MINUS_INFINITY),
            _ => {}
        }
        for (word, score) in
            [("red", health.red), ("yellow", health.yellow), ("green", health.green)]
        {
            if text.eq_ignore_ascii_case(word) {
                return Ok(score);
            }
        }
        let (value, _) = number::leading(text).ok_or_else(|| ScoreError(text.to_owned()))?;
        Ok(Self::new(value))
    }
}

/// Adds with saturation; −INFINITY wins over everything, then +INFINITY.
impl Add for Score {
    type Output = Score;

    fn add(self, other: Score) -> Score {
        if self <= Self::MINUS_INFINITY || other <= Self::MINUS_INFINITY {
            Self::MINUS_INFINITY
        } else if self >= Self::INFINITY || other >= Self::INFINITY {
            Self::INFINITY
        } else {
            Self::new(i64::from(self.0) + i64::from(other.0))
        }
    }
}

impl AddAssign for Score {
    fn add_assign(&mut self, other: Score) {
        *self = *self + other;
    }
}

impl Neg for Score {
    type Output = Score;

    fn neg(self) -> Score {
        Score(-self.0)
    }
}

/// Writes `INFINITY`, `-INFINITY` or the number.
impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::INFINITY => f.pad("INFINITY"),
            Self::MINUS_INFINITY => f.pad("-INFINITY"),
            Score(number) => fmt::Display::fmt(&number, f),
        }
    }
}

impl serde::Serialize for Score {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::{HealthScores, Score};

    #[test]
    fn reads_what_pacemaker_reads() {
        for (text, expected) in [
            ("INFINITY", Some(1_000_000)),
            ("+INFINITY", Some(1_000_000)),
            ("-INFINITY", Some(-1_000_000)),
            ("infinity", None),
            ("-200", Some(-200)),
            ("+5", Some(5)),
            (" 7", Some(7)),
            ("12abc", Some(12)),
            ("99999999999999999999999", Some(1_000_000)),
            ("-2000000", Some(-1_000_000)),
            ("RED", Some(-1_000_000)),
            ("green", Some(0)),
            ("", None),
            ("abc", None),
        ] {
            assert_eq!(Score::parse(text).ok().map(Score::value), expected, "{text:?}");
        }
        let health = HealthScores { yellow: Score::new(-20), ..HealthScores::default() };
        assert_eq!(Score::parse_with("Yellow", &health).map(Score::value), Ok(-20));
    }

    #[test]
    fn addition_saturates_and_minus_infinity_wins() {
        assert_eq!(Score::INFINITY + Score::MINUS_INFINITY, Score::MINUS_INFINITY);
        assert_eq!(Score::INFINITY + Score::new(-5), Score::INFINITY);
        assert_eq!(Score::new(600_000) + Score::new(600_000), Score::INFINITY);
        assert_eq!((Score::new(3) + Score::new(4)).to_string(), "7");
        assert_eq!((-Score::INFINITY).to_string(), "-INFINITY");
    }
}
