//! Talking with a person: questions, pager, editor.

pub mod clock;
pub mod column;
pub mod confirm;
mod external;
pub mod groups;
pub mod localtime;
pub mod pager;
