//! Templates: definitions that primitives share.

use crate::cib::Cib;
use crate::names;
use crate::resource::operation::{self, Operation};
use crate::resource::{Agent, Primitive, Resource};
use crate::view::view;

view! {
    /// A definition other primitives refer to: `<template>`.
    Template(names::TEMPLATE) {
        /// Returns the description.
        description = names::DESCRIPTION;
    }
}

impl<'a> Template<'a> {
    /// Returns the agent; `None` where class or type is missing.
    pub fn agent(self) -> Option<Agent<'a>> {
        Agent::of(self.0)
    }

    /// Returns the operations in document order.
    pub fn operations(self, cib: &'a Cib) -> impl Iterator<Item = Operation<'a>> {
        operation::of(cib, self.0)
    }

    /// Returns the primitives that use the template, in document order.
    pub fn users(self, cib: &'a Cib) -> impl Iterator<Item = Primitive<'a>> {
        cib.all_resources().filter_map(move |rsc| match rsc {
            Resource::Primitive(p) if p.template() == Some(self.id()) => Some(p),
            _ => None,
        })
    }
}
