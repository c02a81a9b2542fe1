//! Name-value sets: `instance_attributes`, `meta_attributes`, `utilization`,
//! `cluster_property_set`, and which value of a name counts.
//!
//! ```
//! use cib_model::nvset::{NvSetKind, plain_value, set_pair};
//! use cib_model::Cib;
//!
//! let mut cib = Cib::read(
//!     r#"<cib><configuration><resources><primitive id="a"><meta_attributes id="m">
//!          <nvpair id="m-1" name="target-role" value="Stopped"/>
//!        </meta_attributes></primitive></resources></configuration></cib>"#,
//! )?;
//! let set = cib.find("m").unwrap().xml_id();
//! set_pair(cib.tree_mut(), set, "target-role", "Started", "unused");
//! let a = cib.resource("a").unwrap().element();
//! let role = plain_value(&cib, a, NvSetKind::MetaAttributes, "target-role");
//! assert_eq!(role, Some("Started"));
//! # Ok::<(), cib_model::xml::ReadError>(())
//! ```
//!
//! **Source:** pacemaker `lib/common/nvpair.c`, `pcmk__unpack_nvpair_blocks()`,
//! `pcmk__cmp_nvpair_blocks()`; `lib/common/xml_idref.c`.

use crate::cib::Cib;
use crate::names;
use crate::score::Score;
use crate::view::view;
use crate::xml::{ElementRef, Tree, XmlId};

/// The kinds of sets.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum NvSetKind {
    /// Parameters of a resource, attributes of a node.
    InstanceAttributes,
    /// Options the cluster itself reads.
    MetaAttributes,
    /// What a resource needs or a node offers.
    Utilization,
    /// Cluster options.
    ClusterPropertySet,
}

impl NvSetKind {
    /// Returns the element's name.
    pub const fn name(self) -> &'static str {
        match self {
            NvSetKind::InstanceAttributes => names::INSTANCE_ATTRIBUTES,
            NvSetKind::MetaAttributes => names::META_ATTRIBUTES,
            NvSetKind::Utilization => names::UTILIZATION,
            NvSetKind::ClusterPropertySet => names::CLUSTER_PROPERTY_SET,
        }
    }
}

view! {
    /// One set, after resolution of `id-ref`.
    NvSet(names::INSTANCE_ATTRIBUTES | names::META_ATTRIBUTES | names::UTILIZATION | names::CLUSTER_PROPERTY_SET) {
        /// Returns the score as written.
        score_text = names::SCORE;
    }
}

view! {
    /// One `nvpair`, as it stands in its set.
    NvPair(names::NVPAIR) {
        /// Returns the name as written here; missing in a reference that takes the other's name.
        own_name = names::NAME;
        /// Returns the value as written here.
        own_value = names::VALUE;
        /// Returns the id of the pair this one stands for.
        id_ref = names::ID_REF;
    }
}

impl<'a> NvSet<'a> {
    /// Returns the score that decides between sets; 0 where missing or unreadable.
    pub fn score(self) -> Score {
        self.score_text().and_then(|text| Score::parse(text).ok()).unwrap_or_default()
    }

    /// Returns the rule that says when the set counts (the first, as Pacemaker).
    pub fn rule(self) -> Option<ElementRef<'a>> {
        self.0.child(names::RULE)
    }

    /// Returns the pairs as they stand, in document order.
    pub fn pairs(self) -> impl DoubleEndedIterator<Item = NvPair<'a>> {
        // Before 0.6.3 (2008) the pairs stood in an <attributes> element.
        let holder =
            self.0.children().next().filter(|c| c.name() == "attributes").unwrap_or(self.0);
        holder.children().filter_map(NvPair::cast)
    }

    /// Returns names and values in document order, references resolved; a pair without name or
    /// value is left out.
    pub fn values(self, cib: &'a Cib) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.pairs().filter_map(move |pair| Some((pair.name(cib)?, pair.value(cib)?)))
    }
}

impl<'a> NvPair<'a> {
    /// Returns the name: its own, or that of the pair it refers to.
    pub fn name(self, cib: &'a Cib) -> Option<&'a str> {
        self.own_name().or_else(|| cib.resolve(self.0)?.attr(names::NAME))
    }

    /// Returns the value, or that of the pair it refers to.
    pub fn value(self, cib: &'a Cib) -> Option<&'a str> {
        cib.resolve(self.0)?.attr(names::VALUE)
    }
}

/// Returns the sets of one kind that `owner` holds, references resolved, in document order.
/// A reference to nothing is left out.
pub fn sets<'a>(
    cib: &'a Cib,
    owner: ElementRef<'a>,
    kind: NvSetKind,
) -> impl Iterator<Item = NvSet<'a>> {
    owner.children_named(kind.name()).filter_map(move |e| cib.resolve(e).and_then(NvSet::cast))
}

/// Returns the sets in the order in which they count: the set called `first`, then by falling
/// score, and among equal scores the last in the document first.
pub fn by_precedence<'a>(
    cib: &'a Cib,
    owner: ElementRef<'a>,
    kind: NvSetKind,
    first: Option<&str>,
) -> Vec<NvSet<'a>> {
    let mut sets: Vec<NvSet<'a>> = sets(cib, owner, kind).collect();
    sets.reverse();
    sets.sort_by_key(|set| {
        let is_first = first.is_some_and(|id| set.id() == id);
        std::cmp::Reverse((is_first, set.score()))
    });
    sets
}

/// Names and values in the order in which they were set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NvValues<'a>(Vec<(&'a str, &'a str)>);

