//! The `crm` binary under test, and one way to run it: no cluster, no user's files, no colours.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::binary::crm;

/// A folder with one CIB file, and nothing else of the machine.
#[derive(Debug)]
pub struct Desk {
    dir: TempDir,
}

/// What a run of `crm` left.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Said {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Desk {
    /// Makes a folder with this CIB in `cib.xml`.
    ///
    /// # Panics
    /// Where the file system refuses.
    pub fn new(cib: &str) -> Desk {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let desk = Desk { dir };
        desk.write("cib.xml", cib);
        desk
    }

    /// Returns the path of a file on the desk.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file.
    ///
    /// # Panics
    /// Where the file system refuses.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("a file");
    }

    /// Reads a file.
    ///
    /// # Panics
    /// Where it is missing.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("a file")
    }

    /// Returns `crm` with these words, ready to run.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(crm());
        command.args(words).current_dir(self.dir.path()).env_clear();
        command
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.dir.path())
            .env("TZ", "UTC")
            .env("OCF_ROOT", self.path("ocf"))
            .env("CIB_file", self.path("cib.xml"))
            .env("CIB_shadow_dir", self.dir.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs `crm` with these words.
    ///
    /// # Panics
    /// Where it cannot be started.
    pub fn crm(&self, words: &[&str]) -> Said {
        Said::of(&self.command(words).output().expect("crm runs"))
    }

    /// Runs `crm` with these words and this text on its standard input.
    ///
    /// # Panics
    /// Where it cannot be started.
    pub fn crm_reading(&self, words: &[&str], text: &str) -> Said {
        self.write("stdin", text);
        let input = std::fs::File::open(self.path("stdin")).expect("a file");
        Said::of(&self.command(words).stdin(input).output().expect("crm runs"))
    }

    /// Returns what `configure show` prints.
    ///
    /// # Panics
    /// Where it fails.
    pub fn shown(&self) -> String {
        let said = self.crm(&["configure", "show"]);
        assert_eq!((said.code, said.err.as_str()), (0, ""));
        said.out
    }
}

impl Said {
    fn of(output: &Output) -> Said {
        Said {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// A small cluster of two nodes: a primitive, a group, a promotable clone.
pub const SMALL: &str = r#"<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="5" num_updates="3" admin_epoch="0"><configuration><crm_config/><nodes><node id="1" uname="n1"/><node id="2" uname="n2"/></nodes><resources><primitive id="p" class="systemd" type="none"/><group id="g"><primitive id="a" class="systemd" type="none"/><primitive id="b" class="systemd" type="none"/></group><clone id="c"><meta_attributes id="c-meta_attributes"><nvpair id="c-meta_attributes-promotable" name="promotable" value="true"/></meta_attributes><primitive id="s" class="ocf" provider="pacemaker" type="Stateful"/></clone></resources><constraints/></configuration><status/></cib>"#;
