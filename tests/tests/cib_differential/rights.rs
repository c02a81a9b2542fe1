//! Access rights: what a user sees, what `--show-access` shows of it, and what a user may change.

use cib_model::Cib;
use cib_model::xml::ElementRef;
use conformance::lines::first_difference;
use conformance::mutation::Dice;

use crate::agree;
use crate::changes::{changed, prepared};
use crate::tools::{Bench, as_theirs};

const KINDS: [&str; 4] = ["read", "read", "write", "deny"];
const PATHS: [&str; 12] = [
    "/cib",
    "/cib/configuration",
    "/cib/status",
    "//resources",
    "//constraints",
    "//crm_config",
    "//nvpair[@name='target-role']",
    "//nvpair",
    "//@value",
    "//primitive",
    "//acls",
    "/",
];

/// One permission, by path, by id or by kind of element.
fn permission(cib: &Cib, dice: &mut Dice, number: usize) -> Vec<(&'static str, String)> {
    let kind = dice.pick(&KINDS).copied().unwrap_or("read");
    let mut attrs = vec![("id", format!("right-{number}")), ("kind", kind.to_owned())];
    let ids: Vec<&str> = cib
        .configuration()
        .into_iter()
        .flat_map(ElementRef::descendants)
        .filter_map(ElementRef::id)
        .collect();
    match (dice.below(4), dice.pick(&ids)) {
        (0, Some(id)) => attrs.push(("reference", (*id).to_owned())),
        (1, _) => {
            let names = ["primitive", "nvpair", "op", "rsc_location", "node"];
            attrs.push(("object-type", dice.pick(&names).copied().unwrap_or("op").to_owned()));
            if dice.below(2) == 0 {
                attrs.push(("attribute", "name".to_owned()));
            }
        }
        _ => attrs.push(("xpath", dice.pick(&PATHS).copied().unwrap_or("/cib").to_owned())),
    }
    attrs
}

/// The CIB with access control and a few permissions of the user `tony`.
fn guarded(cib: &Cib, dice: &mut Dice) -> Cib {
    let mut guarded = cib.clone();
    let (Some(configuration), Some(options)) = (cib.configuration(), cib.crm_config()) else {
        return guarded;
    };
    // Of two sets that contradict each other Pacemaker 2 takes the last, Pacemaker 3 the first.
    let is_switch = |e: &ElementRef<'_>| e.attr("name") == Some("enable-acl");
    let switches: Vec<_> = options.descendants().filter(is_switch).map(|e| e.xml_id()).collect();
    let (configuration, options) = (configuration.xml_id(), options.xml_id());
    let tree = guarded.tree_mut();
    for switch in switches {
        tree.detach(switch);
    }
    let set = tree.append(options, "cluster_property_set");
    tree.set_attr(set, "id", "guard");
    let option = tree.append(set, "nvpair");
    for (name, value) in [("id", "guard-on"), ("name", "enable-acl"), ("value", "true")] {
        tree.set_attr(option, name, value);
    }
    let acls = tree.append(configuration, "acls");
    let role = tree.append(acls, "acl_role");
    tree.set_attr(role, "id", "rights");
    for number in 0..=dice.below(5) {
        let made = tree.append(role, "acl_permission");
        for (name, value) in permission(cib, dice, number) {
            tree.set_attr(made, name, value);
        }
    }
    let target = tree.append(acls, "acl_target");
    tree.set_attr(target, "id", "tony");
    let reference = tree.append(target, "role");
    tree.set_attr(reference, "id", "rights");
    guarded
}

#[test]
fn the_same_rights() {
    agree(&["cibadmin"], |seed, file| {
        let bench = Bench::new();
        let mut dice = Dice::new(seed);
        let cib = guarded(&prepared(file), &mut dice);
        bench.write_cib("cib", &cib);
        for how in ["--show-access=text", "--show-access=color", "--show-access=namespace"] {
            let words = ["--query", how, "--user", "tony"];
            let [ours, theirs] = bench.both("cibadmin", &words, "cib");
            if (ours.code, theirs.code) != (0, 0) {
                return Err(format!("{how}: exit code {}, theirs {}", ours.code, theirs.code));
            }
            if let Some(difference) = first_difference(&ours.out, &theirs.out) {
                return Err(format!("{how}:\n    {difference}"));
            }
        }
        let words = ["--query", "--user", "tony"];
        let [ours, theirs] = bench.both("cibadmin", &words, "cib");
        // Pacemaker 2 ends by a signal where two denials overlap.
        if theirs.code == -1 {
            return Ok(());
        }
        if ours.code != theirs.code {
            return Err(format!("{words:?}: exit code {}, theirs {}", ours.code, theirs.code));
        }
        match first_difference(&as_theirs(&ours.out), &theirs.out) {
            Some(difference) => Err(format!("{words:?}:\n    {difference}")),
            None => Ok(()),
        }
    });
}

#[test]
fn the_same_changes_are_permitted() {
    agree(&["cibadmin"], |seed, file| {
        let bench = Bench::new();
        let mut dice = Dice::new(seed);
        let cib = guarded(&prepared(file), &mut dice);
        bench.write_cib("input", &changed(&cib, &mut dice));
        let words = ["--replace", "--user", "tony", "-x", "input"];
        let [ours, theirs] = bench.both_change("cibadmin", &words, &cib);
        if theirs.0.code == -1 {
            return Ok(());
        }
        if ours.0.code != theirs.0.code {
            return Err(format!("exit code {}, theirs {}", ours.0.code, theirs.0.code));
        }
        first_difference(&ours.1, &theirs.1).map_or(Ok(()), Err)
    });
}
