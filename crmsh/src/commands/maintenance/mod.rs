//! The `maintenance` level.
//!
//! **Source:** crmsh `ui_maintenance.py`.

use cib_model::Section;
use cib_model::xml::ElementRef;

use super::Invocation;
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Complete, Level};
use crate::session::attributes::{self, SetKind};
use crate::shell::Shell;

/// The level.
pub static LEVEL: Level = Level {
    name: "maintenance",
    summary: "Leave resources alone while something is repaired",
    help: "In maintenance mode the cluster neither starts nor stops nor monitors.",
    commands: &[&OFF, &ON],
    levels: &[],
    enter: None,
    leave: None,
};

const ON: Command = Command {
    name: "on",
    signature: "[resource]",
    usage: "on [<rsc>]",
    summary: "Leave everything, or one resource, alone",
    complete: &[Complete::Resource],
    run: |shell, call| set(shell, call, "true"),
    ..Command::BASE
};

const OFF: Command = Command {
    name: "off",
    signature: "[resource]",
    usage: "off [<rsc>]",
    summary: "Manage everything, or one resource, again",
    complete: &[Complete::Resource],
    run: |shell, call| set(shell, call, "false"),
    ..Command::BASE
};

fn set(shell: &mut Shell, call: &Invocation<'_>, value: &str) -> Outcome {
    let Some(rsc) = call.arg(0) else {
        return shell.change_now(|cib| {
            set_property(cib, "maintenance-mode", value);
            Ok::<(), Failure>(())
        });
    };
    let written = shell.change_now(|cib| {
        let at = super::resource::require(cib, rsc)?;
        let set = format!("{rsc}-meta_attributes");
        Ok(attributes::set(cib, at, SetKind::Meta, &set, "maintenance", value))
    })?;
    shell.console.line(&format!(
        "Set '{rsc}' option: id={} set={} name=maintenance value={value}",
        written.id, written.set
    ));
    Ok(())
}

/// Sets a cluster property, in the set it is in or the first one.
pub(crate) fn set_property(cib: &mut cib_model::Cib, name: &str, value: &str) {
    let section = cib.ensure_section(Section::CrmConfig);
    let sets = |cib: &cib_model::Cib| -> Vec<cib_model::xml::XmlId> {
        let config = cib.crm_config();
        config
            .into_iter()
            .flat_map(|c| c.children_named("cluster_property_set").collect::<Vec<_>>())
            .map(ElementRef::xml_id)
            .collect()
    };
    let all = sets(cib);
    let pair = |set: &cib_model::xml::XmlId| {
        let set = cib.tree().element(*set)?;
        set.children_named("nvpair").find(|p| p.attr("name") == Some(name)).map(ElementRef::xml_id)
    };
    if let Some(pair) = all.iter().find_map(pair) {
        cib.tree_mut().set_attr(pair, "value", value);
        return;
    }
    let set = all.first().copied().unwrap_or_else(|| {
        let tree = cib.tree_mut();
        let set = tree.append(section, "cluster_property_set");
        tree.set_attr(set, "id", "cib-bootstrap-options");
        set
    });
    let set_id =
        cib.tree().element(set).and_then(ElementRef::id).unwrap_or("cib-bootstrap-options");
    let id = attributes::free_id(cib, &format!("{set_id}-{name}"));
    let tree = cib.tree_mut();
    let pair = tree.append(set, "nvpair");
    for (key, text) in [("name", name), ("value", value), ("id", id.as_str())] {
        tree.set_attr(pair, key, text);
    }
}
