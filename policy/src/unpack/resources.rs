//! Resources: what is configured.
//!
//! **Source:** pacemaker `lib/pengine/complex.c` (`pe__unpack_resource()`), `native.c`
//! (`native_unpack()`), `group.c` (`group_unpack()`), `unpack.c` (`unpack_resources()`).

use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

use cib_model::xml::{ElementRef, XmlId};
use cib_model::{Role, Score, boolean, interval};

use super::bundle_xml::BundleXml;
use super::expand;
use super::location;
use super::nvset;
use super::rule::RuleInput;
use crate::facts::{
    AttrMap, ClusterFlags, ClusterOptions, GroupFacts, MultiplyActive, NoQuorumPolicy, OpTable,
    RscFacts, RscFlags, RscState, Variant, VariantFacts,
};
use crate::glib::list_sort;
use crate::index::RscIdx;
use crate::plan::Plan;
use crate::scores::{INFINITY, NodeTable};
use crate::trace::Reason;

/// Reads resources into the plan.
pub(super) struct Unpacker<'a> {
    pub(super) plan: &'a mut Plan,
    pub(super) bundles: &'a FxHashMap<XmlId, BundleXml>,
    pub(super) invalid: &'a FxHashSet<XmlId>,
}

/// The resource cannot be used; what was wrong is in the diagnostics.
#[derive(Debug)]
pub(super) struct Unusable;

/// Reads all configured resources.
pub(super) fn run(
    plan: &mut Plan,
    bundles: &FxHashMap<XmlId, BundleXml>,
    invalid: &FxHashSet<XmlId>,
) {
    let config = Arc::clone(&plan.facts.config);
    let Some(resources) = expand::resources(&config) else { return };
    reserve(plan, resources.children().map(count).sum());
    let mut unpacker = Unpacker { plan, bundles, invalid };
    for element in resources.children() {
        if element.name() == "template" {
            continue;
        }
        let Some(id) = element.id().filter(|id| !id.is_empty()) else {
            let message = format!("Ignoring <{}> resource without ID", element.name());
            unpacker.plan.diagnostics.error(message);
            continue;
        };
        match unpacker.resource(element, None, None) {
            Ok(rsc) => unpacker.plan.facts.top.push(rsc),
            Err(Unusable) => unpacker.plan.diagnostics.error(format!(
                "Ignoring <{}> resource '{id}' because configuration is invalid",
                element.name()
            )),
        }
    }
    let plan = unpacker.plan;
    for rsc in plan.facts.top.clone() {
        index_tree(plan, rsc);
    }
    for rsc in plan.facts.top.clone() {
        link_launchers(plan, rsc);
        link_remote_node(plan, rsc);
    }
    let rscs = &plan.rscs;
    list_sort(&mut plan.facts.top, &mut |a, b| rscs[*b].priority.cmp(&rscs[*a].priority));
    let options = &plan.facts.options;
    if options.has(ClusterFlags::FENCING_ENABLED) && !options.has(ClusterFlags::HAVE_FENCING) {
        plan.diagnostics.error(
            "Resource start-up disabled since no fencing resources have been defined. Either \
             configure some or disable fencing with the fencing-enabled option. NOTE: Clusters \
             with shared data need fencing to ensure data integrity.",
        );
    }
}

/// Makes a resource and all below it known by id.
pub(super) fn index_tree(plan: &mut Plan, rsc: RscIdx) {
    plan.facts.index_rsc(rsc);
    for child in plan.rscs[rsc].children.clone() {
        index_tree(plan, child);
    }
}

