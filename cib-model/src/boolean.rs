//! Truth values as Pacemaker spells them.
//!
//! **Source:** pacemaker `lib/common/strings.c`, `pcmk__parse_bool()`.

/// Reads a truth value in any case: `true on yes y 1` or `false off no n 0`.
/// Returns `None` for every other text.
pub fn parse(text: &str) -> Option<bool> {
    let is = |words: [&str; 5]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(["true", "on", "yes", "y", "1"]) {
        Some(true)
    } else if is(["false", "off", "no", "n", "0"]) {
        Some(false)
    } else {
        None
    }
}

/// Returns `true` or `false`, the spelling Pacemaker writes.
pub const fn text(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

#[cfg(test)]
mod tests {
    #[test]
    fn all_spellings() {
        for text in ["true", "ON", "Yes", "y", "1"] {
            assert_eq!(super::parse(text), Some(true), "{text}");
        }
        for text in ["FALSE", "off", "no", "N", "0"] {
            assert_eq!(super::parse(text), Some(false), "{text}");
        }
        for text in ["", "2", "t", " true"] {
            assert_eq!(super::parse(text), None, "{text:?}");
        }
    }
}
