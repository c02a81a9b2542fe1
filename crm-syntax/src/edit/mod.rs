//! Changing a CIB by statements and by object.
//!
//! Reading order: this file ([`Editor`], [`Options`]), `index` (what is where), `create`, `load`,
//! `reference` (constraints that name a resource), `delete`, `rename`, `modgroup`.
//!
//! **Source:** crmsh 4.4.1 `CibFactory` (cibconfig.py).
//! **Invariant:** what returns an error has changed nothing.

mod create;
mod delete;
mod index;
mod lists;
mod load;
mod members;
mod modgroup;
mod monitor;
mod places;
mod reference;
mod rename;

use std::collections::BTreeMap;

use cib_model::cib::Cib;
use cib_model::xml::{ElementRef, XmlId};

use self::index::Index;
use self::lists::Shrinking;
use self::monitor::Monitors;
use crate::agents::AgentLookup;
use crate::ast::Object;
use crate::diag::{Code, Diagnostic, Severity};
use crate::kind::{Namespace, ObjectKind, object_id};
use crate::lower::{Lower, Refusal, World};
use crate::objects::node_names;
use crate::print::{Layout, Printer};
use crate::raise::RaiseContext;
use crate::representable::Guard;
use crate::schema::Schema;
use crate::style::{Release, Style};
use crate::text::{Mode, Statement};

pub use self::load::LoadMethod;
pub use self::modgroup::Position;

/// How statements are applied.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// The dialect that decides on XML and ids.
    pub style: Style,
    /// Which of crm's input paths is taken.
    pub mode: Mode,
    /// Answers questions about resource agents.
    pub agents: &'a dyn AgentLookup,
    /// Whose defaults the modern style writes.
    pub release: Release,
}

impl<'a> Options<'a> {
    /// Makes options for commands.
    pub fn new(style: Style, agents: &'a dyn AgentLookup) -> Self {
        Options { style, mode: Mode::Create, agents, release: Release::default() }
    }
}

impl std::fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("style", &self.style)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}

/// What a change reports: notes where it was made, diagnostics with an error where not.
pub type Outcome = Result<Vec<Diagnostic>, Vec<Diagnostic>>;

/// Applies one statement to a CIB.
///
/// # Errors
/// Diagnostics, one of them an error at least; nothing is changed then.
pub fn apply(cib: &mut Cib, statement: &Statement, options: &Options<'_>) -> Outcome {
    Editor::new(cib, options).apply(statement)
}

/// Returns the element that a statement means, before ids are made: members of containers stand as
/// `<crmsh-ref id="…"/>`, nothing is looked up but what `options.agents` knows.
///
/// # Errors
/// A diagnostic where the statement has no element.
pub fn element(
    statement: &Statement,
    options: &Options<'_>,
    cib: &Cib,
) -> Result<cib_model::xml::Tree, Diagnostic> {
    let index = Index::default();
    let world = Around { cib, index: &index, names: node_names(cib) };
    let mut lower = Lower {
        style: options.style,
        release: options.release,
        schema: Schema::named(cib.schema()),
        agents: options.agents,
        world: &world,
        notes: Vec::new(),
    };
    lower.object(&statement.object).map_err(|refusal| create::refusal(refusal, statement))
}

/// Changes a CIB. Keeps an index of its objects, so that a thousand statements cost little more
/// than a thousand times one.
///
/// ```
/// use cib_model::Cib;
/// use crm_syntax::agents::NoAgents;
/// use crm_syntax::style::Style;
/// use crm_syntax::{Editor, LoadMethod, Options};
///
/// let mut cib = Cib::empty();
/// let options = Options::new(Style::Modern, &NoAgents);
/// let mut editor = Editor::new(&mut cib, &options);
/// editor.load("primitive a Dummy\nprimitive b Dummy\ngroup g a b", LoadMethod::Update).unwrap();
/// // All or nothing: the second line is wrong, so the first is not loaded either.
/// let errors = editor.load("primitive c Dummy\ncolocation x", LoadMethod::Update).unwrap_err();
/// assert_eq!(errors[0].line, Some(2));
/// assert!(cib.resource("g").is_some() && cib.resource("c").is_none());
/// ```
pub struct Editor<'a> {
    cib: &'a mut Cib,
    style: Style,
    mode: Mode,
    agents: &'a dyn AgentLookup,
    release: Release,
    index: Index,
    /// What the current change has reported so far.
    notes: Vec<Diagnostic>,
    /// Whether what hangs on a deleted object goes without a word.
    is_quiet: bool,
    /// Long lists of which names have gone, until the current change ends.
    shrinking: BTreeMap<XmlId, Shrinking>,
    monitors: Option<Monitors>,
}

/// What an [`Editor`] knows of its CIB: what is where. Worth keeping between statements where they
/// come one by one; good only for the CIB it was taken from, as long as nobody else changes it.
#[derive(Debug)]
pub struct EditIndex {
    index: Index,
    monitors: Option<Monitors>,
}

impl<'a> Editor<'a> {
    /// Goes on with a CIB that has not changed since [`Editor::into_index`].
    pub fn resume(cib: &'a mut Cib, options: &Options<'a>, index: EditIndex) -> Self {
        let Options { style, mode, agents, release } = *options;
        Editor {
            cib,
            style,
            mode,
            agents,
            release,
            index: index.index,
            notes: Vec::new(),
            is_quiet: false,
            shrinking: BTreeMap::new(),
            monitors: index.monitors,
        }
    }

    /// Ends the work and gives away what was learnt of the CIB.
    pub fn into_index(self) -> EditIndex {
        EditIndex { index: self.index, monitors: self.monitors }
    }

