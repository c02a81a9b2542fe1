//! Text and XML of what the scheduler found and decided. Rendering changes nothing.
//!
//! Reading order: `rsc_line`, `instance`, `node_list` and `status_text` (what is), `sections` (attributes and failures),
//! `scores`, `summary` (what will be); the same as XML in `*_xml`; [`report`] puts them together;
//! [`graph_xml`] and [`dot`] write the transition.

pub mod dot;
mod element;
mod evidence_xml;
pub mod graph_xml;
pub mod instance;
pub mod node_list;
pub mod report;
pub mod rsc_line;
pub mod scores;
mod sections;
mod sections_xml;
pub mod status_text;
mod status_xml;
pub mod summary;
mod summary_xml;
pub mod why;

pub use rsc_line::exit_text;
