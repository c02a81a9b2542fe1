//! Finding a level or command by what the user typed.
//!
//! **Source:** crmsh `command.py`, `get_child()`, and `utils.py`, `fuzzy_get()`.

use super::{Command, Level};
use crate::commands::parts;

/// What a word names in a level.
#[derive(Clone, Copy)]
pub enum Child {
    /// A command.
    Command(&'static Command),
    /// A level below.
    Level(&'static Level),
}

impl Child {
    /// Returns the name it has in the table.
    pub fn name(self) -> &'static str {
        match self {
            Child::Command(c) => c.name,
            Child::Level(l) => l.name,
        }
    }

    /// Returns true where `word` is one of its old names.
    pub fn is_alias(self, word: &str) -> bool {
        matches!(self, Child::Command(c) if c.aliases.contains(&word))
    }
}

/// Returns every name of a level with what it names: commands, aliases, levels, the common ones.
fn names(level: &'static Level) -> impl Iterator<Item = (&'static str, Child)> {
    let command = |c: &'static Command| {
        std::iter::once(c.name)
            .chain(c.aliases.iter().copied())
            .map(move |n| (n, Child::Command(c)))
    };
    let own = level.commands.iter().flat_map(move |c| command(c));
    let shared = parts::COMMANDS.iter().flat_map(move |c| command(c));
    own.chain(level.levels.iter().map(|l| (l.name, Child::Level(l)))).chain(shared)
}

/// Finds what `word` names: exactly, else as the only name that begins with it, else as the only
/// name that holds its letters in this order; letter case does not matter for the last two. Names
/// that crm has not do not stand in the way of those that it has.
pub fn find(level: &'static Level, word: &str) -> Option<Child> {
    if let Some((_, child)) = names(level).find(|(n, _)| *n == word) {
        return Some(child);
    }
    let word = word.to_lowercase();
    if word.is_empty() {
        return None;
    }
    only(level, |name| name.starts_with(&word)).or_else(|| only(level, |n| in_order(n, &word)))
}

/// Names that crm 4.4 does not have, each after its level.
const OWN: [(&str, &str); 5] = [
    ("configure", "acl_group"),
    ("configure", "show-property"),
    ("resource", "why"),
    ("node", "status"),
    ("cib", "export"),
];

/// Returns the only entry that fits. Two names of one command count as two, as in crmsh.
fn only(level: &'static Level, fits: impl Fn(&str) -> bool) -> Option<Child> {
    let (own, of_crm): (Vec<_>, Vec<_>) = names(level)
        .filter(|(name, _)| fits(name))
        .partition(|(name, _)| OWN.contains(&(level.name, *name)));
    match (of_crm.as_slice(), own.as_slice()) {
        ([(_, child)], _) | ([], [(_, child)]) => Some(*child),
        _ => None,
    }
}

/// Tells whether `name` starts with the first letter of `word` and holds the rest in order.
fn in_order(name: &str, word: &str) -> bool {
    let mut rest = name.chars();
    let mut letters = word.chars();
    letters.next() == rest.next() && letters.all(|letter| rest.any(|c| c == letter))
}

/// Returns the sorted names `ls` and completion show: no old names, none that begins with `_`.
pub fn complete_names(level: &'static Level) -> Vec<&'static str> {
    let mut all: Vec<_> = names(level)
        .filter(|(name, child)| !child.is_alias(name) && !name.starts_with(['_', '-']))
        .map(|(name, _)| name)
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::{OWN, names};
    use crate::commands::root;

    #[test]
    fn each_name_of_our_own_is_one_of_its_level() {
        for (level, name) in OWN {
            let found = root::LEVEL.levels.iter().find(|found| found.name == level).unwrap();
            assert!(names(found).any(|(there, _)| there == name), "{level} {name}");
        }
    }
}
