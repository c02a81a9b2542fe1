//! The only door to stdout and stderr.
//!
//! Levels and streams are crmsh's: `INFO:` goes to stdout, `WARNING:`, `ERROR:` and `DEBUG:` to
//! stderr; the level word is coloured only where stdin, stdout and stderr are all terminals.
//! A reader that goes away (`crm configure show | head`) ends the output, never the command: a
//! commit that is under way is finished.
//!
//! **Source:** crmsh `log.py`.

use std::io::{self, IsTerminal, Write};

/// Where text for a person goes.
pub struct Console {
    out: Box<dyn Write + Send>,
    err: Box<dyn Write + Send>,
    /// A person reads and types: colours are of use.
    is_terminal: bool,
    colour: bool,
    out_closed: bool,
    debug: bool,
    line: Option<u64>,
}

/// Weight of a message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    /// Only with `-d`.
    Debug,
    /// What happened.
    Info,
    /// Something to look at; the command went on.
    Warning,
    /// The command failed.
    Error,
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Level::Debug => "DEBUG",
            Level::Info => "INFO",
            Level::Warning => "WARNING",
            Level::Error => "ERROR",
        }
    }

    fn colour(self) -> &'static str {
        match self {
            Level::Debug => "\x1b[0m",
            Level::Info => "\x1b[32m",
            Level::Warning => "\x1b[33m",
            Level::Error => "\x1b[31m",
        }
    }
}

impl Console {
    /// Opens the process's own streams.
    pub fn system() -> Console {
        let terminals =
            io::stdin().is_terminal() && io::stdout().is_terminal() && io::stderr().is_terminal();
        Console {
            out: Box::new(io::LineWriter::with_capacity(1 << 16, io::stdout())),
            err: Box::new(io::stderr()),
            is_terminal: terminals,
            colour: terminals,
            out_closed: false,
            debug: false,
            line: None,
        }
    }

    /// Makes a console over two writers, without colour.
    pub fn new(out: Box<dyn Write + Send>, err: Box<dyn Write + Send>) -> Console {
        Console {
            out,
            err,
            is_terminal: false,
            colour: false,
            out_closed: false,
            debug: false,
            line: None,
        }
    }

    /// Switches the colours of the level word; nothing but terminals ever has them.
    pub fn set_colour(&mut self, on: bool) {
        self.colour = on && self.is_terminal;
    }

    /// Shows or hides `DEBUG:` messages.
    pub fn set_debug(&mut self, on: bool) {
        self.debug = on;
    }

    /// Sets the input line number put before each message; `None` for none.
    pub fn set_line(&mut self, line: Option<u64>) {
        self.line = line;
    }

    /// Returns the input line number put before each message.
    pub fn line_number(&self) -> Option<u64> {
        self.line
    }

    /// Writes text to stdout as it is.
    pub fn print(&mut self, text: &str) {
        if self.out_closed {
            return;
        }
        if self.out.write_all(text.as_bytes()).is_err() {
            self.out_closed = true;
        }
    }

    /// Returns stdout for writers of their own.
    pub fn out(&mut self) -> &mut dyn Write {
        &mut *self.out
    }

    /// Writes text and a newline to stdout.
    pub fn line(&mut self, text: &str) {
        self.print(text);
        self.print("\n");
    }

    /// Writes text and a newline to stderr, without a level word.
    pub fn complain(&mut self, text: &str) {
        self.flush();
        // Nowhere left to report that stderr is gone.
        let _gone = self.err.write_all(format!("{text}\n").as_bytes());
    }

    /// Writes one message with its level word.
    pub fn message(&mut self, level: Level, text: &str) {
        if level == Level::Debug && !self.debug {
            return;
        }
        let number = self.line.filter(|n| *n > 0).map(|n| format!("{n}: ")).unwrap_or_default();
        let word = level.word();
        let head =
            if self.colour { format!("{}{word}\x1b[0m", level.colour()) } else { word.to_owned() };
        let text = format!("{head}: {number}{text}");
        if level == Level::Info { self.line(&text) } else { self.complain(&text) }
    }

    /// Writes an `INFO:` message.
    pub fn info(&mut self, text: impl AsRef<str>) {
        self.message(Level::Info, text.as_ref());
    }

    /// Writes a `WARNING:` message.
    pub fn warning(&mut self, text: impl AsRef<str>) {
        self.message(Level::Warning, text.as_ref());
    }

    /// Writes an `ERROR:` message.
    pub fn error(&mut self, text: impl AsRef<str>) {
        self.message(Level::Error, text.as_ref());
    }

    /// Writes a `DEBUG:` message, where `-d` asked for them.
    pub fn debug(&mut self, text: impl AsRef<str>) {
        self.message(Level::Debug, text.as_ref());
    }

    /// Hands everything written so far to the operating system.
    pub fn flush(&mut self) {
        if !self.out_closed && self.out.flush().is_err() {
            self.out_closed = true;
        }
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.flush();
    }
}
