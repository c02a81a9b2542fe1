//! Digests by which members compare their CIBs.

use cib_model::digest;
use cib_model::xml::{Dialect, Tree};

/// Returns the digest of the whole CIB, as `cibadmin -6` prints it.
pub(super) fn replication(cib: &Tree) -> String {
    digest::replication(cib.root(), Dialect::Pcmk3)
}

/// Returns the digest of the configuration; empty where there is none.
pub(super) fn configuration(cib: &Tree) -> String {
    let configuration = cib.root().child("configuration");
    configuration.map(|c| digest::replication(c, Dialect::Pcmk3)).unwrap_or_default()
}