fn link_launchers(plan: &mut Plan, rsc: RscIdx) {
    let children = plan.rscs[rsc].children.clone();
    if !children.is_empty() {
        for child in children {
            link_launchers(plan, child);
        }
        return;
    }
    let facts = &plan.facts.rscs[rsc];
    let Some(id) = facts.meta.get("container").filter(|id| **id != *facts.id) else { return };
    match plan.facts.rsc_by_id(id) {
        Some(launcher) if is_inside(plan, launcher, rsc) => {
            let message = format!("Resource {}: container {id} is inside of it", facts.id);
            plan.diagnostics.error(message);
        }
        Some(launcher) => {
            plan.facts.rscs[rsc].launcher = Some(launcher);
            plan.facts.rscs[launcher].launched.push(rsc);
        }
        None => {
            let message = format!("Resource {}: Unknown container {id}", facts.id);
            plan.diagnostics.error(message);
        }
    }
}

/// Returns true where `rsc` is `outer`, or launched by it, by way of others too.
pub(super) fn is_inside(plan: &Plan, rsc: RscIdx, outer: RscIdx) -> bool {
    let mut launchers = std::iter::successors(Some(rsc), |r| plan.facts.rscs[*r].launcher);
    launchers.any(|launcher| launcher == outer)
}

/// Joins a top-level remote connection and the node it connects to.
///
/// # Source
/// `link_rsc2remotenode()`.
pub(super) fn link_remote_node(plan: &mut Plan, rsc: RscIdx) {
    if !plan.rscs[rsc].has(RscFlags::IS_REMOTE_CONNECTION) {
        return;
    }
    let Some(node) = plan.facts.node_by_name(&plan.facts.rscs[rsc].id) else { return };
    plan.facts.nodes[node].remote = Some(rsc);
    if plan.facts.rscs[rsc].launcher.is_none() {
        super::nodes::startup_fencing(plan, node);
    } else {
        plan.facts.nodes[node].attrs.set("#kind", "container");
    }
}

/// Abilities of an agent's class.
///
/// # Source
/// `pcmk_get_ra_caps()`.
struct ClassAbilities {
    unique: bool,
    promotable: bool,
}

fn abilities(class: &str) -> ClassAbilities {
    let is = |name: &str| class.eq_ignore_ascii_case(name);
    ClassAbilities { unique: is("ocf") || is("stonith"), promotable: is("ocf") }
}

