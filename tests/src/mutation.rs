//! Damage done to a CIB with a seed: elements and attributes dropped, doubled, swapped, values
//! replaced by what no one expects. The same seed on the same CIB does the same damage.

use cib_model::Cib;
use cib_model::xml::{Tree, XmlId};

/// A sequence of numbers that a seed decides (splitmix64).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Begins the sequence of a seed.
    pub fn new(seed: u64) -> Self {
        Dice(seed)
    }

    /// Returns the next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns a number below `limit` (0 where `limit` is 0).
    pub fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).unwrap_or(1).max(1);
        usize::try_from(self.roll() % limit).unwrap_or(0)
    }

    /// Returns one of `list`, or `None` of an empty one.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.below(list.len()))
    }
}

/// Values that no one expects.
const NASTY: [&str; 44] = [
    "",
    " ",
    "0",
    "-1",
    "1",
    "2",
    "1000000000",
    "2147483647",
    "2147483648",
    "-2147483649",
    "9223372036854775807",
    "18446744073709551616",
    "1e308",
    "INFINITY",
    "-INFINITY",
    "+INFINITY",
    "infinity",
    "-INFINITYx",
    "NaN",
    "true",
    "FALSE",
    "yes",
    "#default",
    "Promoted",
    "Unpromoted",
    "Stopped",
    "Started",
    "Master",
    "4294967295:0:7:",
    "0:0;9:9:9:x",
    "1999-02-31T25:61:61Z",
    "2024-W60-9",
    "P99999999999Y",
    "P1M",
    "PT-1S",
    "00:00",
    "%n",
    "a:0",
    "a:",
    ":0",
    "*",
    "!.*",
    "((((",
    "\u{1F600}é",
];

/// Attributes whose values decide most.
const LOUD: [(&str, &str); 30] = [
    ("clone-max", "1000000000"),
    ("clone-max", "0"),
    ("clone-max", "-5"),
    ("clone-node-max", "1000000000"),
    ("clone-node-max", "0"),
    ("promoted-max", "1000000000"),
    ("promoted-node-max", "0"),
    ("globally-unique", "true"),
    ("globally-unique", "false"),
    ("promotable", "true"),
    ("interleave", "true"),
    ("ordered", "true"),
    ("notify", "true"),
    ("clone-min", "1000000000"),
    ("resource-stickiness", "-2147483648"),
    ("migration-threshold", "1"),
    ("failure-timeout", "1"),
    ("target-role", "Stopped"),
    ("target-role", "Promoted"),
    ("is-managed", "false"),
    ("maintenance", "true"),
    ("priority", "2147483647"),
    ("allow-migrate", "true"),
    ("remote-node", "node1"),
    ("container", "rsc1"),
    ("multiple-active", "block"),
    ("multiple-active", "stop_unexpected"),
    ("requires", "unfencing"),
    ("critical", "false"),
    ("container-attribute-target", "host"),
];

const OPTIONS: [(&str, &str); 26] = [
    ("no-quorum-policy", "freeze"),
    ("no-quorum-policy", "demote"),
    ("no-quorum-policy", "fence"),
    ("no-quorum-policy", "ignore"),
    ("symmetric-cluster", "false"),
    ("stop-all-resources", "true"),
    ("maintenance-mode", "true"),
    ("fencing-enabled", "false"),
    ("fencing-enabled", "true"),
    ("startup-fencing", "false"),
    ("shutdown-lock", "true"),
    ("shutdown-lock-limit", "1"),
    ("placement-strategy", "utilization"),
    ("placement-strategy", "balanced"),
    ("placement-strategy", "minimal"),
    ("node-health-strategy", "progressive"),
    ("node-health-strategy", "only-green"),
    ("node-health-base", "-INFINITY"),
    ("stop-removed-resources", "false"),
    ("cancel-removed-actions", "false"),
    ("enable-startup-probes", "false"),
    ("concurrent-fencing", "false"),
    ("priority-fencing-delay", "1000000000000"),
    ("node-pending-timeout", "1"),
    ("cluster-delay", "-1"),
    ("migration-limit", "-99999999999999"),
];

