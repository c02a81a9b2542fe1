//! One line for a monitoring system.
//!
//! **Source:** pacemaker `tools/crm_mon.c`, `print_simple_status()`.

use cib_model::Cib;

use super::model::Model;

/// Returns the line of `crm_mon -s`.
pub fn text(cib: &Cib) -> String {
    let model = Model::of(cib);
    let mut warnings = Vec::new();
    if model.dc().is_none() {
        warnings.push("No DC".to_owned());
    }
    let (mut online, mut standby, mut maintenance) = (0, 0, 0);
    for node in &model.nodes {
        match (node.standby && node.online, node.maintenance && node.online, node.online) {
            (true, _, _) => standby += 1,
            (_, true, _) => maintenance += 1,
            (_, _, true) => online += 1,
            _ => warnings.push(format!("offline node: {}", node.name)),
        }
    }
    if !warnings.is_empty() {
        return format!("CLUSTER WARN: {}\n", warnings.join(", "));
    }
    let mut line =
        format!("CLUSTER OK: {online} node{} online", if online == 1 { "" } else { "s" });
    if standby > 0 {
        line.push_str(&format!(", {standby} standby node{}", if standby == 1 { "" } else { "s" }));
    }
    if maintenance > 0 {
        let plural = if maintenance == 1 { "" } else { "s" };
        line.push_str(&format!(", {maintenance} maintenance node{plural}"));
    }
    let count = model.resource_count();
    let plural = if count == 1 { "" } else { "s" };
    format!("{line}, {count} resource instance{plural} configured\n")
}
