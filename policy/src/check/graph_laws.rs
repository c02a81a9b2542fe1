//! Laws of the graph itself, which hold on any input.

use std::collections::BTreeSet;

use super::order::{Order, name};
use super::{Law, Violation};

pub(super) fn check(order: &Order<'_>, found: &mut Vec<Violation>) {
    let mut seen = BTreeSet::new();
    for (at, synapse) in order.synapses.iter().enumerate() {
        let ids: Vec<_> = synapse.inputs.iter().map(|input| input.id).collect();
        let sound = usize::try_from(synapse.id) == Ok(at)
            && seen.insert(synapse.action.reference.id)
            && order.action(synapse.action.reference.id).is_some()
            && ids.is_sorted_by(|a, b| a < b)
            && ids.iter().all(|id| order.action(*id).is_some());
        if !sound {
            found.push(Violation {
                law: Law::WellFormed,
                subject: name(synapse),
                message: format!("step {} waits for {ids:?}", synapse.id),
            });
        }
        for input in &synapse.inputs {
            if order.position(input.id).is_none() {
                found.push(Violation {
                    law: Law::TriggerExists,
                    subject: name(synapse),
                    message: format!(
                        "waits for {} ({}), which is not in the transition",
                        input.operation_key, input.id
                    ),
                });
            }
        }
    }
    if let Some(at) = order.find_cycle() {
        found.push(Violation {
            law: Law::Acyclic,
            subject: name(&order.synapses[at]),
            message: "waits for itself".to_owned(),
        });
    }
}
