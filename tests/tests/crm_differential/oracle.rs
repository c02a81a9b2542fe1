//! The installed crm, asked in one process about many lines.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The installed crm, which says after each line whether it failed: a line `.RC 0` or `.RC 1`.
const TELLING: &str = "\
import sys
from crmsh import log
log.setup_logging()
from crmsh import main, ui_context
run = ui_context.Context.run
def telling(self, line):
    done = run(self, line)
    print('.RC', 0 if done else 1, flush=True)
    return done
ui_context.Context.run = telling
sys.exit(main.run())
";

/// Returns the interpreter that crm's own first line names.
fn interpreter() -> String {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let texts = std::env::split_paths(&folders)
        .filter_map(|folder| std::fs::read_to_string(folder.join("crm")).ok());
    let named = texts.filter_map(|text| Some(text.lines().next()?.strip_prefix("#!")?.to_owned()));
    named.into_iter().next().unwrap_or_else(|| "python3".to_owned())
}

/// What crm said to one line.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Answer {
    /// Its messages, `LEVEL: text`, without the line's number.
    pub(crate) messages: Vec<String>,
    /// Whether it stopped with a traceback.
    pub(crate) crashed: bool,
    /// Whether the line failed: it makes the exit code 1.
    pub(crate) failed: bool,
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
        let args = ["-c", TELLING, "-R", "-n", "configure"];
        let blocks = self.blocks_of(&interpreter(), &args, cib, &lines);
        judgement(&blocks, lines.len())
    }

    /// The same of the program under test. A line has failed where it says an error.
    pub(crate) fn own_judgement(&self, cib: &str, lines: &[String]) -> Judgement {
        let mut lines = lines.to_vec();
        lines.extend(["show xml".to_owned(), "show".to_owned()]);
        let mut own = judgement(&self.own_blocks(cib, &lines), lines.len());
        for answer in &mut own.answers {
            answer.failed = answer.messages.iter().any(|m| m.starts_with("ERROR"));
        }
        own
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

/// Reads what a program said to `count` lines, the last two of them `show xml` and `show`.
fn judgement(blocks: &[String], count: usize) -> Judgement {
    let (typed, shown) = blocks.split_at(blocks.len().min(count - 2));
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

/// Returns what a block says after its first line, without the programs that crm calls.
fn body(block: &str) -> String {
    let is_said = |line: &&str| !line.starts_with(".EXT") && !line.starts_with(".RC");
    let lines = block.lines().skip(1).filter(is_said);
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
    let failed = block.lines().any(|line| line == ".RC 1");
    let is_said = |line: &&str| !line.starts_with(".EXT") && !line.starts_with(".RC");
    for line in block.lines().skip(1).filter(is_said) {
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
    Answer { messages, crashed, failed }
}
