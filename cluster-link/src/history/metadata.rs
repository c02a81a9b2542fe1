//! What the history needs to know of an agent: which parameters are private, unique or reloadable.
//!
//! **Source:** pacemaker `daemons/controld/controld_metadata.c` `controld_cache_metadata()`.

use cib_model::boolean;
use cib_model::xml::{self, ElementRef};

/// How an agent takes new parameters while it runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Reload {
    /// Not at all: the resource is restarted.
    #[default]
    No,
    /// By `reload-agent` (OCF 1.1): all parameters marked `reloadable`.
    Agent,
    /// By `reload` (before OCF 1.1): all parameters not marked `unique`.
    Legacy,
}

/// One parameter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AgentParam {
    /// Its name.
    pub name: String,
    /// May be changed while the resource runs.
    pub reloadable: bool,
    /// Must differ between resources.
    pub unique: bool,
    /// Its value is secret.
    pub private: bool,
}

/// An agent's parameters and abilities.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AgentMetadata {
    /// How it reloads.
    pub reload: Reload,
    /// Its parameters, in the order of its meta-data.
    pub params: Vec<AgentParam>,
}

impl AgentMetadata {
    /// Reads meta-data.
    ///
    /// Agents that mark no parameter as private have `password`, `passwd` and `user` taken for it.
    ///
    /// # Errors
    /// The XML reader's error.
    pub fn parse(text: &str) -> Result<Self, xml::ReadError> {
        let tree = xml::read(text)?;
        let root = tree.root();
        let mut params: Vec<_> = children(root, "parameters", "parameter")
            .filter_map(|param| {
                Some(AgentParam {
                    name: param.attr("name")?.to_owned(),
                    reloadable: is_true(param, "reloadable"),
                    unique: is_true(param, "unique"),
                    private: is_true(param, "private"),
                })
            })
            .collect();
        if !params.iter().any(|param| param.private) {
            for param in &mut params {
                param.private = matches!(param.name.as_str(), "password" | "passwd" | "user");
            }
        }
        Ok(Self { reload: reload(root), params })
    }
}

fn reload(root: ElementRef<'_>) -> Reload {
    let version = root.child("version").map(text_of).unwrap_or_default();
    let has = |name: &str| {
        children(root, "actions", "action").any(|action| action.attr("name") == Some(name))
    };
    match is_ocf_1_1(&version) {
        true if has("reload-agent") => Reload::Agent,
        false if has("reload") => Reload::Legacy,
        _ => Reload::No,
    }
}

fn is_ocf_1_1(version: &str) -> bool {
    let mut numbers = version.trim().split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let major = numbers.next().unwrap_or(0);
    (major, numbers.next().unwrap_or(0)) >= (1, 1)
}

fn children<'a>(
    root: ElementRef<'a>,
    list: &'static str,
    item: &'static str,
) -> impl Iterator<Item = ElementRef<'a>> {
    root.child(list).into_iter().flat_map(move |list| list.children_named(item))
}

fn is_true(element: ElementRef<'_>, name: &str) -> bool {
    element.attr(name).and_then(boolean::parse).unwrap_or(false)
}

fn text_of(element: ElementRef<'_>) -> String {
    element
        .all_children()
        .filter_map(|child| match child {
            xml::Child::Text(text) => Some(text),
            _ => None,
        })
        .collect()
}
