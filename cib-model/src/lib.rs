//! The CIB (cluster information base): ordered XML, typed views, versions, patches and digests.
//!
//! The XML tree is the source of truth: an ordered tree of elements, attributes in document order,
//! text and comments. Typed views read from it and builders write to it, so nothing that Pacemaker
//! may hold in a CIB is lost by reading and writing it.
//!
//! What this crate is not: it knows no shell language, no scheduler, no process, no clock, no
//! environment and no file system. It reads `&str` and `&[u8]` and returns values. It never panics
//! on what it reads.
//!
//! ```
//! use cib_model::validate;
//! use cib_model::xml::{Dialect, Layout};
//! use cib_model::{Cib, Section, names};
//!
//! let mut cib = Cib::empty();
//! let resources = cib.ensure_section(Section::Resources);
//! let ip = cib.tree_mut().append(resources, names::PRIMITIVE);
//! for (name, value) in [("id", "ip"), ("class", "ocf"), ("provider", "heartbeat"), ("type", "IPaddr2")] {
//!     cib.tree_mut().set_attr(ip, name, value);
//! }
//! assert_eq!(cib.resource("ip").unwrap().id(), "ip");
//! assert!(validate::schema::check(&cib).is_empty());
//! let again = Cib::read(&cib.write(Layout::Pretty, Dialect::Pcmk3))?;
//! assert!(again.root().same_as(cib.root()));
//! # Ok::<(), cib_model::xml::ReadError>(())
//! ```
//!
//! Map, in reading order:
//!
//! - [`xml`] (tree, reader, writer), [`cib`] ([`Cib`], sections, look-up by id), [`version`],
//!   [`names`], [`id`] (new ids);
//! - values: [`score`], [`interval`], [`boolean`], [`role`], [`time`] (ISO 8601);
//! - views: [`resource`], [`constraint`], [`node`], [`nvset`], [`acl`], [`alert`], [`tag`],
//!   [`fencing`]; [`status`] (history, fail counts, node states); [`rule`];
//! - as plain structs: [`typed`] (JSON, YAML, JSON schema);
//! - changes: [`patchset`], [`operation`] (what clients of a CIB manager ask), [`digest`], [`store`]
//!   (on disk);
//! - judgement: [`options`] (tables of options), [`validate`] (references, schema, lint);
//! - from old to new: [`upgrade`] (a CIB of an old schema brought to a later one).

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
pub mod typed;
pub mod upgrade;
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
