//! `--include` and `--exclude`: which sections `crm_mon` prints.
//!
//! **Source:** pacemaker `tools/crm_mon.c`, `apply_include()`, `apply_exclude()`.

use std::collections::BTreeSet;

/// All sections of a text display.
const ALL: [&str; 9] = [
    "attributes",
    "bans",
    "failcounts",
    "failures",
    "nodes",
    "operations",
    "resources",
    "summary",
    "tickets",
];
/// Those that are shown unless something else is asked for.
const DEFAULT: [&str; 4] = ["failures", "nodes", "resources", "summary"];
/// Parts of others, and what this program has nothing to say of: accepted.
const ACCEPTED: [&str; 9] = [
    "counts",
    "dc",
    "fencing",
    "fencing-failed",
    "fencing-pending",
    "fencing-succeeded",
    "maint-mode",
    "options",
    "stack",
];

/// Sections to be shown.
#[derive(Clone, Debug)]
pub(super) struct Sections(BTreeSet<&'static str>);

impl Default for Sections {
    fn default() -> Self {
        Sections(DEFAULT.into())
    }
}

impl Sections {
    /// Returns all: what XML begins with.
    pub(super) fn all() -> Self {
        Sections(ALL.into())
    }

    /// Returns true where a section is to be shown.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// Applies all lists of a command line in their order.
    ///
    /// # Errors
    /// A name that is none, in words.
    pub(super) fn apply(&mut self, argv: &[String]) -> Result<(), String> {
        let mut words = argv.iter();
        while let Some(word) = words.next() {
            let (name, value) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (word.as_str(), None),
            };
            let include = matches!(name, "--include" | "-I");
            if !include && !matches!(name, "--exclude" | "-U") {
                continue;
            }
            let value = value.or_else(|| words.next().map(String::as_str)).unwrap_or_default();
            for name in value.split(',') {
                if include {
                    self.include(name)?;
                } else {
                    self.exclude(name)?;
                }
            }
        }
        Ok(())
    }

    /// Adds a section, or `all`, `default`; `none` clears.
    ///
    /// # Errors
    /// What may stand there.
    pub(super) fn include(&mut self, name: &str) -> Result<(), String> {
        match name {
            "all" => self.0 = ALL.into(),
            "none" => self.0.clear(),
            "default" | "defaults" => self.0.extend(DEFAULT),
            name if name.starts_with("bans") => drop(self.0.insert("bans")),
            name => self.0.extend(find("include", name)?),
        }
        Ok(())
    }

    /// Removes a section, or `all`; `none` brings all.
    ///
    /// # Errors
    /// What may stand there.
    pub(super) fn exclude(&mut self, name: &str) -> Result<(), String> {
        match name {
            "all" => self.0.clear(),
            "none" => self.0 = ALL.into(),
            name => {
                if let Some(found) = find("exclude", name)? {
                    self.0.remove(found);
                }
            }
        }
        Ok(())
    }
}

/// Returns the section of this name; none for what is accepted without effect.
fn find(option: &str, name: &str) -> Result<Option<&'static str>, String> {
    let name = name.to_ascii_lowercase();
    // The times stand in the summary, and alone they are not printed.
    if ACCEPTED.contains(&name.as_str()) || name == "times" {
        return Ok(None);
    }
    let found = ALL.iter().find(|known| **known == name);
    found.map(|found| Some(*found)).ok_or_else(|| {
        format!(
            "--{option} options: all, attributes, bans, counts, dc, failcounts, failures, fencing, \
             fencing-failed, fencing-pending, fencing-succeeded, maint-mode, nodes, none, \
             operations, options, resources, stack, summary, tickets, times"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::Sections;

    fn after(words: &[&str]) -> Vec<&'static str> {
        let mut sections = Sections::default();
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        sections.apply(&words).unwrap();
        sections.0.into_iter().collect()
    }

    #[test]
    fn lists_count_in_their_order() {
        assert_eq!(after(&["--exclude=all", "--include=nodes"]), ["nodes"]);
        assert_eq!(after(&["--include=nodes", "-U", "all"]), [] as [&str; 0]);
        assert_eq!(after(&["--exclude", "nodes,summary"]), ["failures", "resources"]);
        assert_eq!(after(&["--include=all"]).len(), 9);
    }

    #[test]
    fn a_name_that_is_none_is_answered_with_those_there_are() {
        let wrong = Sections::default().apply(&["--include=node".to_owned()]).unwrap_err();
        assert!(wrong.starts_with("--include options: all, attributes"), "{wrong}");
    }
}
