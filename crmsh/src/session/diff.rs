//! How two texts differ, as `diff -u` shows it.

use std::fmt::Write as _;

/// Lines around a difference.
const CONTEXT: usize = 3;
/// Beyond this many cells of the comparison table the middle is shown as replaced whole.
const TABLE_LIMIT: usize = 16_000_000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Edit {
    Keep,
    Remove,
    Add,
}

/// Returns the unified diff from `old` to `new` with its two header lines; empty where they are
/// equal.
pub fn unified(old: &str, new: &str, old_name: &str, new_name: &str) -> String {
    let body = hunks(old, new);
    if body.is_empty() { body } else { format!("--- {old_name}\n+++ {new_name}\n{body}") }
}

/// Returns the hunks of the unified diff, without the header.
pub fn hunks(old: &str, new: &str) -> String {
    let (a, b): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let edits = edits(&a, &b);
    let mut text = String::new();
    let mut at = 0;
    let (mut line_a, mut line_b) = (0, 0);
    let mut position = Vec::with_capacity(edits.len());
    for edit in &edits {
        position.push((line_a, line_b));
        line_a += usize::from(*edit != Edit::Add);
        line_b += usize::from(*edit != Edit::Remove);
    }
    while let Some(first) = edits.iter().skip(at).position(|e| *e != Edit::Keep).map(|p| p + at) {
        let start = first.saturating_sub(CONTEXT).max(at);
        let mut end = first;
        while let Some(next) = edits.iter().skip(end).position(|e| *e != Edit::Keep) {
            if next > 2 * CONTEXT {
                break;
            }
            end += next + 1;
        }
        let stop = (end + CONTEXT).min(edits.len());
        hunk(&mut text, &a, &b, &edits, &position, start..stop);
        at = stop;
    }
    text
}

fn hunk(
    text: &mut String,
    a: &[&str],
    b: &[&str],
    edits: &[Edit],
    position: &[(usize, usize)],
    range: std::ops::Range<usize>,
) {
    let within = edits.get(range.clone()).unwrap_or_default();
    let removed = within.iter().filter(|e| **e != Edit::Add).count();
    let added = within.iter().filter(|e| **e != Edit::Remove).count();
    let (from, to) = position.get(range.start).copied().unwrap_or_default();
    let span = |start: usize, count: usize| match count {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        n => format!("{},{n}", start + 1),
    };
    let _infallible = writeln!(text, "@@ -{} +{} @@", span(from, removed), span(to, added));
    for (edit, (at_a, at_b)) in within.iter().zip(position.iter().skip(range.start)) {
        let (mark, line) = match edit {
            Edit::Keep => (' ', a.get(*at_a)),
            Edit::Remove => ('-', a.get(*at_a)),
            Edit::Add => ('+', b.get(*at_b)),
        };
        let _infallible = writeln!(text, "{mark}{}", line.unwrap_or(&""));
    }
}

/// Finds a shortest way from `a` to `b`: equal ends first, a table for the middle.
fn edits(a: &[&str], b: &[&str]) -> Vec<Edit> {
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (rest_a, rest_b) = (a.get(head..).unwrap_or_default(), b.get(head..).unwrap_or_default());
    let tail = rest_a.iter().rev().zip(rest_b.iter().rev()).take_while(|(x, y)| x == y).count();
    let middle_a = rest_a.get(..rest_a.len() - tail).unwrap_or_default();
    let middle_b = rest_b.get(..rest_b.len() - tail).unwrap_or_default();
    let mut all = vec![Edit::Keep; head];
    all.extend(middle(middle_a, middle_b));
    all.extend(std::iter::repeat_n(Edit::Keep, tail));
    all
}

fn middle(a: &[&str], b: &[&str]) -> Vec<Edit> {
    let width = b.len() + 1;
    if (a.len() + 1).saturating_mul(width) > TABLE_LIMIT {
        let mut all = vec![Edit::Remove; a.len()];
        all.extend(std::iter::repeat_n(Edit::Add, b.len()));
        return all;
    }
    let mut common = vec![0_u32; (a.len() + 1) * width];
    let at = |i: usize, j: usize| i * width + j;
    for (i, x) in a.iter().enumerate().rev() {
        for (j, y) in b.iter().enumerate().rev() {
            common[at(i, j)] = if x == y {
                common[at(i + 1, j + 1)] + 1
            } else {
                common[at(i + 1, j)].max(common[at(i, j + 1)])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut all = Vec::new();
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a.get(i) == b.get(j) {
            all.push(Edit::Keep);
            (i, j) = (i + 1, j + 1);
        } else if j >= b.len() || (i < a.len() && common[at(i + 1, j)] >= common[at(i, j + 1)]) {
            all.push(Edit::Remove);
            i += 1;
        } else {
            all.push(Edit::Add);
            j += 1;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_have_no_difference() {
        assert_eq!(unified("a\nb\n", "a\nb\n", "x", "y"), "");
    }

    #[test]
    fn hunks_are_those_of_diff() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n";
        let new = "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10\n11\n12\n13\n";
        assert_eq!(
            unified(old, new, "a", "b"),
            "--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n\
             @@ -10,3 +10,4 @@\n 10\n 11\n 12\n+13\n"
        );
        assert_eq!(hunks("", "a\n"), "@@ -0,0 +1 @@\n+a\n");
    }
}
