//! `cibadmin`: queries and operations on the CIB.
//!
//! **Source:** pacemaker `tools/cibadmin.c`.

use std::io::Read;
use std::path::PathBuf;

use cib_model::operation::{Author, Operation, OperationError, ReplaceVersions, Target, perform};
use cib_model::xml::{Dialect, ElementRef, Layout, Tree, read, write_element};
use cib_model::{Cib, Patchset, Section};
use clap::Parser;

use crate::backend::{Backend, BackendError, Change, Method, Place, Shadows, open};
use crate::console::Console;
use crate::exit::Exit;

/// Query and change the CIB
#[derive(Parser, Clone, Debug, Default)]
#[command(name = "cibadmin", disable_version_flag = true)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the reference")]
struct Options {
    /// Print the CIB, or a part of it
    #[arg(short = 'Q', long)]
    query: bool,
    /// Add an element
    #[arg(short = 'C', long)]
    create: bool,
    /// Merge an element into the CIB
    #[arg(short = 'M', long)]
    modify: bool,
    /// Change an element, as --modify
    #[arg(short = 'U', long)]
    update: bool,
    /// Put an element in the place of another
    #[arg(short = 'R', long)]
    replace: bool,
    /// Delete an element
    #[arg(short = 'D', long)]
    delete: bool,
    /// Delete all elements that match
    #[arg(short = 'd', long)]
    delete_all: bool,
    /// Apply a patch
    #[arg(short = 'P', long)]
    patch: bool,
    /// Raise the epoch
    #[arg(short = 'B', long)]
    bump: bool,
    /// Empty the CIB
    #[arg(short = 'E', long)]
    erase: bool,
    /// Print an empty CIB
    #[arg(short = 'a', long)]
    empty: bool,
    /// The part to work on
    #[arg(short = 'o', long, value_name = "SECTION")]
    scope: Option<String>,
    /// The elements to work on, by XPath
    #[arg(short = 'A', long, value_name = "PATH")]
    xpath: Option<String>,
    /// Leave children out of what is printed
    #[arg(short = 'n', long)]
    no_children: bool,
    /// Print the paths of what matches instead of it
    #[arg(short = 'e', long)]
    node_path: bool,
    /// The input as an argument
    #[arg(short = 'X', long, value_name = "XML")]
    xml_text: Option<String>,
    /// The input in a file
    #[arg(short = 'x', long, value_name = "FILE")]
    xml_file: Option<PathBuf>,
    /// The input on stdin
    #[arg(short = 'p', long)]
    xml_pipe: bool,
    /// Create what --modify does not find
    #[arg(short = 'c', long)]
    allow_create: bool,
    /// Ask this node alone; no effect here
    #[arg(short = 'l', long)]
    local: bool,
    /// Go on where it is dangerous
    #[arg(short = 'f', long)]
    force: bool,
    /// Wait for the answer; no effect here
    #[arg(short = 's', long)]
    sync_call: bool,
    /// Say more; no effect here
    #[arg(short = 'V', long, action = clap::ArgAction::Count)]
    verbose: u8,
    /// Print the version and leave
    #[arg(long)]
    version: bool,
}

/// Runs the tool.
pub(super) fn run(argv: &[String], console: &mut Console) -> Exit {
    let options = match Options::try_parse_from(super::with_name("cibadmin", argv)) {
        Ok(options) => options,
        Err(error) => return super::usage(&error, console),
    };
    if options.version {
        console.print(&super::version_text());
        return Exit::OK;
    }
    if options.empty {
        console.print(&Cib::empty().write(Layout::Pretty, Dialect::Pcmk3));
        return Exit::OK;
    }
    let shadows = Shadows::new("/var/lib/pacemaker/cib");
    let backend = open(&Place::Environment, &shadows);
    let outcome = if options.query {
        query(&options, &*backend).map(|text| console.print(&text))
    } else {
        change(&options, &*backend)
    };
    match outcome {
        Ok(()) => Exit::OK,
        Err(problem) => {
            console.complain(&problem.text);
            problem.exit
        }
    }
}

/// Why the tool failed.
struct Problem {
    exit: Exit,
    text: String,
}

impl Problem {
    fn new(exit: Exit, text: impl Into<String>) -> Problem {
        Problem { exit, text: text.into() }
    }
}

impl From<BackendError> for Problem {
    fn from(error: BackendError) -> Problem {
        let exit = match &error {
            BackendError::Unreachable(_) => Exit::DISCONNECTED,
            BackendError::File { .. } => Exit::NO_INPUT,
            BackendError::Xml { .. } => Exit::CONFIG,
            BackendError::Conflict { .. } => Exit::OLD,
            BackendError::Refused(_) => Exit::FAILED,
        };
        Problem::new(exit, format!("cibadmin: {error}"))
    }
}

fn no_such(what: &str) -> Problem {
    Problem::new(Exit::NO_SUCH, format!("Call cib_{what} failed (-6): No such device or address"))
}

