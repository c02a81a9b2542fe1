//! The options before the level: `crm [OPTIONS] [LEVEL... COMMAND ARGS...]`.
//!
//! Options stand before the first word that is not one; from there on everything belongs to the
//! command. An option nobody knows is ignored with a warning, as scripts that were written for
//! another crm version expect.
//!
//! **Source:** crmsh `main.py`, `make_option_parser()`; **Differs:** the warning, and the options
//! `--style`, `--diagnostics` and `--output-as`.

use clap::{CommandFactory, Parser, ValueEnum};

/// The version of crmsh whose behaviour this program follows; clients look for it.
pub const COMPATIBLE_VERSION: &str = "5.1.0";

/// Configure and manage a cluster: one command, or a shell without one.
#[derive(Parser, Clone, Debug, Default)]
#[command(name = "crm", disable_version_flag = true, infer_long_args = true)]
#[command(override_usage = "crm [-h|--help] [OPTIONS] [SUBCOMMAND ARGS...]
       crm help SUBCOMMAND")]
#[command(after_help = "crm help lists the commands. Without a command, crm starts a shell; with \
the name of a level, it starts there. See crm help TOPIC for more.")]
pub struct Args {
    /// Print the version and leave
    #[arg(long)]
    pub version: bool,
    /// Read commands from FILE; a dash means standard input
    #[arg(short, long, value_name = "FILE")]
    pub file: Option<String>,
    /// Work on the shadow CIB called CIB, as after `cib use CIB`
    #[arg(short, long, value_name = "CIB")]
    pub cib: Option<String>,
    /// How to print: plain, color, color-always or uppercase
    #[arg(short = 'D', long, value_name = "TYPE")]
    pub display: Option<String>,
    /// Answer yes to every question and commit in spite of errors
    #[arg(short = 'F', long)]
    pub force: bool,
    /// Answer no to every question
    #[arg(short, long = "no")]
    pub no: bool,
    /// Wait for the cluster to settle after each change
    #[arg(short, long)]
    pub wait: bool,
    /// Look at the cluster report DIR, FILE or SESSION in the history level
    #[arg(short = 'H', long, value_name = "DIR|FILE|SESSION")]
    pub history: Option<String>,
    /// Print what is done on the way
    #[arg(short, long)]
    pub debug: bool,
    /// Print what crmsh's regression suite compares
    #[arg(short = 'R', long)]
    pub regression_tests: bool,
    /// Look for cluster scripts in DIR too
    #[arg(long, value_name = "DIR")]
    pub scriptdir: Option<String>,
    /// Accepted for old scripts; nothing is profiled
    #[arg(short = 'X', value_name = "PROFILE", hide = true)]
    pub profile: Option<String>,
    /// Set an option for this run, as in core.wait=yes; may be repeated
    #[arg(short = 'o', long = "opt", value_name = "SECTION.NAME=VALUE")]
    pub opt: Vec<String>,
    /// The dialect that is shown: auto follows the age of the CIB
    #[arg(long, value_enum)]
    pub style: Option<StyleArg>,
    /// How mistakes are shown: one sentence, the place in the source, or JSON
    #[arg(long, value_enum)]
    pub diagnostics: Option<DiagnosticsArg>,
    /// Print results in another format
    #[arg(long, value_name = "text|json|xml")]
    pub output_as: Option<String>,
    /// Level, command and its arguments
    #[arg(skip)]
    pub words: Vec<String>,
}

/// Values of `--style`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum StyleArg {
    /// By the CIB: classic where `dc-version` is below 1.1.12, else modern.
    #[default]
    Auto,
    /// crmsh 1.2: every value quoted, full agent names.
    Classic,
    /// crmsh 2.2 and later.
    Modern,
}

impl StyleArg {
    /// Reads the word a user wrote; `None` where it is no style.
    pub fn from_word(word: &str) -> Option<StyleArg> {
        StyleArg::from_str(word, true).ok()
    }
}

/// Values of `--diagnostics`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum DiagnosticsArg {
    /// crmsh's own sentence.
    #[default]
    Crm,
    /// The source line with a caret, and help.
    Full,
    /// One JSON object a line.
    Json,
}

/// What the command line came to.
pub enum Parsed {
    /// Options and words.
    Run(Box<Args>, Vec<String>),
    /// Text to print on stdout, and be done.
    Text(String),
    /// Text for stderr: the command line is wrong.
    Wrong(String),
}

/// Reads the command line after the program's name. The second part of [`Parsed::Run`] lists the
/// options that were ignored.
pub fn parse(argv: &[String]) -> Parsed {
    let (known, ignored, words) = split(argv);
    match Args::try_parse_from(std::iter::once("crm".to_owned()).chain(known)) {
        Ok(mut args) => {
            args.words = words;
            Parsed::Run(Box::new(args), ignored)
        }
        Err(error) if error.use_stderr() => Parsed::Wrong(error.render().to_string()),
        Err(help) => Parsed::Text(help.render().to_string()),
    }
}

