//! Words in the quotes that crm reads.

use crate::dice::Dice;

/// Quotes a word, in one of the ways that crm reads.
pub(super) fn word(dice: &mut Dice, text: &str) -> String {
    let is_plain = !text.is_empty() && !text.contains([' ', '"', '\'', '\\', '\t']);
    if is_plain && dice.roll(6) > 0 {
        return text.to_owned();
    }
    let double = || format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    match dice.roll(4) {
        0 if !text.contains('\'') => format!("'{text}'"),
        1 if !text.is_empty() => {
            let escaped = text.chars().map(|c| match c {
                ' ' | '"' | '\'' | '\\' | '\t' => format!("\\{c}"),
                c => c.to_string(),
            });
            // a backslash at the end of a line would join it with the next
            let escaped: String = escaped.collect();
            if escaped.ends_with(' ') { double() } else { escaped }
        }
        _ => double(),
    }
}

/// `NAME=VALUE`, with the word or the value in quotes.
pub(super) fn assign(dice: &mut Dice, name: &str, value: &str) -> String {
    if dice.once_in(4) {
        return word(dice, &format!("{name}={value}"));
    }
    format!("{name}={}", word(dice, value))
}
