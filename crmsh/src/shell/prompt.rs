//! The prompt: `crm(live/HOST)configure# `.
//!
//! **Source:** crmsh `main.py`, `render_prompt()`.

use super::Shell;

/// What stands at the start of a continued line.
pub const CONTINUATION: &str = "   > ";

impl Shell {
    /// Returns the prompt for the present place, without colour.
    pub fn prompt(&mut self) -> String {
        let cib = self.session.cib_name();
        let place: Vec<&str> = self.path().iter().map(|l| l.name).collect();
        format!("crm({cib}/{}){}# ", host_name(), place.join(" "))
    }

    /// Returns the prompt as a terminal that knows colours shows it: bold green.
    pub fn styled_prompt(&mut self) -> String {
        if self.config.colours() {
            format!("\x1b[1;32m{}\x1b[0m", self.prompt())
        } else {
            self.prompt()
        }
    }
}

/// Returns this machine's name as the cluster knows it.
pub fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}
