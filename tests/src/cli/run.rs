//! Running the commands of a suite: our tools by their names, and nothing else of Pacemaker.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::case::{Case, Group, Step, Variables, path as path_of};
use super::unique;
use crate::binary::crm;

/// The tools the suites call.
const TOOLS: [&str; 14] = [
    "cibadmin",
    "crm_attribute",
    "crm_diff",
    "crm_error",
    "crm_failcount",
    "crm_resource",
    "crm_rule",
    "crm_shadow",
    "crm_simulate",
    "crm_standby",
    "crm_ticket",
    "crm_verify",
    "crmadmin",
    "iso8601",
];
const SHADOW: &str = "cts-cli";

struct Desk {
    dir: TempDir,
    env: BTreeMap<String, String>,
    blocks: BTreeMap<String, ()>,
    /// How many CIBs there were.
    cibs: usize,
    found: Vec<(String, Vec<String>)>,
}

struct Said {
    code: i32,
    out: String,
    err: String,
}

/// Runs every command; returns the blocks by name, in order.
pub(super) fn suite(steps: &[Step], data: &Path) -> Vec<(String, Vec<String>)> {
    let mut desk = Desk::new(data);
    for step in steps {
        desk.step(step);
    }
    desk.found
}

impl Desk {
    fn new(data: &Path) -> Desk {
        let dir = tempfile::Builder::new().prefix("cts-cli.").tempdir().expect("a folder");
        let bin = dir.path().join("bin");
        std::fs::create_dir(&bin).expect("a folder");
        for tool in TOOLS {
            std::os::unix::fs::symlink(crm(), bin.join(tool)).expect("a link");
        }
        let data = std::fs::canonicalize(data).expect("the data's folder");
        let env = [
            ("PATH", format!("{}:/usr/bin:/bin", bin.display())),
            ("HOME", dir.path().display().to_string()),
            ("TMPDIR", dir.path().display().to_string()),
            ("LC_ALL", "C".to_owned()),
            ("TZ", "UTC".to_owned()),
            ("PCMK_stderr", "1".to_owned()),
            ("CTS_CLI_DATA", data.display().to_string()),
        ];
        let env = env.into_iter().map(|(n, v)| (n.to_owned(), v)).collect();
        Desk { dir, env, blocks: BTreeMap::new(), cibs: 0, found: Vec::new() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Group(group) => self.group(group),
            Step::Case(case) => self.case(case),
        }
    }

    fn group(&mut self, group: &Group) {
        let before = self.env.clone();
        self.cibs += 1;
        match group.cib.as_deref() {
            None => {}
            Some("shadow") => self.shadow(true),
            Some("shadow folder") => self.shadow(false),
            Some(file) => {
                let path = self.path(&format!("cts-cli.cib-{}.xml", self.cibs));
                let from = path_of(&self.expanded(file));
                std::fs::copy(from, &path).expect("the group's CIB");
                self.env.insert("CIB_file".to_owned(), path.display().to_string());
            }
        }
        self.set(&group.env);
        self.all(&group.setup);
        for step in &group.tests {
            self.step(step);
        }
        self.env = before;
    }

    fn set(&mut self, variables: &Variables) {
        for (name, value) in variables {
            match value {
                Some(value) => drop(self.env.insert(name.clone(), self.expanded(value))),
                None => drop(self.env.remove(name)),
            }
        }
    }

    /// Puts the folder of the reference's data into a path.
    fn expanded(&self, text: &str) -> String {
        text.replace("$CTS_CLI_DATA", self.env.get("CTS_CLI_DATA").map_or("", String::as_str))
    }

    /// Makes a folder for shadow CIBs, and in it one that is empty.
    fn shadow(&mut self, makes: bool) {
        let dir = self.path(&format!("shadow-{}", self.cibs));
        std::fs::create_dir(&dir).expect("a folder");
        if makes {
            // A digest tells which release made the CIB: it is that of the suite's.
            let text = self.sh("cibadmin --empty=pacemaker-4.0", None).out;
            let text = set_attr(&text, r#" crm_feature_set=""#, "3.20.5");
            std::fs::write(dir.join(format!("shadow.{SHADOW}")), text).expect("a file");
        }
        self.env.insert("CIB_shadow_dir".to_owned(), dir.display().to_string());
        self.env.insert("CIB_shadow".to_owned(), SHADOW.to_owned());
        if makes {
            self.without_defaults();
        }
    }

    /// Takes the resource defaults out of the shadow CIB and sets its versions to 0.1.0.
    fn without_defaults(&self) {
        self.sh("cibadmin --delete --xml-text '<rsc_defaults/>'", None);
        let var = |name: &str| self.env.get(name).cloned().unwrap_or_default();
        let path = Path::new(&var("CIB_shadow_dir")).join(format!("shadow.{}", var("CIB_shadow")));
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let versions =
            [(r#" admin_epoch=""#, "0"), (r#" epoch=""#, "1"), (r#" num_updates=""#, "0")];
        let text = versions.iter().fold(text, |text, (name, value)| set_attr(&text, name, value));
        std::fs::write(&path, text).expect("a file");
    }

    fn case(&mut self, case: &Case) {
        let before = self.env.clone();
        self.set(&case.env);
        self.all(&case.setup);
        let input = case.stdin_of.as_ref().map(|command| self.sh(command, None).out);
        let said = self.sh(&case.command, input.as_deref());
        let mut lines: Vec<String> =
            said.err.lines().chain(said.out.lines()).map(str::to_owned).collect();
        if case.update_cib {
            lines.push(format!("=#=#=#= Current cib after: {} =#=#=#=", case.test));
            lines.extend(self.current_cib().lines().map(str::to_owned));
        }
        lines.push(format!("exit code {}", said.code));
        let name = unique(&case.test, &self.blocks);
        self.blocks.insert(name.clone(), ());
        self.found.push((name, lines));
        self.env = before;
    }

    fn current_cib(&self) -> String {
        self.sh("CIB_user=root cibadmin -Q", None).out
    }

    fn all(&self, commands: &[String]) {
        for command in commands {
            match command.as_str() {
                "@delete_shadow_resource_defaults" => self.without_defaults(),
                command => drop(self.sh(command, None)),
            }
        }
    }

    fn sh(&self, command: &str, input: Option<&str>) -> Said {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", command]).current_dir(self.dir.path()).env_clear().envs(&self.env);
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = shell.spawn().expect("a shell");
        let mut pipe = child.stdin.take().expect("a pipe");
        let input = input.unwrap_or_default().to_owned();
        // A command that does not read its input closes the pipe: no failure of ours.
        let writer = std::thread::spawn(move || drop(pipe.write_all(input.as_bytes())));
        let output = child.wait_with_output().expect("a shell's end");
        drop(writer.join());
        Said {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Sets the first attribute that `start` (blank, name, `="`) begins.
fn set_attr(text: &str, start: &str, value: &str) -> String {
    let Some((before, rest)) = text.split_once(start) else { return text.to_owned() };
    let after = rest.split_once('"').map_or("", |(_, after)| after);
    format!("{before}{start}{value}\"{after}")
}
