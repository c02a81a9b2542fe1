//! `node attribute`, `utilization`, `status-attr`: one attribute of a node.
//!
//! **Source:** crmsh `ui_utils.py`, `manage_attr()`; pacemaker `tools/crm_attribute.c`.

use cib_model::Cib;
use cib_model::xml::XmlId;

use super::standby::{require_state, transient};
use crate::commands::Invocation;
use crate::commands::attribute_call::{AttributeCall, Task};
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Complete};
use crate::session::attributes::{self, SetKind};
use crate::session::told;
use crate::shell::Shell;

const SIGNATURE: &str = "node cmd attr [value]";
const COMPLETE: &[Complete] =
    &[Complete::Node, Complete::Words(&["set", "delete", "show"]), Complete::Nothing];

/// `node attribute`
pub(super) const ATTRIBUTE: Command = Command {
    name: "attribute",
    signature: SIGNATURE,
    usage: "attribute <node> set <attr> <value>\nattribute <node> delete <attr>\n\
            attribute <node> show <attr>",
    summary: "Set, delete or show an attribute of a node",
    wait: true,
    complete: COMPLETE,
    run: |shell, call| run(shell, call, Where::Configured),
    ..Command::BASE
};

/// `node utilization`
pub(super) const UTILIZATION: Command = Command {
    name: "utilization",
    signature: SIGNATURE,
    usage: "utilization <node> set <attr> <value>\nutilization <node> delete <attr>\n\
            utilization <node> show <attr>",
    summary: "Set, delete or show a capacity of a node",
    wait: true,
    complete: COMPLETE,
    run: |shell, call| run(shell, call, Where::Utilization),
    ..Command::BASE
};

/// `node status-attr`
pub(super) const STATUS_ATTR: Command = Command {
    name: "status-attr",
    signature: SIGNATURE,
    usage: "status-attr <node> set <attr> <value>\nstatus-attr <node> delete <attr>\n\
            status-attr <node> show <attr>",
    summary: "Set, delete or show an attribute that lasts until the node restarts",
    wait: true,
    complete: COMPLETE,
    run: |shell, call| run(shell, call, Where::Status),
    ..Command::BASE
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    Configured,
    Utilization,
    Status,
}

impl Where {
    fn kind(self) -> SetKind {
        if self == Where::Utilization { SetKind::Utilization } else { SetKind::Instance }
    }

    fn scope(self) -> &'static str {
        if self == Where::Status { "status" } else { "nodes" }
    }

    /// Returns the element that holds the sets, and the id of a new set.
    fn holder(self, cib: &mut Cib, node: &str) -> Result<(XmlId, String), Failure> {
        let unknown =
            |_| Failure::Plain(format!("crm_attribute: Could not map name={node} to a UUID"));
        match self {
            Where::Status => {
                let (state, id) = require_state(cib, node).map_err(unknown)?;
                Ok((transient(cib, state, &id), format!("status-{id}")))
            }
            Where::Configured => {
                let (element, id) = super::require(cib, node).map_err(unknown)?;
                Ok((element, format!("nodes-{id}")))
            }
            Where::Utilization => {
                let (element, id) = super::require(cib, node).map_err(unknown)?;
                Ok((element, format!("nodes-{id}-utilization")))
            }
        }
    }
}

fn run(shell: &mut Shell, call: &Invocation<'_>, place: Where) -> Outcome {
    let asked = AttributeCall::read(call)?;
    let (node, name) = (asked.owner.as_str(), asked.name.as_str());
    match &asked.task {
        Task::Set(value) => shell.change_now(|cib| {
            let (holder, set) = place.holder(cib, node)?;
            attributes::set(cib, holder, place.kind(), &set, name, value);
            Ok(())
        }),
        Task::Delete => {
            let gone = shell.change_now(|cib| {
                let (holder, _) = place.holder(cib, node)?;
                Ok(attributes::delete(cib, holder, place.kind(), name, false))
            })?;
            for written in gone {
                let scope = place.scope();
                let line = format!("Deleted {scope} attribute: id={} name={name}", written.id);
                shell.console.line(&line);
            }
            Ok(())
        }
        Task::Show => {
            let mut copy = shell.session.cib().map_err(told)?.clone();
            let (holder, _) = place.holder(&mut copy, node)?;
            let found = copy.tree().element(holder);
            let value = found.and_then(|e| attributes::get(e, place.kind(), name));
            let Some(value) = value else {
                shell.console.complain(
                    "crm_attribute: Error performing operation: No such device or address",
                );
                return Err(Failure::Told);
            };
            let line = format!("scope={}  name={name} value={value}", place.scope());
            shell.console.line(&line);
            Ok(())
        }
    }
}
