//! The facts above the lists: stack, DC, times, counts.

use cib_model::Cib;
use cib_model::resource::Resource;

use super::model::{Model, is_true, meta, property};
use crate::ui::localtime;

/// The summary's facts.
pub(super) struct Summary {
    /// `cluster-infrastructure`.
    pub(super) stack: String,
    /// Name and id of the node that decides.
    pub(super) dc: Option<(String, String)>,
    /// `dc-version`.
    pub(super) version: String,
    /// Enough nodes are there to act.
    pub(super) quorate: bool,
    /// Now, as text.
    pub(super) updated: String,
    /// `cib-last-written` with who, through what and where.
    pub(super) changed: Option<Changed>,
    /// Nodes configured.
    pub(super) nodes: usize,
    /// Resource instances configured.
    pub(super) resources: usize,
    /// Of these, how many are told to be stopped.
    pub(super) disabled: usize,
    /// Of these, how many are left alone after a failure.
    pub(super) blocked: usize,
    /// The whole cluster is left alone.
    pub(super) maintenance: bool,
    /// `stonith-enabled`.
    pub(super) fencing: bool,
    /// `symmetric-cluster`.
    pub(super) symmetric: bool,
    /// `no-quorum-policy`.
    pub(super) no_quorum: String,
    /// `stop-all-resources`.
    pub(super) stop_all: bool,
}

/// When the configuration was changed, and by what.
pub(super) struct Changed {
    /// Time as text.
    pub(super) when: String,
    /// User.
    pub(super) user: Option<String>,
    /// Program.
    pub(super) client: Option<String>,
    /// Node.
    pub(super) origin: Option<String>,
}

impl Summary {
    /// Collects the facts; `now` in seconds since 1970.
    pub(super) fn of(model: &Model<'_>, now: i64) -> Summary {
        let cib = model.cib;
        let text = |name: &str| property(cib, name).map(str::to_owned);
        let root = |name: &str| cib.root().attr(name).filter(|v| !v.is_empty()).map(str::to_owned);
        let primitives = || {
            cib.resources()
                .into_iter()
                .flat_map(cib_model::xml::ElementRef::descendants)
                .filter(|e| e.name() == "primitive")
        };
        let disabled =
            primitives().map(|p| if is_disabled(p) { instances(model, p) } else { 0 }).sum();
        let blocked = primitives()
            .filter_map(cib_model::xml::ElementRef::id)
            .flat_map(|id| model.instances_of(id))
            .filter(|i| i.blocked && i.failed)
            .count();
        Summary {
            stack: text("cluster-infrastructure").unwrap_or_else(|| "unknown".to_owned()),
            dc: model.dc().map(|n| (n.name.to_owned(), n.id.to_owned())),
            version: text("dc-version").unwrap_or_else(|| "unknown".to_owned()),
            quorate: is_quorate(cib),
            updated: localtime::ctime(now),
            changed: root("cib-last-written").map(|when| Changed {
                when,
                user: root("update-user"),
                client: root("update-client"),
                origin: root("update-origin"),
            }),
            nodes: model.nodes.len(),
            resources: model.resource_count(),
            disabled,
            blocked,
            maintenance: property(cib, "maintenance-mode").is_some_and(is_true),
            fencing: property(cib, "stonith-enabled").is_none_or(is_true),
            symmetric: property(cib, "symmetric-cluster").is_none_or(is_true),
            no_quorum: text("no-quorum-policy").unwrap_or_else(|| "stop".to_owned()),
            stop_all: property(cib, "stop-all-resources").is_some_and(is_true),
        }
    }
}

/// Tells whether the CIB says that there is a quorum.
pub fn is_quorate(cib: &Cib) -> bool {
    cib.root().attr("have-quorum").is_some_and(is_true)
}

/// Tells whether a resource, or what holds it, is told to be stopped.
pub(super) fn is_disabled(element: cib_model::xml::ElementRef<'_>) -> bool {
    let mut at = Some(element);
    while let Some(e) = at.filter(|e| Resource::cast(*e).is_some()) {
        if meta(e, "target-role").is_some_and(|r| r.eq_ignore_ascii_case("stopped")) {
            return true;
        }
        at = e.parent();
    }
    false
}

/// Counts the instances of a primitive.
fn instances(model: &Model<'_>, primitive: cib_model::xml::ElementRef<'_>) -> usize {
    let mut at = primitive.parent();
    while let Some(e) = at {
        if matches!(e.name(), "clone" | "master") {
            let max = meta(e, "clone-max").and_then(|m| m.parse().ok());
            return max.unwrap_or(model.nodes.len());
        }
        at = e.parent();
    }
    1
}
