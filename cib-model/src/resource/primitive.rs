//! Primitives and the agents behind them.

use std::fmt;

use crate::cib::Cib;
use crate::names;
use crate::resource::operation::{self, Operation};
use crate::view::view;
use crate::xml::{ElementRef, Tree, XmlId};

view! {
    /// One service: `<primitive>`.
    Primitive(names::PRIMITIVE) {
        /// Returns the agent's class as written on the primitive itself.
        own_class = names::CLASS;
        /// Returns the agent's provider as written on the primitive itself.
        own_provider = names::PROVIDER;
        /// Returns the agent's type as written on the primitive itself.
        own_type = names::TYPE;
        /// Returns the id of the template it takes its definition from.
        template = names::TEMPLATE;
        /// Returns the description.
        description = names::DESCRIPTION;
    }
}

impl<'a> Primitive<'a> {
    /// Returns the agent, the template's where the primitive uses one. `None` where class or type
    /// is missing.
    pub fn agent(self, cib: &'a Cib) -> Option<Agent<'a>> {
        match self.template() {
            Some(template) => cib.template(template)?.agent(),
            None => Agent::of(self.0),
        }
    }

    /// Returns the operations written on the primitive itself, in document order, references of
    /// `<operations>` and `<op>` resolved.
    pub fn operations(self, cib: &'a Cib) -> impl Iterator<Item = Operation<'a>> {
        operation::of(cib, self.0)
    }
}

/// A resource agent's name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
pub struct Agent<'a> {
    /// `ocf`, `stonith`, `systemd`, `lsb`, `service`…
    pub class: &'a str,
    /// `heartbeat`, `pacemaker`…: only agents of class `ocf` have one.
    pub provider: Option<&'a str>,
    /// The agent's name.
    #[serde(rename = "type")]
    pub kind: &'a str,
}

impl<'a> Agent<'a> {
    /// Reads the three attributes of a primitive or template.
    pub fn of(element: ElementRef<'a>) -> Option<Self> {
        Some(Agent {
            class: element.attr(names::CLASS)?,
            provider: element.attr(names::PROVIDER),
            kind: element.attr(names::TYPE)?,
        })
    }

    /// Reads `class:type` or `class:provider:type`; `None` for every other number of parts.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(':');
        let agent = match (parts.next()?, parts.next()?, parts.next()) {
            (class, kind, None) => Agent { class, provider: None, kind },
            (class, provider, Some(kind)) => Agent { class, provider: Some(provider), kind },
        };
        let complete = !agent.class.is_empty() && !agent.kind.is_empty() && parts.next().is_none();
        complete.then_some(agent)
    }

    /// Returns true for a fencing device.
    pub fn is_fencing(self) -> bool {
        self.class == "stonith"
    }
}

impl fmt::Display for Agent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.class)?;
        if let Some(provider) = self.provider {
            write!(f, "{provider}:")?;
        }
        f.write_str(self.kind)
    }
}

/// Appends a primitive with its agent; attributes in crm's order (`id class provider type`).
pub fn append(tree: &mut Tree, parent: XmlId, id: &str, agent: Agent<'_>) -> XmlId {
    let made = tree.append(parent, names::PRIMITIVE);
    tree.set_attr(made, names::ID, id);
    tree.set_attr(made, names::CLASS, agent.class);
    if let Some(provider) = agent.provider {
        tree.set_attr(made, names::PROVIDER, provider);
    }
    tree.set_attr(made, names::TYPE, agent.kind);
    made
}