impl Unpacker<'_> {
    /// Reads the resource of `element`; `number` is the instance number below a clone.
    ///
    /// # Errors
    /// [`Unusable`] where the resource (or the clone's or bundle's content) cannot be used; rows
    /// made meanwhile stay in the tables, reachable from nothing.
    pub(super) fn resource(
        &mut self,
        element: ElementRef<'_>,
        parent: Option<RscIdx>,
        number: Option<&str>,
    ) -> Result<RscIdx, Unusable> {
        let id = element.id().ok_or(Unusable)?;
        let kind = match element.name() {
            "primitive" => VariantFacts::Primitive,
            "group" => VariantFacts::Group(GroupFacts { ordered: true, colocated: true }),
            // COMPAT(pacemaker 2.x, complex.c): the schemas before 4.0 have `master`.
            "clone" | "master" => VariantFacts::Clone(Box::default()),
            "bundle" => VariantFacts::Bundle(Box::default()),
            _ => return Err(Unusable),
        };
        if self.invalid.contains(&element.xml_id()) {
            return Err(Unusable);
        }
        let text = |name: &str| element.attr(name).unwrap_or_default();
        let mut meta = AttrMap::new();
        if let Some(number) = number {
            meta.set("clone", number);
        }
        if element.name() == "master" {
            meta.set("promotable", "true");
        }
        let facts = RscFacts {
            id: number.map_or_else(|| id.into(), |n| format!("{id}:{n}").into()),
            xml_id: id.into(),
            xml: Some(element.xml_id()),
            ops_xml: element.child("operations").map(ElementRef::xml_id),
            op_table: element.child("operations").and_then(OpTable::of),
            kind,
            class: text("class").into(),
            provider: element.attr("provider").map(Into::into),
            agent: text("type").into(),
            parent,
            clone_number: number.map(Into::into),
            meta,
            utilization: AttrMap::new(),
            stickiness: 0,
            ban_after_failures: INFINITY,
            failure_expiration_ms: 0,
            remote_reconnect_ms: 0,
            multiply_active: MultiplyActive::StopStart,
            launcher: None,
            launched: Vec::new(),
        };
        let rsc = add(self.plan, facts);
        self.meta_attributes(rsc, element);
        settings(self.plan, rsc, Some(element));
        self.variant(rsc, element)?;
        finish(self.plan, rsc, Some(element));
        Ok(rsc)
    }

    /// Fills the table of meta-attributes.
    ///
    /// # Order
    /// The element's own attributes, its blocks, its ancestors' blocks (nearest first), the
    /// defaults, the parent's table; the first value of a name stays.
    ///
    /// # Source
    /// `get_meta_attributes()`.
    fn meta_attributes(&mut self, rsc: RscIdx, element: ElementRef<'_>) {
        let mut meta = std::mem::take(&mut self.plan.facts.rscs[rsc].meta);
        let change = meta_attributes(self.plan, rsc, Some(element), &mut meta);
        meta.shrink();
        self.plan.facts.rscs[rsc].meta = meta;
        if let Some(time) = change {
            self.plan.recheck_at(time);
        }
    }

    fn variant(&mut self, rsc: RscIdx, element: ElementRef<'_>) -> Result<(), Unusable> {
        match self.plan.facts.rscs[rsc].variant() {
            Variant::Primitive => self.primitive(rsc),
            Variant::Group => self.group(rsc, element),
            Variant::Clone => self.clone(rsc, element),
            Variant::Bundle => self.bundle(rsc, element),
        }
    }

    fn primitive(&mut self, rsc: RscIdx) -> Result<(), Unusable> {
        let plan = &mut *self.plan;
        let top = plan.facts.top_below_bundle(rsc);
        let abilities = abilities(&plan.facts.rscs[rsc].class);
        if !abilities.unique
            && plan.rscs[rsc].has(RscFlags::UNIQUE)
            && plan.facts.rscs[top].variant() == Variant::Clone
        {
            self.force_anonymous(top);
            clear_unique(self.plan, top);
            clear_unique(self.plan, rsc);
        }
        let plan = &mut *self.plan;
        if !abilities.promotable && plan.rscs[top].has(RscFlags::PROMOTABLE) {
            let facts = &plan.facts.rscs[rsc];
            plan.diagnostics.error(format!(
                "Resource {} is of type {} and therefore cannot be used as a promotable clone \
                 resource",
                facts.id, facts.class
            ));
            return Err(Unusable);
        }
        Ok(())
    }

    fn group(&mut self, rsc: RscIdx, element: ElementRef<'_>) -> Result<(), Unusable> {
        let facts = &mut self.plan.facts.rscs[rsc];
        let on = |name: &str| facts.meta.get(name).and_then(boolean::parse).unwrap_or(true);
        let (ordered, colocated) = (on("ordered"), on("collocated"));
        facts.kind = VariantFacts::Group(GroupFacts { ordered, colocated });
        let number = facts.clone_number.clone();
        for member in element.children_named("primitive") {
            if let Ok(child) = self.resource(member, Some(rsc), number.as_deref()) {
                self.plan.rscs[rsc].children.push(child);
            }
        }
        if self.plan.rscs[rsc].children.is_empty() {
            let message = format!("Group {} has no members", self.plan.facts.rscs[rsc].id);
            self.plan.diagnostics.error(message);
            return Err(Unusable);
        }
        Ok(())
    }
}

fn clear_unique(plan: &mut Plan, rsc: RscIdx) {
    plan.rscs[rsc].flags -= RscFlags::UNIQUE;
    plan.facts.rscs[rsc].meta.set("globally-unique", "false");
    for child in plan.rscs[rsc].children.clone() {
        clear_unique(plan, child);
    }
}

