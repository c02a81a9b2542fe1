//! What a tool answers, as text or as Pacemaker's XML (`--output-as`).
//!
//! As XML nothing is printed before the end: the answer is one document with the request, what was
//! found, the exit status and the errors.
//!
//! **Source:** pacemaker `lib/common/output_xml.c`, `output_text.c`.

use cib_model::xml::{Dialect, Layout, Tree, XmlId, write_element};

use super::result_codes::exit_text;
use crate::console::Console;
use crate::exit::Exit;

/// Version of the XML's schema.
const API_VERSION: &str = "2.38";

/// The answer of one run of a tool.
pub(super) struct Reply<'c> {
    name: &'static str,
    console: &'c mut Console,
    /// The XML document's lines so far; `None` as text.
    xml: Option<String>,
    errors: Vec<String>,
    quiet: bool,
}

/// Options that every tool has.
#[derive(clap::Args, Clone, Debug, Default)]
pub(super) struct Common {
    /// How to answer: text, xml, none
    #[arg(long, value_name = "FORMAT")]
    pub(super) output_as: Option<String>,
    /// Where to write the answer
    #[arg(long, value_name = "FILE")]
    pub(super) output_to: Option<String>,
    /// Say more; may be repeated
    #[arg(short = 'V', long, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
    /// Print the version and leave
    #[arg(short = '$', long)]
    pub(super) version: bool,
}

/// Why a tool stops: the exit code and what is said.
#[derive(Clone, Debug)]
pub(super) struct Stop {
    pub(super) exit: Exit,
    pub(super) text: String,
}

impl Stop {
    /// Makes a failure that is told as `NAME: TEXT`.
    pub(super) fn new(exit: Exit, text: impl Into<String>) -> Stop {
        Stop { exit, text: text.into() }
    }
}

