//! Constraints: where, with whom, in which order, under which ticket.
//!
//! ```
//! use cib_model::{Cib, Score};
//! use cib_model::constraint::Constraint;
//!
//! let cib = Cib::read(
//!     r#"<cib><configuration><constraints>
//!          <rsc_colocation id="k" rsc="web" with-rsc="ip" score="INFINITY"/>
//!        </constraints></configuration></cib>"#,
//! )?;
//! let Some(Constraint::Colocation(k)) = cib.constraint("k") else { panic!() };
//! assert_eq!((k.with_rsc(), k.score()), (Some("ip"), Some(Score::INFINITY)));
//! assert_eq!(cib.constraint("k").unwrap().resource_ids(), ["web", "ip"]);
//! # Ok::<(), cib_model::xml::ReadError>(())
//! ```
//!
//! Reading order: [`location`], [`colocation`], [`order`], [`ticket`], [`set`].

pub mod colocation;
pub mod location;
pub mod order;
pub mod set;
pub mod ticket;

pub use colocation::Colocation;
pub use location::Location;
pub use order::{Order, OrderKind};
pub use set::ResourceSet;
pub use ticket::TicketConstraint;

use crate::cib::Cib;
use crate::xml::ElementRef;

/// A constraint of any kind.
#[derive(Clone, Copy, Debug)]
pub enum Constraint<'a> {
    /// Where a resource runs.
    Location(Location<'a>),
    /// Which resources run together or apart.
    Colocation(Colocation<'a>),
    /// Which action comes first.
    Order(Order<'a>),
    /// What runs only while a ticket is granted.
    Ticket(TicketConstraint<'a>),
}

impl<'a> Constraint<'a> {
    /// Takes the element; `None` where it is no constraint.
    pub fn cast(element: ElementRef<'a>) -> Option<Self> {
        None.or_else(|| Location::cast(element).map(Constraint::Location))
            .or_else(|| Colocation::cast(element).map(Constraint::Colocation))
            .or_else(|| Order::cast(element).map(Constraint::Order))
            .or_else(|| TicketConstraint::cast(element).map(Constraint::Ticket))
    }

    /// Returns the element.
    pub fn element(self) -> ElementRef<'a> {
        match self {
            Constraint::Location(c) => c.element(),
            Constraint::Colocation(c) => c.element(),
            Constraint::Order(c) => c.element(),
            Constraint::Ticket(c) => c.element(),
        }
    }

    /// Returns the id; empty where the attribute is missing.
    pub fn id(self) -> &'a str {
        self.element().id().unwrap_or_default()
    }

    /// Returns the resource sets in document order.
    pub fn sets(self) -> impl Iterator<Item = ResourceSet<'a>> {
        self.element().children().filter_map(ResourceSet::cast)
    }

    /// Returns the ids of all resources (or tags, templates) the constraint names, in the order
    /// in which they stand; the same id may come twice.
    pub fn resource_ids(self) -> Vec<&'a str> {
        let own = match self {
            Constraint::Location(c) => [c.rsc(), None],
            Constraint::Colocation(c) => [c.rsc(), c.with_rsc()],
            Constraint::Order(c) => [c.first(), c.then()],
            Constraint::Ticket(c) => [c.rsc(), None],
        };
        let sets = self.sets().flat_map(ResourceSet::resource_ids);
        own.into_iter().flatten().chain(sets).collect()
    }
}

impl Cib {
    /// Returns the constraints in document order.
    pub fn all_constraints(&self) -> impl DoubleEndedIterator<Item = Constraint<'_>> {
        self.constraints().into_iter().flat_map(|s| s.children().filter_map(Constraint::cast))
    }

    /// Returns the constraint called `id`.
    pub fn constraint(&self, id: &str) -> Option<Constraint<'_>> {
        self.find_all(id).find_map(Constraint::cast)
    }
}

#[cfg(test)]
mod tests {
    use super::{Constraint, OrderKind};
    use crate::{Cib, Score};

    #[test]
    fn what_a_constraint_names() {
        let cib = Cib::read(
            r#"<cib><configuration><constraints>
            <rsc_location id="l" rsc="a" score="-INFINITY" node="n1"/>
            <rsc_colocation id="c" score="INFINITY" rsc="a" with-rsc="b"/>
            <rsc_order id="o" kind="serialize"><resource_set id="s" sequential="false"><resource_ref id="x"/><resource_ref id="y"/></resource_set></rsc_order>
            <rsc_order id="o2" score="0" first="a" then="b"/>
            <rsc_ticket id="t" ticket="T" rsc="a"/>
            </constraints></configuration></cib>"#,
        )
        .unwrap();
        let named: Vec<_> = cib.all_constraints().map(Constraint::resource_ids).collect();
        assert_eq!(named, [vec!["a"], vec!["a", "b"], vec!["x", "y"], vec!["a", "b"], vec!["a"]]);
        let kind = |id| match cib.constraint(id) {
            Some(Constraint::Order(order)) => order.kind(),
            _ => None,
        };
        assert_eq!(kind("o"), Some(OrderKind::Serialize));
        assert_eq!(kind("o2"), Some(OrderKind::Optional));
        let Some(Constraint::Location(l)) = cib.constraint("l") else { panic!() };
        assert_eq!(l.score(), Some(Score::MINUS_INFINITY));
    }
}
