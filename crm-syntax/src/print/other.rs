//! Fencing topology, access control, alerts.

use super::Printer;
use crate::ast::{
    AclPrincipal, AclRole, AclUser, Alert, AlertItem, FencingTarget, FencingTopology, Recipient,
    Right, Selector, SetKind, Specification, UserItem,
};

impl Printer<'_> {
    pub(super) fn topology(topology: &FencingTopology) -> Vec<String> {
        let mut lines = vec!["fencing_topology".to_owned()];
        let mut last: Option<&FencingTarget> = None;
        for (target, devices) in &topology.levels {
            let start = match target {
                _ if last == Some(target) => None,
                FencingTarget::AllNodes => None,
                FencingTarget::Node(node) => Some(format!("{node}:")),
                FencingTarget::Attribute(name, value) => Some(format!("attr:{name}={value}")),
                FencingTarget::Pattern(pattern) => Some(format!("pattern:{pattern}")),
            };
            lines.extend(start);
            last = Some(target);
            if let Some(line) = lines.last_mut() {
                line.push(' ');
                line.push_str(devices);
            }
        }
        lines
    }

    pub(super) fn acl_role(&self, role: &AclRole) -> Vec<String> {
        let mut lines = vec![format!("role {}", role.id)];
        lines.extend(self.description(role.description.as_ref()));
        lines.extend(role.rights.iter().map(|right| self.right(right)));
        lines
    }

    pub(super) fn acl_user(&self, user: &AclUser) -> Vec<String> {
        let mut lines = vec![format!("user {}", user.id)];
        lines.extend(self.description(user.description.as_ref()));
        lines.extend(user.items.iter().map(|item| match item {
            UserItem::Role(id) => format!("role:{id}"),
            UserItem::Right(right) => self.right(right),
        }));
        lines
    }

    pub(super) fn acl_principal(&self, principal: &AclPrincipal) -> Vec<String> {
        let keyword = if principal.is_group { "acl_group" } else { "acl_target" };
        let mut lines = vec![format!("{keyword} {}", principal.id)];
        lines.extend(self.description(principal.description.as_ref()));
        lines.extend(principal.roles.iter().cloned());
        lines
    }

    fn right(&self, right: &Right) -> String {
        let mut words = vec![right.kind.as_str().to_owned()];
        words.extend(self.description(right.description.as_ref()));
        words.extend(right.specs.iter().map(|spec| self.specification(spec)));
        words.join(" ")
    }

    fn specification(&self, spec: &Specification) -> String {
        match &spec.value {
            None => spec.key.clone(),
            Some(value) if spec.key == "xpath" => format!("xpath:{}", self.words.quoted(value)),
            Some(value) => format!("{}:{value}", spec.key),
        }
    }

    pub(super) fn alert(&self, alert: &Alert) -> Vec<String> {
        let mut lines = vec![format!("alert {} {}", alert.id, self.words.quoted(&alert.path))];
        lines.extend(self.description(alert.description.as_ref()));
        lines.extend(alert.items.iter().map(|item| match item {
            AlertItem::Set(set) => self.alert_set(set),
            AlertItem::Select(selectors) => select(selectors),
            AlertItem::Recipient(recipient) => self.recipient(recipient),
        }));
        lines
    }

    fn alert_set(&self, set: &crate::ast::AttrSet) -> String {
        match set.kind {
            SetKind::Instance => self.set("attributes", set),
            SetKind::Meta => self.set("meta", set),
            SetKind::Utilization => self.set("utilization", set),
        }
    }

    fn recipient(&self, recipient: &Recipient) -> String {
        let mut words = vec!["to".to_owned()];
        words.extend(recipient.braced.then(|| "{".to_owned()));
        words.push(self.words.quoted(&recipient.value));
        words.extend(self.description(recipient.description.as_ref()));
        words.extend(recipient.sets.iter().map(|set| self.alert_set(set)));
        words.extend(recipient.braced.then(|| "}".to_owned()));
        words.join(" ")
    }
}

fn select(selectors: &[Selector]) -> String {
    let mut words = vec!["select".to_owned()];
    for selector in selectors {
        match selector {
            Selector::Nodes => words.push("nodes".to_owned()),
            Selector::Fencing => words.push("fencing".to_owned()),
            Selector::Resources => words.push("resources".to_owned()),
            Selector::Attributes(names) => {
                words.extend(["attributes".to_owned(), "{".to_owned()]);
                words.extend(names.iter().cloned());
                words.push("}".to_owned());
            }
        }
    }
    words.join(" ")
}