/// Returns how many resources an element makes, instances not counted.
fn count(element: ElementRef<'_>) -> usize {
    match element.name() {
        "primitive" => 1,
        "group" | "clone" | "master" | "bundle" => 1 + element.children().map(count).sum::<usize>(),
        _ => 0,
    }
}

/// Makes room in all tables: one that grows is there twice for a while.
fn reserve(plan: &mut Plan, rscs: usize) {
    plan.facts.rscs.reserve(rscs);
    plan.rscs.reserve(rscs);
    plan.scores.allowed.reserve(rscs);
    plan.constraints.locations_of.reserve(rscs);
    plan.constraints.this_with.reserve(rscs);
    plan.constraints.with_this.reserve(rscs);
    plan.constraints.tickets_of.reserve(rscs);
}

/// Adds a resource to all tables.
pub(super) fn add(plan: &mut Plan, facts: RscFacts) -> RscIdx {
    let rsc = plan.facts.rscs.push(facts);
    plan.rscs.push(RscState { orig_role: Role::Stopped, ..RscState::default() });
    plan.scores.allowed.push(NodeTable::default());
    plan.constraints.locations_of.push(Vec::new());
    plan.constraints.this_with.push(Vec::new());
    plan.constraints.with_this.push(Vec::new());
    plan.constraints.tickets_of.push(Vec::new());
    rsc
}

/// Adds what is not set yet from all sources to `meta`. Returns when a rule's answer changes next.
pub(super) fn meta_attributes(
    plan: &Plan,
    rsc: RscIdx,
    element: Option<ElementRef<'_>>,
    meta: &mut AttrMap,
) -> Option<i64> {
    let facts = &plan.facts;
    let own = &facts.rscs[rsc];
    let input = RuleInput {
        now: facts.now,
        class: Some(&*own.class).filter(|c| !c.is_empty()),
        provider: own.provider.as_deref(),
        agent: Some(&*own.agent).filter(|a| !a.is_empty()),
        ..RuleInput::default()
    };
    let mut change = None;
    let mut blocks = |element: ElementRef<'_>, meta: &mut AttrMap| {
        let next = nvset::unpack(element, "meta_attributes", &input, None, meta);
        change = change.into_iter().chain(next).min();
    };
    if let Some(element) = element {
        for (name, value) in element.attrs() {
            if name != "template" && !value.eq_ignore_ascii_case("#default") {
                meta.set_default(name, value);
            }
        }
        blocks(element, meta);
    }
    let mut inherited = AttrMap::new();
    let mut at = own.parent;
    while let Some(parent) = at {
        if let Some(element) = facts.rsc_xml(parent) {
            blocks(element, &mut inherited);
        }
        at = facts.rscs[parent].parent;
    }
    for (name, value) in inherited.iter() {
        meta.set_default(name, value);
    }
    if let Some(defaults) = facts.rsc_defaults.and_then(|id| facts.config.element(id)) {
        blocks(defaults, meta);
    }
    if let Some(parent) = own.parent {
        for (name, value) in facts.rscs[parent].meta.iter() {
            meta.set_default(name, value);
        }
    }
    change
}

