//! Runs a testcase of crmsh's regression suite the way the suite's own driver does.
//!
//! A testcase is a list of commands, each a process of its own (`crm -R -c SHADOW …`), and of
//! sessions, whose lines go to one process by its standard input. Everything happens in a shadow
//! CIB, which begins with a small sample; no cluster is needed.
//!
//! **Source:** crmsh `test/evaltest.sh`, `test/crm-interface`, `test/regression.sh`.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::binary::crm;

/// The shadow CIB that everything happens in.
const SHADOW: &str = "__crmsh_regtest";

/// Which crmsh's suite is run, and what the driver of that time does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Era {
    /// The folder's name: the release of crmsh.
    pub release: &'static str,
    /// `-o` options of `crm` that make it that release.
    pub options: &'static [&'static str],
    /// What the sample holds beside its resources.
    pub sample_tail: &'static str,
    /// What is defined after everything was erased, in `show` blocks.
    pub preamble: &'static str,
    /// The promotable clone of the sample.
    pub promotable: &'static str,
    /// The CIB that the sample goes into.
    pub empty: &'static str,
}

/// An empty CIB as SUSE's Pacemaker makes it.
const EMPTY_SUSE: &str = r#"<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="0" num_updates="0" admin_epoch="0"><configuration><crm_config/><nodes/><resources/><constraints/><rsc_defaults><meta_attributes id="build-resource-defaults"><nvpair id="build-resource-stickiness" name="resource-stickiness" value="1"/></meta_attributes></rsc_defaults></configuration><status/></cib>
"#;

/// An empty CIB of the days of crmsh 1.2.6.
const EMPTY_CLASSIC: &str = r#"<cib epoch="0" num_updates="0" admin_epoch="0" validate-with="pacemaker-1.2" crm_feature_set="3.0.7"><configuration><crm_config/><nodes/><resources/><constraints/></configuration><status/></cib>
"#;

/// The suites there are.
pub const ERAS: [Era; 3] = [
    Era {
        release: "5.1",
        options: &["core.release=5.1", "core.has_ra_advised_op=yes", "core.has_fa_advised_op=yes"],
        sample_tail: "op_defaults timeout=60s\n",
        preamble: "property fencing-enabled=false\n",
        promotable: "clone m1 p2 meta promotable=true\n",
        empty: EMPTY_SUSE,
    },
    Era {
        release: "4.4.1",
        options: &["core.release=4.4"],
        sample_tail: "op_defaults timeout=60s\n",
        preamble: "",
        promotable: "clone m1 p2 meta promotable=true\n",
        empty: EMPTY_SUSE,
    },
    Era {
        release: "1.2.6",
        options: &["core.style=classic"],
        sample_tail: "property default-action-timeout=60s\n",
        preamble: "",
        promotable: "ms m1 p2\n",
        empty: EMPTY_CLASSIC,
    },
];

/// One run of one testcase: a folder of its own, and what came out.
pub struct Driver {
    era: Era,
    dir: TempDir,
    shown_object: String,
}

impl Driver {
    /// Makes the folder with the sample CIB in it. `files` are put beside it.
    ///
    /// # Panics
    /// Where the file system refuses.
    pub fn new(era: Era, agents: &Path, files: &[(&str, &str)]) -> Driver {
        let dir = tempfile::tempdir().expect("a temporary folder");
        std::os::unix::fs::symlink(agents, dir.path().join("ocf")).expect("a link");
        for (name, text) in files {
            fs::write(dir.path().join(name), text).expect("a file");
        }
        let mut driver = Driver { era, dir, shown_object: String::new() };
        driver.prepare();
        driver
    }

    fn out_path(&self) -> PathBuf {
        self.dir.path().join("OUT")
    }

    /// Opens what the testcase's output goes to, for appending.
    fn out(&self) -> File {
        let opened = OpenOptions::new().create(true).append(true).open(self.out_path());
        opened.expect("the output file")
    }

