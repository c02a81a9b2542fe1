//! The shell at a terminal: prompts, continuation, completion, the question at the end, history.

use std::io::{Read, Write};
use std::num::NonZero;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use conformance::program::{Desk, SMALL};
use expectrl::Session;
use expectrl::session::OsSession;

/// A shell in a terminal of 24 lines and 80 columns.
struct Terminal {
    session: OsSession,
    screen: vt100::Parser,
}

fn size(cells: u16) -> NonZero<u16> {
    NonZero::new(cells).expect("a screen")
}

impl Terminal {
    fn open(desk: &Desk, words: &[&str]) -> Terminal {
        let mut command = desk.command(words);
        command.env("NO_COLOR", "1");
        Terminal::of(command)
    }

    fn of(mut command: Command) -> Terminal {
        command.env("TERM", "xterm");
        command.stdin(std::process::Stdio::inherit());
        let session = Session::spawn(command).expect("crm starts in a terminal");
        Terminal { session, screen: vt100::Parser::new(size(24), size(200), 0) }
    }

    /// Reads until the line with the cursor ends in `text`: the shell waits for keys there.
    fn wait_for(&mut self, text: &str) {
        let mut buffer = [0_u8; 4096];
        loop {
            let contents = self.screen.screen().contents();
            if contents.trim_end().ends_with(text.trim_end()) {
                return;
            }
            match self.session.read(&mut buffer) {
                Ok(0) | Err(_) => panic!("no {text:?} on\n{contents}"),
                Ok(read) => self.screen.process(&buffer[..read]),
            }
        }
    }

    /// Reads until the shell has ended.
    fn ends(&mut self) {
        let mut buffer = [0_u8; 4096];
        while matches!(self.session.read(&mut buffer), Ok(1..)) {}
    }

    fn shows(&self, text: &str) {
        let contents = self.screen.screen().contents();
        assert!(contents.contains(text), "no {text:?} on\n{contents}");
    }

    /// Returns the colour in which a line begins that begins so.
    fn colour_of(&self, start: &str) -> vt100::Color {
        let screen = self.screen.screen();
        let row = screen.rows(0, 200).position(|row| row.starts_with(start));
        let row = row.unwrap_or_else(|| panic!("no {start:?} on\n{}", screen.contents()));
        screen.cell(u16::try_from(row).unwrap(), 0).expect("a cell").fgcolor()
    }

    fn send(&mut self, text: &str) {
        self.session.write_all(text.as_bytes()).expect("the terminal takes keys");
    }

    /// Types a line and waits for what follows.
    fn line(&mut self, text: &str, then: &str) {
        self.screen = vt100::Parser::new(size(24), size(200), 0);
        self.send(text);
        self.send("\r");
        self.wait_for(then);
    }
}

#[test]
fn a_change_is_shown_and_asked_for_before_it_is_written() {
    let desk = Desk::new(SMALL);
    let mut terminal = Terminal::open(&desk, &[]);
    terminal.wait_for(")# ");
    terminal.line("configure", ")configure# ");
    terminal.line("primitive q systemd:x \\", "   > ");
    terminal.line("meta target-role=Stopped", "configure# ");
    terminal.line("up", "(y/n/c)? ");
    terminal.shows("There are changes pending:");
    terminal.shows("+primitive q systemd:x");
    terminal.line("c", "configure# ");
    assert!(!desk.read("cib.xml").contains("\"q\""));
    terminal.line("end", "(y/n/c)? ");
    terminal.line("y", ")# ");
    terminal.line("quit", "bye");
    assert!(desk.shown().contains("primitive q systemd:x \\\n\tmeta target-role=Stopped\n"));
    let history = desk.path(".cache/crm/history");
    let mode = std::fs::metadata(&history).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "the history may hold passwords");
    assert!(std::fs::read_to_string(history).unwrap().contains("primitive q systemd:x"));
}

#[test]
fn level_words_have_a_colour_where_one_is_wanted() {
    let desk = Desk::new(SMALL);
    let mut terminal = Terminal::of(desk.command(&[]));
    terminal.wait_for(")# ");
    terminal.line("bogus", ")# ");
    assert_eq!(terminal.colour_of("ERROR: "), vt100::Color::Idx(1));
    terminal.line("options output plain", ")# ");
    terminal.line("bogus", ")# ");
    assert_eq!(terminal.colour_of("ERROR: "), vt100::Color::Default);
    terminal.line("options reset", ")# ");
    terminal.line("bogus", ")# ");
    assert_eq!(terminal.colour_of("ERROR: "), vt100::Color::Idx(1));
    let mut terminal = Terminal::open(&desk, &[]);
    terminal.wait_for(")# ");
    terminal.line("bogus", ")# ");
    assert_eq!(terminal.colour_of("ERROR: "), vt100::Color::Default);
}

#[test]
fn a_level_on_the_command_line_is_where_the_shell_starts() {
    let desk = Desk::new(SMALL);
    let mut terminal = Terminal::open(&desk, &["resource"]);
    terminal.wait_for("resource# ");
    terminal.send("conf\x7f\x7f\x7f\x7fcons\t");
    terminal.wait_for("# constraints ");
    terminal.send("\x15");
    terminal.line("cd ../configure", ")configure# ");
    terminal.line("quit", "bye");
}

#[test]
fn every_level_has_its_prompt_and_commands() {
    let desk = Desk::new(SMALL);
    let mut terminal = Terminal::open(&desk, &[]);
    terminal.wait_for(")# ");
    for level in ["resource", "node", "cib", "options", "configure"] {
        terminal.line(level, &format!("){level}# "));
        terminal.line("up", ")# ");
    }
    terminal.line("status", ")# ");
    terminal.shows("2 nodes configured");
    terminal.line("resource", ")resource# ");
    terminal.line("stop p", ")resource# ");
    assert!(desk.read("cib.xml").contains("Stopped"), "resource changes are made at once");
    terminal.line("bogus", ")resource# ");
    terminal.shows("bogus");
    terminal.line("quit", "bye");
}

#[test]
fn no_way_out_of_configure_loses_an_edit_silently() {
    // Ctrl-D, Ctrl-C, quit, and the way up: each asks; "c" stays with the edit, "y" keeps it.
    for way in ["\x04", "\x03", "quit\r", "up\r"] {
        let desk = Desk::new(SMALL);
        let mut terminal = Terminal::open(&desk, &[]);
        terminal.wait_for(")# ");
        terminal.line("configure", ")configure# ");
        terminal.line("primitive q systemd:x", ")configure# ");
        terminal.send(way);
        terminal.wait_for("(y/n/c)? ");
        terminal.line("c", "configure# ");
        assert!(!desk.read("cib.xml").contains("\"q\""), "{way:?}");
        terminal.line("show q", ")configure# ");
        terminal.shows("primitive q systemd:x");
        terminal.send(way);
        terminal.wait_for("(y/n/c)? ");
        terminal.send("y\r");
        if way == "up\r" {
            terminal.wait_for(")# ");
            terminal.line("quit", "bye");
        } else {
            terminal.ends();
        }
        assert!(desk.shown().contains("primitive q systemd:x"), "{way:?}");
    }
}