/// Runs a tool that answers by a [`Reply`]: reads its options, tells help, version and what is wrong
/// with them, and ends the answer with what came of `work`.
pub(super) fn answer<O: clap::Parser>(
    name: &'static str,
    argv: &[String],
    console: &mut Console,
    common: impl Fn(&O) -> &Common,
    work: impl Fn(&O, &mut Reply<'_>) -> Result<Exit, Stop>,
) -> Exit {
    let options = match O::try_parse_from(super::with_name(name, argv)) {
        Ok(options) => options,
        Err(error) => return super::usage(&error, console),
    };
    if common(&options).version {
        console.print(&super::version_text());
        return Exit::OK;
    }
    let mut reply = Reply::new(name, argv, common(&options), console);
    let outcome = work(&options, &mut reply);
    reply.finish(outcome)
}

impl<'c> Reply<'c> {
    /// Begins the answer of the tool `name` called with `argv`.
    fn new(
        name: &'static str,
        argv: &[String],
        common: &Common,
        console: &'c mut Console,
    ) -> Reply<'c> {
        let xml = (common.output_as.as_deref() == Some("xml")).then(|| {
            let request =
                argv.iter().fold(name.to_owned(), |line, word| line + " " + &quoted(word));
            format!(
                "<pacemaker-result api-version=\"{API_VERSION}\" request=\"{}\">\n",
                escaped(&request).replace('\n', "&#10;")
            )
        });
        let quiet = common.output_as.as_deref() == Some("none");
        Reply { name, console, xml, errors: Vec::new(), quiet }
    }

    /// Returns true where the answer is XML.
    pub(super) fn is_xml(&self) -> bool {
        self.xml.is_some()
    }

    /// Prints a line for a person; no part of an XML answer.
    pub(super) fn info(&mut self, text: &str) {
        if self.xml.is_none() && !self.quiet {
            self.console.line(text);
        }
    }

    /// Prints text as it is; no part of an XML answer.
    pub(super) fn print(&mut self, text: &str) {
        if self.xml.is_none() && !self.quiet {
            self.console.print(text);
        }
    }

    /// Adds an element to an XML answer.
    pub(super) fn element(&mut self, tree: &Tree) {
        let Some(xml) = &mut self.xml else { return };
        for line in write_element(tree.root(), Layout::Pretty, Dialect::Pcmk3).lines() {
            xml.push_str("  ");
            xml.push_str(line);
            xml.push('\n');
        }
    }

    /// Adds an element that holds only text to an XML answer.
    pub(super) fn text_element(&mut self, name: &str, text: &str) {
        let Some(xml) = &mut self.xml else { return };
        xml.push_str(&format!("  <{name}>{}</{name}>\n", escaped(text)));
    }

    /// Answers with an XML document of the CIB: itself as text, quoted inside an XML answer.
    pub(super) fn document(&mut self, name: &str, text: &str) {
        match &mut self.xml {
            Some(xml) => xml.push_str(&format!("  <{name}><![CDATA[{text}]]></{name}>\n")),
            None => self.print(text),
        }
    }

    /// Adds an element that holds a quoted XML document, after what it has, to an XML answer.
    pub(super) fn document_in(&mut self, around: &Tree, name: &str, text: &str) {
        let Some(xml) = &mut self.xml else { return };
        let shown = write_element(around.root(), Layout::Pretty, Dialect::Pcmk3);
        let close = format!("</{}>", around.root().name());
        let shown = shown.trim_end();
        let open = match shown.strip_suffix("/>") {
            Some(open) if shown.lines().count() == 1 => format!("{open}>"),
            _ => shown.strip_suffix(&close).unwrap_or(shown).trim_end().to_owned(),
        };
        for line in open.lines() {
            xml.push_str(&format!("  {line}\n"));
        }
        xml.push_str(&format!("    <{name}><![CDATA[{text}]]></{name}>\n  {close}\n"));
    }

    /// Adds an element of elements that hold only text to an XML answer.
    pub(super) fn texts(&mut self, around: &Tree, items: &[(Tree, String)]) {
        if items.is_empty() {
            self.element(around);
            return;
        }
        let Some(xml) = &mut self.xml else { return };
        let open = |tree: &Tree| {
            let text = write_element(tree.root(), Layout::Pretty, Dialect::Pcmk3);
            format!("{}>", text.trim_end().trim_end_matches("/>"))
        };
        xml.push_str(&format!("  {}\n", open(around)));
        for (item, text) in items {
            let name = item.root().name();
            xml.push_str(&format!("    {}{}</{name}>\n", open(item), escaped(text)));
        }
        xml.push_str(&format!("  </{}>\n", around.root().name()));
    }

    /// Hands what was printed to whoever reads it.
    pub(super) fn flush(&mut self) {
        self.console.flush();
    }

    /// Adds an error as it is.
    pub(super) fn error(&mut self, text: &str) {
        if self.xml.is_some() {
            self.errors.push(text.to_owned());
        } else {
            self.console.complain(text);
        }
    }

    /// Ends the answer.
    fn finish(mut self, outcome: Result<Exit, Stop>) -> Exit {
        let exit = match outcome {
            Ok(exit) => exit,
            Err(stop) => {
                let text = format!("{}: {}", self.name, stop.text);
                self.error(&text);
                stop.exit
            }
        };
        if let Some(xml) = self.xml.take() {
            let mut tree = Tree::new("status");
            let root = tree.root_id();
            tree.set_attr(root, "code", exit.code().to_string());
            tree.set_attr(root, "message", exit_text(exit.code()));
            let mut status = write_element(tree.root(), Layout::Pretty, Dialect::Pcmk3);
            status.insert_str(0, "  ");
            if !self.errors.is_empty() {
                let errors: String = self
                    .errors
                    .iter()
                    .map(|e| format!("      <error>{}</error>\n", escaped(e)))
                    .collect();
                let open = status.trim_end().trim_end_matches("/>").to_owned();
                status = format!("{open}>\n    <errors>\n{errors}    </errors>\n  </status>\n");
            }
            self.console.print(&format!("{xml}{status}</pacemaker-result>\n"));
        }
        exit
    }
}

/// Makes an element with attributes.
pub(super) fn element(name: &'static str, attrs: &[(&'static str, &str)]) -> Tree {
    let mut tree = Tree::new(name);
    let root = tree.root_id();
    set(&mut tree, root, attrs);
    tree
}

/// Sets attributes.
pub(super) fn set(tree: &mut Tree, at: XmlId, attrs: &[(&'static str, &str)]) {
    for (name, value) in attrs {
        tree.set_attr(at, *name, *value);
    }
}

/// Quotes a word of a command line where a shell would split it.
fn quoted(word: &str) -> String {
    let splits = word.is_empty() || word.contains([' ', '\t', '\n', '\'', '"', '\\']);
    if splits { format!("'{}'", word.replace('\'', "'\\''")) } else { word.to_owned() }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