/// Parts the leading options that clap knows, those it does not, and the words of the command.
fn split(argv: &[String]) -> (Vec<String>, Vec<String>, Vec<String>) {
    let table = Args::command();
    let (mut known, mut ignored) = (Vec::new(), Vec::new());
    let mut at = 0;
    while let Some(arg) = argv.get(at) {
        if arg == "--" {
            at += 1;
            break;
        }
        if !arg.starts_with('-') || arg == "-" {
            break;
        }
        let Some(takes_value) = lookup(&table, arg) else {
            ignored.push(arg.clone());
            at += 1;
            continue;
        };
        known.push(arg.clone());
        at += 1;
        if takes_value && let Some(value) = argv.get(at) {
            known.push(value.clone());
            at += 1;
        }
    }
    (known, ignored, argv.get(at..).unwrap_or_default().to_vec())
}

/// Tells whether the next word is this option's value; `None` for an option nobody knows.
fn lookup(table: &clap::Command, arg: &str) -> Option<bool> {
    let takes = |a: &clap::Arg| a.get_action().takes_values();
    if let Some(long) = arg.strip_prefix("--") {
        let (name, value) = long.split_once('=').map_or((long, None), |(n, v)| (n, Some(v)));
        if name == "help" {
            return Some(false);
        }
        let found = table.get_arguments().find(|a| a.get_long() == Some(name)).or_else(|| {
            let starts = |a: &&clap::Arg| a.get_long().is_some_and(|l| l.starts_with(name));
            table.get_arguments().find(starts)
        });
        return found.map(|a| takes(a) && value.is_none());
    }
    let mut letters = arg.strip_prefix('-')?.chars();
    while let Some(letter) = letters.next() {
        if letter == 'h' {
            return Some(false);
        }
        let found = table.get_arguments().find(|a| a.get_short() == Some(letter))?;
        if takes(found) {
            return Some(letters.as_str().is_empty());
        }
    }
    Some(false)
}

/// Puts quotes around words that hold a blank, so that the line can be split again.
///
/// An element after the word `xml` stays as it is.
///
/// **Source:** crmsh `main.py`, `add_quotes()`: a word with both kinds of quotes stays bare.
pub fn add_quotes(words: &[String]) -> String {
    let is_element = |pair: &[String]| pair[0] == "xml" && pair[1].starts_with('<');
    let element = words.windows(2).position(is_element).map_or(words.len(), |at| at + 1);
    let quoted: Vec<String> = words
        .iter()
        .enumerate()
        .map(|(at, word)| {
            let quote = if word.contains('"') { '\'' } else { '"' };
            let bare = at >= element || !word.contains(' ') || word.contains(quote);
            if bare { word.clone() } else { format!("{quote}{word}{quote}") }
        })
        .collect();
    quoted.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    fn run(text: &str) -> (Args, Vec<String>) {
        match parse(&words(text)) {
            Parsed::Run(args, ignored) => (*args, ignored),
            Parsed::Text(t) | Parsed::Wrong(t) => panic!("{t}"),
        }
    }

    #[test]
    fn options_stand_before_the_level() {
        let (args, ignored) = run("-w -F -D plain configure delete -f x");
        assert!(args.wait && args.force && ignored.is_empty());
        assert_eq!(args.display.as_deref(), Some("plain"));
        assert_eq!(args.words, words("configure delete -f x"));
    }

    #[test]
    fn short_options_may_be_glued() {
        let (args, _) = run("-wFc test configure show");
        assert!(args.wait && args.force);
        assert_eq!(args.cib.as_deref(), Some("test"));
        assert_eq!(args.words, words("configure show"));
    }

    #[test]
    fn unknown_options_are_named_and_ignored() {
        let (args, ignored) = run("--yes --display=plain status");
        assert_eq!(ignored, ["--yes"]);
        assert_eq!(args.display.as_deref(), Some("plain"));
        assert_eq!(args.words, ["status"]);
    }

    #[test]
    fn long_options_may_be_shortened() {
        let (args, _) = run("--regr --opt core.wait=yes status");
        assert!(args.regression_tests);
        assert_eq!(args.opt, ["core.wait=yes"]);
    }

    #[test]
    fn words_with_blanks_are_quoted_again() {
        let line = add_quotes(&["a b".into(), "say \"hi\" x".into(), "'q' \"r\"".into()]);
        assert_eq!(line, r#""a b" 'say "hi" x' 'q' "r""#);
    }
}
