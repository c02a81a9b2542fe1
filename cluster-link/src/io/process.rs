//! One child process: its own process group, no input, its output read without ever hanging.
//!
//! An init script whose daemon inherits stdout keeps the pipe open for ever; so the end is the exit of
//! the child itself, and after it only what is already in the pipes is read.
//!
//! **Source:** pacemaker `lib/services/services_linux.c` `services__execute_file()`,
//! `action_launch_child()`, `async_action_complete()`.

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::executor::{Ending, KillScope, StartError};

/// How long to read on after the child's exit where another process holds its output open.
const DRAIN: Duration = Duration::from_millis(100);

/// How much of an output is kept, bytes: its end for agents that write without limit.
const KEPT_BYTES: usize = 1 << 20;

/// What to run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Program {
    /// The executable, as an absolute path.
    pub path: PathBuf,
    /// Arguments after the name.
    pub args: Vec<String>,
    /// Variables added to those of the daemon.
    pub env: Vec<(String, OsString)>,
    /// Working directory.
    pub dir: PathBuf,
}

/// What came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finished {
    /// How it ended.
    pub ending: Ending,
    /// Its standard output (the last MiB).
    pub stdout: String,
    /// Its standard error (the last MiB).
    pub stderr: String,
}

/// Sends SIGKILL to a running process for as long as it has not been waited for.
pub type KillSender = mpsc::UnboundedSender<KillScope>;

/// A process that has been started.
#[derive(Debug)]
pub struct Process {
    child: Child,
    pid: u32,
    kills: mpsc::UnboundedReceiver<KillScope>,
}

impl Program {
    /// Starts the program; returns the process and the means to kill it.
    ///
    /// Call it within a tokio runtime. Nothing kills the process when the [`Process`] is dropped:
    /// agents outlive the daemon.
    ///
    /// # Errors
    /// [`Ending::NotStarted`] with the path and the reason; nothing was run.
    pub fn start(&self) -> Result<(Process, KillSender), Ending> {
        let refuse = |error| Ending::NotStarted { what: self.path.display().to_string(), error };
        check_executable(&self.path).map_err(refuse)?;
        let mut command = Command::new(&self.path);
        command.args(&self.args).current_dir(&self.dir);
        for (name, value) in &self.env {
            if !name.is_empty() && !name.contains(['=', '\0']) {
                command.env(name, value);
            }
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.process_group(0).kill_on_drop(false);
        let child = command.spawn().map_err(|error| refuse(start_error(&error)))?;
        let pid = child.id().unwrap_or_default();
        let (sender, kills) = mpsc::unbounded_channel();
        Ok((Process { child, pid, kills }, sender))
    }

    /// Runs the program to its end, or kills its group after `limit`.
    ///
    /// # Errors
    /// [`Ending`] where it could not be started or did not end in time (as a signal).
    pub async fn output(&self, limit: Duration) -> Result<Finished, Ending> {
        let (process, kill) = self.start()?;
        let watchdog = async {
            tokio::time::sleep(limit).await;
            // The process may just have ended by itself; then nobody listens.
            let _ = kill.send(KillScope::Group);
            std::future::pending::<()>().await;
        };
        tokio::select! {
            finished = process.finish() => Ok(finished),
            () = watchdog => Err(Ending::Signalled(9)),
        }
    }
}

impl Process {
    /// Number of the process, which leads the group of the same number.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Waits for the end of the process.
    pub async fn finish(mut self) -> Finished {
        let mut stdout = Output::new(self.child.stdout.take());
        let mut stderr = Output::new(self.child.stderr.take());
        let mut status = None;
        let mut drained = Instant::now();
        while status.is_none() || stdout.is_open() || stderr.is_open() {
            tokio::select! {
                biased;
                () = stdout.read(), if stdout.is_open() => {}
                () = stderr.read(), if stderr.is_open() => {}
                ended = self.child.wait(), if status.is_none() => {
                    status = Some(ended);
                    drained = Instant::now() + DRAIN;
                }
                Some(scope) = self.kills.recv(), if status.is_none() => kill(self.pid, scope),
                () = tokio::time::sleep_until(drained), if status.is_some() => break,
            }
        }
        let ending = match status {
            Some(Ok(status)) => ending_of(status),
            Some(Err(error)) => Ending::NotStarted {
                what: format!("process {}", self.pid),
                error: StartError::Other(error.to_string()),
            },
            None => Ending::Signalled(0),
        };
        Finished { ending, stdout: stdout.into_text(), stderr: stderr.into_text() }
    }
}

/// One pipe, and the end of what came through it.
struct Output<R> {
    pipe: Option<R>,
    kept: Vec<u8>,
    chunk: Box<[u8]>,
}

impl<R: AsyncRead + Unpin> Output<R> {
    fn new(pipe: Option<R>) -> Self {
        Self { pipe, kept: Vec::new(), chunk: vec![0; 8192].into_boxed_slice() }
    }

    fn is_open(&self) -> bool {
        self.pipe.is_some()
    }

    async fn read(&mut self) {
        let Some(pipe) = &mut self.pipe else { return };
        match pipe.read(&mut self.chunk).await {
            Ok(0) | Err(_) => self.pipe = None,
            Ok(count) => {
                self.kept.extend_from_slice(self.chunk.get(..count).unwrap_or_default());
                if self.kept.len() > 2 * KEPT_BYTES {
                    self.kept.drain(..self.kept.len() - KEPT_BYTES);
                }
            }
        }
    }

    fn into_text(self) -> String {
        String::from_utf8_lossy(&self.kept).into_owned()
    }
}

fn ending_of(status: ExitStatus) -> Ending {
    match (status.code(), status.signal()) {
        (Some(code), _) => Ending::Exited(code),
        (None, signal) => Ending::Signalled(signal.unwrap_or_default()),
    }
}

fn kill(pid: u32, scope: KillScope) {
    let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return };
    // It may be gone already; its end is what we wait for either way.
    let _ = match scope {
        KillScope::Group => rustix::process::kill_process_group(pid, Signal::KILL),
        KillScope::Process => rustix::process::kill_process(pid, Signal::KILL),
    };
}

/// Finds the common mistakes before the fork, so that the reason names the file.
fn check_executable(path: &Path) -> Result<(), StartError> {
    let metadata = std::fs::metadata(path).map_err(|error| start_error(&error))?;
    if metadata.is_dir() {
        return Err(StartError::NotInstalled("Is a directory".to_owned()));
    }
    Ok(())
}

/// Sorts an operating system error as Pacemaker's executor does.
///
/// **Source:** `services__handle_exec_error()`.
pub(super) fn start_error(error: &std::io::Error) -> StartError {
    use rustix::io::Errno;
    let text = error_text(error);
    match error.raw_os_error().map(Errno::from_raw_os_error) {
        Some(Errno::NOENT | Errno::ISDIR | Errno::NOTDIR | Errno::INVAL | Errno::NOEXEC) => {
            StartError::NotInstalled(text)
        }
        Some(Errno::ACCESS | Errno::PERM) => StartError::Permission(text),
        _ => StartError::Other(text),
    }
}

/// The text of `strerror`, without the number that Rust adds.
fn error_text(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}
