//! The transition as `transition_graph` XML.
//!
//! **Source:** pacemaker `lib/pacemaker/pcmk_graph_producer.c`.

use std::fmt::{Display, Write as _};

use cib_model::xml::{Dialect, Stream};

use crate::graph::{ActionRef, GraphAction, Synapse, Transition};

/// Bytes a synapse takes, roughly: a little more than most do.
const SYNAPSE_BYTES: usize = 640;

/// Returns the transition as XML, one element a line.
pub fn graph_xml(transition: &Transition) -> String {
    let capacity = 256 + transition.synapses.len() * SYNAPSE_BYTES;
    let mut writer = Writer { xml: Stream::new(Dialect::Pcmk3, capacity), number: String::new() };
    writer.transition(transition);
    writer.xml.finish()
}

struct Writer {
    xml: Stream,
    /// Text of the number being written; kept for its buffer.
    number: String,
}

impl Writer {
    fn number(&mut self, name: &str, value: impl Display) {
        self.number.clear();
        let _ = write!(self.number, "{value}");
        self.xml.attr(name, &self.number);
    }

    fn transition(&mut self, transition: &Transition) {
        self.xml.begin("transition_graph");
        self.xml.attr("cluster-delay", &transition.cluster_delay);
        self.xml.attr("fencing-timeout", &transition.fencing_timeout);
        self.xml.attr("failed-stop-offset", "INFINITY");
        let fatal = transition.start_failure_is_fatal;
        self.xml.attr("failed-start-offset", if fatal { "INFINITY" } else { "1" });
        self.xml.attr("batch-limit", &transition.batch_limit);
        self.number("transition_id", transition.id);
        self.xml.attr_opt("migration-limit", transition.migration_limit.as_deref());
        if let Some(time) = transition.recheck_by {
            self.number("recheck-by", time);
        }
        for synapse in &transition.synapses {
            self.synapse(synapse);
        }
        self.xml.end();
    }

    fn synapse(&mut self, synapse: &Synapse) {
        self.xml.begin("synapse");
        self.number("id", synapse.id);
        if synapse.priority > 0 {
            self.number("priority", synapse.priority);
        }
        self.xml.begin("action_set");
        self.action(&synapse.action);
        self.xml.end();
        self.xml.begin("inputs");
        for input in &synapse.inputs {
            self.xml.begin("trigger");
            self.begin_reference(input);
            self.xml.end();
            self.xml.end();
        }
        self.xml.end();
        self.xml.end();
    }

    /// Begins the element of an action and writes what identifies it.
    fn begin_reference(&mut self, action: &ActionRef) {
        self.xml.begin(action.kind.xml_name());
        if action.cib_only {
            self.xml.attr("mode", "cib");
        }
        self.number("id", action.id);
        self.xml.attr("operation", &action.operation);
        self.xml.attr("operation_key", &action.operation_key);
        self.xml.attr_opt("internal_operation_key", action.internal_operation_key.as_deref());
        self.xml.attr_opt("on_node", action.on_node.as_deref());
        self.xml.attr_opt("on_node_uuid", action.on_node_uuid.as_deref());
        self.xml.attr_opt("router_node", action.router_node.as_deref());
    }

    fn action(&mut self, action: &GraphAction) {
        self.begin_reference(&action.reference);
        if let Some(time) = action.shutdown_lock {
            self.number("shutdown-lock", time);
        }
        if let Some(rsc) = &action.resource {
            self.xml.begin(&rsc.element);
            self.xml.attr("id", &rsc.id);
            self.xml.attr_opt("long-id", rsc.long_id.as_deref());
            self.xml.attr_opt("class", rsc.class.as_deref());
            self.xml.attr_opt("provider", rsc.provider.as_deref());
            self.xml.attr_opt("type", rsc.kind.as_deref());
            self.xml.end();
        }
        self.attributes(action);
        if let Some(nodes) = &action.downed {
            self.xml.begin("downed");
            for node in nodes {
                self.xml.begin("node");
                self.xml.attr("id", node);
                self.xml.end();
            }
            self.xml.end();
        }
        if let Some(nodes) = &action.maintenance {
            self.xml.begin("maintenance");
            for (node, on) in nodes {
                self.xml.begin("node");
                self.xml.attr("id", node);
                self.xml.attr("node_in_maintenance", if *on { "1" } else { "0" });
                self.xml.end();
            }
            self.xml.end();
        }
        self.xml.end();
    }

    fn attributes(&mut self, action: &GraphAction) {
        self.xml.begin("attributes");
        for (name, value) in &action.attributes {
            self.xml.attr(name, value);
        }
        for (name, value) in &action.params {
            self.xml.begin("param");
            self.xml.attr("name", name);
            self.xml.attr("value", value);
            self.xml.end();
        }
        self.xml.end();
    }
}
