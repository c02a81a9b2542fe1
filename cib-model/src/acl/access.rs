//! What a user may read and write.
//!
//! **Source:** pacemaker `lib/common/acl.c`: `xml_acl_filtered_copy()`, `pcmk__check_acl()`,
//! `pcmk__apply_creation_acl()`.

use std::collections::BTreeMap;

use super::{AclPermission, AclTarget};
use crate::boolean;
use crate::cib::Cib;
use crate::names;
use crate::patchset::{AttrOrder, Change, diff, element_path, find};
use crate::xml::{ElementRef, Tree, XPath, XmlId};

/// Who asks: a user and the groups of the system that hold the user.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Subject {
    /// The user's name.
    pub user: String,
    /// Names of the user's groups.
    pub groups: Vec<String>,
}

/// A change that the user may not make.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("user '{user}' may not change {path}")]
pub struct Denied {
    /// The user.
    pub user: String,
    /// What would be changed.
    pub path: String,
}

/// What permissions say of one element; a denial outweighs everything.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Marks {
    pub(super) read: bool,
    pub(super) write: bool,
    pub(super) deny: bool,
}

/// Most permissions of one user. Each is looked for in the whole CIB: more would take the daemon's
/// time for every request of that user.
pub const PERMISSIONS_MAX: usize = 1_000;

/// The permissions of one user.
#[derive(Clone, Debug)]
pub struct Access {
    user: String,
    /// In document order: `read`, `write` or `deny`, and for what.
    rules: Vec<(Kind, XPath)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Read,
    Write,
    Deny,
}

/// Returns true where the user's rights are limited: access control is on, and the user is not one
/// of those whom nothing limits.
pub fn applies(cib: &Cib, user: &str) -> bool {
    !is_unlimited(user) && enabled(cib)
}

/// Returns true for users who may do everything in any CIB: `root`, `hacluster`, and nobody, who is
/// the cluster itself.
pub fn is_unlimited(user: &str) -> bool {
    matches!(user, "" | "root" | "hacluster")
}

/// Returns true where the cluster option `enable-acl` is true.
pub fn enabled(cib: &Cib) -> bool {
    let options = cib.crm_config().into_iter().flat_map(ElementRef::descendants);
    let mut values = options
        .filter(|e| e.name() == names::NVPAIR && e.attr(names::NAME) == Some("enable-acl"))
        .filter_map(|e| e.attr(names::VALUE));
    values.next().and_then(boolean::parse).unwrap_or(false)
}

impl Access {
    /// Reads the permissions that the CIB gives the user, by name and by group. What is malformed
    /// gives nothing, and so do more than [`PERMISSIONS_MAX`] together.
    pub fn of(cib: &Cib, subject: &Subject) -> Access {
        let mut rules = Vec::new();
        for target in cib.acl_targets() {
            let name = target.name().unwrap_or_else(|| target.id());
            let meant = if target.element().name() == names::ACL_GROUP {
                subject.groups.iter().any(|group| group == name)
            } else {
                subject.user == name
            };
            if !meant {
                continue;
            }
            for child in target.element().children() {
                rules.extend(AclPermission::cast(child).and_then(rule));
            }
            rules.extend(roles(cib, target));
        }
        if rules.len() > PERMISSIONS_MAX {
            rules.clear();
        }
        Access { user: subject.user.clone(), rules }
    }

    pub(super) fn marks(&self, tree: &Tree) -> BTreeMap<XmlId, Marks> {
        let mut marks: BTreeMap<XmlId, Marks> = BTreeMap::new();
        for (kind, path) in &self.rules {
            for id in path.select(tree).unwrap_or_default() {
                let mark = marks.entry(id).or_default();
                match kind {
                    Kind::Read => mark.read = true,
                    Kind::Write => mark.write = true,
                    Kind::Deny => mark.deny = true,
                }
            }
        }
        marks
    }

    /// Returns what of the CIB the user may read; `None` where that is nothing. Of an element that
    /// only leads to something readable the id is left.
    pub fn filtered(&self, cib: &Cib) -> Option<Cib> {
        let mut tree = cib.tree().clone();
        // What is permitted where is decided once, on the whole CIB.
        let marks = self.marks(&tree);
        // A denial takes out what it names wherever it stands, inside readable parts too.
        for (_, path) in self.rules.iter().filter(|(kind, _)| *kind == Kind::Deny) {
            for id in path.select(&tree).unwrap_or_default() {
                if !purge(&mut tree, id, &marks) && id == tree.root_id() {
                    return None;
                }
            }
        }
        let root = tree.root_id();
        let readable = purge(&mut tree, root, &marks);
        readable.then(|| Cib::from_tree(tree).ok()).flatten()
    }