/// Returns a damaged copy of a CIB: one to six kinds of damage.
pub fn damaged(cib: &Cib, dice: &mut Dice) -> Cib {
    let mut tree: Tree = cib.tree().clone();
    for _ in 0..=dice.below(6) {
        damage(&mut tree, dice);
    }
    Cib::from_tree(tree).unwrap_or_else(|_| cib.clone())
}

fn elements(tree: &Tree) -> Vec<XmlId> {
    tree.root().descendants().map(cib_model::xml::ElementRef::xml_id).collect()
}

fn ids(tree: &Tree, names: &[&str]) -> Vec<String> {
    let all = tree.root().descendants().filter(|e| names.contains(&e.name()));
    all.filter_map(|e| e.id().map(str::to_owned)).collect()
}

fn damage(tree: &mut Tree, dice: &mut Dice) {
    let all = elements(tree);
    let Some(&victim) = dice.pick(&all) else { return };
    match dice.below(14) {
        0 | 1 if victim != tree.root_id() => tree.detach(victim),
        2 => double(tree, victim, dice),
        3 => swap(tree, &all, victim, dice),
        4 | 5 => drop_attribute(tree, victim, dice),
        6 | 7 => replace_value(tree, victim, dice),
        8 | 9 => borrow_value(tree, &all, victim, dice),
        10 => loud_meta(tree, dice),
        11 => option(tree, dice),
        12 => constraint(tree, dice),
        _ => nest(tree, victim, dice),
    }
}

fn double(tree: &mut Tree, victim: XmlId, dice: &mut Dice) {
    let Some(parent) = tree.parent_of(victim) else { return };
    let copy = tree.clone();
    if let Some(source) = copy.element(victim) {
        let new = tree.insert_copy(parent, dice.below(5), source);
        if dice.below(2) == 0
            && let Some(id) = source.id()
        {
            tree.set_attr(new, "id", format!("{id}-2"));
        }
    }
}

fn swap(tree: &mut Tree, all: &[XmlId], victim: XmlId, dice: &mut Dice) {
    let Some(&parent) = dice.pick(all) else { return };
    let mut at = Some(parent);
    while let Some(next) = at {
        if next == victim {
            return;
        }
        at = tree.parent_of(next);
    }
    if victim != tree.root_id() {
        tree.attach(parent, dice.below(4), victim);
    }
}

fn attribute(tree: &Tree, victim: XmlId, dice: &mut Dice) -> Option<String> {
    let names: Vec<String> = tree.element(victim)?.attrs().map(|(n, _)| n.to_owned()).collect();
    dice.pick(&names).cloned()
}

fn drop_attribute(tree: &mut Tree, victim: XmlId, dice: &mut Dice) {
    if let Some(name) = attribute(tree, victim, dice) {
        tree.remove_attr(victim, &name);
    }
}

fn replace_value(tree: &mut Tree, victim: XmlId, dice: &mut Dice) {
    let Some(name) = attribute(tree, victim, dice) else { return };
    let value = match dice.below(12) {
        0 => "x".repeat(5000),
        1 => "9".repeat(400),
        _ => (*dice.pick(&NASTY).unwrap_or(&"")).to_owned(),
    };
    tree.set_attr(victim, name, value);
}

/// Gives an attribute the value that another element has for it: ids collide, references loop.
fn borrow_value(tree: &mut Tree, all: &[XmlId], victim: XmlId, dice: &mut Dice) {
    let Some(name) = attribute(tree, victim, dice) else { return };
    let values: Vec<String> =
        all.iter().filter_map(|id| tree.element(*id)?.attr(&name).map(str::to_owned)).collect();
    if let Some(value) = dice.pick(&values) {
        tree.set_attr(victim, name, value.as_str());
    }
}

fn section(tree: &mut Tree, name: &'static str) -> XmlId {
    if let Some(found) = tree.root().descendants().find(|e| e.name() == name) {
        return found.xml_id();
    }
    let configuration = tree.root().child("configuration").map(|e| e.xml_id());
    let configuration =
        configuration.unwrap_or_else(|| tree.append(tree.root_id(), "configuration"));
    tree.append(configuration, name)
}

