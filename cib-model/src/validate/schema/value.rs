//! What an attribute's value may be: the few XML Schema types that CIB schemas use.

/// The type of an attribute.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Value {
    /// Anything.
    Text,
    /// A name that only one element has.
    Id,
    /// A name that some element has as its [`Value::Id`].
    IdRef,
    /// A whole number.
    Integer,
    /// A whole number from 0.
    Natural,
    /// A whole number from 1.
    Positive,
    /// A whole number from 1 to 9.
    Level,
    /// `true`, `false`, `1`, `0`.
    Boolean,
    /// A whole number or an infinity.
    Score,
    /// Digits and dashes.
    Ports,
    /// Names separated by commas.
    Devices,
    /// One of the words, which stand between `|`.
    OneOf(&'static str),
    /// None of the words, which stand between `|`.
    NoneOf(&'static str),
}

impl Value {
    /// Returns the type that the grammar calls `name`.
    pub(super) fn named(name: &str) -> Option<Value> {
        Some(match name {
            "ID" => Value::Id,
            "IDREF" => Value::IdRef,
            "integer" => Value::Integer,
            "natural" => Value::Natural,
            "positive" => Value::Positive,
            "level" => Value::Level,
            "boolean" => Value::Boolean,
            "score" => Value::Score,
            "ports" => Value::Ports,
            "devices" => Value::Devices,
            _ => return None,
        })
    }

    /// Returns true where the value is of this type.
    pub(super) fn accepts(self, text: &str) -> bool {
        let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        let ends = [text.as_bytes().first(), text.as_bytes().last()];
        let has_blanks = ends.into_iter().flatten().any(is_blank);
        let trimmed = if has_blanks { text.trim_matches([' ', '\t', '\n', '\r']) } else { text };
        match self {
            Value::Text => true,
            Value::Id | Value::IdRef => is_name(trimmed),
            Value::Integer => is_integer(trimmed),
            Value::Natural => {
                is_integer(trimmed) && (!trimmed.starts_with('-') || is_zero(trimmed))
            }
            Value::Positive => {
                is_integer(trimmed) && !trimmed.starts_with('-') && !is_zero(trimmed)
            }
            Value::Level => trimmed.parse::<u8>().is_ok_and(|level| (1..=9).contains(&level)),
            Value::Boolean => matches!(trimmed, "true" | "false" | "1" | "0"),
            Value::Score => {
                matches!(trimmed, "INFINITY" | "+INFINITY" | "-INFINITY") || is_integer(trimmed)
            }
            Value::Ports => {
                !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'-')
            }
            Value::Devices => text.split(',').all(is_device),
            Value::OneOf(words) => is_one_of(words, trimmed),
            Value::NoneOf(words) => !is_one_of(words, text),
        }
    }

    /// Says in words what is accepted.
    pub(super) fn describe(self) -> String {
        match self {
            Value::Text => "any text".to_owned(),
            Value::Id | Value::IdRef => {
                "an XML name: letters, digits, '_', '-', '.', no digit first".to_owned()
            }
            Value::Integer => "a whole number".to_owned(),
            Value::Natural => "a whole number from 0".to_owned(),
            Value::Positive => "a whole number from 1".to_owned(),
            Value::Level => "a whole number from 1 to 9".to_owned(),
            Value::Boolean => "true or false".to_owned(),
            Value::Score => "a whole number, INFINITY or -INFINITY".to_owned(),
            Value::Ports => "a range of ports".to_owned(),
            Value::Devices => "ids separated by commas".to_owned(),
            Value::OneOf(words) => words.replace('|', ", "),
            Value::NoneOf(_) => "one that is still in use".to_owned(),
        }
    }
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    // libxml2 counts significant digits and stops at 24.
    let significant = digits.trim_start_matches('0').len();
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) && significant <= 24
}

fn is_zero(text: &str) -> bool {
    text.trim_start_matches(['+', '-']).bytes().all(|b| b == b'0')
}

fn is_device(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
}

/// Returns true for one of the words between `|`.
fn is_one_of(words: &str, text: &str) -> bool {
    words.as_bytes().split(|byte| *byte == b'|').any(|word| word == text.as_bytes())
}

/// Returns true for an XML name without colon.
fn is_name(text: &str) -> bool {
    let is_start = |c: char| c == '_' || c.is_alphabetic();
    let is_rest = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '\u{b7}');
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    text.starts_with(is_start) && (text.bytes().all(is_plain) || text.chars().all(is_rest))
}

#[cfg(test)]
mod tests {
    use super::Value;

    #[test]
    fn types_as_xml_schema_has_them() {
        let yes = [
            (Value::Id, "a-b.c_1"),
            (Value::Id, "ä"),
            (Value::Integer, " +7 "),
            (Value::Natural, "-0"),
            (Value::Positive, "007"),
            (Value::Level, "9"),
            (Value::Score, "-INFINITY"),
            (Value::Ports, "80-90"),
            (Value::Devices, "a,b.c"),
            (Value::OneOf("x|y"), "y"),
            (Value::NoneOf("x|y"), "z"),
        ];
        for (value, text) in yes {
            assert!(value.accepts(text), "{value:?} {text}");
        }
        let no = [
            (Value::Id, "1a"),
            (Value::Id, ""),
            (Value::Id, "a:b"),
            (Value::Integer, "1.5"),
            (Value::Natural, "-1"),
            (Value::Positive, "0"),
            (Value::Level, "10"),
            (Value::Boolean, "yes"),
            (Value::Score, "infinity"),
            (Value::Ports, ""),
            (Value::Devices, "a, b"),
            (Value::OneOf("x|y"), "x|y"),
            (Value::NoneOf("x|y"), "x"),
        ];
        for (value, text) in no {
            assert!(!value.accepts(text), "{value:?} {text}");
        }
    }
}
