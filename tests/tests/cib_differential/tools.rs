//! Running a tool of ours and the same tool of Pacemaker on files of one folder.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use cib_model::Cib;
use cib_model::xml::{Dialect, Layout, read, write};
use conformance::binary::crm;
use tempfile::TempDir;

/// Whose tool is run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Whose {
    Ours,
    Theirs,
}

/// What a tool said and how it ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A folder that both tools work in.
pub(crate) struct Bench(TempDir);

impl Bench {
    pub(crate) fn new() -> Self {
        Bench(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    /// Writes a CIB as the installed Pacemaker writes it.
    pub(crate) fn write_cib(&self, name: &str, cib: &Cib) -> PathBuf {
        self.write(name, &cib.write(Layout::Pretty, Dialect::Pcmk2))
    }

    /// Runs our tool and theirs with the same CIB file.
    pub(crate) fn both(&self, tool: &str, words: &[&str], cib: &str) -> [Answer; 2] {
        [Whose::Ours, Whose::Theirs].map(|whose| self.run(whose, tool, words, cib))
    }

    /// Runs our tool and theirs, each with a copy of the CIB; returns with each answer what it left
    /// there, without dates.
    pub(crate) fn both_change(
        &self,
        tool: &str,
        words: &[&str],
        cib: &Cib,
    ) -> [(Answer, String); 2] {
        [Whose::Ours, Whose::Theirs].map(|whose| {
            let name = format!("{whose:?}");
            let path = self.write_cib(&name, cib);
            let answer = self.run(whose, tool, words, &name);
            (answer, undated(&std::fs::read_to_string(path).unwrap()))
        })
    }

    /// Runs a tool with a CIB file.
    pub(crate) fn run(&self, whose: Whose, tool: &str, words: &[&str], cib: &str) -> Answer {
        let mut command = match whose {
            Whose::Ours => Command::new(crm()),
            Whose::Theirs => Command::new(tool),
        };
        if whose == Whose::Ours {
            command.args(["tool", tool]);
        }
        command.args(words).current_dir(self.0.path()).stdin(Stdio::null());
        let output = command.env("CIB_file", self.path(cib)).env("TZ", "UTC").output().unwrap();
        Answer {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Writes XML as the installed Pacemaker does: ours escapes as Pacemaker 3.
pub(crate) fn as_theirs(xml: &str) -> String {
    read(xml).map_or_else(|_| xml.to_owned(), |tree| write(&tree, Layout::Pretty, Dialect::Pcmk2))
}

/// A CIB without what tells when and by whom it was written.
pub(crate) fn undated(xml: &str) -> String {
    let Ok(mut tree) = read(xml) else { return xml.to_owned() };
    let root = tree.root_id();
    for name in ["cib-last-written", "update-origin", "update-client", "update-user"] {
        tree.remove_attr(root, name);
    }
    write(&tree, Layout::Pretty, Dialect::Pcmk2)
}

/// A CIB without its version, and with its own attributes in the order of their names.
pub(crate) fn unversioned(xml: &str) -> String {
    let Ok(mut tree) = read(xml) else { return xml.to_owned() };
    let root = tree.root_id();
    let mut attrs: Vec<(String, String)> =
        tree.root().attrs().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    attrs.sort();
    for (name, value) in attrs {
        tree.remove_attr(root, &name);
        if !matches!(&*name, "admin_epoch" | "epoch" | "num_updates") {
            tree.set_attr(root, name, value);
        }
    }
    write(&tree, Layout::Pretty, Dialect::Pcmk2)
}
