//! corosync.conf: read, checked, written; and what a cluster's engine needs of it.
//!
//! Value in, value out: reading the file is `io`'s.
//!
//! Reading order: `corosync_conf` (lines and sections), `directive` (what corosync knows), `cluster`
//! (nodes, timing, quorum).

mod cluster;
mod corosync_conf;
mod directive;

#[cfg(test)]
mod tests;

pub use cluster::{
    Address, ClusterConfig, Crypto, Node, QuorumDevice, QuorumOptions, Timing, Transport,
};
pub use corosync_conf::{Document, Item, ParseError, ParseErrorKind, Section, Setting};

/// Why a configuration cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read as corosync.conf.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// It can be read, but says something impossible.
    #[error("{file}:{line}: {text}")]
    Invalid {
        /// File name as given.
        file: String,
        /// Line, from 1; 0 where something is missing from the whole file.
        line: usize,
        /// What is wrong.
        text: String,
    },
}

/// What is worth knowing about a configuration that can be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfigWarning {
    /// Line, from 1.
    pub line: usize,
    /// What kind of thing it is.
    pub kind: WarningKind,
    /// The sentence for the administrator.
    pub text: String,
}

/// Kinds of warnings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WarningKind {
    /// corosync does not know it, and ignores it: probably a slip of the pen.
    Unknown,
    /// An earlier corosync knew it; today's ignores it or has something better.
    Obsolete,
    /// Legal, but hardly meant.
    Suspicious,
}
