//! What `cibadmin --show-access` prints: the CIB, and what a user may do with each element.
//!
//! The output is for a person: values stand in it as they are, so it is no XML.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_acl.c`, `xml/base/access-render-2.xsl`.

use std::io::IsTerminal as _;

use cib_model::Cib;
use cib_model::acl::{Access, Grant, Grants, Subject, is_unlimited};
use cib_model::validate::SchemaVersion;
use cib_model::xml::{Child, ElementRef};

use super::{Options, Stop};
use crate::exit::Exit;

/// How the rights are shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Rendering {
    /// A line before each element whose rights are not those of the element it is in.
    Text,
    /// Every tag in the color of its rights.
    Color,
    /// A prefix at each element whose rights are not those of the element it is in.
    Namespace,
}

impl Rendering {
    /// Returns what `--show-access` asks for; `None` where it is not given.
    pub(super) fn of(options: &Options) -> Result<Option<Rendering>, Stop> {
        let Some(asked) = options.show_access.as_deref() else { return Ok(None) };
        let rendering = match asked {
            "color" => Rendering::Color,
            "namespace" => Rendering::Namespace,
            "auto" if std::io::stdout().is_terminal() => Rendering::Color,
            "text" | "auto" => Rendering::Text,
            other => {
                let text = format!("Invalid value '{other}' for option '--show-access'");
                return Err(Stop::new(Exit::TOOL_USAGE, text));
            }
        };
        if options.user.is_none() {
            let text = "-U/--user is required with -S/--show-access";
            return Err(Stop::new(Exit::TOOL_USAGE, text));
        }
        Ok(Some(rendering))
    }
}

/// Returns the CIB with what the user may do; an element without its children where `shallow`.
///
/// # Errors
/// The user has every right, has no possible name, or the CIB's schema has no such permissions.
pub(super) fn render(
    cib: &Cib,
    subject: &Subject,
    rendering: Rendering,
    shallow: bool,
) -> Result<String, Stop> {
    let user = &subject.user;
    let stop = |why| {
        let text = format!("Could not evaluate ACLs for {user}: {why}");
        Err(Stop::new(Exit::CONFIG, text))
    };
    if user.contains(['<', '>', '&']) {
        return stop("Invalid argument");
    }
    if is_unlimited(user) {
        return stop("Already in requested state");
    }
    let schema = cib.schema();
    let recent = schema.and_then(SchemaVersion::named).is_some_and(|version| {
        SchemaVersion::named("pacemaker-2.0").is_some_and(|first| version >= first)
    });
    if !recent && schema != Some("none") {
        return stop("Update does not conform to the configured schema");
    }
    let grants = Access::of(cib, subject).grants(cib.tree());
    let mut writer = Writer { out: String::new(), rendering, shallow, grants: &grants };
    writer.out.push_str(&format!("<!-- ACLs as evaluated for user {user} -->\n"));
    writer.element(cib.root(), None, 0);
    Ok(writer.out)
}

struct Writer<'g> {
    out: String,
    rendering: Rendering,
    shallow: bool,
    grants: &'g Grants,
}

impl Writer<'_> {
    /// Writes an element; `around` is what the user may do with the element it is in.
    fn element(&mut self, element: ElementRef<'_>, around: Option<Grant>, depth: usize) {
        let grant = self.grants.of(element);
        let differs = around != Some(grant);
        let (mut before, mut prefix, mut after) = ("", String::new(), "");
        match self.rendering {
            Rendering::Text if differs => self.announce(grant, depth),
            Rendering::Color => (before, after) = (color(grant), RESET),
            Rendering::Namespace if differs => prefix = format!("{PREFIX}{}:", word(grant)),
            Rendering::Text | Rendering::Namespace => {}
        }
        let name = element.name();
        self.out.push_str(&format!("{before}<{prefix}{name}"));
        for (name, value) in element.attrs() {
            self.out.push_str(&format!(" {name}=\"{value}\""));
        }
        if depth == 0 && self.rendering == Rendering::Namespace {
            self.namespaces();
        }
        let parts = element.all_children().filter(|child| !self.shallow && is_shown(child));
        let parts: Vec<Child<'_>> = parts.collect();
        if parts.is_empty() {
            self.out.push_str("/>");
        } else {
            self.out.push('>');
            for part in parts {
                self.new_line(depth + 1);
                match part {
                    Child::Element(child) => self.element(child, Some(grant), depth + 1),
                    Child::Comment(text) => self.out.push_str(&format!("<!-- {text} -->\n")),
                    Child::Text(_) | Child::CData(_) => {}
                }
            }
            self.new_line(depth);
            self.out.push_str(&format!("{before}</{prefix}{name}>"));
        }
        self.out.push_str(after);
    }

    fn announce(&mut self, grant: Grant, depth: usize) {
        let label = match grant {
            Grant::Writable => "WRITABLE",
            Grant::Readable => "READABLE",
            Grant::Denied => "~DENIED~",
        };
        if depth > 0 {
            self.new_line(depth);
        }
        self.out.push_str(&format!("vvv---[ {label} ]---vvv"));
        self.new_line(depth);
    }

    /// Declares the namespaces in use.
    fn namespaces(&mut self) {
        for grant in [Grant::Writable, Grant::Readable, Grant::Denied] {
            if self.grants.any(grant) {
                let word = word(grant);
                self.out.push_str(&format!(" xmlns:{PREFIX}{word}=\"{NAMESPACE}{word}\""));
            }
        }
    }

    fn new_line(&mut self, depth: usize) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n("  ", depth));
    }
}

const PREFIX: &str = "pcmk-access-";
const NAMESPACE: &str = "http://clusterlabs.org/ns/pacemaker/access/";
const RESET: &str = "\x1b[0m";

fn word(grant: Grant) -> &'static str {
    match grant {
        Grant::Writable => "writable",
        Grant::Readable => "readable",
        Grant::Denied => "denied",
    }
}

fn color(grant: Grant) -> &'static str {
    match grant {
        Grant::Writable => "\x1b[32m",
        Grant::Readable => "\x1b[34m",
        Grant::Denied => "\x1b[31m",
    }
}

/// Pacemaker's CIB has no text between elements.
fn is_shown(child: &Child<'_>) -> bool {
    matches!(child, Child::Element(_) | Child::Comment(_))
}
