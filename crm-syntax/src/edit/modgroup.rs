//! Adding a member to a group, or taking one out.
//!
//! **Source:** crmsh `do_modgroup()` (ui_configure.py).

use super::create::Ready;
use super::{Editor, Outcome};
use crate::ast::Object;
use crate::diag::{Code, Diagnostic};
use crate::kind::ObjectKind;
use crate::raise::RaiseContext;
use crate::style::Style;

/// Where a new member goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Position<'a> {
    /// After all others.
    Last,
    /// Directly before a member.
    Before(&'a str),
    /// Directly after a member.
    After(&'a str),
}

impl Editor<'_> {
    /// Adds a primitive to a group.
    ///
    /// # Errors
    /// Where the group or the primitive does not exist, the primitive is in a container already, or
    /// the position names no member. Nothing is changed then.
    pub fn group_add(&mut self, group: &str, member: &str, position: Position<'_>) -> Outcome {
        let style = self.style;
        self.change_group(group, |id, members| {
            let at = match position {
                Position::Last => members.len(),
                Position::Before(other) => place(members, other, id)?,
                Position::After(other) => place(members, other, id)? + 1,
            };
            if let Some(first) = members.iter().position(|m| m == member) {
                members.insert(at, member.to_owned());
                // the second of the two is where crm stops reading
                let second = if at <= first { first + 1 } else { at };
                let near = members.get(second + 1).map(|word| format!(" near <{word}>"));
                let message = match style {
                    Style::Modern => format!(
                        "syntax in group: child {member} listed more than once in group {id}{} \
                         parsing 'group {id} {}'",
                        near.unwrap_or_default(),
                        members.join(" ")
                    ),
                    Style::Classic => format!("in group {id} child {member} listed more than once"),
                };
                return Err(Diagnostic::error(Code::Child, message).about(id));
            }
            members.insert(at, member.to_owned());
            Ok(())
        })
    }

    /// Takes a primitive out of a group.
    ///
    /// # Errors
    /// Where the group does not exist, the primitive is not in it, or it is the last. Nothing is
    /// changed then.
    pub fn group_remove(&mut self, group: &str, member: &str) -> Outcome {
        self.change_group(group, |id, members| {
            let at = place(members, member, id)?;
            members.remove(at);
            if members.is_empty() {
                let message = format!("{member} is the last member of {id}");
                return Err(Diagnostic::error(Code::Child, message).about(id));
            }
            Ok(())
        })
    }

    fn change_group(
        &mut self,
        group: &str,
        change: impl FnOnce(&str, &mut Vec<String>) -> Result<(), Diagnostic>,
    ) -> Outcome {
        match self.try_change_group(group, change) {
            Ok(()) => self.finish(),
            Err(errors) => self.refuse_with(errors),
        }
    }

    fn try_change_group(
        &mut self,
        group: &str,
        change: impl FnOnce(&str, &mut Vec<String>) -> Result<(), Diagnostic>,
    ) -> Result<(), Vec<Diagnostic>> {
        let missing = || {
            let message = format!("group {group} does not exist");
            vec![Diagnostic::error(Code::NoSuchObject, message).about(group)]
        };
        let at = self.find(group).ok_or_else(missing)?;
        let element = self.element(at).ok_or_else(missing)?;
        if ObjectKind::of(element) != Some(ObjectKind::Group) {
            let message = format!("element {group} is not a group");
            return Err(vec![Diagnostic::error(Code::Child, message).about(group)]);
        }
        let context = RaiseContext::of(self.cib.tree(), self.style);
        let Some(Object::Group(mut raised)) = context.object(element) else {
            // the sets have no words in this dialect: move the members alone
            return self.move_members(at, group, change).map_err(|error| vec![error]);
        };
        change(group, &mut raised.members).map_err(|error| vec![error])?;
        let tree = self.lower(&Object::Group(raised)).map_err(|_| missing())?;
        let id = group.to_owned();
        self.replace(at, Ready { tree, kind: ObjectKind::Group, id, given: None })
    }

    /// Changes the members and leaves everything else of the element as it is.
    fn move_members(
        &mut self,
        at: cib_model::xml::XmlId,
        group: &str,
        change: impl FnOnce(&str, &mut Vec<String>) -> Result<(), Diagnostic>,
    ) -> Result<(), Diagnostic> {
        let Some(element) = self.element(at) else { return Ok(()) };
        let old: Vec<String> = element
            .children_named("primitive")
            .filter_map(|child| child.id().map(str::to_owned))
            .collect();
        let mut new = old.clone();
        change(group, &mut new)?;
        for name in old.iter().filter(|name| !new.contains(name)) {
            if let Some(member) = self.index.resource(name) {
                self.move_to_top(member);
            }
        }
        for name in &new {
            let member = self.index.resource(name).ok_or_else(|| {
                let message = format!("{group} refers to missing object {name}");
                Diagnostic::error(Code::NoSuchObject, message).about(name.as_str())
            })?;
            self.cib.tree_mut().attach(at, usize::MAX, member);
        }
        Ok(())
    }
}

fn place(members: &[String], name: &str, group: &str) -> Result<usize, Diagnostic> {
    members.iter().position(|member| member == name).ok_or_else(|| {
        let message = format!("{name} is not member of {group}");
        Diagnostic::error(Code::NoSuchObject, message).about(name)
    })
}
