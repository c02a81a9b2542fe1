//! Text of what the scheduler found and decided.

mod rsc_line;
pub mod status_text;

pub use rsc_line::exit_text;
