//! Order constraints.

use crate::boolean;
use crate::names;
use crate::score::Score;
use crate::view::view;

/// How strictly the order is kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, serde::Serialize)]
pub enum OrderKind {
    /// Only while both actions happen anyway.
    Optional,
    /// Always; the second depends on the first.
    Mandatory,
    /// Never at the same time.
    Serialize,
}

impl OrderKind {
    /// Reads a kind in any case.
    pub fn parse(text: &str) -> Option<Self> {
        [OrderKind::Optional, OrderKind::Mandatory, OrderKind::Serialize]
            .into_iter()
            .find(|kind| text.eq_ignore_ascii_case(kind.text()))
    }

    /// Returns the word in the CIB.
    pub const fn text(self) -> &'static str {
        match self {
            OrderKind::Optional => "Optional",
            OrderKind::Mandatory => "Mandatory",
            OrderKind::Serialize => "Serialize",
        }
    }
}

view! {
    /// Which action comes first: `<rsc_order>`.
    Order(names::RSC_ORDER) {
        /// Returns the first resource's id.
        first = names::FIRST;
        /// Returns the second resource's id.
        then = names::THEN;
        /// Returns the first action (`start` where missing).
        first_action = names::FIRST_ACTION;
        /// Returns the second action (the first's where missing).
        then_action = names::THEN_ACTION;
        /// Returns the kind as written.
        kind_text = names::KIND;
        /// Returns the score as written (older form of the kind).
        score_text = names::SCORE;
        /// Returns whether the reverse holds for the opposite actions, as written.
        symmetrical_text = names::SYMMETRICAL;
        /// Returns whether all members of the first set must be active, as written.
        require_all = names::REQUIRE_ALL;
    }
}

impl Order<'_> {
    /// Returns the kind: as written, else `Optional` for score 0 and `Mandatory` otherwise.
    /// `None` where the written kind is no kind.
    pub fn kind(self) -> Option<OrderKind> {
        if let Some(text) = self.kind_text() {
            return OrderKind::parse(text);
        }
        let score = self.score_text().and_then(|text| Score::parse(text).ok());
        Some(if score == Some(Score::ZERO) { OrderKind::Optional } else { OrderKind::Mandatory })
    }

    /// Returns whether the constraint says it is symmetrical; `None` where it says nothing.
    pub fn symmetrical(self) -> Option<bool> {
        boolean::parse(self.symmetrical_text()?)
    }
}