/// Reads the settings that are the same for all variants from the meta-attributes.
pub(super) fn settings(plan: &mut Plan, rsc: RscIdx, element: Option<ElementRef<'_>>) {
    let in_maintenance = plan.facts.options.has(ClusterFlags::IN_MAINTENANCE);
    let meta = &plan.facts.rscs[rsc].meta;
    let on = |name: &str| meta.get(name).and_then(boolean::parse).unwrap_or(false);
    let mut flags = RscFlags::UNASSIGNED;
    flags.set(RscFlags::MANAGED, !in_maintenance);
    flags.set(RscFlags::CRITICAL, meta.get("critical").is_none() || on("critical"));
    flags.set(RscFlags::NOTIFY, on("notify"));
    let connection = is_connection(plan, rsc);
    let is_guest = connection && meta.contains("container");
    flags.set(RscFlags::IS_REMOTE_CONNECTION, connection);
    let migrate = meta.get("allow-migrate");
    flags.set(
        RscFlags::MIGRATABLE,
        on("allow-migrate") || (migrate.is_none() && connection && !is_guest),
    );
    if let Some(value) = meta.get("is-managed").filter(|v| !v.eq_ignore_ascii_case("default")) {
        flags.set(RscFlags::MANAGED, boolean::parse(value).unwrap_or(false));
    }
    if on("maintenance") || in_maintenance {
        flags -= RscFlags::MANAGED;
        flags |= RscFlags::MAINTENANCE;
    }
    let top = plan.facts.top_below_bundle(rsc);
    if plan.facts.rscs[top].variant() == Variant::Clone {
        flags.set(RscFlags::UNIQUE, is_unique(meta));
        flags.set(RscFlags::PROMOTABLE, on("promotable"));
    } else {
        flags |= RscFlags::UNIQUE;
    }
    if plan.facts.rscs[rsc].class.eq_ignore_ascii_case("stonith") {
        plan.facts.options.flags |= ClusterFlags::HAVE_FENCING;
        flags |= RscFlags::FENCE_DEVICE;
    }
    flags |= requires(plan, rsc, flags);
    plan.rscs[rsc].flags = flags;
    numbers(plan, rsc, element, connection && !is_guest);
    if let Some(role) = target_role(plan, rsc) {
        plan.rscs[rsc].next_role = role;
    }
}

fn is_connection(plan: &Plan, rsc: RscIdx) -> bool {
    let facts = &plan.facts.rscs[rsc];
    facts.agent.eq_ignore_ascii_case("remote")
        && facts.class.eq_ignore_ascii_case("ocf")
        && facts.provider.as_deref().is_some_and(|p| p.eq_ignore_ascii_case("pacemaker"))
}

/// Reads the meta-attributes that are numbers or words.
fn numbers(plan: &mut Plan, rsc: RscIdx, element: Option<ElementRef<'_>>, is_remote: bool) {
    let reconnect = element.filter(|_| is_remote).and_then(|element| {
        let mut params = AttrMap::new();
        let input = RuleInput { now: plan.facts.now, ..RuleInput::default() };
        nvset::unpack(element, "instance_attributes", &input, None, &mut params);
        params.get("reconnect_interval").map(|v| interval::interval_ms(Some(v)))
    });
    let facts = &mut plan.facts.rscs[rsc];
    let meta = &facts.meta;
    let score = |name: &str| meta.get(name).and_then(|v| Score::parse(v).ok()).map(Score::value);
    plan.rscs[rsc].priority = score("priority").unwrap_or(0);
    facts.stickiness = score("resource-stickiness").unwrap_or(0);
    facts.ban_after_failures = score("migration-threshold").filter(|t| *t >= 0).unwrap_or(INFINITY);
    facts.failure_expiration_ms = interval::interval_ms(meta.get("failure-timeout"));
    facts.multiply_active = match meta.get("multiple-active") {
        Some(v) if v.eq_ignore_ascii_case("stop_only") => MultiplyActive::StopOnly,
        Some(v) if v.eq_ignore_ascii_case("block") => MultiplyActive::Block,
        Some(v) if v.eq_ignore_ascii_case("stop_unexpected") => MultiplyActive::StopUnexpected,
        _ => MultiplyActive::StopStart,
    };
    if let Some(ms) = reconnect {
        facts.remote_reconnect_ms = ms;
        facts.failure_expiration_ms = ms;
    }
}

/// Returns whether a clone is globally unique; true by default where a node may run several.
///
/// # Source
/// `detect_unique()`.
fn is_unique(meta: &AttrMap) -> bool {
    match meta.get("globally-unique") {
        Some(value) => boolean::parse(value).unwrap_or(false),
        None => meta
            .get("clone-node-max")
            .and_then(|v| Score::parse(v).ok())
            .is_some_and(|max| max.value() > 1),
    }
}

