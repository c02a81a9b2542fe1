//! The document against the patterns, and what is said where it departs from them.

use std::collections::HashMap;
use std::rc::Rc;

use super::SchemaVersion;
use super::compile::Grammar;
use super::pattern::{self, P, Pattern, body_of, kinds_of};
use super::steps::Steps;
use super::value::Value;
use crate::cib::Cib;
use crate::validate::{Code, FINDINGS_MAX, Finding, Severity};
use crate::xml::{Child, ElementRef};

/// Deepest nesting that is looked at; the reader allows no more.
const DEPTH_MAX: usize = 512;

/// Findings that say which versions would have accepted it.
const EXPLAINED_MAX: usize = 20;

/// Elements of more attributes are not asked for the one whose value is wrong.
const ATTRS_MAX: usize = 32;

/// How the attributes of an element fit.
enum Taken {
    /// All that are needed are there; what is left for the children.
    Whole(P),
    /// All fit; some are missing.
    Open,
    /// One does not fit beside the others.
    Not,
}

/// One look through a document.
pub(super) struct Walk<'a> {
    version: SchemaVersion,
    grammar: Rc<Grammar>,
    steps: Steps,
    /// Only whether there is a finding is asked, not which.
    verdict_only: bool,
    findings: Vec<Finding>,
    ids: HashMap<&'a str, ElementRef<'a>>,
    references: Vec<(&'a str, &'a str, ElementRef<'a>)>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(version: SchemaVersion) -> Self {
        Walk {
            version,
            grammar: Grammar::of(version),
            steps: Steps::default(),
            verdict_only: false,
            findings: Vec::new(),
            ids: HashMap::new(),
            references: Vec::new(),
        }
    }

    /// Like [`Walk::new`], for a walk that ends at the first finding.
    pub(super) fn for_verdict(version: SchemaVersion) -> Self {
        Walk { verdict_only: true, ..Walk::new(version) }
    }

    fn is_decided(&self) -> bool {
        self.verdict_only && !self.findings.is_empty()
    }

    pub(super) fn document(mut self, cib: &'a Cib) -> Vec<Finding> {
        let root = self.grammar.root().clone();
        self.ids.reserve(cib.tree().len());
        if let Some(body) = body_of(&root, cib.root().name()) {
            self.element(cib.root(), body, 0);
        }
        if self.is_decided() {
            return self.findings;
        }
        for (name, target, element) in std::mem::take(&mut self.references) {
            if !self.ids.contains_key(target) {
                let message =
                    format!("<{}> refers by {name} to {target}, which is no id", element.name());
                self.find(element, Code::DanglingReference, message);
            }
        }
        self.findings
    }

    fn find(&mut self, element: ElementRef<'_>, code: Code, message: String) {
        if self.findings.len() >= FINDINGS_MAX {
            return;
        }
        let owner = std::iter::successors(Some(element), |e| e.parent()).find_map(ElementRef::id);
        self.findings.push(Finding {
            severity: Severity::Error,
            code,
            element: element.xml_id(),
            object: owner.unwrap_or_default().to_owned(),
            message,
        });
    }

    fn element(&mut self, element: ElementRef<'a>, body: usize, depth: usize) {
        let whole = self.grammar.body(body);
        if *whole == Pattern::Any || self.is_decided() {
            return;
        }
        if depth > DEPTH_MAX {
            self.find(element, Code::MisplacedElement, "nested too deeply".to_owned());
            return;
        }
        let left = self.attributes(element, &whole);
        let left = self.children(element, &whole, left, depth);
        if !left.is_satisfied() {
            let message =
                format!("<{}> needs {}", element.name(), pattern::needed(&left).join(" and "));
            self.find(element, Code::MissingElement, message);
        }
    }

    /// Takes the attributes away and says which are wrong or missing.
    fn attributes(&mut self, element: ElementRef<'a>, whole: &P) -> P {
        for (name, value) in element.attrs() {
            self.note_id(element, whole, name, value);
        }
        match self.after_attrs(element, whole, None) {
            Taken::Whole(left) => return left,
            Taken::Not if !self.verdict_only => {
                if let Some((name, value, left)) = self.one_wrong_value(element, whole) {
                    let kinds = kinds_of(whole, name);
                    self.wrong_value(element, name, value, &kinds);
                    return left;
                }
            }
            _ => {}
        }
        let mut left = whole.clone();
        for (name, value) in element.attrs() {
            let next = self.steps.after_attr(&left, name, value);
            if *next == Pattern::Never {
                self.wrong_attribute(element, whole, name, value);
            } else {
                left = next;
            }
        }
        let closed = self.steps.closed(&left);
        if *closed != Pattern::Never {
            return closed;
        }
        let message = format!("<{}> needs {}", element.name(), needed_attrs(&left));
        self.find(element, Code::MissingAttribute, message);
        pattern::without_attrs(&left, true)
    }

    /// Takes all attributes away, of the `forgiven` one whatever its value is.
    fn after_attrs(&mut self, element: ElementRef<'_>, whole: &P, forgiven: Option<&str>) -> Taken {
        let mut left = whole.clone();
        for (name, value) in element.attrs() {
            left = if forgiven == Some(name) {
                pattern::after_any_value(&left, name)
            } else {
                self.steps.after_attr(&left, name, value)
            };
            if *left == Pattern::Never {
                return Taken::Not;
            }
        }
        let closed = self.steps.closed(&left);
        if *closed == Pattern::Never { Taken::Open } else { Taken::Whole(closed) }
    }

    /// Returns the attribute with whose value alone everything would fit, and what is left then;
    /// rather one whose value no alternative names.
    fn one_wrong_value(
        &mut self,
        element: ElementRef<'a>,
        whole: &P,
    ) -> Option<(&'a str, &'a str, P)> {
        if element.attrs().nth(ATTRS_MAX).is_some() {
            return None;
        }
        let fits = |(name, value)| match self.after_attrs(element, whole, Some(name)) {
            Taken::Whole(left) => Some((name, value, left)),
            _ => None,
        };
        let mut found: Vec<(&str, &str, P)> = element.attrs().filter_map(fits).collect();
        let is_named = |kind: &Value, value| matches!(kind, Value::OneOf(_)) && kind.accepts(value);
        found.sort_by_key(|(name, value, _)| {
            kinds_of(whole, name).iter().any(|kind| is_named(kind, value))
        });
        found.into_iter().next()
    }

    fn wrong_value(&mut self, element: ElementRef<'_>, name: &str, value: &str, kinds: &[Value]) {
        let wrong = kinds.iter().filter(|kind| !kind.accepts(value));
        let (open, listed): (Vec<&Value>, Vec<&Value>) =
            wrong.partition(|kind| matches!(kind, Value::NoneOf(_)));
        // Where all but some names will do, the few that have an alternative of their own are no news.
        let told = if open.is_empty() { listed } else { open };
        let wanted: Vec<String> = told.iter().map(|kind| kind.describe()).collect();
        let (tag, wanted) = (element.name(), wanted.join(", or "));
        let message = format!("<{tag}>: {name} is '{value}', not {wanted}");
        self.find(element, Code::BadAttributeValue, message);
    }

    fn wrong_attribute(&mut self, element: ElementRef<'_>, whole: &P, name: &str, value: &str) {
        let kinds = kinds_of(whole, name);
        let tag = element.name();
        let (code, message) = if kinds.is_empty() {
            let since = self.since(tag, |p| !kinds_of(p, name).is_empty());
            let version = self.version;
            (Code::UnknownAttribute, format!("<{tag}> has no attribute {name} in {version}{since}"))
        } else if kinds.iter().any(|kind| kind.accepts(value)) {
            (
                Code::MisplacedAttribute,
                format!("<{tag}> cannot have {name} beside its other attributes"),
            )
        } else {
            return self.wrong_value(element, name, value, &kinds);
        };
        self.find(element, code, message);
    }

    /// Remembers ids and references, and says where an id is taken.
    fn note_id(&mut self, element: ElementRef<'a>, whole: &P, name: &'a str, value: &'a str) {
        let kinds = self.steps.kinds(whole, name);
        if kinds.contains(&Value::IdRef) {
            self.references.push((name, value.trim(), element));
        } else if kinds.contains(&Value::Id)
            && let Some(first) = self.ids.insert(value.trim(), element)
        {
            let message = format!(
                "the id {value} of <{}> is that of a <{}> before it",
                element.name(),
                first.name()
            );
            self.find(element, Code::DuplicateId, message);
        }
    }

    fn children(&mut self, element: ElementRef<'a>, whole: &P, mut left: P, depth: usize) -> P {
        for child in element.all_children() {
            let child = match child {
                Child::Element(child) => child,
                Child::Comment(_) => continue,
                Child::Text(_) | Child::CData(_) => {
                    let message = format!("<{}> holds text", element.name());
                    self.find(element, Code::StrayText, message);
                    continue;
                }
            };
            let (parent, name) = (element.name(), child.name());
            if let Some((body, next)) = self.steps.after_child(&left, name) {
                left = next;
                self.element(child, body, depth + 1);
                continue;
            }
            if let Some(body) = body_of(whole, name) {
                let message = format!("<{name}> cannot stand here in <{parent}>");
                self.find(child, Code::MisplacedElement, message);
                self.element(child, body, depth + 1);
            } else {
                let since = self.since(parent, |p| body_of(p, name).is_some());
                let version = self.version;
                let message = format!("<{parent}> holds no <{name}> in {version}{since}");
                self.find(child, Code::UnknownElement, message);
            }
        }
        left
    }

    /// Says in which versions an element of this name has what is looked for.
    fn since(&self, tag: &str, has: impl Fn(&P) -> bool) -> String {
        // Each answer reads the grammar of every version; a document that is wrong everywhere is
        // told what is wrong and no more.
        if self.verdict_only || self.findings.len() >= EXPLAINED_MAX {
            return String::new();
        }
        let mut found = SchemaVersion::ALL.into_iter().filter(|version| {
            let grammar = Grammar::of(*version);
            grammar.bodies_of(tag).any(|body| has(&body))
        });
        let Some(first) = found.next() else { return String::new() };
        if first > self.version {
            return format!(" (since {first})");
        }
        found
            .take_while(|version| *version < self.version)
            .last()
            .map_or_else(|| format!(" (only in {first})"), |last| format!(" (until {last})"))
    }
}

/// Names the attributes that are missing.
fn needed_attrs(left: &P) -> String {
    // Elements are not what is missing: take them as given.
    pattern::needed(&without_elements(left)).join(" and ")
}

fn without_elements(pattern: &P) -> P {
    use super::pattern::{Order, all, choice, empty};
    match &**pattern {
        Pattern::Elem(..) | Pattern::Many(_) => empty(),
        Pattern::Choice(parts) => choice(parts.iter().map(without_elements)),
        Pattern::Seq(parts) => all(Order::Fixed, parts.iter().map(without_elements)),
        Pattern::Mixed(parts) => all(Order::Free, parts.iter().map(without_elements)),
        _ => Rc::clone(pattern),
    }
}
