//! Patchsets, format 2: what changed between two documents, and how to repeat it.
//!
//! Reading order: this file (the value and its versions), `path`, `positions` and `diff`, `siblings`,
//! `work` and `apply`.
//!
//! ```
//! use cib_model::patchset::VersionCheck;
//! use cib_model::xml::Dialect;
//! use cib_model::Cib;
//!
//! let cib = |epoch, value| {
//!     Cib::read(&format!(
//!         r#"<cib admin_epoch="0" epoch="{epoch}" num_updates="0"><configuration>
//!              <tags><tag id="t" k="{value}"/></tags></configuration></cib>"#
//!     ))
//! };
//! let (old, new) = (cib(1, "a")?, cib(2, "b")?);
//! let patch = old.diff(&new).unwrap();
//! assert_eq!(patch.changes().last().unwrap().path(), "/cib/configuration/tags/tag[@id='t']");
//! let mut patched = old.clone();
//! patch.apply(&mut patched, VersionCheck::Check, Dialect::Pcmk3).unwrap();
//! assert!(patched.root().same_as(new.root()));
//! // Applied twice it is refused, and nothing is changed.
//! assert!(patch.apply(&mut patched, VersionCheck::Check, Dialect::Pcmk3).is_err());
//! # Ok::<(), cib_model::xml::ReadError>(())
//! ```
//!
//! **Source:** pacemaker `lib/common/patchset.c`.

mod apply;
mod diff;
mod path;
mod positions;
mod siblings;
#[cfg(test)]
mod tests;
mod work;

pub use apply::{ApplyError, VersionCheck};
pub use diff::{AttrOrder, diff};
pub use path::{element_path, find};

use crate::cib::Cib;
use crate::digest;
use crate::names;
use crate::version::CibVersion;
use crate::xml::{Dialect, ElementRef, Layout, ReadError, Tree, read, write};

/// A `<diff>` document.
#[derive(Clone, Debug)]
pub struct Patchset {
    tree: Tree,
}

/// One change of a patchset.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a>(ElementRef<'a>);

impl<'a> Change<'a> {
    /// Returns the `<change>` element.
    pub fn element(self) -> ElementRef<'a> {
        self.0
    }

    /// Returns `create`, `modify`, `move` or `delete`.
    pub fn operation(self) -> Option<&'a str> {
        self.0.attr(names::OPERATION)
    }

    /// Returns the path of the element changed; of a new element, its parent's.
    pub fn path(self) -> &'a str {
        self.0.attr(names::PATH).unwrap_or_default()
    }

    /// Returns the position among all children of the parent, from 0.
    pub fn position(self) -> Option<usize> {
        self.0.attr(names::POSITION)?.parse().ok()
    }

    /// Returns the new element of a `create`; `None` also where it is a comment.
    pub fn created(self) -> Option<ElementRef<'a>> {
        self.0.children().next().filter(|_| self.operation() == Some("create"))
    }

    /// Returns the element as it is after a `modify`, without children.
    pub fn result(self) -> Option<ElementRef<'a>> {
        self.0.child(names::CHANGE_RESULT)?.children().next()
    }
}

impl Patchset {
    /// Takes a tree whose root is `<diff format="2">`.
    ///
    /// # Errors
    /// Gives the tree back where it is something else.
    #[expect(clippy::result_large_err, reason = "what was given comes back")]
    pub fn from_tree(tree: Tree) -> Result<Self, Tree> {
        let root = tree.root();
        if root.name() == names::DIFF && root.attr(names::FORMAT) == Some("2") {
            Ok(Patchset { tree })
        } else {
            Err(tree)
        }
    }

    /// Reads a patchset from XML text.
    ///
    /// # Errors
    /// [`ReadError`] where the text is not well-formed XML or no patchset of format 2.
    pub fn read(text: &str) -> Result<Self, ReadError> {
        Self::from_tree(read(text)?).map_err(|_| ReadError {
            offset: 0,
            message: "this is not a patchset of format 2".to_owned(),
        })
    }

    /// Returns the tree.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Writes the patchset.
    pub fn write(&self, layout: Layout, dialect: Dialect) -> String {
        write(&self.tree, layout, dialect)
    }

    /// Returns the changes in order.
    pub fn changes(&self) -> impl Iterator<Item = Change<'_>> {
        self.tree.root().children_named(names::CHANGE).map(Change)
    }

    /// Returns the version the patchset starts from; `None` where it does not say.
    pub fn source(&self) -> Option<CibVersion> {
        self.side(names::SOURCE)
    }

    /// Returns the version the patchset leads to; `None` where it does not say.
    pub fn target(&self) -> Option<CibVersion> {
        self.side(names::TARGET)
    }

    fn side(&self, name: &str) -> Option<CibVersion> {
        self.tree.root().child(names::VERSION)?.child(name).map(CibVersion::of)
    }

    /// Removes the versions, so that the patchset applies to a CIB of any version.
    pub fn remove_versions(&mut self) {
        if let Some(version) = self.tree.root().child(names::VERSION).map(ElementRef::xml_id) {
            self.tree.detach(version);
        }
    }

    /// Adds the digest of the result, which [`Self::apply`] then checks.
    pub fn add_digest(&mut self, target: &Cib, dialect: Dialect) {
        let root = self.tree.root_id();
        self.tree.set_attr(root, names::DIGEST, digest::replication(target.root(), dialect));
    }

    /// Returns the digest of the result.
    pub fn digest(&self) -> Option<&str> {
        self.tree.root().attr(names::DIGEST)
    }

    /// Returns true where something in the configuration changed.
    pub fn touches_configuration(&self) -> bool {
        self.touches("/cib/configuration")
    }

    /// Returns true where something at or below `path` changed (`/cib/status`…).
    pub fn touches(&self, path: &str) -> bool {
        self.changes().any(|change| {
            let below = |at: &str| {
                at.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            let made = change.created().map(|e| format!("{}/{}", change.path(), e.name()));
            below(change.path()) || made.is_some_and(|at| below(&at))
        })
    }
}
