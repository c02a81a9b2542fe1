//! Colocation constraints.

use crate::names;
use crate::score::Score;
use crate::view::view;

view! {
    /// Which resources run together or apart: `<rsc_colocation>`.
    Colocation(names::RSC_COLOCATION) {
        /// Returns the dependent resource's id.
        rsc = names::RSC;
        /// Returns the primary resource's id.
        with_rsc = names::WITH_RSC;
        /// Returns the dependent's role as written.
        rsc_role = names::RSC_ROLE;
        /// Returns the primary's role as written.
        with_rsc_role = names::WITH_RSC_ROLE;
        /// Returns the score as written.
        score_text = names::SCORE;
        /// Returns the node attribute that must be equal; the node's name where missing.
        node_attribute = names::NODE_ATTRIBUTE;
        /// Returns whether the dependent may move the primary, as written.
        influence = names::INFLUENCE;
    }
}

impl Colocation<'_> {
    /// Returns the score; `None` where missing or unreadable.
    pub fn score(self) -> Option<Score> {
        Score::parse(self.score_text()?).ok()
    }
}
