//! Actions: what could be done. Reading order: `key` (what an action is called), `meta` (its
//! options), `graph` (where actions and their relations are kept), `op_config` (what is
//! configured), `digest` (whether that changed), `ensure` (finding or making an action), `fence`.

mod digest;
mod ensure;
mod fence;
mod graph;
mod key;
mod meta;
mod op_config;

pub use digest::{DigestVerdict, OpDigests};
pub use ensure::Need;
pub use graph::{Action, ActionFlags, ActionGraph, ActionIdx, ActionName, Edge};
pub use key::{ActionKey, NotifyType, OtherTask, Task, TaskNames};
pub use meta::{Meta, Params};
