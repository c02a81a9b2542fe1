//! Nodes of the configuration.

use crate::cib::Cib;
use crate::names;
use crate::score::Score;
use crate::view::view;

view! {
    /// One node: `<node>`.
    Node(names::NODE) {
        /// Returns the name.
        uname = names::UNAME;
        /// Returns the type as written (`member`, `remote`; older `normal`, `ping`).
        kind = names::TYPE;
        /// Returns the score as written.
        score_text = names::SCORE;
        /// Returns the description.
        description = names::DESCRIPTION;
    }
}

impl<'a> Node<'a> {
    /// Returns the name, or the id where there is no name.
    pub fn name(self) -> &'a str {
        self.uname().unwrap_or_else(|| self.id())
    }

    /// Returns the score every resource has here; 0 where missing or unreadable.
    pub fn score(self) -> Score {
        self.score_text().and_then(|text| Score::parse(text).ok()).unwrap_or_default()
    }

    /// Returns true for a node run by a remote connection.
    pub fn is_remote(self) -> bool {
        self.kind() == Some("remote")
    }
}

impl Cib {
    /// Returns the nodes in document order.
    pub fn all_nodes(&self) -> impl DoubleEndedIterator<Item = Node<'_>> {
        self.nodes().into_iter().flat_map(|s| s.children().filter_map(Node::cast))
    }

    /// Returns the node of this name, in any case; else the node of this id.
    pub fn node(&self, name: &str) -> Option<Node<'_>> {
        self.all_nodes()
            .find(|n| n.uname().is_some_and(|u| u.eq_ignore_ascii_case(name)))
            .or_else(|| self.all_nodes().find(|n| n.id() == name))
    }
}