impl<'a> NvValues<'a> {
    /// Returns the value of `name`.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(n, _)| *n == name).map(|(_, v)| *v)
    }

    /// Returns all pairs in the order in which they were set.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&'a str, &'a str)> + '_ {
        self.0.iter().copied()
    }

    /// Returns how many names have a value.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns true where no name has a value.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds what `owner`'s sets say: names that have a value keep it, within a set the first pair
    /// of a name counts, and the value `#default` (in any case) takes a name's value away.
    /// `applies` says of a set's rule whether it holds; it is asked in order of precedence.
    pub fn add_sets(
        &mut self,
        cib: &'a Cib,
        owner: ElementRef<'a>,
        kind: NvSetKind,
        first: Option<&str>,
        mut applies: impl FnMut(ElementRef<'a>) -> bool,
    ) {
        for set in by_precedence(cib, owner, kind, first) {
            if !set.rule().is_none_or(&mut applies) {
                continue;
            }
            for (name, value) in set.values(cib) {
                let held = self.0.iter().position(|(n, _)| *n == name);
                match (held, value.eq_ignore_ascii_case("#default")) {
                    (Some(at), true) => {
                        self.0.remove(at);
                    }
                    (None, false) => self.0.push((name, value)),
                    _ => {}
                }
            }
        }
    }
}

/// Returns the value of `name` among `owner`'s sets without rules; what tools show and edit.
pub fn plain_value<'a>(
    cib: &'a Cib,
    owner: ElementRef<'a>,
    kind: NvSetKind,
    name: &str,
) -> Option<&'a str> {
    let mut values = NvValues::default();
    values.add_sets(cib, owner, kind, None, |_| false);
    values.get(name)
}

/// Sets `name` to `value` in the set `set`: the first pair of that name gets the value, else a
/// new pair with id `id` goes last. Attributes of a new pair stand in crm's order (`name value id`).
pub fn set_pair(tree: &mut Tree, set: XmlId, name: &str, value: &str, id: &str) -> Option<XmlId> {
    let element = tree.element(set)?;
    let held = element.children_named(names::NVPAIR).find(|p| p.attr(names::NAME) == Some(name));
    if let Some(pair) = held.map(ElementRef::xml_id) {
        tree.set_attr(pair, names::VALUE, value);
        return Some(pair);
    }
    let pair = tree.append(set, names::NVPAIR);
    tree.set_attr(pair, names::NAME, name);
    tree.set_attr(pair, names::VALUE, value);
    tree.set_attr(pair, names::ID, id);
    Some(pair)
}

/// Removes every pair called `name` from the set; returns true where there was one.
pub fn unset_pair(tree: &mut Tree, set: XmlId, name: &str) -> bool {
    let Some(element) = tree.element(set) else { return false };
    let held: Vec<XmlId> = element
        .children_named(names::NVPAIR)
        .filter(|p| p.attr(names::NAME) == Some(name))
        .map(ElementRef::xml_id)
        .collect();
    for pair in &held {
        tree.detach(*pair);
    }
    !held.is_empty()
}

#[cfg(test)]
mod tests {
    use super::{NvSetKind, NvValues, by_precedence, plain_value};
    use crate::Cib;

    fn cib() -> Cib {
        Cib::read(
            r##"<cib><configuration><resources>
            <primitive id="p">
              <meta_attributes id="m1"><nvpair id="a" name="x" value="1"/><nvpair id="a2" name="x" value="1b"/><nvpair id="b" name="y" value="1"/></meta_attributes>
              <meta_attributes id="m2" score="5"><nvpair id="c" name="x" value="2"/></meta_attributes>
              <meta_attributes id="m3"><nvpair id="d" name="y" value="3"/><nvpair id-ref="z1" name="zz"/></meta_attributes>
              <meta_attributes id="m4" score="9"><rule id="r" score="0"/><nvpair id="e" name="x" value="4"/></meta_attributes>
            </primitive>
            <primitive id="q"><meta_attributes id-ref="m2"/><meta_attributes id="q1"><nvpair id="z1" name="z" value="7"/><nvpair id="f" name="x" value="#Default"/></meta_attributes></primitive>
            </resources></configuration></cib>"##,
        )
        .unwrap()
    }

    #[test]
    fn score_then_last_in_document() {
        let cib = cib();
        let p = cib.find("p").unwrap();
        let order = by_precedence(&cib, p, NvSetKind::MetaAttributes, None);
        assert_eq!(order.iter().map(|s| s.id()).collect::<Vec<_>>(), ["m4", "m2", "m3", "m1"]);
        let order = by_precedence(&cib, p, NvSetKind::MetaAttributes, Some("m1"));
        assert_eq!(order.iter().map(|s| s.id()).collect::<Vec<_>>(), ["m1", "m4", "m2", "m3"]);
    }

    #[test]
    fn the_first_value_of_a_name_counts() {
        let cib = cib();
        let mut values = NvValues::default();
        let p = cib.find("p").unwrap();
        values.add_sets(&cib, p, NvSetKind::MetaAttributes, None, |_| false);
        let all: Vec<_> = values.iter().collect();
        assert_eq!(all, [("x", "2"), ("y", "3"), ("zz", "7")]);
        values = NvValues::default();
        values.add_sets(&cib, p, NvSetKind::MetaAttributes, Some("m1"), |_| true);
        assert_eq!(values.get("x"), Some("1"));
    }

    #[test]
    fn references_and_default() {
        let cib = cib();
        let q = cib.find("q").unwrap();
        assert_eq!(plain_value(&cib, q, NvSetKind::MetaAttributes, "z"), Some("7"));
        let mut values = NvValues::default();
        values.add_sets(&cib, q, NvSetKind::MetaAttributes, Some("m2"), |_| true);
        assert_eq!(values.get("x"), None, "#default removes what the reference set");
    }
}
