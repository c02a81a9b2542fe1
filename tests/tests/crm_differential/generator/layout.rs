//! Statements laid out as a file.

use crate::dice::Dice;

/// Lays lines out as a file: continued, with comments, in either end of line.
pub(crate) fn file(seed: u64, lines: &[String]) -> String {
    let mut dice = Dice::new(seed);
    let mut text = String::new();
    for line in lines {
        if dice.once_in(9) {
            text.push_str(dice.pick(&["# a comment\n", "#b\n#  c\n", "\n", "   # d\n"]));
        }
        let end = dice.pick(&["\n", "\n", "\n", "\r\n", " \n", "\t\n\n"]);
        // a blank outside quotes may become a continuation
        let (mut quote, mut escaped) = (None, false);
        for c in line.chars() {
            let is_free = quote.is_none() && !escaped;
            match c {
                ' ' if is_free && dice.once_in(6) => text.push_str(" \\\n\t"),
                _ => text.push(c),
            }
            escaped = c == '\\' && !escaped && quote != Some('\'');
            match c {
                '"' | '\'' if is_free => quote = Some(c),
                c if quote == Some(c) && !(escaped && c == '"') => quote = None,
                _ => {}
            }
        }
        text.push_str(end);
    }
    if dice.once_in(2) {
        text.truncate(text.trim_end().len());
    }
    text
}
