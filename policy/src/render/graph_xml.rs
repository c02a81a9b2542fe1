//! The transition as `transition_graph` XML.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_graph_producer.c`.

use cib_model::xml::{Dialect, Layout, Tree, XmlId, write};

use crate::graph::{ActionRef, GraphAction, Synapse, Transition};

/// Returns the transition as XML, one element a line.
pub fn graph_xml(transition: &Transition) -> String {
    let mut tree = Tree::new("transition_graph");
    let root = tree.root_id();
    let mut set = |name: &'static str, value: &str| tree.set_attr(root, name, value);
    set("cluster-delay", &transition.cluster_delay);
    set("fencing-timeout", &transition.fencing_timeout);
    set("failed-stop-offset", "INFINITY");
    let fatal = transition.start_failure_is_fatal;
    set("failed-start-offset", if fatal { "INFINITY" } else { "1" });
    set("batch-limit", &transition.batch_limit);
    set("transition_id", &transition.id.to_string());
    if let Some(limit) = &transition.migration_limit {
        set("migration-limit", limit);
    }
    if let Some(time) = transition.recheck_by {
        set("recheck-by", &time.to_string());
    }
    for synapse in &transition.synapses {
        add_synapse(&mut tree, root, synapse);
    }
    write(&tree, Layout::Pretty, Dialect::Pcmk3)
}

fn add_synapse(tree: &mut Tree, root: XmlId, synapse: &Synapse) {
    let element = tree.append(root, "synapse");
    tree.set_attr(element, "id", synapse.id.to_string());
    if synapse.priority > 0 {
        tree.set_attr(element, "priority", synapse.priority.to_string());
    }
    let set = tree.append(element, "action_set");
    add_action(tree, set, &synapse.action);
    let inputs = tree.append(element, "inputs");
    for input in &synapse.inputs {
        let trigger = tree.append(inputs, "trigger");
        add_reference(tree, trigger, input);
    }
}

fn add_reference(tree: &mut Tree, parent: XmlId, action: &ActionRef) -> XmlId {
    let element = tree.append(parent, action.kind.xml_name());
    if action.cib_only {
        tree.set_attr(element, "mode", "cib");
    }
    tree.set_attr(element, "id", action.id.to_string());
    let texts = [
        ("operation", Some(&action.operation)),
        ("operation_key", Some(&action.operation_key)),
        ("internal_operation_key", action.internal_operation_key.as_ref()),
        ("on_node", action.on_node.as_ref()),
        ("on_node_uuid", action.on_node_uuid.as_ref()),
        ("router_node", action.router_node.as_ref()),
    ];
    for (name, value) in texts {
        if let Some(value) = value {
            tree.set_attr(element, name, value.as_str());
        }
    }
    element
}

fn add_action(tree: &mut Tree, parent: XmlId, action: &GraphAction) {
    let element = add_reference(tree, parent, &action.reference);
    if let Some(time) = action.shutdown_lock {
        tree.set_attr(element, "shutdown-lock", time.to_string());
    }
    if let Some(rsc) = &action.resource {
        let child = tree.append(element, rsc.element.clone());
        tree.set_attr(child, "id", rsc.id.as_str());
        let texts = [
            ("long-id", &rsc.long_id),
            ("class", &rsc.class),
            ("provider", &rsc.provider),
            ("type", &rsc.kind),
        ];
        for (name, value) in texts {
            if let Some(value) = value {
                tree.set_attr(child, name, value.as_str());
            }
        }
    }
    let attributes = tree.append(element, "attributes");
    for (name, value) in &action.attributes {
        tree.set_attr(attributes, name.clone(), value.as_str());
    }
    for (name, value) in &action.params {
        let param = tree.append(attributes, "param");
        tree.set_attr(param, "name", name.as_str());
        tree.set_attr(param, "value", value.as_str());
    }
    if let Some(nodes) = &action.downed {
        let downed = tree.append(element, "downed");
        for node in nodes {
            let child = tree.append(downed, "node");
            tree.set_attr(child, "id", node.as_str());
        }
    }
    if let Some(nodes) = &action.maintenance {
        let maintenance = tree.append(element, "maintenance");
        for (node, on) in nodes {
            let child = tree.append(maintenance, "node");
            tree.set_attr(child, "id", node.as_str());
            tree.set_attr(child, "node_in_maintenance", if *on { "1" } else { "0" });
        }
    }
}
