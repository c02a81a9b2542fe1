//! Actions: what could be done. Reading order: `key` (what an action is called), `meta` (its
//! options), `graph` (where actions and their relations are kept).

mod graph;
mod key;
mod meta;

pub use graph::{Action, ActionFlags, ActionGraph, ActionIdx, ActionName, Edge};
pub use key::{ActionKey, NotifyType, OtherTask, Task, TaskNames};
pub use meta::{Meta, Params};
