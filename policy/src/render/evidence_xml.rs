//! The listing of evidence as XML.
//!
//! **Source:** pacemaker `lib/pengine/pe_output.c` (`node_weight_xml()`, `promotion_score_xml()`,
//! `node_capacity_xml()`, `resource_util_xml()`).

use cib_model::xml::{Tree, XmlId};

use super::element::append_all;
use super::scores::{Evidence, UTILIZATION_STAGE, shown};
use crate::facts::AttrMap;
use crate::plan::Plan;
use crate::scores::score_text;
use crate::trace::TraceLine;

/// Adds one element for each piece of evidence.
pub(super) fn lines(plan: &Plan, evidence: Evidence, tree: &mut Tree, parent: XmlId) {
    for line in shown(plan, evidence) {
        element(plan, line, tree, parent);
    }
}

fn element(plan: &Plan, line: &TraceLine, tree: &mut Tree, parent: XmlId) {
    let rsc_id = |rsc| &*plan.facts.rscs[rsc].id;
    let name = |node| &*plan.facts.nodes[node].name;
    match line {
        TraceLine::Score { stage, rsc, node, score } => {
            let score = score_text(*score);
            let pairs = [
                ("function", stage.text()),
                ("node", name(*node)),
                ("score", &*score),
                ("id", rsc_id(*rsc)),
            ];
            tree.append_with(parent, "node_weight", &pairs);
        }
        TraceLine::Promotion { rsc, node, score } => {
            let score = score_text(*score);
            let pairs =
                [("id", Some(rsc_id(*rsc))), ("score", Some(&*score)), ("node", node.map(name))];
            append_all(tree, parent, "promotion_score", &pairs);
        }
        TraceLine::Capacity { comment, node, amounts } => {
            let pairs = [("node", name(*node)), ("comment", *comment)];
            let element = tree.append_with(parent, "capacity", &pairs);
            append_amounts(tree, element, amounts);
        }
        TraceLine::Utilization { rsc, node } => {
            let pairs = [
                ("resource", rsc_id(*rsc)),
                ("node", name(*node)),
                ("function", UTILIZATION_STAGE),
            ];
            let element = tree.append_with(parent, "utilization", &pairs);
            append_amounts(tree, element, &plan.facts.rscs[*rsc].utilization);
        }
        TraceLine::Contribution(_) | TraceLine::TakenBack { .. } | TraceLine::Implied { .. } => {}
    }
}

/// COMPAT(pacemaker 3.x, `pe_output.c` `add_dump_node()`): the attribute's name is the element's.
fn append_amounts(tree: &mut Tree, parent: XmlId, amounts: &AttrMap) {
    for (name, amount) in amounts.iter() {
        let element = tree.append(parent, name.to_owned());
        tree.append_text(element, amount);
    }
}
