//! Into the background: the daemon is started again without a terminal.

use std::ffi::OsString;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::net::sockopt::socket_peercred;

use super::DaemonError;
use super::options::Options;

/// How often the starting daemon is looked at.
const PACE: Duration = Duration::from_millis(10);

/// Starts the daemon with these arguments and waits until it, and no other, serves its socket.
///
/// # Errors
/// [`DaemonError::Child`] where it ends instead, with its words and exit code.
pub(super) fn detach(options: &Options, args: &[OsString]) -> Result<(), DaemonError> {
    let system = |what| move |source| DaemonError::System { what, source };
    let program = std::env::current_exe().map_err(system("find this program"))?;
    let mut command = Command::new(program);
    command.arg0("cluster-linkd").args(args);
    command.arg("--foreground").stdin(Stdio::null()).stdout(Stdio::null()).process_group(0);
    let errors = options.state_dir.join("cluster-linkd.err");
    std::fs::create_dir_all(&options.state_dir).map_err(system("create the state directory"))?;
    // Appended to: another daemon of this node may be writing there.
    let file = std::fs::File::options().create(true).append(true).open(&errors);
    let file = file.map_err(system("write cluster-linkd.err"))?;
    let before = file.metadata().map_err(system("read cluster-linkd.err"))?.len();
    let mut child = command.stderr(file).spawn().map_err(system("start the daemon"))?;
    loop {
        if serves(&child, options) {
            return Ok(());
        }
        if let Some(status) = child.try_wait().map_err(system("watch the daemon"))? {
            let text = std::fs::read(&errors).unwrap_or_default();
            let new = text.get(usize::try_from(before).unwrap_or(0)..).unwrap_or_default();
            let said = String::from_utf8_lossy(new).trim().to_owned();
            let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
            return Err(DaemonError::Child { said, code: code.max(1) });
        }
        std::thread::park_timeout(PACE);
    }
}

/// Another daemon may serve the socket: only the child's answer counts.
fn serves(child: &Child, options: &Options) -> bool {
    let Ok(stream) = UnixStream::connect(&options.socket) else { return false };
    let server = socket_peercred(&stream);
    server.is_ok_and(|server| u32::try_from(server.pid.as_raw_nonzero().get()) == Ok(child.id()))
}
