//! Completion: what may stand at the end of a half-typed line.
//!
//! One function serves the terminal and `crm --compgen` (shell completion). It works on a
//! [`Snapshot`], so that the terminal's thread of control never needs the session.
//!
//! **Source:** crmsh `ui_context.py`, `Context.complete()`.

use std::borrow::Cow;

use cib_model::Cib;
use cib_model::xml::ElementRef;

use super::Shell;
use crate::backend::Shadows;
use crate::registry::{self, Child, Command, Complete, Level};

/// One word that may stand there.
pub type Candidate = Cow<'static, str>;

/// What completion needs to know about the session.
#[derive(Clone, Default)]
pub struct Snapshot {
    path: Vec<&'static Level>,
    /// Names from the CIB by kind.
    pub names: Names,
}

/// Names that are in the CIB or on disk.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Primitives, groups, clones, bundles.
    pub resources: Vec<String>,
    /// Groups alone.
    pub groups: Vec<String>,
    /// Nodes by name.
    pub nodes: Vec<String>,
    /// Every configuration object.
    pub objects: Vec<String>,
    /// Shadow CIBs.
    pub shadows: Vec<String>,
}

impl Names {
    /// Collects the names of a CIB and of the shadow CIBs.
    pub fn of(cib: Option<&Cib>, shadows: &Shadows) -> Names {
        let mut names = Names { shadows: shadows.list(), ..Names::default() };
        let Some(cib) = cib else { return names };
        let id = |e: ElementRef<'_>| e.id().map(str::to_owned);
        for element in cib.resources().into_iter().flat_map(ElementRef::descendants) {
            match element.name() {
                "group" => {
                    names.groups.extend(id(element));
                    names.resources.extend(id(element));
                }
                "primitive" | "clone" | "master" | "bundle" => names.resources.extend(id(element)),
                "template" => names.objects.extend(id(element)),
                _ => {}
            }
        }
        let nodes = cib.nodes().into_iter().flat_map(|n| n.children_named("node"));
        names.nodes.extend(nodes.filter_map(|n| n.attr("uname").map(str::to_owned)));
        let others = [cib.constraints(), cib.tags(), cib.acls(), cib.alerts()];
        names
            .objects
            .extend(others.into_iter().flatten().flat_map(ElementRef::children).filter_map(id));
        names.objects.extend(names.resources.iter().cloned());
        names.objects.extend(names.nodes.iter().cloned());
        names
    }
}

impl Snapshot {
    /// Takes what is known now; reads no CIB that was not read already.
    pub fn of(shell: &Shell) -> Snapshot {
        let mut path = vec![&crate::commands::root::LEVEL as &'static Level];
        path.extend(shell.path());
        Snapshot { path, names: shell.known_names() }
    }

    /// Returns where the word that is being typed starts (a byte offset), and what it may become.
    pub fn complete(&self, line: &str) -> (usize, Vec<Candidate>) {
        let start = line.rfind([' ', '\t', ',']).map_or(0, |at| at + 1);
        let typed = line.get(start..).unwrap_or_default();
        let before: Vec<&str> = line.get(..start).unwrap_or_default().split_whitespace().collect();
        let mut path = self.path.clone();
        let mut found = Vec::new();
        let mut words = before.as_slice();
        while let Some(level) = path.last().copied() {
            let Some((word, rest)) = words.split_first() else {
                found = registry::complete_names(level).into_iter().map(Cow::Borrowed).collect();
                break;
            };
            match registry::find(level, word) {
                Some(Child::Level(below)) => path.push(below),
                Some(Child::Command(command)) => {
                    found = self.arguments(command, &path, rest);
                    break;
                }
                None => break,
            }
            words = rest;
        }
        found.retain(|c| c.starts_with(typed));
        found.sort();
        found.dedup();
        (start, found)
    }

    fn arguments(
        &self,
        command: &Command,
        path: &[&'static Level],
        rest: &[&str],
    ) -> Vec<Candidate> {
        let Some(kind) = command.complete.get(rest.len()).or(command.complete.last()) else {
            return Vec::new();
        };
        let owned = |names: &[String]| names.iter().cloned().map(Cow::Owned).collect::<Vec<_>>();
        match kind {
            Complete::Words(words) => words.iter().map(|w| Cow::Borrowed(*w)).collect(),
            Complete::Resource => owned(&self.names.resources),
            Complete::Group => owned(&self.names.groups),
            Complete::Node => owned(&self.names.nodes),
            Complete::Object => owned(&self.names.objects),
            Complete::Shadow => owned(&self.names.shadows),
            Complete::Topic => Snapshot::topics(path, rest),
            Complete::Place => path
                .last()
                .map(|l| l.levels.iter().map(|l| Cow::Borrowed(l.name)).collect())
                .unwrap_or_default(),
            Complete::Setting => crate::config::names().map(Cow::Owned).collect(),
            Complete::AgentClass => {
                ["lsb", "ocf", "service", "stonith", "systemd"].map(Cow::Borrowed).to_vec()
            }
            Complete::Nothing | Complete::Agent | Complete::Property | Complete::Language => {
                Vec::new()
            }
        }
    }

    fn topics(path: &[&'static Level], rest: &[&str]) -> Vec<Candidate> {
        let mut level = path.last().copied();
        for word in rest {
            level = match level.and_then(|l| registry::find(l, word)) {
                Some(Child::Level(below)) => Some(below),
                _ => None,
            };
        }
        level
            .map(|l| registry::complete_names(l).into_iter().map(Cow::Borrowed).collect())
            .unwrap_or_default()
    }
}