fn query(options: &Options, backend: &dyn Backend) -> Result<String, Problem> {
    let cib = backend.query()?;
    if let Some(path) = &options.xpath {
        return by_xpath(&cib, path, options);
    }
    let element = match options.scope.as_deref() {
        None | Some("all" | "cib") => Some(cib.root()),
        Some(name) => section(&cib, name)?,
    };
    let element = element.ok_or_else(|| no_such("query"))?;
    Ok(printed(element, options.no_children))
}

fn section<'a>(cib: &'a Cib, name: &str) -> Result<Option<ElementRef<'a>>, Problem> {
    match Section::named(name) {
        Some(section) => Ok(cib.section(section)),
        None => Err(Problem::new(Exit::TOOL_USAGE, format!("Invalid section '{name}'"))),
    }
}

fn printed(element: ElementRef<'_>, no_children: bool) -> String {
    if !no_children {
        return write_element(element, Layout::Pretty, Dialect::Pcmk3);
    }
    let mut tree = Tree::new(element.name().to_owned());
    let root = tree.root_id();
    for (name, value) in element.attrs() {
        tree.set_attr(root, name.to_owned(), value);
    }
    write_element(tree.root(), Layout::Pretty, Dialect::Pcmk3)
}

fn by_xpath(cib: &Cib, path: &str, options: &Options) -> Result<String, Problem> {
    let found = super::xpath::select(cib.root(), path)
        .map_err(|text| Problem::new(Exit::TOOL_USAGE, text))?;
    if options.node_path {
        let paths: String = found.iter().map(|e| super::xpath::path_of(*e) + "\n").collect();
        return if found.is_empty() { Err(no_such("query")) } else { Ok(paths) };
    }
    match found.as_slice() {
        [] => Err(no_such("query")),
        [one] => Ok(printed(*one, options.no_children)),
        many => {
            let mut tree = Tree::new("xpath-query");
            let root = tree.root_id();
            for element in many {
                tree.append_copy(root, *element);
            }
            Ok(write_element(tree.root(), Layout::Pretty, Dialect::Pcmk3))
        }
    }
}

fn input(options: &Options) -> Result<Option<Tree>, Problem> {
    let text = if let Some(text) = &options.xml_text {
        text.clone()
    } else if let Some(path) = &options.xml_file {
        std::fs::read_to_string(path)
            .map_err(|e| Problem::new(Exit::NO_INPUT, format!("{}: {e}", path.display())))?
    } else if options.xml_pipe {
        let mut text = String::new();
        std::io::stdin()
            .lock()
            .read_to_string(&mut text)
            .map_err(|e| Problem::new(Exit::NO_INPUT, format!("stdin: {e}")))?;
        text
    } else {
        return Ok(None);
    };
    let tree = read(&text)
        .map_err(|e| Problem::new(Exit::CONFIG, format!("Couldn't parse input: {e}")))?;
    Ok(Some(tree))
}

fn change(options: &Options, backend: &dyn Backend) -> Result<(), Problem> {
    let tree = input(options)?;
    let input = || {
        tree.as_ref().map(Tree::root).ok_or_else(|| {
            Problem::new(Exit::TOOL_USAGE, "cibadmin: an input is needed (-X, -x or -p)")
        })
    };
    let base = backend.query()?;
    let mut wanted = base.clone();
    let matches: Vec<_> = match &options.xpath {
        Some(path) => super::xpath::select(base.root(), path)
            .map_err(|text| Problem::new(Exit::TOOL_USAGE, text))?
            .into_iter()
            .map(ElementRef::xml_id)
            .collect(),
        None => Vec::new(),
    };
    let scope = options.scope.as_deref().and_then(Section::named);
    let target = match (&options.xpath, scope) {
        (Some(_), _) => Target::Matches { ids: &matches, multiple: options.delete_all },
        (None, Some(section)) => Target::Section(section),
        (None, None) => Target::Whole,
    };
    let patch;
    let operation = if options.create {
        Operation::Create(input()?)
    } else if options.modify || options.update {
        Operation::Modify { input: input()?, can_create: options.allow_create, score_update: true }
    } else if options.replace {
        Operation::Replace { input: input()?, versions: ReplaceVersions::Managed }
    } else if (options.delete || options.delete_all) && options.xpath.is_some() && tree.is_none() {
        Operation::DeleteMatches
    } else if options.delete || options.delete_all {
        Operation::Delete(input()?)
    } else if options.patch {
        let text = write_element(input()?, Layout::Compact, Dialect::Pcmk3);
        patch = Patchset::read(&text)
            .map_err(|e| Problem::new(Exit::CONFIG, format!("Couldn't parse input: {e}")))?;
        Operation::Patch(&patch)
    } else if options.bump {
        Operation::Bump
    } else if options.erase {
        Operation::Erase
    } else {
        return Err(Problem::new(Exit::TOOL_USAGE, "cibadmin: an operation is needed, such as -Q"));
    };
    perform(&mut wanted, operation, target, &Author::default(), Dialect::Pcmk3)
        .map_err(|error| refused(&error))?;
    let change = Change { base: &base, wanted: &wanted, method: Method::Exact, force: false };
    Ok(backend.commit(&change)?)
}

fn refused(error: &OperationError) -> Problem {
    let code = u8::try_from(error.exit_code()).unwrap_or(1);
    Problem::new(Exit::from_code(code), format!("Call failed: {error}"))
}
