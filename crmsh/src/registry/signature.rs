//! Argument counts out of a command's signature text.
//!
//! **Source:** crmsh `ui_utils.py`, `validate_arguments()`.

/// How many arguments a command takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Arity {
    /// At least this many.
    pub min: usize,
    /// At most this many; `None` for any number.
    pub max: Option<usize>,
}

impl Arity {
    /// Counts the arguments in `rsc [node] [args ...]`.
    pub fn of(signature: &str) -> Arity {
        let (mut min, mut optional, mut open) = (0, 0, false);
        for word in signature.split_whitespace() {
            match word {
                "...]" => open = true,
                w if w.starts_with('[') => optional += usize::from(w.ends_with(']')),
                _ => min += 1,
            }
        }
        Arity { min, max: (!open).then_some(min + optional) }
    }

    /// Returns crmsh's sentence where `given` arguments do not fit.
    pub fn complaint(self, signature: &str, given: usize) -> Option<String> {
        let (many, wanted) = match self {
            Arity { min, max: Some(max) } if min == max && given != min => ("exactly", min),
            Arity { min, .. } if given < min => ("at least", min),
            Arity { max: Some(max), .. } if given > max => ("at most", max),
            Arity { .. } => return None,
        };
        Some(format!("Expected ({signature}), takes {many} {wanted} arguments ({given} given)"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_follow_the_signature() {
        assert_eq!(Arity::of("rsc [node] [args ...]"), Arity { min: 1, max: None });
        assert_eq!(Arity::of("op rsc rc [op_status] [node]"), Arity { min: 3, max: Some(5) });
        assert_eq!(Arity::of(""), Arity { min: 0, max: Some(0) });
    }

    #[test]
    fn complaints_are_crmshs() {
        let complain = |s: &str, n| Arity::of(s).complaint(s, n);
        assert_eq!(
            complain("node cmd attr [value]", 0).as_deref(),
            Some("Expected (node cmd attr [value]), takes at least 3 arguments (0 given)")
        );
        assert_eq!(
            complain("old_id new_id", 3).as_deref(),
            Some("Expected (old_id new_id), takes exactly 2 arguments (3 given)")
        );
        assert_eq!(complain("[name]", 1), None);
    }
}
