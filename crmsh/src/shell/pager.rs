//! Long text goes through a pager where a person reads it.

use std::io::{IsTerminal, Write};
use std::process::{Command, Stdio};

use super::Shell;

/// Prints text, through the pager where it is longer than the window of a person's terminal.
pub fn page(shell: &mut Shell, text: &str) {
    if !shell.settings.interactive || shell.settings.batch || !fits_not(text) {
        shell.console.print(text);
        return;
    }
    shell.console.flush();
    if through_pager(&program(shell), text).is_err() {
        shell.console.print(text);
    }
}

/// Tells whether stdout is a terminal with fewer lines than `text`.
fn fits_not(text: &str) -> bool {
    let out = std::io::stdout();
    out.is_terminal()
        && rustix::termios::tcgetwinsize(&out)
            .is_ok_and(|size| text.lines().count() >= usize::from(size.ws_row))
}

fn program(shell: &Shell) -> String {
    let set = shell.config.get("core.pager");
    if !set.is_empty() {
        return set.to_owned();
    }
    std::env::var("CRM_PAGER")
        .or_else(|_| std::env::var("PAGER"))
        .ok()
        .filter(|p| !p.trim().is_empty())
        .unwrap_or_else(|| "less -FRSX".to_owned())
}

fn through_pager(program: &str, text: &str) -> std::io::Result<()> {
    let mut child = Command::new("sh").arg("-c").arg(program).stdin(Stdio::piped()).spawn()?;
    if let Some(mut pipe) = child.stdin.take() {
        // A reader that leaves early has seen enough.
        let _left_early = pipe.write_all(text.as_bytes());
    }
    child.wait().map(|_| ())
}
