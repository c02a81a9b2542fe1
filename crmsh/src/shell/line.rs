//! Logical lines: a trailing backslash joins the next line, without a blank in between.
//!
//! **Source:** crmsh `utils.py`, `multi_input()`.

/// Collects physical lines until a logical one is complete.
#[derive(Clone, Debug, Default)]
pub struct LineJoiner {
    pending: String,
    continued: bool,
}

impl LineJoiner {
    /// Takes one physical line; returns the logical line it completes.
    pub fn push(&mut self, physical: &str) -> Option<String> {
        let text = physical.trim();
        if let Some(head) = text.strip_suffix('\\') {
            self.pending.push_str(head.trim_end_matches('\\'));
            self.continued = true;
            return None;
        }
        self.pending.push_str(text);
        self.continued = false;
        Some(std::mem::take(&mut self.pending))
    }

    /// Returns true after a line that ended in a backslash.
    pub fn is_continued(&self) -> bool {
        self.continued
    }

    /// Returns what a dangling backslash at the end of the input left, if anything.
    pub fn finish(&mut self) -> Option<String> {
        self.continued = false;
        let rest = std::mem::take(&mut self.pending);
        (!rest.is_empty()).then_some(rest)
    }

    /// Forgets a half-typed line.
    pub fn clear(&mut self) {
        self.pending.clear();
        self.continued = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backslash_joins_without_a_blank() {
        let mut joiner = LineJoiner::default();
        assert_eq!(joiner.push("primitive p Dummy \\"), None);
        assert!(joiner.is_continued());
        assert_eq!(joiner.push("\top monitor\\\\ "), None);
        assert_eq!(joiner.push("  x").as_deref(), Some("primitive p Dummy op monitorx"));
        assert_eq!(joiner.push("").as_deref(), Some(""));
    }

    #[test]
    fn a_dangling_backslash_keeps_its_line() {
        let mut joiner = LineJoiner::default();
        assert_eq!(joiner.push("property a=b \\"), None);
        assert_eq!(joiner.finish().as_deref(), Some("property a=b "));
        assert_eq!(joiner.finish(), None);
    }
}
