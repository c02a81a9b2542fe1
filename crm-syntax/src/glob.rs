//! Shell globs over names: `*`, `?`, `[…]`, as Python's `fnmatch` reads them.

/// Returns true where all of `text` matches `glob`.
pub(crate) fn matches(glob: &str, text: &str) -> bool {
    let glob: Vec<char> = glob.chars().collect();
    let text: Vec<char> = text.chars().collect();
    // the place after the last `*` and the text it may still give back
    let mut star: Option<(usize, usize)> = None;
    let (mut g, mut t) = (0, 0);
    while t < text.len() {
        let step = match glob.get(g) {
            Some('*') => {
                star = Some((g + 1, t));
                g += 1;
                continue;
            }
            Some('?') => Some(g + 1),
            Some('[') => class(&glob, g, text.get(t).copied().unwrap_or_default()),
            Some(c) => (text.get(t) == Some(c)).then_some(g + 1),
            None => None,
        };
        match (step, star) {
            (Some(next), _) => {
                g = next;
                t += 1;
            }
            (None, Some((after, from))) => {
                g = after;
                t = from + 1;
                star = Some((after, t));
            }
            (None, None) => return false,
        }
    }
    glob.iter().skip(g).all(|c| *c == '*')
}

/// Reads `[…]` at `at`; returns the place after it where `c` belongs to it.
fn class(glob: &[char], at: usize, c: char) -> Option<usize> {
    let negated = glob.get(at + 1) == Some(&'!');
    let first = at + 1 + usize::from(negated);
    let Some(length) = glob.iter().skip(first + 1).position(|c| *c == ']') else {
        return (c == '[').then_some(at + 1);
    };
    let end = first + 1 + length;
    let mut members = glob.get(first..end).unwrap_or_default();
    let mut found = false;
    while let [low, rest @ ..] = members {
        members = rest;
        if let ['-', high, after @ ..] = rest {
            found |= (*low..=*high).contains(&c);
            members = after;
        } else {
            found |= *low == c;
        }
    }
    (found != negated).then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn globs_match_whole_names() {
        for (glob, text, expected) in [
            ("passw*", "passwd", true),
            ("passw*", "mypasswd", false),
            ("*pass*", "mypasswd", true),
            ("p?", "p1", true),
            ("p?", "p", false),
            ("p[0-9]", "p7", true),
            ("p[!0-9]", "p7", false),
            ("a*b*c", "axxbxxc", true),
            ("a*b*c", "axxbxx", false),
            ("[x", "[x", true),
        ] {
            assert_eq!(matches(glob, text), expected, "{glob} {text}");
        }
    }
}