fn nvpair(tree: &mut Tree, set: XmlId, (name, value): (&str, &str)) {
    let pair = tree.insert(set, 0, "nvpair");
    tree.set_attr(pair, "id", format!("damage-{name}"));
    tree.set_attr(pair, "name", name);
    tree.set_attr(pair, "value", value);
}

fn loud_meta(tree: &mut Tree, dice: &mut Dice) {
    let names = ["primitive", "group", "clone", "bundle", "master", "template"];
    let rscs: Vec<XmlId> = tree
        .root()
        .descendants()
        .filter(|e| names.contains(&e.name()))
        .map(cib_model::xml::ElementRef::xml_id)
        .collect();
    let (Some(&rsc), Some(&pair)) = (dice.pick(&rscs), dice.pick(&LOUD)) else { return };
    let set = tree.insert(rsc, 0, "meta_attributes");
    tree.set_attr(set, "id", "damage-meta");
    nvpair(tree, set, pair);
}

fn option(tree: &mut Tree, dice: &mut Dice) {
    let config = section(tree, "crm_config");
    let set = tree.insert(config, 0, "cluster_property_set");
    tree.set_attr(set, "id", "cib-bootstrap-options");
    if let Some(&pair) = dice.pick(&OPTIONS) {
        nvpair(tree, set, pair);
    }
}

/// Adds an ordering, colocation or location between whatever there is; loops come by themselves.
fn constraint(tree: &mut Tree, dice: &mut Dice) {
    let rscs = ids(tree, &["primitive", "group", "clone", "bundle", "master", "template", "tag"]);
    let nodes: Vec<String> = tree
        .root()
        .descendants()
        .filter(|e| e.name() == "node")
        .filter_map(|e| e.attr("uname").map(str::to_owned))
        .collect();
    let (Some(a), Some(b)) = (dice.pick(&rscs).cloned(), dice.pick(&rscs).cloned()) else { return };
    let scores = ["INFINITY", "-INFINITY", "1", "-1", "999999", "0", "500000"];
    let score = dice.pick(&scores).copied().unwrap_or("1");
    let roles = ["Promoted", "Started", "Stopped", "Unpromoted"];
    let actions = ["start", "stop", "promote", "demote"];
    let parent = section(tree, "constraints");
    let kind = dice.below(3);
    let name = ["rsc_order", "rsc_colocation", "rsc_location"][kind];
    let new = tree.append(parent, name);
    tree.set_attr(new, "id", format!("damage-{}", dice.below(1000)));
    tree.set_attr(new, "score", score);
    match kind {
        0 => {
            tree.set_attr(new, "first", a);
            tree.set_attr(new, "then", b);
            for name in ["first-action", "then-action"] {
                if let (0, Some(&action)) = (dice.below(2), dice.pick(&actions)) {
                    tree.set_attr(new, name, action);
                }
            }
        }
        1 => {
            tree.set_attr(new, "rsc", a);
            tree.set_attr(new, "with-rsc", b);
            for name in ["rsc-role", "with-rsc-role"] {
                if let (0, Some(&role)) = (dice.below(3), dice.pick(&roles)) {
                    tree.set_attr(new, name, role);
                }
            }
        }
        _ => {
            tree.set_attr(new, "rsc", a);
            tree.set_attr(new, "node", dice.pick(&nodes).cloned().unwrap_or_default());
        }
    }
}

/// Puts an element into copies of itself, up to 40 levels deep, or one kind of container into
/// another.
fn nest(tree: &mut Tree, victim: XmlId, dice: &mut Dice) {
    if dice.below(2) == 0 {
        let names = ["group", "clone", "bundle", "primitive", "template"];
        if let (Some(element), Some(&name)) = (tree.element(victim), dice.pick(&names))
            && names.contains(&element.name())
        {
            tree.rename(victim, name);
        }
        return;
    }
    let copy = tree.clone();
    let Some(source) = copy.element(victim).filter(|_| victim != copy.root_id()) else { return };
    let size = source.descendants().count();
    let mut at = victim;
    for level in 0..(40 / size.max(1)).max(1) {
        at = tree.append_copy(at, source);
        if let Some(id) = source.id() {
            tree.set_attr(at, "id", format!("{id}-{level}"));
        }
    }
}
