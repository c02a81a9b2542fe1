//! Questions with yes and no.
//!
//! Nobody is asked where nobody can answer: without a terminal the answer is no, so that a script
//! never waits.
//!
//! **Source:** crmsh `utils.py`, `ask()`.

use std::io::BufRead;

use super::Shell;

/// What was answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// Yes, or `-F`.
    Yes,
    /// No, `-n`, end of input, or nobody to ask.
    No,
    /// Neither: go back to where the question came from.
    Cancel,
}

/// Which answers are offered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Choice {
    /// y/n
    YesNo,
    /// y/n/c
    YesNoCancel,
}

impl Shell {
    /// Asks a question that can be answered with yes or no.
    pub fn confirm(&mut self, question: &str) -> bool {
        self.ask(question, Choice::YesNo) == Answer::Yes
    }

    /// Asks a question; `question` ends in a question mark.
    pub fn ask(&mut self, question: &str, choice: Choice) -> Answer {
        if self.settings.force {
            self.console.info(format!("{question} [YES]"));
            return Answer::Yes;
        }
        if self.settings.no || !self.can_ask() {
            return Answer::No;
        }
        let letters = if choice == Choice::YesNoCancel { "y/n/c" } else { "y/n" };
        let prompt = match question.strip_suffix('?') {
            Some(head) => format!("{head}  ({letters})? "),
            None => format!("{question} "),
        };
        loop {
            self.console.print(&prompt);
            self.console.flush();
            let mut answer = String::new();
            let read = std::io::stdin().lock().read_line(&mut answer);
            if !matches!(read, Ok(n) if n > 0) {
                return Answer::No;
            }
            match answer.trim().chars().next().map(|c| c.to_ascii_lowercase()) {
                Some('y') => return Answer::Yes,
                Some('n') => return Answer::No,
                Some('c') if choice == Choice::YesNoCancel => return Answer::Cancel,
                _ => {}
            }
        }
    }
}
