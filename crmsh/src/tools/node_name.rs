//! Which node a tool's user means: this one by default, and the id behind a name.
//!
//! **Source:** pacemaker `lib/common/attrs.c`, `pcmk__node_attr_target()`; `lib/cib/cib_attrs.c`,
//! `query_node_uuid()`.

use std::path::Path;

use cib_model::Cib;
use cib_model::xml::ElementRef;
use cluster_link::client::Client;

/// Names the node in the environment of a resource agent.
const ON_NODE: &str = "OCF_RESKEY_CRM_meta_on_node";
/// Names the host of the container that an agent runs in.
const PHYSICAL_HOST: &str = "OCF_RESKEY_CRM_meta_physical_host";
/// Says whose attributes count for a container: its own or its host's.
const TARGET: &str = "OCF_RESKEY_CRM_meta_container_attribute_target";

/// A node as the CIB knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct KnownNode {
    /// What attributes and states name it by.
    pub(super) id: String,
    /// It is a remote node or a guest.
    pub(super) is_remote: bool,
}

/// Returns the name of the node that is meant: the one given, but for `auto` and `localhost` inside
/// an agent; else the one the agent runs on, the one whose daemon answers, or this machine's name.
pub(super) fn target(given: Option<&str>, socket: Option<&Path>) -> String {
    let own = |name: &&str| !matches!(name.to_ascii_lowercase().as_str(), "auto" | "localhost");
    if let Some(name) = given.filter(own) {
        return name.to_owned();
    }
    let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let of_host = var(TARGET).is_some_and(|target| target.eq_ignore_ascii_case("host"));
    let from_agent = var(PHYSICAL_HOST).filter(|_| of_host).or_else(|| var(ON_NODE));
    let asked = || socket.and_then(local);
    from_agent
        .or_else(|| given.map(str::to_owned))
        .or_else(asked)
        .unwrap_or_else(crate::shell::prompt::host_name)
}

/// Asks a node's daemon for its name.
fn local(socket: &Path) -> Option<String> {
    let mut client = Client::connect(socket, "crm").ok()?;
    Some(client.node_info().ok()?.name)
}

/// Finds a node by its name, in any case: among nodes, remote resources, guests, and what the status
/// still tells of remote nodes.
pub(super) fn find(cib: &Cib, name: &str) -> Option<KnownNode> {
    let is = |text: Option<&str>| text.is_some_and(|text| text.eq_ignore_ascii_case(name));
    let known =
        |id: Option<&str>, is_remote| id.map(|id| KnownNode { id: id.to_owned(), is_remote });
    let mut listed = cib.nodes().into_iter().flat_map(|nodes| nodes.children_named("node"));
    if let Some(node) = listed.find(|node| is(node.attr("uname"))) {
        let is_remote = node.attr("type").is_some_and(|kind| kind.eq_ignore_ascii_case("remote"));
        return known(if is_remote { node.attr("uname") } else { node.id() }, is_remote);
    }
    let resources = || {
        let all = cib.resources().into_iter().flat_map(ElementRef::descendants);
        all.filter(|element| element.name() == "primitive")
    };
    if let Some(remote) = resources().find(|rsc| is_remote(*rsc) && is(rsc.id())) {
        return known(remote.id(), true);
    }
    let pairs = resources()
        .flat_map(|rsc| rsc.children_named("meta_attributes"))
        .flat_map(|set| set.children_named("nvpair"));
    let mut guests = pairs.filter(|pair| pair.attr("name") == Some("remote-node"));
    if let Some(guest) = guests.find(|pair| is(pair.attr("value"))) {
        return known(guest.attr("value"), true);
    }
    let mut states =
        cib.status().into_iter().flat_map(|status| status.children_named("node_state"));
    let state = states.find(|state| state.attr("remote_node") == Some("true") && is(state.id()))?;
    known(state.attr("uname").or(state.id()), true)
}

/// Returns true for the resource that connects a remote node.
pub(super) fn is_remote(rsc: ElementRef<'_>) -> bool {
    rsc.attr("class") == Some("ocf")
        && rsc.attr("provider") == Some("pacemaker")
        && rsc.attr("type") == Some("remote")
}

#[cfg(test)]
mod tests {
    use cib_model::Cib;

    use super::{KnownNode, find};

    #[test]
    fn nodes_are_found_wherever_the_cib_names_them() {
        let cib = Cib::read(
            r#"<cib><configuration><nodes><node id="1" uname="Alpha"/>
              <node id="beta" uname="Beta" type="remote"/></nodes><resources>
              <primitive id="gamma" class="ocf" provider="pacemaker" type="remote"/>
              <group id="g"><primitive id="vm" class="ocf" provider="heartbeat" type="VirtualDomain">
              <meta_attributes id="m"><nvpair id="n" name="remote-node" value="delta"/>
              </meta_attributes></primitive></group></resources></configuration><status>
              <node_state id="epsilon" uname="epsilon" remote_node="true"/>
              <node_state id="2" uname="zeta"/></status></cib>"#,
        )
        .unwrap();
        let known = |id: &str, is_remote| Some(KnownNode { id: id.to_owned(), is_remote });
        assert_eq!(find(&cib, "ALPHA"), known("1", false));
        assert_eq!(find(&cib, "beta"), known("Beta", true));
        assert_eq!(find(&cib, "gamma"), known("gamma", true));
        assert_eq!(find(&cib, "delta"), known("delta", true));
        assert_eq!(find(&cib, "epsilon"), known("epsilon", true));
        assert_eq!(find(&cib, "zeta"), None);
    }
}
