//! Ratchets: files that say what passes today. A name in the file that fails is a failure; a name
//! that newly passes is reported, so that it can be added. The files only grow.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::prerequisite::workspace;

/// One ratchet file: a name a line, `#` begins a comment line.
#[derive(Debug)]
pub struct Ratchet {
    path: PathBuf,
    names: BTreeSet<String>,
}

/// What a run says of a ratchet.
#[derive(Debug, PartialEq, Eq)]
pub struct Verdict {
    /// In the file, and does not pass any more.
    pub lost: Vec<String>,
    /// Passes, and is not in the file yet.
    pub gained: Vec<String>,
}

impl Ratchet {
    /// Reads `tests/ratchets/NAME.txt`; a missing file is an empty ratchet.
    ///
    /// # Panics
    /// Where the file exists and cannot be read.
    pub fn open(name: &str) -> Self {
        let path = workspace().join("tests/ratchets").join(format!("{name}.txt"));
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(e) => panic!("{}: {e}", path.display()),
        };
        let lines = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
        Ratchet { path, names: lines.map(str::to_owned).collect() }
    }

    /// Returns true where `name` must pass.
    pub fn requires(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Returns how many names must pass.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Returns true where nothing must pass yet.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Compares what passes now with the file. With the environment's `RATCHET=write` the gained
    /// names are added to the file; nothing is ever removed by it.
    ///
    /// # Panics
    /// Where the file cannot be written.
    pub fn judge(&self, passing: &BTreeSet<String>) -> Verdict {
        let verdict = Verdict {
            lost: self.names.difference(passing).cloned().collect(),
            gained: passing.difference(&self.names).cloned().collect(),
        };
        if std::env::var_os("RATCHET").is_some_and(|v| v == "write") && !verdict.gained.is_empty() {
            let all: Vec<&str> = self.names.union(passing).map(String::as_str).collect();
            let written = std::fs::create_dir_all(self.path.parent().unwrap_or(&self.path))
                .and_then(|()| std::fs::write(&self.path, all.join("\n") + "\n"));
            assert!(written.is_ok(), "{}: {written:?}", self.path.display());
        }
        verdict
    }
}
