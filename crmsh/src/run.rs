//! One binary, many names: the name it is called by chooses the tool.
//!
//! `crm tool NAME …` does the same as calling the binary by that name.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::process::ExitCode;

use crate::args::{self, Args, Parsed};
use crate::config::Config;
use crate::console::Console;
use crate::exit::Exit;
use crate::shell::{Settings, Shell, complete};

/// Runs the process: reads its arguments and returns its exit code.
pub fn main() -> ExitCode {
    let mut argv = std::env::args_os();
    let program = argv.next().unwrap_or_default();
    let program = program.to_string_lossy();
    let name = program.rsplit('/').next().unwrap_or_default();
    let words: Result<Vec<String>, OsString> = argv.map(OsString::into_string).collect();
    let exit = match words {
        Ok(words) => dispatch(name, &words),
        Err(word) => {
            // what would be made of it is another value than the one that is meant
            let mut console = Console::system();
            console.error(format!("the argument `{}` is no UTF-8 text", word.to_string_lossy()));
            Exit::USAGE
        }
    };
    exit.into()
}

fn dispatch(name: &str, argv: &[String]) -> Exit {
    let mut console = Console::system();
    match crate::tools::run(name, argv, &mut console) {
        Some(exit) => exit,
        None => crm(argv, console),
    }
}

/// Runs `crm tool NAME …`; the style that stands before it is handed on.
fn dispatch_tool(args: &Args, tool: &str, rest: &[String], mut console: Console) -> Exit {
    let mut rest = rest.to_vec();
    if tool == "crm_mon"
        && let Some(style) = args.style.as_ref().and_then(clap::ValueEnum::to_possible_value)
    {
        rest.push(format!("--style={}", style.get_name()));
    }
    crate::tools::run(tool, &rest, &mut console).unwrap_or_else(|| {
        console.error(format!("tool: no tool called {tool}"));
        Exit::FAILED
    })
}

/// Runs `crm`.
fn crm(argv: &[String], mut console: Console) -> Exit {
    if argv.first().is_some_and(|a| a == "--version") {
        console.line(&version());
        return Exit::OK;
    }
    if let [word, _point, line, ..] = argv
        && word == "--compgen"
    {
        return compgen(line, console);
    }
    let args = match args::parse(argv) {
        Parsed::Run(args, ignored) => {
            for option in ignored {
                console.warning(format!("unknown option {option} is ignored"));
            }
            *args
        }
        Parsed::Text(text) => {
            console.print(&text);
            return Exit::OK;
        }
        Parsed::Wrong(text) => {
            console.complain(text.trim_end());
            return Exit::USAGE;
        }
    };
    if args.version {
        console.line(&version());
        return Exit::OK;
    }
    if let [word, tool, rest @ ..] = args.words.as_slice()
        && word == "tool"
    {
        return dispatch_tool(&args, tool, rest, console);
    }
    let config = match configure(&args) {
        Ok(config) => config,
        Err(text) => {
            console.error(text);
            return Exit::FAILED;
        }
    };
    let mut shell = Shell::new(console, config, settings(&args));
    let debug = args.debug || shell.config.is_true("core.debug");
    shell.console.set_debug(debug);
    shell.choose_colours();
    let exit = start(&mut shell, &args);
    shell.console.flush();
    // The process ends now: taking a large CIB apart piece by piece is work for nobody.
    std::mem::forget(shell);
    exit
}

fn version() -> String {
    format!(
        "crm {} (compatible level; own version {})",
        args::COMPATIBLE_VERSION,
        env!("CARGO_PKG_VERSION")
    )
}

fn configure(args: &Args) -> Result<Config, String> {
    let mut config = Config::load().map_err(|e| e.to_string())?;
    let display = args.display.iter().map(|d| format!("color.style={d}"));
    let wait = args.wait.then(|| "core.wait=yes".to_owned());
    let debug = args.debug.then(|| "core.debug=yes".to_owned());
    for option in display.chain(wait).chain(debug).chain(args.opt.iter().cloned()) {
        config.set_from_argument(&option).map_err(|e| e.to_string())?;
    }
    Ok(config)
}

fn settings(args: &Args) -> Settings {
    let terminal = std::io::IsTerminal::is_terminal(&io::stdin());
    let interactive = terminal && args.file.is_none();
    Settings {
        force: args.force,
        no: args.no,
        interactive,
        batch: !interactive,
        regression: args.regression_tests,
        diagnostics: args.diagnostics.unwrap_or_default(),
        style: args.style,
        output_as: args.output_as.clone(),
    }
}

fn start(shell: &mut Shell, args: &Args) -> Exit {
    if let Some(shadow) = &args.cib
        && !shell.use_shadow(shadow)
    {
        return Exit::FAILED;
    }
    match args.words.as_slice() {
        [] => {}
        [word] if word.starts_with("conf") => {
            if !shell.run_line("configure") {
                return Exit::FAILED;
            }
        }
        words => {
            let line = if shell.config.is_true("core.add_quotes") {
                args::add_quotes(words)
            } else {
                words.join(" ")
            };
            shell.settings.interactive = false;
            let ok = shell.run_line(&line);
            if let Some(exit) = shell.leaving() {
                return exit;
            }
            if !ok {
                return Exit::FAILED;
            }
            if shell.at_root() {
                return Exit::OK;
            }
            shell.settings.interactive = shell.can_ask() && args.file.is_none();
        }
    }
    read_lines(shell, args.file.as_deref())
}

fn read_lines(shell: &mut Shell, file: Option<&str>) -> Exit {
    match file {
        Some(path) if path != "-" => match File::open(path) {
            Ok(file) => shell.run_batch(io::BufReader::new(file)),
            Err(error) => {
                shell.console.error(format!("{path}: {error}"));
                shell.console.complain("usage: crm [-h|--help] [OPTIONS] [SUBCOMMAND ARGS...]");
                Exit::USAGE
            }
        },
        None if shell.settings.interactive => shell.run_terminal(),
        Some(_) | None => shell.run_batch(io::stdin().lock()),
    }
}

/// Prints what may stand at the end of a half-typed command line, one candidate a line.
fn compgen(line: &str, console: Console) -> Exit {
    let typed = line.find("crm").and_then(|at| line.get(at + 3..)).unwrap_or(line).trim_start();
    let mut shell = Shell::new(console, Config::default(), Settings::default());
    let (_, found) = complete::Snapshot::of(&shell).complete(typed);
    for word in found {
        shell.console.line(&word);
    }
    Exit::OK
}
