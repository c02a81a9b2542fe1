//! One line: walk its words through the levels, run the command, go back.
//!
//! A line that ends in a command leaves every level it entered on the way, so that
//! `crm configure primitive …` commits; a line that ends in a level stays there.
//!
//! **Source:** crmsh `ui_context.py`, `Context.run()`.

use super::{Shell, words};
use crate::commands::{Invocation, parts};
use crate::exit::{Failure, Outcome};
use crate::registry::{self, Child, Command, Skill};

impl Shell {
    /// Runs one line. Empty lines and comments do nothing. What went wrong has been printed when
    /// this returns false.
    pub fn run_line(&mut self, line: &str) -> bool {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return true;
        }
        let words = match words::split(line) {
            Ok(words) => words,
            Err(error) => {
                self.console.error(error.to_string());
                return false;
            }
        };
        let words = redirect_help(words);
        self.mark();
        let outcome = self.walk(&words);
        let stay = matches!(outcome, Ok(Walked::Entered));
        let cancelled = matches!(outcome, Err(Failure::Cancelled));
        let mut ok = match outcome {
            Ok(_) => true,
            Err(failure) => {
                self.tell(&words, failure);
                false
            }
        };
        if !stay && !cancelled && self.leaving().is_none() {
            ok = self.back_out(self.depth_at_mark()) && ok;
            self.wait_after();
        }
        ok
    }

    fn walk(&mut self, words: &[String]) -> Result<Walked, Failure> {
        for (at, word) in words.iter().enumerate() {
            let rest = words.get(at + 1..).unwrap_or_default();
            let Some(child) = registry::find(self.level(), word) else {
                return Err(Failure::Refused("No such command".to_owned()));
            };
            self.explain_name(word, child);
            match child {
                Child::Level(level) => {
                    self.enter(level, !rest.is_empty(), parts::is_idle(rest))?;
                }
                Child::Command(command) => {
                    self.execute(command, word, rest)?;
                    return Ok(Walked::Ran);
                }
            }
        }
        Ok(Walked::Entered)
    }

    fn explain_name(&mut self, word: &str, child: Child) {
        let name = child.name();
        if word == name || parts::is_common(name) || self.is_classic() {
            return;
        }
        if child.is_alias(word) {
            self.console
                .warning(format!("This command '{word}' is deprecated, please use '{name}'"));
        }
        self.console.info(format!("\"{word}\" is accepted as \"{name}\""));
    }

    fn execute(&mut self, command: &'static Command, typed: &str, args: &[String]) -> Outcome {
        if let Some(complaint) = command.arity().complaint(command.signature, args.len()) {
            return Err(Failure::Refused(complaint));
        }
        let allowed = Skill::from_word(self.config.get("core.skill_level"));
        if allowed < command.skill {
            return Err(Failure::Refused(format!(
                "ACL {} skill level required",
                command.skill.word()
            )));
        }
        let pending = self.session.has_changes();
        (command.run)(self, &Invocation { command, typed, args })?;
        self.must_wait |= command.wait || (!pending && self.session.has_changes());
        Ok(())
    }

    /// Waits for the cluster after a line that changed it, where `-w` asks for that.
    fn wait_after(&mut self) {
        let wanted = std::mem::take(&mut self.must_wait) && self.config.is_true("core.wait");
        if wanted
            && !self.session.has_changes()
            && self.session.backend().is_cluster()
            && let Err(Failure::Plain(text)) = self.wait_settled("change")
        {
            self.console.error(text);
        }
    }

    /// Prints why a line failed, in crmsh's words.
    fn tell(&mut self, words: &[String], failure: Failure) {
        match failure {
            Failure::Told | Failure::Cancelled => {}
            Failure::Plain(text) => self.console.error(text),
            Failure::Refused(text) if self.is_classic() => self.console.error(text),
            Failure::Refused(text) => {
                let name = self.qualified(words);
                self.console.error(format!("{name}: {text}"));
            }
        }
    }

    /// Returns `level.level.command` for the line that is being run.
    fn qualified(&self, words: &[String]) -> String {
        let mut names: Vec<&str> = self.path().iter().map(|l| l.name).collect();
        let depth_before = self.depth_at_mark();
        let walked = self.path().len().saturating_sub(depth_before);
        let typed = words.get(walked).map_or("", String::as_str);
        match registry::find(self.level(), typed) {
            Some(child) => names.push(child.name()),
            None => names.push(typed),
        }
        names.retain(|n| !n.is_empty());
        names.join(".")
    }
}

enum Walked {
    Entered,
    Ran,
}

/// Turns `… --help` and `… -h` into `help …`.
fn redirect_help(mut words: Vec<String>) -> Vec<String> {
    let asks = words.last().is_some_and(|w| w == "-h" || w == "--help");
    if asks && words.len() > 1 {
        words.pop();
        words.insert(0, "help".to_owned());
    }
    words
}
