//! The words of crmsh 4.4.1: quotes only where needed, ids as `ID:`.

use super::Words;

pub(super) struct Modern;

/// Returns true where a value needs no quotes: letters, digits, `_`, `.` and `-` only.
fn is_plain(value: &str) -> bool {
    !value.is_empty() && value.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'))
}

impl Words for Modern {
    /// COMPAT(crmsh): a backslash is not escaped, so that not every value reads back as it was.
    fn quoted(&self, value: &str) -> String {
        if is_plain(value) {
            value.to_owned()
        } else {
            format!("\"{}\"", value.replace('"', "\\\""))
        }
    }

    fn head_id(&self, id: &str) -> String {
        if is_plain(id) { format!("{id}:") } else { format!("$id=\"{id}\"") }
    }

    fn in_range(&self) -> &'static str {
        "in"
    }

    fn date_spec(&self) -> &'static str {
        "spec"
    }
}
