//! What a user's permissions come to on every element.
//!
//! **Source:** pacemaker `lib/common/acl.c`, `pcmk__check_acl()`.

use std::collections::BTreeMap;

use super::Access;
use crate::xml::{ElementRef, Tree, XmlId};

/// What a user may do with an element; each includes what stands before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Grant {
    /// Neither read nor change it.
    Denied,
    /// Read it.
    Readable,
    /// Read and change it.
    Writable,
}

/// What a user may do with each element of one tree.
#[derive(Clone, Debug)]
pub struct Grants(BTreeMap<XmlId, Grant>);

impl Grants {
    /// Returns what the user may do with an element; with one of another tree nothing.
    pub fn of(&self, element: ElementRef<'_>) -> Grant {
        self.0.get(&element.xml_id()).copied().unwrap_or(Grant::Denied)
    }

    /// Returns true where the user may do exactly this with some element.
    pub fn any(&self, grant: Grant) -> bool {
        self.0.values().any(|given| *given == grant)
    }
}

impl Access {
    /// Returns what the user may do with every element of a tree, an element's attributes and
    /// comments included: what the nearest permission above says, and nothing where there is none.
    pub fn grants(&self, tree: &Tree) -> Grants {
        let marks = self.marks(tree);
        let mut grants = BTreeMap::new();
        let mut waiting = vec![(tree.root(), Grant::Denied)];
        while let Some((element, above)) = waiting.pop() {
            let mark = marks.get(&element.xml_id()).copied().unwrap_or_default();
            let grant = match mark {
                _ if mark.deny => Grant::Denied,
                _ if mark.write => Grant::Writable,
                // Leave to read takes no leave to write away that is given above.
                _ if mark.read => above.max(Grant::Readable),
                _ => above,
            };
            grants.insert(element.xml_id(), grant);
            waiting.extend(element.children().map(|child| (child, grant)));
        }
        Grants(grants)
    }
}

#[cfg(test)]
mod tests {
    use super::Grant;
    use crate::Cib;
    use crate::acl::{Access, Subject};

    fn grants(permissions: &str) -> [Grant; 3] {
        let cib = Cib::read(&format!(
            r#"<cib><configuration><crm_config/><nodes/><resources><primitive id="a"/></resources><constraints/><acls><acl_target id="u">{permissions}</acl_target></acls></configuration><status/></cib>"#
        ))
        .unwrap();
        let subject = Subject { user: "u".into(), groups: Vec::new() };
        let grants = Access::of(&cib, &subject).grants(cib.tree());
        [cib.root(), cib.resources().unwrap(), cib.find("a").unwrap()].map(|e| grants.of(e))
    }

    fn permission(kind: &str, xpath: &str) -> String {
        format!(r#"<acl_permission id="{kind}" kind="{kind}" xpath="{xpath}"/>"#)
    }

    #[test]
    fn the_nearest_permission_counts() {
        use Grant::{Denied, Readable, Writable};
        let read = permission("read", "/cib");
        assert_eq!(grants(""), [Denied; 3]);
        assert_eq!(grants(&read), [Readable; 3]);
        let write = permission("write", "//resources");
        assert_eq!(grants(&(read.clone() + &write)), [Readable, Writable, Writable]);
        let deny = permission("deny", "//primitive");
        assert_eq!(grants(&(read + &write + &deny)), [Readable, Writable, Denied]);
    }

    #[test]
    fn reading_below_does_not_end_writing_above() {
        use Grant::{Denied, Readable, Writable};
        let write = permission("write", "/cib");
        let read = permission("read", "//primitive");
        assert_eq!(grants(&(write.clone() + &read)), [Writable; 3]);
        let deny = permission("deny", "//resources");
        assert_eq!(grants(&(write + &deny + &read)), [Writable, Denied, Readable]);
    }
}
