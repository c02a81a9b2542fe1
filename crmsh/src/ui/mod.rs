//! Talking with a person: questions, pager, editor.

pub mod confirm;
pub mod pager;
