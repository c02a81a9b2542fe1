//! Actions: what could be done. Reading order: `key` (what an action is called), `meta` (its
//! options), `graph` (where actions and their relations are kept), `op_config` (what is
//! configured), `digest` (whether that changed), `ensure` (finding or making an action), `fence`;
//! then the phases that make actions: `history_checks`, `probes`, `create` with `roles` and
//! `recurring`, `remote`, `shutdown`, `changes`, `notify`.

mod changes;
mod create;
mod digest;
mod ensure;
mod fence;
mod graph;
mod history_checks;
mod key;
mod meta;
mod notify;
pub(crate) mod op_config;
mod probes;
pub(crate) mod recurring;
mod remote;
mod roles;
mod shutdown;

pub use changes::{Change, ChangeKind};
pub(crate) use digest::meta_name;
pub use digest::{DigestVerdict, OpDigests};
pub use ensure::Need;
pub use graph::{Action, ActionFlags, ActionGraph, ActionIdx, ActionName, Edge};
pub use history_checks::CheckFor;
pub use key::{ActionKey, NotifyType, OtherTask, Task, TaskNames};
pub use meta::{Meta, Params};
