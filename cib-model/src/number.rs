//! Whole numbers at the start of a text, as C's `strtoll()` reads them.

/// Reads blanks, a sign and decimal digits; too large is clipped. Returns the number and the rest
/// of the text, or `None` where no digit is found.
pub(crate) fn leading(text: &str) -> Option<(i64, &str)> {
    let start = text.trim_start_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
    let (negative, digits) = match start.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, start.strip_prefix('+').unwrap_or(start)),
    };
    let rest = digits.trim_start_matches(|c: char| c.is_ascii_digit());
    let length = digits.len() - rest.len();
    if length == 0 {
        return None;
    }
    let value = digits.bytes().take(length).fold(0_i64, |sum, digit| {
        let digit = i64::from(digit - b'0');
        let ten = sum.saturating_mul(10);
        if negative { ten.saturating_sub(digit) } else { ten.saturating_add(digit) }
    });
    Some((value, rest))
}