/// Returns the flags of `requires`.
///
/// # Source
/// `unpack_requires()`.
fn requires(plan: &mut Plan, rsc: RscIdx, flags: RscFlags) -> RscFlags {
    let options = &plan.facts.options;
    let fencing = options.has(ClusterFlags::FENCING_ENABLED);
    let is_device = flags.contains(RscFlags::FENCE_DEVICE);
    let value = plan.facts.rscs[rsc].meta.get("requires").map(str::to_ascii_lowercase);
    match value.as_deref() {
        Some("nothing") => RscFlags::empty(),
        Some("fencing") => RscFlags::NEEDS_FENCING,
        Some("unfencing") if !is_device && fencing => {
            RscFlags::NEEDS_FENCING | RscFlags::NEEDS_UNFENCING
        }
        // Fence devices, and all where fencing is disabled, cannot have more.
        Some("quorum" | "unfencing") => RscFlags::NEEDS_QUORUM,
        other => {
            let needs =
                default_needs(options, is_device || flags.contains(RscFlags::IS_REMOTE_CONNECTION));
            if let Some(other) = other {
                let id = &plan.facts.rscs[rsc].id;
                let word = needs.0;
                plan.diagnostics.error(format!(
                    "Resetting 'requires' for {id} to '{word}' because '{other}' is not valid"
                ));
            }
            needs.1
        }
    }
}

/// Returns what `requires` is where nothing valid is said, and its flags.
fn default_needs(options: &ClusterOptions, is_limited: bool) -> (&'static str, RscFlags) {
    let fencing = options.has(ClusterFlags::FENCING_ENABLED);
    if is_limited {
        ("quorum", RscFlags::NEEDS_QUORUM)
    } else if options.has(ClusterFlags::ENABLE_UNFENCING) {
        let unfencing = RscFlags::NEEDS_FENCING | RscFlags::NEEDS_UNFENCING;
        ("unfencing", if fencing { unfencing } else { RscFlags::NEEDS_QUORUM })
    } else if fencing {
        ("fencing", RscFlags::NEEDS_FENCING)
    } else if options.no_quorum_policy == NoQuorumPolicy::Ignore {
        ("nothing", RscFlags::empty())
    } else {
        ("quorum", RscFlags::NEEDS_QUORUM)
    }
}

/// Returns the role that `target-role` limits the resource to, or `None` where it limits nothing.
///
/// # Source
/// `get_target_role()`.
pub(super) fn target_role(plan: &Plan, rsc: RscIdx) -> Option<Role> {
    let value = plan.facts.rscs[rsc].meta.get("target-role")?;
    if value.eq_ignore_ascii_case("started") || value.eq_ignore_ascii_case("default") {
        return None;
    }
    let role = Role::parse(value).filter(|r| *r != Role::Unknown)?;
    if role > Role::Started {
        let top = plan.facts.top_below_bundle(rsc);
        if !plan.rscs[top].has(RscFlags::PROMOTABLE) || role > Role::Unpromoted {
            return None;
        }
    }
    Some(role)
}

/// Ends the reading of one resource: default node scores and utilization.
pub(super) fn finish(plan: &mut Plan, rsc: RscIdx, element: Option<ElementRef<'_>>) {
    let is_guest = plan.rscs[rsc].has(RscFlags::IS_REMOTE_CONNECTION)
        && plan.facts.rscs[rsc].meta.contains("container");
    if plan.facts.options.has(ClusterFlags::SYMMETRIC_CLUSTER) {
        location::everywhere(plan, rsc, 0, Reason::SymmetricDefault);
    } else if is_guest {
        location::everywhere(plan, rsc, 0, Reason::Container);
    }
    if let Some(element) = element {
        let input = RuleInput { now: plan.facts.now, ..RuleInput::default() };
        let facts = &mut plan.facts.rscs[rsc];
        let change = nvset::unpack(element, "utilization", &input, None, &mut facts.utilization);
        if let Some(time) = change {
            plan.recheck_at(time);
        }
    }
}
