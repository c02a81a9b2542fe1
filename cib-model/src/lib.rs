//! The CIB (cluster information base): ordered XML, typed views, versions, patches and digests.
//!
//! The XML tree is the source of truth: an ordered tree of elements, attributes in document order,
//! text and comments. Typed views read from it and builders write to it, so nothing that Pacemaker
//! may hold in a CIB is lost by reading and writing it.
//!
//! What this crate is not: it knows no shell language, no scheduler, no process, no clock, no
//! environment and no file system. It reads `&str` and `&[u8]` and returns values.

#![forbid(unsafe_code)]

pub mod acl;
pub mod alert;
pub mod boolean;
pub mod cib;
pub mod constraint;
pub mod digest;
pub mod fencing;
pub mod id;
pub mod interval;
pub mod names;
pub mod node;
mod number;
pub mod nvset;
pub mod operation;
pub mod options;
pub mod patchset;
pub mod resource;
pub mod role;
pub mod rule;
pub mod score;
pub mod status;
pub mod store;
pub mod tag;
pub mod time;
pub mod validate;
pub mod version;
mod view;
pub mod xml;

pub use cib::{Cib, Section};
pub use id::IdPool;
pub use patchset::Patchset;
pub use role::Role;
pub use score::Score;
pub use version::CibVersion;
