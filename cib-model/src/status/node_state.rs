//! `<node_state>`: what the cluster knows of a node.
//!
//! **Source:** pacemaker `daemons/controld/controld_membership.c`, `create_node_state_update()`;
//! `lib/pengine/unpack.c`, `unpack_node_member()`, `unpack_node_online()`.

use crate::boolean;
use crate::names;
use crate::status::history::LrmResource;
use crate::view::view;
use crate::xml::{ElementRef, Tree};

view! {
    /// The state of one node.
    NodeState(names::NODE_STATE) {
        /// Returns the node's name.
        uname = names::UNAME;
        /// Returns membership as written: a truth value, or since when (epoch seconds, 0 = not).
        in_ccm = names::IN_CCM;
        /// Returns the controller's presence as written: `online`, `offline`, or since when.
        crmd = names::CRMD;
        /// Returns the join state (`member pending down banned`).
        join = names::JOIN;
        /// Returns what the node shall be (`member down`).
        expected = names::EXPECTED;
        /// Returns the function that wrote the state.
        origin = names::CRM_DEBUG_ORIGIN;
        /// Returns whether this is a remote node, as written.
        remote_node = names::REMOTE_NODE;
        /// Returns when a remote node was fenced, as written.
        node_fenced = names::NODE_FENCED;
        /// Returns whether a remote node is in maintenance, as written.
        node_in_maintenance = names::NODE_IN_MAINTENANCE;
    }
}

impl<'a> NodeState<'a> {
    /// Returns since when (epoch seconds) the node has been a member: 0 for not, 1 for an unknown
    /// time (older writers), −1 where missing or unreadable.
    pub fn member_since(self) -> i64 {
        since(self.in_ccm(), boolean::parse)
    }

    /// Returns since when the controller has been there; values as [`Self::member_since`].
    pub fn online_since(self) -> i64 {
        since(self.crmd(), |text| match text {
            "online" => Some(true),
            "offline" => Some(false),
            _ => None,
        })
    }

    /// Returns the history, resource by resource, in document order.
    pub fn resources(self) -> impl Iterator<Item = LrmResource<'a>> {
        self.0
            .children_named(names::LRM)
            .flat_map(|lrm| lrm.children_named(names::LRM_RESOURCES))
            .flat_map(ElementRef::children)
            .filter_map(LrmResource::cast)
    }

    /// Returns the history of one resource.
    pub fn resource(self, id: &str) -> Option<LrmResource<'a>> {
        self.resources().find(|r| r.id() == id)
    }

    /// Returns the transient attributes' element, which holds the sets.
    pub fn transient_attributes(self) -> Option<ElementRef<'a>> {
        self.0.child(names::TRANSIENT_ATTRIBUTES)
    }
}

fn since(text: Option<&str>, older: impl Fn(&str) -> Option<bool>) -> i64 {
    let Some(text) = text else { return -1 };
    // Epoch seconds are read first: "1" and "0" mean the same either way.
    text.parse().ok().or_else(|| older(text).map(i64::from)).unwrap_or(-1)
}

/// How membership and presence are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Presence {
    /// Since when, epoch seconds; 0 for not there (feature set 3.18 and later).
    Since(i64),
    /// There or not (before).
    Plain(bool),
}

/// A new state of a node, as the controller writes it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NodeStateUpdate {
    /// The node's id.
    pub id: String,
    /// The node's name.
    pub uname: String,
    /// True for a remote node.
    pub remote: bool,
    /// Membership; left out where `None`.
    pub in_ccm: Option<Presence>,
    /// The controller's presence; left out where `None`.
    pub crmd: Option<Presence>,
    /// The join state; left out where `None`.
    pub join: Option<String>,
    /// What the node shall be; left out where `None`.
    pub expected: Option<String>,
    /// The function that writes.
    pub origin: String,
}

impl NodeStateUpdate {
    /// Makes the `<node_state>` element as its own tree, attributes in Pacemaker's order.
    pub fn to_tree(&self) -> Tree {
        let NodeStateUpdate { id, uname, remote, in_ccm, crmd, join, expected, origin } = self;
        let mut tree = Tree::new(names::NODE_STATE);
        let root = tree.root_id();
        if *remote {
            tree.set_attr(root, names::REMOTE_NODE, "true");
        }
        tree.set_attr(root, names::ID, id.as_str());
        tree.set_attr(root, names::UNAME, uname.as_str());
        let in_ccm = in_ccm.map(|p| match p {
            Presence::Since(time) => time.to_string(),
            Presence::Plain(there) => boolean::text(there).to_owned(),
        });
        let crmd = crmd.map(|p| match p {
            Presence::Since(time) => time.to_string(),
            Presence::Plain(true) => "online".to_owned(),
            Presence::Plain(false) => "offline".to_owned(),
        });
        for (name, value) in [
            (names::IN_CCM, in_ccm.as_deref()),
            (names::CRMD, crmd.as_deref()),
            (names::JOIN, join.as_deref()),
            (names::EXPECTED, expected.as_deref()),
            (names::CRM_DEBUG_ORIGIN, Some(origin.as_str())),
        ] {
            if let Some(value) = value {
                tree.set_attr(root, name, value);
            }
        }
        tree
    }
}

#[cfg(test)]
mod tests {
    use super::{NodeState, NodeStateUpdate, Presence};
    use crate::xml::{Dialect, Layout, read, write};

    #[test]
    fn presence_in_both_spellings() {
        for (text, member, online) in [
            (r#"<node_state in_ccm="true" crmd="online"/>"#, 1, 1),
            (r#"<node_state in_ccm="false" crmd="offline"/>"#, 0, 0),
            (r#"<node_state in_ccm="1700000000" crmd="0"/>"#, 1_700_000_000, 0),
            (r#"<node_state crmd="what"/>"#, -1, -1),
        ] {
            let tree = read(text).unwrap();
            let state = NodeState::cast(tree.root()).unwrap();
            assert_eq!((state.member_since(), state.online_since()), (member, online), "{text}");
        }
    }

    #[test]
    fn attributes_in_pacemakers_order() {
        let update = NodeStateUpdate {
            id: "1".into(),
            uname: "n1".into(),
            in_ccm: Some(Presence::Since(1_700_000_000)),
            crmd: Some(Presence::Plain(true)),
            join: Some("member".into()),
            expected: Some("member".into()),
            origin: "do_state_transition".into(),
            remote: false,
        };
        assert_eq!(
            write(&update.to_tree(), Layout::Compact, Dialect::Pcmk3),
            r#"<node_state id="1" uname="n1" in_ccm="1700000000" crmd="online" join="member" expected="member" crm-debug-origin="do_state_transition"/>"#
        );
    }
}
