//! Nodes, primitives, templates, groups, clones, bundles, operations.

use cib_model::xml::{Tree, XmlId};

use super::{Lower, MEMBER, Refusal, root, set_some};
use crate::ast::{
    Agent, AttrSet, BodyItem, Bundle, BundleItem, Clone, CloneKind, Group, Monitor, Node, Op,
    Operations, Pair, Primitive, PrimitiveKind,
};
use crate::diag::{Code, Diagnostic};
use crate::grammar::is_instance;
use crate::style::{Release, Style};

impl Lower<'_> {
    pub(super) fn node(&mut self, node: &Node) -> Tree {
        let (mut tree, top) = root("node", &[]);
        let id = node.id.as_deref().filter(|id| !id.is_empty());
        if self.style == Style::Modern {
            set_some(&mut tree, top, "id", id);
        }
        tree.set_attr(top, "uname", node.uname.as_str());
        let node_type = node.node_type.as_deref();
        // COMPAT(crmsh 1.2.6): the default type is dropped on input
        let dropped = self.style == Style::Classic && node_type == Some("normal");
        set_some(&mut tree, top, "type", node_type.filter(|_| !dropped));
        if self.style == Style::Classic {
            tree.set_attr(top, "id", id.unwrap_or(&node.uname));
        }
        set_some(&mut tree, top, "description", node.description.as_deref());
        self.sets(&mut tree, top, &node.sets);
        tree
    }

    pub(super) fn sets(&mut self, tree: &mut Tree, parent: XmlId, sets: &[AttrSet]) {
        for set in sets {
            self.set(tree, parent, set);
        }
    }

    pub(super) fn primitive(&mut self, primitive: &Primitive) -> Result<Tree, Refusal> {
        let tag = match primitive.kind {
            PrimitiveKind::Primitive => "primitive",
            PrimitiveKind::Template => "template",
        };
        let (mut tree, top) = root(tag, &[("id", &primitive.id)]);
        match &primitive.agent {
            Agent::Template(name) => tree.set_attr(top, "template", name.as_str()),
            Agent::Name(name) => self.agent(&mut tree, top, name)?,
        }
        set_some(&mut tree, top, "description", primitive.description.as_deref());
        // COMPAT(crmsh 1.2.6): all operations share one element, wherever they are written
        let mut shared = None;
        for item in &primitive.body {
            match item {
                BodyItem::Set(set) => self.set(&mut tree, top, set),
                BodyItem::Operations(operations) => match shared {
                    Some(element) if self.style == Style::Classic => {
                        self.ops(&mut tree, element, operations)?;
                    }
                    _ => shared = Some(self.operations(&mut tree, top, operations)?),
                },
            }
        }
        Ok(tree)
    }

    fn agent(&mut self, tree: &mut Tree, top: XmlId, name: &str) -> Result<(), Refusal> {
        let parts: Vec<&str> = name.split(':').collect();
        let (class, provider, agent_type) = match parts.as_slice() {
            [class, provider, agent_type] => (*class, (*provider).to_owned(), *agent_type),
            [class, agent_type] => (*class, self.provider(class, agent_type), *agent_type),
            [agent_type] => {
                // a fencing agent's name tells its class
                let is_fencing = self.style == Style::Modern && agent_type.starts_with("fence_");
                let class = if is_fencing { "stonith" } else { "ocf" };
                (class, self.provider(class, agent_type), *agent_type)
            }
            _ => ("", String::new(), ""),
        };
        if !Agent::is_name(name) {
            let message = Agent::not_a_name(name);
            return Err(Refusal::Other(Diagnostic::error(Code::Agent, message)));
        }
        if class == "ocf" && provider.is_empty() {
            let message = format!("provider could not be determined for {name}");
            return Err(Refusal::Other(Diagnostic::error(Code::Agent, message)));
        }
        if class != "ocf" && !provider.is_empty() {
            let message = format!("ra class {class} does not support providers");
            self.notes.push(Diagnostic::warning(Code::Agent, message));
        }
        set_some(tree, top, "class", Some(class).filter(|class| !class.is_empty()));
        let shown = self.style == Style::Modern || class == "ocf";
        set_some(tree, top, "provider", Some(&*provider).filter(|p| shown && !p.is_empty()));
        tree.set_attr(top, "type", agent_type);
        Ok(())
    }

    fn provider(&self, class: &str, agent_type: &str) -> String {
        if class != "ocf" {
            return String::new();
        }
        let found = self.agents.providers(agent_type);
        let has = |name: &str| found.iter().any(|p| p == name);
        match (self.style, found.as_slice()) {
            (_, []) => "heartbeat".to_owned(),
            (_, [only]) => only.clone(),
            (Style::Classic, _) => String::new(),
            (Style::Modern, _) if has("heartbeat") => "heartbeat".to_owned(),
            (Style::Modern, _) if has("pacemaker") => "pacemaker".to_owned(),
            (Style::Modern, [first, ..]) => first.clone(),
        }
    }

    fn operations(
        &mut self,
        tree: &mut Tree,
        top: XmlId,
        operations: &Operations,
    ) -> Result<XmlId, Refusal> {
        let element = tree.append(top, "operations");
        set_some(tree, element, "id", operations.id.as_deref());
        if let Some(id_ref) = &operations.id_ref {
            let id_ref = self.resolve("operations", id_ref);
            tree.set_attr(element, "id-ref", id_ref);
        }
        self.ops(tree, element, operations)?;
        Ok(element)
    }

    fn ops(
        &mut self,
        tree: &mut Tree,
        element: XmlId,
        operations: &Operations,
    ) -> Result<(), Refusal> {
        operations.ops.iter().try_for_each(|op| self.op(tree, element, op))
    }

    /// Appends one operation. Pairs that the schema knows become attributes, the others instance
    /// attributes.
    fn op(&mut self, tree: &mut Tree, parent: XmlId, op: &Op) -> Result<(), Refusal> {
        let element = tree.append(parent, "op");
        tree.set_attr(element, "name", op.name.as_str());
        let mut instance = None;
        for pair in &op.pairs {
            let name = pair.name().unwrap_or_default();
            if !self.schema.is_op_attribute(name) {
                let set =
                    *instance.get_or_insert_with(|| tree.append(element, "instance_attributes"));
                self.pair(tree, set, pair);
            } else if instance.is_some() && self.style == Style::Modern {
                let text = format!(
                    "Attribute order error: {name} must appear before any instance attribute"
                );
                return Err(Refusal::Syntax(text, None));
            } else {
                let value = self.pair_value(name, pair.value().unwrap_or_default());
                tree.set_attr(element, name.to_owned(), value);
            }
        }
        if !op.pairs.iter().any(|pair| pair.name() == Some("interval")) {
            match self.release {
                Release::Four => tree.set_attr(element, "interval", "0"),
                Release::Five if op.name == "monitor" => {}
                Release::Five => tree.set_attr(element, "interval", "0s"),
            }
        }
        self.sets(tree, element, &op.sets);
        Ok(())
    }

    pub(super) fn monitor(&mut self, monitor: &Monitor) -> Tree {
        let (mut tree, top) = root("op", &[]);
        let role = monitor.role.as_deref().map(|role| {
            let known = crate::grammar::canonical(role, &crate::grammar::ROLES).unwrap_or(role);
            self.role(known)
        });
        // COMPAT(crmsh 4.4.1, add_operation()): an instance number is no attribute of an operation
        // and becomes a parameter
        let instance = role.as_deref().filter(|role| is_instance(role)).map(str::to_owned);
        let role_name = if instance.is_some() { "instance" } else { "role" };
        let role = role.filter(|_| instance.is_none() || self.style == Style::Classic);
        if self.style == Style::Modern {
            tree.set_attr(top, "name", "monitor");
        }
        set_some(&mut tree, top, role_name, role.as_deref());
        let interval = Some(monitor.interval.as_str());
        let interval = interval.filter(|i| !i.is_empty() || self.style == Style::Classic);
        set_some(&mut tree, top, "interval", interval);
        set_some(&mut tree, top, "timeout", monitor.timeout.as_deref());
        if self.style == Style::Classic {
            tree.set_attr(top, "name", "monitor");
        } else if let Some(instance) = instance {
            let set = tree.append(top, "instance_attributes");
            self.pair(&mut tree, set, &Pair::new("instance", instance));
        }
        tree
    }

    pub(super) fn group(&mut self, group: &Group) -> Tree {
        self.container("group", &group.id, group.description.as_ref(), &group.sets, &group.members)
    }

    pub(super) fn clone_resource(&mut self, clone: &Clone) -> Tree {
        let tag = match clone.kind {
            CloneKind::Clone => "clone",
            CloneKind::Ms => "master",
        };
        self.container(tag, &clone.id, clone.description.as_ref(), &clone.sets, &clone.members)
    }

    fn container(
        &mut self,
        tag: &'static str,
        id: &str,
        description: Option<&String>,
        sets: &[AttrSet],
        members: &[String],
    ) -> Tree {
        let (mut tree, top) = root(tag, &[("id", id)]);
        set_some(&mut tree, top, "description", description.map(String::as_str));
        self.sets(&mut tree, top, sets);
        for member in members {
            let element = tree.append(top, MEMBER);
            tree.set_attr(element, "id", member.as_str());
        }
        tree
    }

    pub(super) fn bundle(&mut self, bundle: &Bundle) -> Tree {
        let (mut tree, top) = root("bundle", &[("id", &bundle.id)]);
        set_some(&mut tree, top, "description", bundle.description.as_deref());
        for item in &bundle.items {
            match item {
                BundleItem::Set(set) => self.set(&mut tree, top, set),
                BundleItem::Primitive(id) => {
                    let element = tree.append(top, MEMBER);
                    tree.set_attr(element, "id", id.as_str());
                }
                BundleItem::Container(part) => {
                    let found =
                        tree.root().child(&part.tag).map(cib_model::xml::ElementRef::xml_id);
                    let element = found.unwrap_or_else(|| tree.append(top, part.tag.clone()));
                    attributes(&mut tree, element, &part.pairs);
                    for (tag, pairs) in &part.mappings {
                        let mapping = tree.append(element, tag.clone());
                        attributes(&mut tree, mapping, pairs);
                    }
                }
            }
        }
        tree
    }
}

fn attributes(tree: &mut Tree, element: XmlId, pairs: &[Pair]) {
    for pair in pairs {
        if let Some(name) = pair.name() {
            tree.set_attr(element, name.to_owned(), pair.value().unwrap_or_default());
        }
    }
}
