//! Location constraints.

use crate::names;
use crate::score::Score;
use crate::view::view;
use crate::xml::ElementRef;

view! {
    /// Where a resource runs: `<rsc_location>`.
    Location(names::RSC_LOCATION) {
        /// Returns the resource's id.
        rsc = names::RSC;
        /// Returns the pattern of resource ids; a leading `!` turns it round.
        rsc_pattern = names::RSC_PATTERN;
        /// Returns the node's name.
        node = names::NODE;
        /// Returns the score as written.
        score_text = names::SCORE;
        /// Returns the role the constraint is limited to, as written.
        role = names::ROLE;
        /// Returns whether the resource is looked for there (`always never exclusive`).
        resource_discovery = names::RESOURCE_DISCOVERY;
    }
}

impl<'a> Location<'a> {
    /// Returns the score; `None` where missing or unreadable.
    pub fn score(self) -> Option<Score> {
        Score::parse(self.score_text()?).ok()
    }

    /// Returns the rules in document order.
    pub fn rules(self) -> impl Iterator<Item = ElementRef<'a>> {
        self.0.children_named(names::RULE)
    }
}
