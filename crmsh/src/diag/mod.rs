//! Diagnostics as text: the place in the source, or JSON.

pub mod full;
pub mod json;

/// The text that diagnostics speak about.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Its name: a file's, or `command`.
    pub name: &'a str,
    /// The text.
    pub text: &'a str,
}

/// Name of the source of what an editor or a program made of a listing.
pub(crate) const LISTING: &str = "listing";

/// Name of the source of what was typed as a command.
pub(crate) const COMMAND: &str = "command";
