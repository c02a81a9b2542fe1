//! What an agent says of itself, as values: parameters, and operations with what it advises.
//!
//! **Source:** OCF resource agent API 1.0 and 1.1, the metadata schema; crmsh `ra.py`, `RAInfo`.

use cib_model::boolean;
use cib_model::xml::{ElementRef, read};

/// An agent's metadata.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Metadata {
    /// The parameters in the agent's order.
    pub parameters: Vec<Parameter>,
    /// The operations in the agent's order; those of monitor once for each role and depth.
    pub actions: Vec<Action>,
}

/// One parameter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Whether a resource must have it.
    pub required: bool,
    /// Whether two resources may not have the same value.
    pub unique: bool,
}

/// One operation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Action {
    /// Its name.
    pub name: String,
    /// The other attributes in the agent's order, those that are empty left out.
    pub advice: Vec<(String, String)>,
}

impl Action {
    /// Returns one attribute.
    pub fn advised(&self, name: &str) -> Option<&str> {
        self.advice.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

impl Metadata {
    /// Reads an agent's XML; `None` where it is none.
    pub fn read(text: &str) -> Option<Metadata> {
        let tree = read(text).ok()?;
        let root = tree.root();
        let parameters = children(root, "parameters", "parameter").map(|p| Parameter {
            name: p.attr("name").unwrap_or_default().to_owned(),
            required: is_set(p, "required"),
            unique: is_set(p, "unique") || p.attr("unique-group").is_some(),
        });
        let actions = children(root, "actions", "action").map(|a| Action {
            name: a.attr("name").unwrap_or_default().to_owned(),
            advice: a
                .attrs()
                .filter(|(name, value)| *name != "name" && !value.is_empty())
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        });
        Some(Metadata { parameters: parameters.collect(), actions: actions.collect() })
    }

    /// Returns the operations of this name in the agent's order.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Action> {
        self.actions.iter().filter(move |a| a.name == name)
    }
}

fn children<'a>(
    root: ElementRef<'a>,
    list: &'a str,
    item: &'a str,
) -> impl Iterator<Item = ElementRef<'a>> {
    root.child(list).into_iter().flat_map(move |l| l.children_named(item))
}

fn is_set(element: ElementRef<'_>, name: &str) -> bool {
    element.attr(name).and_then(boolean::parse).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_operations_are_read() {
        let text = r#"<resource-agent name="A"><parameters>
            <parameter name="ip" required="1" unique="1"><content type="string"/></parameter>
            <parameter name="nic"/></parameters><actions>
            <action name="start" timeout="20s"/>
            <action name="monitor" depth="0" timeout="20s" interval="10s" role="Promoted"/>
            </actions></resource-agent>"#;
        let found = Metadata::read(text).unwrap();
        assert!(found.parameters[0].required && found.parameters[0].unique);
        assert!(!found.parameters[1].required);
        let monitor = found.named("monitor").next().unwrap();
        assert_eq!(monitor.advised("role"), Some("Promoted"));
        assert_eq!(monitor.advised("none"), None);
        assert_eq!(Metadata::read("no xml"), None);
    }
}
