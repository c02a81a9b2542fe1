//! Attributes that last until a node's next reboot, in a running cluster: its daemon changes them, so
//! that steps of several agents at the same time all count.
//!
//! **Source:** pacemaker `tools/crm_attribute.c`, `send_attrd_update()`;
//! `daemons/attrd/attrd_attributes.c` for values that are steps.

use cluster_link::attrs::{AttributeUpdate, AttributeValue};
use cluster_link::client::Client;

use super::super::cib_place::{CibPlace, exit_of_client};
use super::super::reply::Stop;
use crate::exit::Exit;

/// Sets attributes of a node; without a value it takes them away.
///
/// # Errors
/// The daemon does not answer or refuses; a live Pacemaker is not asked.
pub(in super::super) fn change(
    place: &CibPlace,
    node: Option<&str>,
    names: &[String],
    value: Option<&str>,
) -> Result<Exit, Stop> {
    let Some(socket) = place.socket() else {
        let text = "Changing transient attributes of a live Pacemaker is not supported here";
        return Err(Stop::new(Exit::UNIMPLEMENTED, text));
    };
    let update = |name: &String| AttributeUpdate { name: name.clone(), value: becomes(value) };
    let updates: Vec<AttributeUpdate> = names.iter().map(update).collect();
    if updates.is_empty() {
        return Ok(Exit::OK);
    }
    let sent = Client::connect(socket, "crm_attribute")
        .and_then(|mut client| client.set_attributes(node, updates));
    sent.map_err(|error| {
        let exit = exit_of_client(&error);
        if exit == Exit::NO_PERMISSION {
            return place.forbidden();
        }
        let (name, value) = (names.join(","), value.unwrap_or("(null)"));
        Stop::new(exit, format!("Could not update {name}={value}: {error}"))
    })?;
    Ok(Exit::OK)
}

/// Reads a value: `value++` and `value+=N` are steps.
fn becomes(value: Option<&str>) -> AttributeValue {
    let Some(value) = value else { return AttributeValue::Delete };
    let step = match value.strip_prefix("value") {
        Some("++") => Some(1),
        Some(rest) => rest.strip_prefix("+=").and_then(|number| number.parse().ok()),
        None => None,
    };
    step.map_or_else(|| AttributeValue::Set(value.to_owned()), AttributeValue::Add)
}
