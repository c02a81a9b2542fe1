//! From pending changes to the place they came from: check, decide, write.
//!
//! **Source:** crmsh `ui_configure.py`, `_commit()`; `cibconfig.py`, `_patch_cib()`.
//! **Differs:** a resource agent that is not installed here is a warning: the configuration may be
//! for other nodes, and a change that was typed is never thrown away for it.

use super::confirm::{Answer, Choice};
use super::{Shell, Verdict};
use crate::backend::Method;
use crate::exit::{Failure, Outcome};
use crate::registry::Leaving;
use crate::session::told;

impl Shell {
    /// Checks and writes the pending changes of the `configure` level.
    ///
    /// # Errors
    /// The change was refused or the user said no; it stays pending.
    pub fn commit(&mut self, method: Method, force: bool) -> Outcome {
        if !self.session.has_changes() {
            self.console.info("apparently there is nothing to commit");
            self.console.info("try changing something first");
            return Ok(());
        }
        let force = match self.verify_changes()? {
            Verdict::Clean => false,
            Verdict::Errors if force || self.settings.force => {
                self.console.info("commit forced");
                true
            }
            Verdict::Errors if self.confirm("Do you still want to commit?") => true,
            Verdict::Errors | Verdict::Fatal => return Err(Failure::Told),
        };
        self.write_changes(method, force)
    }

    /// Writes the pending changes without checking them.
    pub(crate) fn write_changes(&mut self, method: Method, force: bool) -> Outcome {
        let written = self.session.write(method, force || self.settings.force);
        written.map_err(|error| Failure::plain(error.to_string()))?;
        self.warn_of_alarms();
        Ok(())
    }

    /// Says what a change that was taken may meet: a disk that does not keep it, for one.
    fn warn_of_alarms(&mut self) {
        let alarms = self.session.backend().alarms();
        for alarm in alarms {
            self.console.warning(alarm);
        }
    }

    /// What happens to pending changes when `configure` is left.
    pub(crate) fn leave_configure(&mut self, how: Leaving) -> Outcome {
        let mut outcome = Ok(());
        if self.session.has_changes() {
            if how == Leaving::Transit || !self.settings.interactive {
                outcome = self.commit(Method::Patch, false);
            } else {
                self.console.line("There are changes pending:");
                let diff = self.pending_diff();
                self.console.print(&diff);
                let question = "Do you want to commit them, or cancel the operation?";
                match self.ask(question, Choice::YesNoCancel) {
                    Answer::Yes => outcome = self.commit(Method::Patch, false),
                    Answer::No => {}
                    Answer::Cancel => return Err(Failure::Cancelled),
                }
                // A commit that was refused is not a reason to lose what was typed.
                if let Err(Failure::Told | Failure::Plain(_)) = &outcome
                    && self.session.has_changes()
                {
                    if let Err(Failure::Plain(text)) = &outcome {
                        self.console.error(text);
                    }
                    return Err(Failure::Cancelled);
                }
            }
        }
        self.session.forget();
        outcome
    }

    /// Changes the CIB in one go, outside the `configure` level: read, change, write. Where changes
    /// are pending in `configure`, the change joins them.
    pub(crate) fn change_now<T>(
        &mut self,
        change: impl FnOnce(&mut cib_model::Cib) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let pending = self.session.has_changes();
        if !pending {
            self.session.forget();
        }
        let done = self.session.edit(change).map_err(told)??;
        if pending {
            self.console.info("Currently editing the CIB, changes will not be committed");
            return Ok(done);
        }
        match self.session.write(Method::Patch, self.settings.force) {
            Ok(()) => {
                self.warn_of_alarms();
                Ok(done)
            }
            Err(error) => {
                self.session.forget();
                Err(told(error))
            }
        }
    }
}
