//! Entering and leaving levels.
//!
//! **Source:** crmsh `ui_context.py`, `enter_level()`, `up()`, `quit()`.

use super::Shell;
use crate::exit::{Exit, Failure, Outcome};
use crate::registry::{self, Child, Leaving, Level};

impl Shell {
    /// Remembers the place to come back to after the line.
    pub(super) fn mark(&mut self) {
        self.mark = self.stack.len();
        self.in_transit = false;
    }

    /// Makes the present place the one to come back to.
    pub fn stay_here(&mut self) {
        self.mark = self.stack.len();
    }

    /// Returns how many levels below the root the line began.
    pub(super) fn depth_at_mark(&self) -> usize {
        self.mark.saturating_sub(1)
    }

    /// Returns true while a line passes through levels on its way to a command.
    pub fn in_transit(&self) -> bool {
        self.in_transit
    }

    /// Enters a level. `idle` is set where the command that follows needs no cluster (help, ls).
    ///
    /// # Errors
    /// The level's requirement is not met; the user stays where he was.
    pub fn enter(&mut self, level: &'static Level, more: bool, idle: bool) -> Outcome {
        if !self.settings.interactive && !more && !self.settings.batch {
            self.settings.interactive = self.can_ask();
        }
        self.in_transit = true;
        if let (Some(enter), false) = (level.enter, idle) {
            enter(self)?;
        }
        self.stack.push(level);
        Ok(())
    }

    /// Leaves the present level for the one above; at the root nothing happens.
    pub fn up(&mut self, how: Leaving) -> Outcome {
        if self.at_root() {
            return Ok(());
        }
        let outcome = self.level().leave.map_or(Ok(()), |leave| leave(self, how));
        if outcome != Err(Failure::Cancelled) {
            self.stack.pop();
        }
        outcome
    }

    /// Goes back up to `depth` levels below the root.
    pub(super) fn back_out(&mut self, depth: usize) -> bool {
        let mut ok = true;
        while self.path().len() > depth {
            let how = if self.in_transit { Leaving::Transit } else { Leaving::Asked };
            match self.up(how) {
                Ok(()) => {}
                Err(Failure::Cancelled) => break,
                Err(Failure::Told) => ok = false,
                Err(Failure::Refused(text) | Failure::Plain(text)) => {
                    self.console.error(text);
                    ok = false;
                }
            }
        }
        ok
    }

    /// Leaves the shell: the present level first, then `bye` for a person.
    pub fn quit(&mut self, mut exit: Exit) -> Outcome {
        let outcome = self.level().leave.map_or(Ok(()), |leave| leave(self, Leaving::Asked));
        match outcome {
            Ok(()) => {}
            Err(Failure::Cancelled) => return Err(Failure::Cancelled),
            Err(failure) => {
                if let Failure::Refused(text) | Failure::Plain(text) = failure {
                    self.console.error(text);
                }
                exit = if exit == Exit::OK { Exit::FAILED } else { exit };
            }
        }
        if self.settings.interactive && !self.settings.batch {
            self.console.line("bye");
        }
        self.leaving = Some(exit);
        Ok(())
    }

    /// Walks a path such as `../configure/ra`.
    pub fn change_place(&mut self, path: &str) -> Outcome {
        for step in path.split('/') {
            match step {
                "" | "." => {}
                ".." => self.up(Leaving::Asked)?,
                name => {
                    let Some(Child::Level(level)) = registry::find(self.level(), name) else {
                        let here = self.level().name;
                        return Err(Failure::Refused(format!("{name} not found in {here}")));
                    };
                    self.enter(level, true, false)?;
                }
            }
        }
        self.in_transit = false;
        self.stay_here();
        Ok(())
    }
}
