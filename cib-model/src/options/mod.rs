//! The options Pacemaker knows: names, types, defaults.
//!
//! Reading order: this file (what an option is, and checking a value), [`cluster`], [`resource`],
//! [`operation`], [`fencing`].
//!
//! **Source:** pacemaker `lib/common/options.c`, `lib/common/strings.c`.

pub mod cluster;
pub mod fencing;
pub mod operation;
pub mod resource;

use crate::boolean;
use crate::interval;
use crate::number;
use crate::score::Score;

/// What an option's value is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OptionType {
    /// Any text.
    Text,
    /// A truth value.
    Boolean,
    /// A whole number.
    Integer,
    /// A score.
    Score,
    /// A time with unit, or an ISO 8601 duration.
    Duration,
    /// A percentage (`80%`).
    Percentage,
    /// A TCP port.
    Port,
    /// One of these words, in any case.
    Select(&'static [&'static str]),
}

/// Who sets an option.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Anybody.
    Ordinary,
    /// Who knows why.
    Advanced,
    /// The cluster itself.
    Generated,
    /// Nobody any more.
    Deprecated,
}

/// One option.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OptionInfo {
    /// The name of today.
    pub name: &'static str,
    /// The older name, still read where the newer is not set.
    pub legacy: Option<&'static str>,
    /// What its value is.
    pub kind: OptionType,
    /// The default; `None` where there is none or it depends on the cluster.
    pub default: Option<&'static str>,
    /// Who sets it.
    pub standing: Standing,
    /// The Pacemaker version that brought it; `None` before 2.0.
    pub since: Option<&'static str>,
}

impl OptionInfo {
    const fn new(name: &'static str, kind: OptionType, default: Option<&'static str>) -> Self {
        let standing = Standing::Ordinary;
        OptionInfo { name, legacy: None, kind, default, standing, since: None }
    }

    const fn legacy(self, name: &'static str) -> Self {
        OptionInfo { legacy: Some(name), ..self }
    }

    const fn standing(self, standing: Standing) -> Self {
        OptionInfo { standing, ..self }
    }

    const fn since(self, version: &'static str) -> Self {
        OptionInfo { since: Some(version), ..self }
    }

    /// Returns true where Pacemaker accepts the value; otherwise it uses the default.
    pub fn accepts(&self, value: &str) -> bool {
        match self.kind {
            OptionType::Text => true,
            OptionType::Boolean => boolean::parse(value).is_some(),
            // Whole numbers may be INFINITY too.
            OptionType::Integer | OptionType::Score => Score::parse(value).is_ok(),
            OptionType::Duration => interval::parse_interval_ms(value).is_ok(),
            OptionType::Percentage => {
                matches!(number::leading(value), Some((n, rest)) if n >= 0 && rest.starts_with('%'))
            }
            OptionType::Port => {
                matches!(number::leading(value), Some((n, _)) if (0..=65_535).contains(&n))
            }
            OptionType::Select(words) => words.iter().any(|w| w.eq_ignore_ascii_case(value)),
        }
    }

    /// Returns the value that counts: the one under the name, else under the older name, else the
    /// default. A value that is not accepted counts as not set.
    pub fn effective<'a>(&self, get: impl Fn(&str) -> Option<&'a str>) -> Option<&'a str> {
        let set = get(self.name).or_else(|| get(self.legacy?));
        set.filter(|value| self.accepts(value)).or(self.default)
    }
}

/// Returns the option called `name` today or before.
pub fn find(table: &'static [OptionInfo], name: &str) -> Option<&'static OptionInfo> {
    table.iter().find(|o| o.name == name || o.legacy == Some(name))
}

#[cfg(test)]
mod tests {
    use super::{cluster, fencing, find, operation, resource};

    #[test]
    fn every_default_is_accepted_and_no_name_comes_twice() {
        for table in [cluster::OPTIONS, resource::OPTIONS, operation::OPTIONS, fencing::OPTIONS] {
            for option in table {
                assert!(option.default.is_none_or(|d| option.accepts(d)), "{}", option.name);
                assert_eq!(find(table, option.name), Some(option));
            }
        }
    }

    #[test]
    fn the_newer_name_wins_and_bad_values_do_not_count() {
        let option = find(cluster::OPTIONS, "stonith-enabled").unwrap();
        assert_eq!(option.name, "fencing-enabled");
        let of = |set: &'static [(&str, &str)]| {
            option.effective(|name| set.iter().find(|(n, _)| *n == name).map(|(_, v)| *v))
        };
        assert_eq!(of(&[]), Some("true"));
        assert_eq!(of(&[("stonith-enabled", "off")]), Some("off"));
        assert_eq!(of(&[("stonith-enabled", "off"), ("fencing-enabled", "yes")]), Some("yes"));
        assert_eq!(of(&[("stonith-enabled", "maybe")]), Some("true"));
    }

    #[test]
    fn values() {
        for (name, good, bad) in [
            ("no-quorum-policy", "Ignore", "sometimes"),
            ("cluster-recheck-interval", "PT5M", "soon"),
            ("load-threshold", "80%", "80"),
            ("migration-limit", "-1", "none"),
            ("node-health-red", "-INFINITY", "-inf"),
        ] {
            let option = find(cluster::OPTIONS, name).unwrap();
            assert!(option.accepts(good) && !option.accepts(bad), "{name}");
        }
    }
}
