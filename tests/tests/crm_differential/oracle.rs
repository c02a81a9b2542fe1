//! The installed crm, asked in one process about many lines.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What crm said to one line.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Answer {
    /// Its messages, `LEVEL: text`, without the line's number.
    pub(crate) messages: Vec<String>,
    /// Whether it stopped with a traceback.
    pub(crate) crashed: bool,
}

/// What crm made of a text.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Judgement {
    /// One answer a line, up to the one at which it stopped.
    pub(crate) answers: Vec<Answer>,
    /// `configure show xml`, the `<cib>` of it.
    pub(crate) xml: String,
    /// `configure show`.
    pub(crate) listing: String,
}

/// A folder of its own for an installed crm.
pub(crate) struct Oracle {
    folder: tempfile::TempDir,
}

impl Oracle {
    /// Makes the folder.
    pub(crate) fn new() -> Self {
        Oracle { folder: tempfile::tempdir().unwrap() }
    }

    /// Returns the path of a file in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns the folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns crm, or another program of the cluster, ready to run on `cib.xml`.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.folder.path())
            .env("CIB_file", self.path("cib.xml"))
            .env("CIB_shadow_dir", self.folder.path())
            .env("HOME", self.folder.path())
            .env("PYTHONUNBUFFERED", "1")
            .env_remove("CIB_shadow")
            .env("TERM", "dumb");
        command
    }

    /// Runs a program on `cib.xml` and returns what it prints on both streams.
    fn run(&self, program: &str, args: &[&str], input: &str) -> String {
        std::fs::write(self.path("input"), input).unwrap();
        let out = std::fs::File::create(self.path("output")).unwrap();
        let mut child = self
            .command(program)
            .args(args)
            .stdin(Stdio::from(std::fs::File::open(self.path("input")).unwrap()))
            .stdout(Stdio::from(out.try_clone().unwrap()))
            .stderr(Stdio::from(out))
            .spawn()
            .unwrap();
        child.wait().unwrap();
        String::from_utf8_lossy(&std::fs::read(self.path("output")).unwrap()).into_owned()
    }

    /// Types lines at crm's configure level, on a CIB, and shows what has become of it. Nothing
    /// is committed, so that no schema refuses it.
    pub(crate) fn judge(&self, cib: &str, lines: &[String]) -> Judgement {
        let mut lines = lines.to_vec();
        lines.extend(["show xml".to_owned(), "show".to_owned()]);
        let blocks = self.blocks(cib, &lines);
        let (typed, shown) = blocks.split_at(blocks.len().min(lines.len() - 2));
        let mut answers: Vec<Answer> = typed.iter().map(|block| answer(block)).collect();
        // a traceback that does not end crm is one that it expected
        for (number, answer) in answers.iter_mut().enumerate() {
            answer.crashed &= number + 1 == blocks.len();
        }
        Judgement {
            answers,
            xml: shown.first().map(|block| xml_of(block)).unwrap_or_default(),
            listing: shown.get(1).map(|block| listing_of(block)).unwrap_or_default(),
        }
    }

    /// Types lines at crm's configure level, on a CIB, without committing. Returns what crm says
    /// to each, up to the line at which it stops.
    pub(crate) fn blocks(&self, cib: &str, lines: &[String]) -> Vec<String> {
        self.blocks_of("crm", &["-R", "-n", "configure"], cib, lines)
    }

    /// The same of the program under test, whatever the age of the CIB.
    pub(crate) fn own_blocks(&self, cib: &str, lines: &[String]) -> Vec<String> {
        let program = conformance::binary::crm();
        let args = ["-R", "-n", "--style=modern", "configure"];
        self.blocks_of(&program.to_string_lossy(), &args, cib, lines)
    }

    fn blocks_of(&self, program: &str, args: &[&str], cib: &str, lines: &[String]) -> Vec<String> {
        std::fs::write(self.path("cib.xml"), cib).unwrap();
        let said = self.run(program, args, &format!("{}\n", lines.join("\n")));
        let said: String = said
            .lines()
            .filter(|line| !line.starts_with(".EXT"))
            .flat_map(|line| [line, "\n"])
            .collect();
        said.split(".INP: ").skip(1).map(str::to_owned).collect()
    }
}

/// Returns what a block says after its first line, without the programs that crm calls.
fn body(block: &str) -> String {
    let lines = block.lines().skip(1).filter(|l| !l.starts_with(".EXT"));
    lines.flat_map(|l| [l, "\n"]).collect()
}

/// Returns the `<cib>` of `show xml`.
pub(crate) fn xml_of(block: &str) -> String {
    let text = body(block);
    text.find("<cib").map_or(String::new(), |at| text[at..].to_owned())
}

/// Returns the listing of `show`, without messages.
pub(crate) fn listing_of(block: &str) -> String {
    let text = body(block);
    let lines = text.lines().filter(|l| level(l).is_none());
    lines.flat_map(|l| [l, "\n"]).collect()
}

fn level(line: &str) -> Option<&str> {
    let at = line.find(": ")?;
    matches!(&line[..at], "ERROR" | "WARNING" | "INFO").then(|| &line[..at])
}

fn answer(block: &str) -> Answer {
    let (mut messages, mut crashed): (Vec<String>, bool) = (Vec::new(), false);
    for line in block.lines().skip(1).filter(|l| !l.starts_with(".EXT")) {
        crashed |= line.starts_with("Traceback");
        match level(line) {
            None if crashed => {}
            Some(level) => {
                let text = &line[level.len() + 2..];
                let number = text
                    .find(": ")
                    .filter(|at| *at > 0 && text[..*at].bytes().all(|b| b.is_ascii_digit()));
                let text = number.map_or(text, |at| &text[at + 2..]);
                // where an exception ends a command, crm names the command
                let said = text.strip_prefix("configure.").and_then(|t| t.split_once(": "));
                let text = match said {
                    Some((command, said)) if command != "load" => said,
                    _ => text,
                };
                messages.push(format!("{level}: {text}"));
            }
            None => {
                if let Some(last) = messages.last_mut() {
                    last.push('\n');
                    last.push_str(line);
                }
            }
        }
    }
    Answer { messages, crashed }
}
