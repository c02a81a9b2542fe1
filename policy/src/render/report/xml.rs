//! The report as XML: one `<pacemaker-result>`.
//!
//! **Source:** pacemaker `xml/api/crm_simulate-*.rng`, `lib/common/output_xml.c`.

use cib_model::xml::{Dialect, Layout, Tree, XmlId, write};

use super::{Report, StatusSections, StatusTitle, TimeTexts};
use crate::plan::Plan;
use crate::render::element::append_all;
use crate::render::scores::Evidence;
use crate::render::{evidence_xml, sections_xml, status_xml, summary_xml};
use crate::simulate::{Event, Modification};

/// Version of the output's schema.
const API_VERSION: &str = "2.41";

/// XML, complete when it is finished.
pub struct XmlReport<'a> {
    tree: Tree,
    root: XmlId,
    times: TimeTexts<'a>,
    quiet: bool,
}

impl<'a> XmlReport<'a> {
    /// Makes a report without sections. `request` is the command line that asked for it; `times`
    /// writes times.
    pub fn new(request: &str, quiet: bool, times: TimeTexts<'a>) -> Self {
        let mut tree = Tree::new("pacemaker-result");
        let root = tree.root_id();
        tree.set_attr(root, "api-version", API_VERSION);
        tree.set_attr(root, "request", request);
        XmlReport { tree, root, times, quiet }
    }

    fn section(&mut self, name: &'static str) -> XmlId {
        self.tree.append(self.root, name)
    }
}

impl Report for XmlReport<'_> {
    fn info(&mut self, _line: &str) {}

    fn notices(&mut self, _plan: &Plan) {}

    fn status(&mut self, title: StatusTitle, plan: &Plan, shown: StatusSections) {
        if self.quiet {
            return;
        }
        let at = self.section(match title {
            StatusTitle::Current => "cluster_status",
            StatusTitle::Revised => "revised_cluster_status",
        });
        status_xml::nodes(plan, &mut self.tree, at);
        let pending = title == StatusTitle::Current;
        status_xml::resources(plan, pending, &mut self.tree, at);
        if shown.attributes {
            sections_xml::attributes(plan, &mut self.tree, at);
        }
        if shown.failcounts {
            sections_xml::fail_counts(plan, self.times, &mut self.tree, at);
            sections_xml::failures(plan, self.times, &mut self.tree, at);
        }
    }

    fn modifications(&mut self, modifications: &[Modification]) {
        if self.quiet {
            return;
        }
        // COMPAT(pacemaker 3.x, pcmk_output.c inject_modify_config_xml()): only quorum and watchdog
        // stand in the element, as attributes; what follows stands beside it.
        let at = self.section("modifications");
        for modification in modifications {
            match modification {
                Modification::Quorum(value) => self.tree.set_attr(at, "quorum", value.as_str()),
                Modification::Watchdog(value) => self.tree.set_attr(at, "watchdog", value.as_str()),
                other => modification_element(&mut self.tree, self.root, other),
            }
        }
    }

    fn evidence(&mut self, plan: &Plan, evidence: Evidence) {
        let at = self.section(match evidence {
            Evidence { scores: true, utilization: true } => "allocations_utilizations",
            Evidence { utilization: true, .. } => "utilizations",
            Evidence { .. } => "allocations",
        });
        evidence_xml::lines(plan, evidence, &mut self.tree, at);
    }

    fn summary(&mut self, plan: &Plan) {
        if !self.quiet {
            let at = self.section("actions");
            summary_xml::changes(plan, &mut self.tree, at);
        }
    }

    fn execution(&mut self, events: &[Event]) {
        if !self.quiet {
            let at = self.section("transition");
            for event in events {
                event_element(&mut self.tree, at, event);
            }
        }
    }

    fn timings(&mut self, timings: &[(String, f64)]) {
        let at = self.section("timings");
        for (path, seconds) in timings {
            let duration = format!("{seconds:.6}");
            self.tree.append_with(at, "timing", &[("file", path), ("duration", &duration)]);
        }
    }

    fn finish(&mut self, code: u8, message: &str, errors: &[String]) -> String {
        let pairs = [("code", &*code.to_string()), ("message", message)];
        let status = self.tree.append_with(self.root, "status", &pairs);
        if !errors.is_empty() {
            let list = self.tree.append(status, "errors");
            for error in errors {
                let element = self.tree.append(list, "error");
                self.tree.append_text(element, error);
            }
        }
        text_inline(&write(&self.tree, Layout::Pretty, Dialect::Pcmk3))
    }

    fn version(&mut self, program: &str, version: &str) {
        self.tree.append_with(self.root, "version", &[("program", program), ("version", version)]);
    }

    fn take(&mut self) -> String {
        String::new()
    }
}

/// Puts text that stands on a line of its own between its tags: this output is laid out by libxml2,
/// not by Pacemaker's own writer.
fn text_inline(xml: &str) -> String {
    let mut out = String::with_capacity(xml.len());
    let mut after_text = false;
    for line in xml.lines() {
        let is_text = !line.trim_start().starts_with('<');
        if is_text || after_text {
            if !(is_text && after_text) {
                out.pop();
            }
            out.push_str(line.trim_start());
        } else {
            out.push_str(line);
        }
        out.push('\n');
        after_text = is_text;
    }
    out
}

fn modification_element(tree: &mut Tree, at: XmlId, modification: &Modification) {
    match modification {
        Modification::Quorum(_) | Modification::Watchdog(_) => {}
        Modification::Node { change, node } => {
            let pairs = [("action", change.text()), ("node", node)];
            tree.append_with(at, "modify_node", &pairs);
        }
        Modification::Ticket { change, ticket } => {
            let pairs = [("action", change.text()), ("ticket", ticket)];
            tree.append_with(at, "modify_ticket", &pairs);
        }
        Modification::Operation(spec) => {
            tree.append_with(at, "inject_spec", &[("spec", spec)]);
        }
        Modification::Attribute { name, value, node_id } => {
            attribute_element(tree, at, name, value, node_id);
        }
    }
}

fn attribute_element(tree: &mut Tree, at: XmlId, name: &str, value: &str, node_id: &str) {
    let path = crate::simulate::ATTRIBUTE_PATH;
    let pairs = [("name", name), ("value", value), ("node_path", path), ("cib_node", node_id)];
    tree.append_with(at, "inject_attr", &pairs);
}

fn event_element(tree: &mut Tree, at: XmlId, event: &Event) {
    match event {
        Event::Pseudo { key, node } => {
            let pairs = [("task", Some(&**key)), ("node", node.as_deref())];
            append_all(tree, at, "pseudo_action", &pairs);
        }
        Event::Resource { rsc, operation, interval_ms, node } => {
            let interval = (*interval_ms > 0).then(|| interval_ms.to_string());
            let pairs = [
                ("resource", Some(&**rsc)),
                ("op", Some(operation)),
                ("node", Some(node)),
                ("interval", interval.as_deref()),
            ];
            append_all(tree, at, "rsc_action", &pairs);
        }
        Event::Failed { .. } => {}
        Event::Attribute { name, value, node_id } => {
            attribute_element(tree, at, name, value, node_id);
        }
        Event::Cluster { task, rsc, node } => {
            let pairs =
                [("task", Some(&**task)), ("node", node.as_deref()), ("id", rsc.as_deref())];
            append_all(tree, at, "cluster_action", &pairs);
        }
        Event::Fencing { operation, target } => {
            tree.append_with(at, "fencing_action", &[("target", target), ("op", operation)]);
        }
    }
}
