//! Running the commands of a suite: our tools by their names, and nothing else of Pacemaker.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::case::{Case, Env, Group, Step};
use super::unique;
use crate::binary::crm;

/// The tools the suites call.
const TOOLS: [&str; 19] = [
    "cibadmin",
    "crm_attribute",
    "crm_diff",
    "crm_error",
    "crm_failcount",
    "crm_mon",
    "crm_resource",
    "crm_rule",
    "crm_shadow",
    "crm_simulate",
    "crm_standby",
    "crm_ticket",
    "crm_verify",
    "crmadmin",
    "iso8601",
    "pacemaker-based",
    "pacemaker-controld",
    "pacemaker-fenced",
    "pacemaker-schedulerd",
];
const SHADOW: &str = "cts-cli";

struct Desk {
    dir: TempDir,
    env: BTreeMap<String, String>,
    blocks: BTreeMap<String, ()>,
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
            ("PCMK_trace_functions", String::new()),
            ("CTS_CLI_DATA", data.display().to_string()),
        ];
        let env = env.into_iter().map(|(n, v)| (n.to_owned(), v)).collect();
        Desk { dir, env, blocks: BTreeMap::new(), found: Vec::new() }
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
        if let Some(shadow) = &group.shadow {
            self.shadow(shadow, group.validate_with.as_deref());
        }
        self.set(&group.env);
        let data = self.env.get("CTS_CLI_DATA").cloned().unwrap_or_default();
        let cib = match (&group.cib_file, &group.cib_text) {
            (Some(file), _) => {
                let file = file.replace("$CTS_CLI_DATA", &data);
                Some(std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{file}: {e}")))
            }
            (None, text) => text.clone(),
        };
        if let Some(text) = cib {
            let path = self.path("cts-cli.cib.xml");
            std::fs::write(&path, text).expect("a file");
            self.env.insert("CIB_file".to_owned(), path.display().to_string());
        }
        self.all(&group.setup);
        for step in &group.tests {
            self.step(step);
        }
        self.all(&group.teardown);
        self.env = before;
    }

    /// Makes a shadow CIB as `crm_shadow` does, without it.
    fn shadow(&mut self, kind: &str, schema: Option<&str>) {
        let dir = tempfile::Builder::new().prefix("cts-cli.shadow.").tempdir_in(self.dir.path());
        let dir = dir.expect("a folder").keep();
        let text = match kind {
            "empty" => {
                let empty = self.sh("cibadmin --empty", None).out;
                Some(match schema {
                    Some(schema) => with_schema(&empty, schema),
                    None => empty,
                })
            }
            "copy" => Some(self.sh("cibadmin -Q", None).out),
            _ => None,
        };
        self.env.insert("CIB_shadow_dir".to_owned(), dir.display().to_string());
        self.env.insert("CIB_shadow".to_owned(), SHADOW.to_owned());
        if let Some(text) = text {
            std::fs::write(dir.join(format!("shadow.{SHADOW}")), text).expect("a file");
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
        let mut lines = Vec::new();
        let input = if case.replaces { Some(self.changed(case, &mut lines)) } else { None };
        if !case.replaces {
            self.all(&case.setup);
        }
        let data = self.env.get("CTS_CLI_DATA").cloned().unwrap_or_default();
        let input = input.or_else(|| case.stdin.clone()).or_else(|| {
            let file = case.stdin_file.as_ref()?.replace("$CTS_CLI_DATA", &data);
            Some(std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{file}: {e}")))
        });
        let input =
            input.or_else(|| case.stdin_of.as_ref().map(|command| self.sh(command, None).out));
        let said = self.sh(&case.command, input.as_deref());
        lines.extend(said.err.lines().chain(said.out.lines()).map(str::to_owned));
        if !case.replaces {
            self.all(&case.teardown);
        }
        self.env = before;
        if case.update_cib {
            lines.push(format!("=#=#=#= Current cib after: {} =#=#=#=", case.test));
            lines.extend(self.current_cib().lines().map(str::to_owned));
        }
        lines.push(format!("exit code {}", said.code));
        let name = unique(&case.test, &self.blocks);
        self.blocks.insert(name.clone(), ());
        self.found.push((name, lines));
    }

    /// Returns a copy of the CIB, changed by the case's setup, whose lines are printed first.
    fn changed(&mut self, case: &Case, lines: &mut Vec<String>) -> String {
        let before = self.env.clone();
        let path = self.path("cts-cli.changed.xml");
        std::fs::write(&path, self.current_cib()).expect("a file");
        self.env.insert("CIB_user".to_owned(), "root".to_owned());
        self.env.insert("CIB_file".to_owned(), path.display().to_string());
        self.env.remove("CIB_shadow");
        self.all(&case.setup);
        lines.extend(self.current_cib().lines().map(str::to_owned));
        self.env = before;
        std::fs::read_to_string(&path).expect("a file")
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

    fn set(&mut self, env: &Env) {
        for (name, value) in env {
            match value {
                Some(value) => drop(self.env.insert(name.clone(), value.clone())),
                None => drop(self.env.remove(name)),
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

fn with_schema(text: &str, schema: &str) -> String {
    set_attr(text, r#" validate-with=""#, schema)
}

/// Sets the first attribute that `start` (blank, name, `="`) begins.
fn set_attr(text: &str, start: &str, value: &str) -> String {
    let Some((before, rest)) = text.split_once(start) else { return text.to_owned() };
    let after = rest.split_once('"').map_or("", |(_, after)| after);
    format!("{before}{start}{value}\"{after}")
}
