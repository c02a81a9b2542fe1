//! What a command came to, and the process exit codes, in one place.
//!
//! **Source:** crmsh `main.py` (0, 1, 2), pacemaker `crm_exit_t` for the Pacemaker tools.

use std::process::ExitCode;

/// Exit code of the whole process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Exit(u8);

impl Exit {
    /// Everything asked for was done.
    pub const OK: Exit = Exit(0);
    /// At least one command failed; each said why.
    pub const FAILED: Exit = Exit(1);
    /// The command line itself could not be used, or the `-f` file not be opened.
    pub const USAGE: Exit = Exit(2);
    /// `CRM_EX_UNIMPLEMENT_FEATURE`: a Pacemaker tool was asked for something it does not do here.
    pub const UNIMPLEMENTED: Exit = Exit(3);
    /// `CRM_EX_INVALID_PARAM`: a value given to a Pacemaker tool is none.
    pub const INVALID_PARAM: Exit = Exit(2);
    /// `CRM_EX_INSUFFICIENT_PRIV`: the operating system or the CIB's access control forbids it.
    pub const NO_PERMISSION: Exit = Exit(4);
    /// `CRM_EX_NOT_CONFIGURED`: what is needed is not set.
    pub const NOT_CONFIGURED: Exit = Exit(6);
    /// `CRM_EX_USAGE`: wrong options of a Pacemaker tool.
    pub const TOOL_USAGE: Exit = Exit(64);
    /// `CRM_EX_DATAERR`: a Pacemaker tool's input is not what it should be.
    pub const DATA: Exit = Exit(65);
    /// `CRM_EX_NOINPUT`: a Pacemaker tool's input could not be read.
    pub const NO_INPUT: Exit = Exit(66);
    /// `CRM_EX_NOHOST`: no such node.
    pub const NO_HOST: Exit = Exit(68);
    /// `CRM_EX_OSERR`: the operating system refused.
    pub const OS_ERROR: Exit = Exit(71);
    /// `CRM_EX_OSFILE`: a file of the system cannot be used.
    pub const OS_FILE: Exit = Exit(72);
    /// `CRM_EX_CANTCREAT`: a file cannot be made.
    pub const CANNOT_CREATE: Exit = Exit(73);
    /// `CRM_EX_IOERR`: a Pacemaker tool could not write a file.
    pub const IO: Exit = Exit(74);
    /// `CRM_EX_PROTOCOL`: nobody knows what was asked for.
    pub const PROTOCOL: Exit = Exit(76);
    /// `CRM_EX_CONFIG`: the configuration does not parse.
    pub const CONFIG: Exit = Exit(78);
    /// `CRM_EX_DISCONNECT`: no cluster answers.
    pub const DISCONNECTED: Exit = Exit(102);
    /// `CRM_EX_OLD`: the update is older than what is there.
    pub const OLD: Exit = Exit(103);
    /// `CRM_EX_NOSUCH`: the object does not exist.
    pub const NO_SUCH: Exit = Exit(105);
    /// `CRM_EX_UNSAFE`: dangerous, and not forced.
    pub const UNSAFE: Exit = Exit(107);
    /// `CRM_EX_EXISTS`: the object is already there.
    pub const EXISTS: Exit = Exit(108);
    /// `CRM_EX_MULTIPLE`: several objects match what should name one.
    pub const MULTIPLE: Exit = Exit(109);
    /// `CRM_EX_EXPIRED`: it is over.
    pub const EXPIRED: Exit = Exit(110);
    /// `CRM_EX_NOT_YET_IN_EFFECT`: it has not begun.
    pub const NOT_YET_IN_EFFECT: Exit = Exit(111);

    /// Makes an exit code of a child process's own.
    pub fn from_code(code: u8) -> Exit {
        Exit(code)
    }

    /// Returns the number the parent process sees.
    pub fn code(self) -> u8 {
        self.0
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.0)
    }
}

/// Result of one command. On `Err` nothing but what the message says was changed.
pub type Outcome = Result<(), Failure>;

/// Why a command failed, and whether the user has been told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Failure {
    /// The reason is on stderr already.
    Told,
    /// Printed as `ERROR: LEVEL.COMMAND: text`.
    Refused(String),
    /// Printed as `ERROR: text`.
    Plain(String),
    /// The user answered "cancel": the shell stays where it is.
    Cancelled,
}

impl Failure {
    /// Makes a [`Failure::Refused`].
    pub fn refused(text: impl Into<String>) -> Failure {
        Failure::Refused(text.into())
    }

    /// Makes a [`Failure::Plain`].
    pub fn plain(text: impl Into<String>) -> Failure {
        Failure::Plain(text.into())
    }

    /// Makes crmsh's `Bad usage: …` sentence.
    pub fn bad_usage(command: &str, args: &[String], why: &str) -> Failure {
        let args = args.join(" ");
        if why.is_empty() {
            Failure::Plain(format!("Bad usage: '{command} {args}'"))
        } else {
            Failure::Plain(format!("Bad usage: {why}, command: '{command} {args}'"))
        }
    }
}
