//! The words of crmsh 1.2.6: every value in quotes, ids as `$id="…"`, nothing escaped.

use super::Words;

pub(super) struct Classic;

impl Words for Classic {
    fn quoted(&self, value: &str) -> String {
        format!("\"{value}\"")
    }

    fn head_id(&self, id: &str) -> String {
        format!("$id=\"{id}\"")
    }

    fn in_range(&self) -> &'static str {
        "in_range"
    }

    fn date_spec(&self) -> &'static str {
        "date_spec"
    }
}