    fn say(&self, text: &str) {
        self.out().write_all(text.as_bytes()).expect("the output file");
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(crm());
        command.current_dir(self.dir.path()).env_clear();
        command
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.dir.path())
            .env("TZ", "UTC")
            .env("OCF_ROOT", self.dir.path().join("ocf"))
            .env("CIB_shadow_dir", self.dir.path())
            .env("CRMSH_REGRESSION_TEST", "1");
        // no installed templates: the built-in ones
        command.args(["-o", "path.sharedir=/nonexistent"]);
        for option in self.era.options {
            command.args(["-o", option]);
        }
        command.args(words);
        command
    }

    /// Runs `crm` with this text on its standard input; both its streams go to `out`.
    fn run(&self, words: &[&str], input: &str, out: File, file: Option<&Path>) {
        let stdin = self.dir.path().join("STDIN");
        fs::write(&stdin, input).expect("a file");
        let mut command = self.command(words);
        if let Some(file) = file {
            command.env("CIB_file", file);
        }
        command.stdin(File::open(&stdin).expect("a file"));
        let err = out.try_clone().expect("a file");
        let status = command.stdout(out).stderr(err).status();
        assert!(status.is_ok(), "crm runs: {status:?}");
    }

    fn quietly(&self, words: &[&str], input: &str) {
        let log = OpenOptions::new().create(true).append(true).open(self.dir.path().join("SETUP"));
        self.run(words, input, log.expect("a file"), None);
    }

    /// The suite's set-up: options, an empty shadow CIB, the sample.
    fn prepare(&mut self) {
        self.quietly(&["options", "reset"], "");
        self.quietly(&["options", "check-frequency", "on-verify"], "");
        self.quietly(&["options", "check-mode", "relaxed"], "");
        // what crm_shadow makes on the distribution that the suite was recorded on
        fs::write(self.dir.path().join(format!("shadow.{SHADOW}")), self.era.empty)
            .expect("a file");
        let stonith = if self.era.preamble.is_empty() {
            "primitive st stonith:null params hostlist=node1\n"
        } else {
            ""
        };
        let sample = format!(
            "configure\nnode node1\n{}primitive p0 ocf:pacemaker:Dummy\n\
             primitive p1 ocf:pacemaker:Dummy\nprimitive p2 ocf:heartbeat:Delay \\\n\
             \tparams startdelay=2 mondelay=2 stopdelay=2\nprimitive p3 ocf:pacemaker:Dummy\n\
             {stonith}clone c1 p1\n{}{}commit\nup\n",
            self.era.preamble, self.era.promotable, self.era.sample_tail
        );
        self.quietly(&["-c", SHADOW], &sample);
    }

    /// Runs a testcase and returns what it printed.
    ///
    /// # Panics
    /// Where `crm` cannot be started.
    pub fn evaluate(&mut self, testcase: &str) -> String {
        let mut lines = shell_lines(testcase).into_iter();
        while let Some(line) = lines.next() {
            let (word, rest) = line.split_once([' ', '\t']).unwrap_or((&line, ""));
            match word {
                "" => {}
                "%stop" => break,
                w if w.starts_with('#') => {}
                w if w.starts_with('%') => self.special(&w[1..], rest),
                "show" | "showxml" | "session" | "filesession" => {
                    let block: Vec<String> = lines.by_ref().take_while(|l| l != ".").collect();
                    self.block(word, rest, &block.join("\n"));
                }
                _ => self.single(&line),
            }
        }
        fs::read_to_string(self.out_path()).unwrap_or_default()
    }

    fn special(&mut self, name: &str, rest: &str) {
        self.say(&format!(".{} {rest}\n", name.to_uppercase()));
        match name {
            "setenv" => {
                if let Some(object) = rest.strip_prefix("showobj=") {
                    object.clone_into(&mut self.shown_object);
                }
            }
            "ext" => {
                let mut command = Command::new("sh");
                command.args(["-c", rest]).current_dir(self.dir.path()).stdin(Stdio::null());
                let status = command.stdout(self.out()).stderr(self.out()).status();
                assert!(status.is_ok(), "{rest}: {status:?}");
            }
            _ => {}
        }
    }

    fn single(&self, line: &str) {
        self.say(&format!(".TRY {line}\n"));
        let mut words = vec!["-R", "-c", SHADOW];
        words.extend(line.split_whitespace());
        self.run(&words, "", self.out(), None);
        if !self.shown_object.is_empty() {
            let text = format!("configure\n_regtest on\nshow xml {}\n", self.shown_object);
            self.run(&["-R", "-c", SHADOW], &text, self.out(), None);
        }
    }

    fn block(&self, kind: &str, title: &str, text: &str) {
        if kind != "showxml" {
            self.say(&format!(".TRY {title}\n"));
        }
        let erased =
            format!("configure\n_regtest on\nerase\nerase nodes\n{}{text}\n", self.era.preamble);
        match kind {
            "show" => {
                let input = format!("{erased}show\ncommit\n");
                self.run(&["-R", "-c", SHADOW], &input, self.out(), None);
            }
            "showxml" => {
                let input = format!("{erased}show xml\ncommit\n");
                let all = self.dir.path().join("XML");
                let out = File::create(&all).expect("a file");
                self.run(&["-R", "-c", SHADOW], &input, out, None);
                let text = fs::read_to_string(&all).unwrap_or_default();
                let lines = text.lines().skip_while(|l| !l.starts_with("<?xml"));
                for line in lines {
                    self.say(&format!("{line}\n"));
                    if line.starts_with("</cib>") {
                        break;
                    }
                }
            }
            "filesession" => {
                let file = self.dir.path().join("FILE");
                if self.era.release == "5.1" {
                    self.quietly(&["-c", SHADOW], "configure\ndelete node1\n");
                }
                let name = file.display().to_string();
                let words = ["-R", "-c", SHADOW, "configure", "save", "xml", &name];
                self.run(&words, "", self.out(), None);
                self.run(&["-R"], &format!("{text}\n"), self.out(), Some(&file));
            }
            _ => self.run(&["-R", "-c", SHADOW], &format!("{text}\n"), self.out(), None),
        }
    }
}

/// Reads lines as a shell's `read` does: a backslash takes the special meaning of what follows, and
/// at the end of a line joins the next one.
fn shell_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('\n') | None => {}
                Some(escaped) => line.push(escaped),
            },
            '\n' => lines.push(std::mem::take(&mut line).trim_matches([' ', '\t']).to_owned()),
            c => line.push(c),
        }
    }
    if !line.is_empty() {
        lines.push(line.trim_matches([' ', '\t']).to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::shell_lines;

    #[test]
    fn lines_are_read_as_a_shell_reads_them() {
        let text = "a \\\n\tb\n  c \\\\[x  \n.\n";
        assert_eq!(shell_lines(text), ["a \tb", "c \\[x", "."]);
    }
}
