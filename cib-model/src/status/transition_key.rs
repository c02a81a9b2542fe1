//! Which action of which transition an entry of the history answers to.
//!
//! **Source:** pacemaker `lib/common/actions.c`, `pcmk__transition_key()`,
//! `decode_transition_key()`, `decode_transition_magic()`.

use std::fmt;

use crate::number;

/// `ACTION:TRANSITION:TARGET-RC:UUID`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TransitionKey {
    /// Action number in the transition; of entries from outside, the executor's call number.
    pub action: i32,
    /// Transition number; −1 for what no transition asked for.
    pub transition: i32,
    /// The expected result code.
    pub target_rc: i32,
    /// Which life of a DC made it (36 characters).
    pub uuid: String,
}

impl TransitionKey {
    /// Reads a key; `None` where a part is missing or no number.
    pub fn parse(text: &str) -> Option<Self> {
        let (action, rest) = part(text)?;
        let (transition, rest) = part(rest)?;
        let (target_rc, rest) = part(rest)?;
        let uuid: String =
            rest.trim_start().chars().take_while(|c| !c.is_whitespace()).take(36).collect();
        (!uuid.is_empty()).then_some(TransitionKey { action, transition, target_rc, uuid })
    }
}

impl fmt::Display for TransitionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TransitionKey { action, transition, target_rc, uuid } = self;
        write!(f, "{action}:{transition}:{target_rc}:{uuid:<36}")
    }
}

/// `STATUS:RC;KEY`: a key with the result.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TransitionMagic {
    /// Execution status.
    pub op_status: i32,
    /// The agent's result code.
    pub rc: i32,
    /// The key.
    pub key: TransitionKey,
}

impl TransitionMagic {
    /// Reads a magic; `None` where a part is missing or no number.
    pub fn parse(text: &str) -> Option<Self> {
        let (op_status, rest) = part(text)?;
        let (rc, rest) = number::leading(rest)?;
        let key = TransitionKey::parse(rest.strip_prefix(';')?)?;
        Some(TransitionMagic { op_status, rc: i32::try_from(rc).ok()?, key })
    }
}

impl fmt::Display for TransitionMagic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{};{}", self.op_status, self.rc, self.key)
    }
}

fn part(text: &str) -> Option<(i32, &str)> {
    let (number, rest) = number::leading(text)?;
    Some((i32::try_from(number).ok()?, rest.strip_prefix(':')?))
}

#[cfg(test)]
mod tests {
    use super::{TransitionKey, TransitionMagic};

    #[test]
    fn keys_and_magics() {
        let text = "0:7;4:2:7:0c1d8a49-4b4a-4a2c-8f5b-0f8d3f1f9a10";
        let magic = TransitionMagic::parse(text).unwrap();
        assert_eq!((magic.op_status, magic.rc), (0, 7));
        assert_eq!((magic.key.action, magic.key.transition, magic.key.target_rc), (4, 2, 7));
        assert_eq!(magic.to_string(), text);
        let key = TransitionKey { action: 3, transition: -1, target_rc: 0, uuid: "x".into() };
        assert_eq!(key.to_string().len(), "3:-1:0:".len() + 36);
        for bad in ["", "1:2:3", "1:2:3:", "a:2:3:u", "1;2:3:u"] {
            assert!(TransitionKey::parse(bad).is_none(), "{bad}");
        }
    }
}