    /// Looks through the CIB once.
    pub fn new(cib: &'a mut Cib, options: &Options<'a>) -> Self {
        let index = EditIndex { index: Index::of(cib), monitors: None };
        Editor::resume(cib, options, index)
    }

    /// Applies one statement.
    ///
    /// # Errors
    /// Diagnostics, one of them an error at least; nothing is changed then.
    pub fn apply(&mut self, statement: &Statement) -> Outcome {
        match self.mode {
            Mode::Create => self.create(statement),
            Mode::Load => self.load_all(vec![statement.clone()], LoadMethod::Update),
        }
    }

    fn element(&self, id: XmlId) -> Option<ElementRef<'_>> {
        self.cib.tree().element(id)
    }

    /// Returns the object that crm finds by this id: anything but a node or a user first.
    fn find(&self, id: &str) -> Option<XmlId> {
        let order = [Namespace::Objects, Namespace::Users, Namespace::Nodes];
        order.into_iter().find_map(|namespace| self.index.get(namespace, id))
    }

    fn kind(&self, id: XmlId) -> Option<ObjectKind> {
        self.element(id).and_then(ObjectKind::of)
    }

    /// Returns the object as crm names it in its messages: `type:id`.
    fn label(&self, id: XmlId) -> String {
        let Some(element) = self.element(id) else { return String::new() };
        label(element)
    }

    fn note(&mut self, message: String) {
        self.notes.push(Diagnostic::info(Code::SideEffect, message));
    }

    /// Ends a change: hands out the notes, or only the errors where there are any.
    fn finish(&mut self) -> Outcome {
        let notes = std::mem::take(&mut self.notes);
        if notes.iter().any(|note| note.severity == Severity::Error) {
            return Err(notes);
        }
        Ok(notes)
    }

    /// Ends a change with an error.
    fn refuse(&mut self, error: Diagnostic) -> Outcome {
        self.refuse_with(vec![error])
    }

    fn refuse_with(&mut self, errors: Vec<Diagnostic>) -> Outcome {
        self.notes.extend(errors);
        Err(std::mem::take(&mut self.notes))
    }

    /// Lowers an object; what it notes is kept.
    fn lower(&mut self, object: &Object) -> Result<cib_model::xml::Tree, Refusal> {
        let names = if matches!(object, Object::FencingTopology(_)) {
            node_names(self.cib)
        } else {
            Vec::new()
        };
        let world = Around { cib: self.cib, index: &self.index, names };
        let mut lower = Lower {
            style: self.style,
            release: self.release,
            schema: Schema::named(self.cib.schema()),
            agents: self.agents,
            world: &world,
            notes: Vec::new(),
        };
        let tree = lower.object(object);
        let notes = lower.notes;
        self.notes.extend(notes);
        tree
    }

    /// Prints an object on one line, as it would be read back.
    fn flat_text(&self, element: ElementRef<'_>) -> Option<String> {
        let context = RaiseContext::of(self.cib.tree(), self.style);
        let object = context.object(element)?;
        Some(Printer::new(self.style, &[]).object(&object, Layout::Flat))
    }

    /// Returns whether the language has words for all of an object.
    fn has_words(&self, element: ElementRef<'_>) -> bool {
        let context = RaiseContext::of(self.cib.tree(), self.style);
        let (schema, names) = (Schema::named(self.cib.schema()), node_names(self.cib));
        Guard { context: &context, schema, node_names: &names }.raise(element).is_some()
    }
}

/// Returns an object as crm names it in its messages: `type:id`.
fn label(element: ElementRef<'_>) -> String {
    let keyword = match ObjectKind::of(element) {
        Some(kind) => kind.keyword(),
        None => element.name(),
    };
    match object_id(element) {
        Some("fencing_topology") => "fencing_topology".to_owned(),
        id => format!("{keyword}:{}", id.unwrap_or_default()),
    }
}

/// The configuration around an object that is being lowered.
struct Around<'c> {
    cib: &'c Cib,
    index: &'c Index,
    names: Vec<String>,
}

impl World for Around<'_> {
    /// **Source:** crmsh `resolve_id_ref()`, `check_id_ref()`.
    fn resolve_id_ref(&self, tag: &str, id_ref: &str) -> (String, Option<Diagnostic>) {
        let object = self.index.resource(id_ref).and_then(|id| self.cib.tree().element(id));
        if let Some(object) = object {
            let mut found = object.descendants().filter(|e| e.name() == tag);
            if let Some(id) = found.next().and_then(ElementRef::id) {
                let note = found.next().map(|_| {
                    Diagnostic::warning(
                        Code::Reference,
                        format!("{id_ref} contains more than one {tag}, using first"),
                    )
                });
                return (id.to_owned(), note);
            }
        }
        // COMPAT(crmsh 4.4.1, check_id_ref()): what names the id counts too
        let is_named = object.is_some()
            || !self.index.constraints(id_ref).is_empty()
            || !self.index.tags(id_ref).is_empty();
        let bearers = if is_named {
            let all = self.cib.configuration().into_iter().flat_map(ElementRef::descendants);
            all.filter(|e| e.id() == Some(id_ref)).take(2).count()
        } else {
            self.index.ids.count(id_ref)
        };
        let message = match bearers {
            0 => format!("Reference not found: {id_ref}"),
            1 => return (id_ref.to_owned(), None),
            _ => format!("Ambiguous reference to {id_ref}"),
        };
        // crm reports an error and goes on
        (id_ref.to_owned(), Some(Diagnostic::warning(Code::Reference, message).about(id_ref)))
    }

    fn node_names(&self) -> &[String] {
        &self.names
    }
}
