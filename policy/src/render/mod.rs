//! Text of what the scheduler found and decided.

pub mod dot;
pub mod graph_xml;
pub mod report;
mod rsc_line;
pub mod scores;
pub mod status_text;
pub mod summary;

pub use rsc_line::exit_text;
