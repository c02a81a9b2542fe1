//! Comparing output line by line: all of it as crmsh's suite does, where blanks inside a line do not
//! count; or up to the first line that differs.

/// A line that only one side has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Difference {
    /// Expected, and not printed.
    Missing(String),
    /// Printed, and not expected.
    Extra(String),
}

/// Returns the lines that count: none that begins with `.` (what was called), none that `left_out`
/// names; the start tag of a CIB loses its attributes.
pub fn comparable(text: &str, left_out: impl Fn(&str) -> bool) -> Vec<String> {
    let counts = |line: &&str| !line.starts_with('.') && !left_out(line);
    text.lines().filter(counts).map(without_versions).collect()
}

fn without_versions(line: &str) -> String {
    let Some(rest) = line.trim_start().strip_prefix("<cib ") else { return line.to_owned() };
    rest.find('>').map_or_else(|| line.to_owned(), |end| format!("<cib{}", &rest[end..]))
}

/// Returns the smallest set of lines to take away and to add, in order.
pub fn differences(expected: &[String], found: &[String]) -> Vec<Difference> {
    let bare = |l: &String| l.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let (a, b): (Vec<_>, Vec<_>) =
        (expected.iter().map(bare).collect(), found.iter().map(bare).collect());
    // common[i][j]: length of the longest common part of a[i..] and b[j..]
    let mut common = vec![vec![0_u32; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            common[i][j] = if a[i] == b[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let (mut i, mut j, mut found_differences) = (0, 0, Vec::new());
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            (i, j) = (i + 1, j + 1);
        } else if j == b.len() || (i < a.len() && common[i + 1][j] >= common[i][j + 1]) {
            found_differences.push(Difference::Missing(expected[i].clone()));
            i += 1;
        } else {
            found_differences.push(Difference::Extra(found[j].clone()));
            j += 1;
        }
    }
    found_differences
}

/// Says where two texts differ, with the lines around; `None` where they do not.
pub fn first_difference(ours: &str, theirs: &str) -> Option<String> {
    if ours == theirs {
        return None;
    }
    let alike = ours.lines().zip(theirs.lines()).take_while(|(a, b)| a == b).count();
    let around = |text: &str| -> String {
        let lines = text.lines().skip(alike.saturating_sub(6)).take(16);
        lines.flat_map(|line| ["  ", line, "\n"]).collect()
    };
    Some(format!("line {}\nours:\n{}theirs:\n{}", alike + 1, around(ours), around(theirs)))
}

#[cfg(test)]
mod tests {
    use super::{Difference, comparable, differences, first_difference};

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn blanks_do_not_count_and_moved_lines_do() {
        assert_eq!(differences(&lines("a  b\nc"), &lines("a\tb\nc")), []);
        let moved = differences(&lines("x\ny"), &lines("y\nx"));
        assert_eq!(moved, [Difference::Missing("x".into()), Difference::Extra("x".into())]);
    }

    #[test]
    fn versions_of_a_cib_are_not_compared() {
        let found = comparable(".EXT x\n<cib epoch=\"3\">\nnoise\n", |l| l == "noise");
        assert_eq!(found, ["<cib>"]);
    }

    #[test]
    fn the_first_difference_is_told_by_its_line() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        let told = first_difference("a\nb\n", "a\nc\n").unwrap();
        assert_eq!(told, "line 2\nours:\n  a\n  b\ntheirs:\n  a\n  c\n");
        assert!(first_difference("a", "a\n").is_some());
    }
}
