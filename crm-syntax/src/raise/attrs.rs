//! Sets of pairs.

use cib_model::xml::ElementRef;

use super::{RaiseContext, filled, owned};
use crate::ast::{AttrSet, Object, Pair, PropertyItem, PropertyKind, PropertySet, SetKind};
use crate::kind::ObjectKind;
use crate::style::Style;

impl RaiseContext {
    /// Raises a set; `None` where the element is none or has parts without words.
    pub(super) fn set(&self, element: ElementRef<'_>) -> Option<AttrSet> {
        let mut set = AttrSet::new(SetKind::from_tag(element.name())?);
        set.id_ref = owned(element.attr("id-ref"));
        for child in element.children() {
            match (child.name(), self.style) {
                ("nvpair", _) => set.pairs.push(self.pair(child)?),
                ("rule", Style::Modern) => set.rules.push(self.rule(child)?),
                _ => return None,
            }
        }
        match self.style {
            Style::Modern => set.score = owned(filled(element, "score")),
            Style::Classic => {
                if element.attr("score").is_some() {
                    return None;
                }
                let id = element.id();
                let is_empty = element.children().next().is_none() && element.attrs().len() == 1;
                let shown = is_empty || id.is_some_and(|id| self.is_referenced(element.name(), id));
                set.id = owned(id.filter(|_| shown));
            }
        }
        Some(set)
    }

    /// Raises the sets among an element's children, in order; `None` where one has no words.
    pub(super) fn sets(&self, element: ElementRef<'_>) -> Option<Vec<AttrSet>> {
        element
            .children()
            .filter(|child| SetKind::from_tag(child.name()).is_some())
            .map(|child| self.set(child))
            .collect()
    }

    /// Raises an nvpair.
    pub(super) fn pair(&self, element: ElementRef<'_>) -> Option<Pair> {
        let name = element.attr("name");
        if let Some(id_ref) = element.attr("id-ref") {
            let pair = Pair::Ref { id_ref: id_ref.to_owned(), name: owned(name) };
            return Some(pair).filter(|_| self.style == Style::Modern);
        }
        let value = owned(element.attr("value"));
        Some(Pair::Value { id: None, name: name?.to_owned(), value })
    }

    pub(super) fn property(&self, element: ElementRef<'_>) -> Option<Object> {
        let kind = match ObjectKind::of(element)? {
            ObjectKind::RscDefaults => PropertyKind::RscDefaults,
            ObjectKind::OpDefaults => PropertyKind::OpDefaults,
            _ => PropertyKind::Property,
        };
        // a description would read back as a property
        if filled(element, "description").is_some() {
            return None;
        }
        let mut set =
            PropertySet { kind, id: owned(element.id()), id_ref: None, items: Vec::new() };
        for child in element.children() {
            let item = match (child.name(), self.style) {
                ("nvpair", _) => PropertyItem::Pair(self.pair(child)?),
                ("rule", Style::Modern) => PropertyItem::Rule(self.rule(child)?),
                _ => return None,
            };
            set.items.push(item);
        }
        Some(Object::Property(set))
    }
}