    /// Checks that the user may change `before` into `after`. Versions do not count.
    ///
    /// # Errors
    /// [`Denied`] names the first change that the user may not make.
    pub fn check(&self, before: &Cib, after: &Cib) -> Result<(), Denied> {
        let Some(patch) = diff(before.root(), after.root(), AttrOrder::Ignored) else {
            return Ok(());
        };
        let (old, new) = (self.marks(before.tree()), self.marks(after.tree()));
        for change in patch.changes() {
            match change.operation() {
                Some("delete") => {
                    let at = find(before.tree(), change.path(), None);
                    self.require(before.tree(), &old, at, change.path())?;
                }
                Some("create") => self.created(after.tree(), &new, change)?,
                Some("modify") if !only_versions(change) => {
                    let at = find(after.tree(), change.path(), None);
                    self.require(after.tree(), &new, at, change.path())?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn created(
        &self,
        tree: &Tree,
        marks: &BTreeMap<XmlId, Marks>,
        change: Change<'_>,
    ) -> Result<(), Denied> {
        let parent = find(tree, change.path(), None).and_then(|id| tree.element(id));
        let made = change.created();
        let (Some(parent), Some(made)) = (parent, made) else { return Ok(()) };
        let top = parent.children().find(|c| c.name() == made.name() && c.id() == made.id());
        for element in top.into_iter().flat_map(ElementRef::descendants) {
            if !implicitly_allowed(element) {
                let path = element_path(element);
                self.require(tree, marks, Some(element.xml_id()), &path)?;
            }
        }
        Ok(())
    }

    fn require(
        &self,
        tree: &Tree,
        marks: &BTreeMap<XmlId, Marks>,
        at: Option<XmlId>,
        path: &str,
    ) -> Result<(), Denied> {
        let mut element = at.and_then(|id| tree.element(id));
        while let Some(e) = element {
            let mark = marks.get(&e.xml_id()).copied().unwrap_or_default();
            if mark.deny {
                break;
            }
            if mark.write {
                return Ok(());
            }
            element = e.parent();
        }
        Err(Denied { user: self.user.clone(), path: path.to_owned() })
    }
}

/// Returns the rules of the roles a target refers to.
fn roles(cib: &Cib, target: AclTarget<'_>) -> Vec<(Kind, XPath)> {
    target
        .role_ids()
        .filter_map(|id| cib.acl_roles().find(|role| role.id() == id))
        .flat_map(|role| role.permissions().filter_map(rule).collect::<Vec<_>>())
        .collect()
}

fn rule(permission: AclPermission<'_>) -> Option<(Kind, XPath)> {
    let kind = match permission.kind()? {
        names::READ => Kind::Read,
        names::WRITE => Kind::Write,
        names::DENY => Kind::Deny,
        _ => return None,
    };
    let (tag, attribute) = (permission.object_type(), permission.attribute());
    let path = match (permission.xpath(), permission.reference()) {
        (Some(path), _) => path.to_owned(),
        (None, reference) => {
            tag.or(reference)?;
            let test = match (reference, attribute) {
                (Some(id), Some(attribute)) => format!("[@id='{id}' and @{attribute}]"),
                (Some(id), None) => format!("[@id='{id}']"),
                (None, Some(attribute)) => format!("[@{attribute}]"),
                (None, None) => String::new(),
            };
            format!("//{}{test}", tag.unwrap_or("*"))
        }
    };
    XPath::parse(&path).ok().map(|path| (kind, path))
}

/// Takes out what may not be read at and below an element; returns whether anything is left.
fn purge(tree: &mut Tree, id: XmlId, marks: &BTreeMap<XmlId, Marks>) -> bool {
    let mark = marks.get(&id).copied().unwrap_or_default();
    if !mark.deny && (mark.read || mark.write) {
        return true;
    }
    let Some(element) = tree.element(id) else { return false };
    let hidden: Vec<String> =
        element.attrs().map(|(n, _)| n.to_owned()).filter(|n| n != names::ID).collect();
    let children = element.child_ids().to_vec();
    for name in hidden {
        tree.remove_attr(id, &name);
    }
    let mut readable = false;
    for child in children {
        if tree.element(child).is_some() {
            readable |= purge(tree, child, marks);
        } else {
            // A comment tells of what it stands in.
            tree.detach(child);
        }
    }
    if !readable {
        tree.detach(id);
    }
    readable
}

/// Returns true for an element that may be made by anybody who may make what is inside: it has at
/// most an id, and is no part of the ACLs.
fn implicitly_allowed(element: ElementRef<'_>) -> bool {
    element.attrs().all(|(name, _)| name == names::ID)
        && std::iter::successors(element.parent(), |e| e.parent()).all(|e| e.name() != names::ACLS)
}

/// Returns true for a change of the root's versions and of who changed it when.
fn only_versions(change: Change<'_>) -> bool {
    let attrs = change.element().children().filter(|c| c.name() == names::CHANGE_LIST);
    change.path() == "/cib"
        && attrs.flat_map(ElementRef::children).all(|attr| {
            matches!(
                attr.attr(names::NAME),
                Some(
                    names::ADMIN_EPOCH
                        | names::EPOCH
                        | names::NUM_UPDATES
                        | names::CIB_LAST_WRITTEN
                        | names::UPDATE_ORIGIN
                        | names::UPDATE_CLIENT
                        | names::UPDATE_USER
                )
            )
        })
}

#[cfg(test)]
mod tests {
    use super::{Access, Subject, applies};
    use crate::Cib;
    use crate::xml::{Dialect, Layout};

    fn cib(permissions: &str) -> Cib {
        Cib::read(&format!(
            r#"<cib epoch="1"><!-- secret --><configuration><crm_config><cluster_property_set id="o"><nvpair id="o-acl" name="enable-acl" value="true"/></cluster_property_set></crm_config><nodes/><resources><primitive id="a" class="ocf"/><primitive id="b" class="ocf"/></resources><constraints/><acls><acl_role id="r">{permissions}</acl_role><acl_target id="u"><role id="r"/></acl_target></acls></configuration><status/></cib>"#
        ))
        .unwrap()
    }

    fn access(cib: &Cib) -> Access {
        Access::of(cib, &Subject { user: "u".into(), groups: Vec::new() })
    }

    #[test]
    fn reading_what_is_permitted() {
        let cib = cib(r#"<acl_permission id="p" kind="read" xpath="//primitive[@id='a']"/>"#);
        assert!(applies(&cib, "u") && !applies(&cib, "root"));
        let seen = access(&cib).filtered(&cib).unwrap().write(Layout::Compact, Dialect::Pcmk3);
        let expected = r#"<cib><configuration><resources><primitive id="a" class="ocf"/></resources></configuration></cib>"#;
        assert_eq!(seen.trim(), expected);
        let nobody = Access::of(&cib, &Subject::default());
        assert!(nobody.filtered(&cib).is_none());
    }

    #[test]
    fn a_denial_outweighs() {
        let cib = cib(
            r#"<acl_permission id="p" kind="write" xpath="/cib"/><acl_permission id="q" kind="deny" reference="b"/>"#,
        );
        let seen = access(&cib).filtered(&cib).unwrap();
        assert!(seen.find("a").is_some() && seen.find("b").is_none());
        let mut after = cib.clone();
        let b = cib.find("b").unwrap().xml_id();
        after.tree_mut().set_attr(b, "type", "Dummy");
        assert!(access(&cib).check(&cib, &after).unwrap_err().path.contains("'b'"));
        let mut after = cib.clone();
        let a = cib.find("a").unwrap().xml_id();
        after.tree_mut().set_attr(a, "type", "Dummy");
        assert_eq!(access(&cib).check(&cib, &after), Ok(()));
        after.tree_mut().detach(b);
        assert!(access(&cib).check(&cib, &after).is_err());
    }

    #[test]
    fn scaffolding_may_be_made_around_what_may_be_made() {
        let cib = cib(
            r#"<acl_permission id="p" kind="read" xpath="/cib"/><acl_permission id="q" kind="write" xpath="//nvpair[@name='target-role']"/>"#,
        );
        let with = |name: &str| {
            let mut after = cib.clone();
            let a = cib.find("a").unwrap().xml_id();
            let tree = after.tree_mut();
            let set = tree.append(a, "meta_attributes");
            tree.set_attr(set, "id", "m");
            let pair = tree.append(set, "nvpair");
            tree.set_attr(pair, "id", "m-p");
            tree.set_attr(pair, "name", name);
            access(&cib).check(&cib, &after)
        };
        assert_eq!(with("target-role"), Ok(()));
        assert!(with("is-managed").is_err());
    }
}
