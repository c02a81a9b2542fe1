//! Patchsets say what changed, and applying them makes it so.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::{ApplyError, AttrOrder, Patchset, VersionCheck, diff};
use crate::Cib;
use crate::xml::{Dialect, Layout, Tree, XmlId, read};

fn patch(a: &str, b: &str) -> String {
    let (a, b) = (read(a).unwrap(), read(b).unwrap());
    let patch = diff(a.root(), b.root(), AttrOrder::Ignored).unwrap();
    let mut patch = patch;
    patch.remove_versions();
    patch.write(Layout::Compact, Dialect::Pcmk3)
}

#[test]
fn each_kind_of_change() {
    assert_eq!(
        patch(
            r#"<cib><r><p id="a" x="1"/><p id="b"/><p id="c"/></r></cib>"#,
            r#"<cib><r><p id="c"/><p id="a" y="2"/><p id="d"><q/></p></r></cib>"#,
        ),
        concat!(
            r#"<diff format="2"><change operation="delete" path="/cib/r/p[@id='b']"/>"#,
            r#"<change operation="move" path="/cib/r/p[@id='c']" position="0"/>"#,
            r#"<change operation="modify" path="/cib/r/p[@id='a']"><change-list><change-attr name="y" operation="set" value="2"/><change-attr name="x" operation="unset"/></change-list><change-result><p id="a" y="2"/></change-result></change>"#,
            // Pacemaker counts `a` as moved too.
            r#"<change operation="move" path="/cib/r/p[@id='a']" position="1"/>"#,
            r#"<change operation="create" path="/cib/r" position="2"><p id="d"><q/></p></change></diff>"#,
        )
    );
}

#[test]
fn comments_carry_their_position() {
    assert_eq!(
        patch("<cib><a/><!--x--><!--y--></cib>", "<cib><a/><!--z--></cib>"),
        concat!(
            r#"<diff format="2"><change operation="delete" path="/cib/comment" position="1"/>"#,
            r#"<change operation="delete" path="/cib/comment" position="1"/>"#,
            r#"<change operation="create" path="/cib" position="1"><!--z--></change></diff>"#,
        )
    );
}

#[test]
fn versions_must_fit() {
    let old = Cib::read(r#"<cib admin_epoch="0" epoch="3" num_updates="0"><a/></cib>"#).unwrap();
    let new = Cib::read(r#"<cib admin_epoch="0" epoch="4" num_updates="0"><b/></cib>"#).unwrap();
    let mut patch = old.diff(&new).unwrap();
    patch.add_digest(&new, Dialect::Pcmk3);
    let mut cib = old.clone();
    patch.apply(&mut cib, VersionCheck::Check, Dialect::Pcmk3).unwrap();
    assert_eq!(cib.tree(), new.tree());
    let again = patch.apply(&mut cib, VersionCheck::Check, Dialect::Pcmk3).unwrap_err();
    assert!(matches!(again, ApplyError::Old { .. }) && !again.needs_refresh());
    let mut older = old.clone();
    older.set_version(crate::CibVersion::new(0, 2, 9));
    let gap = patch.apply(&mut older, VersionCheck::Check, Dialect::Pcmk3).unwrap_err();
    assert!(matches!(gap, ApplyError::Gap { .. }) && gap.needs_refresh());
    let mut other =
        Cib::read(r#"<cib admin_epoch="0" epoch="3" num_updates="0"><a/><c/></cib>"#).unwrap();
    let before = other.clone();
    let error = patch.apply(&mut other, VersionCheck::Check, Dialect::Pcmk3).unwrap_err();
    assert!(matches!(error, ApplyError::Digest { .. }));
    assert_eq!(other.tree(), before.tree(), "a failed patch changes nothing");
}

#[test]
fn a_change_of_something_missing_fails_a_deletion_does_not() {
    let mut cib = Cib::read("<cib><a/></cib>").unwrap();
    let missing =
        r#"<diff format="2"><change operation="move" path="/cib/x" position="0"/></diff>"#;
    let error = Patchset::read(missing)
        .unwrap()
        .apply(&mut cib, VersionCheck::Skip, Dialect::Pcmk3)
        .unwrap_err();
    assert_eq!(error, ApplyError::NoMatch { operation: "move".into(), path: "/cib/x".into() });
    let gone = r#"<diff format="2"><change operation="delete" path="/cib/x"/></diff>"#;
    Patchset::read(gone).unwrap().apply(&mut cib, VersionCheck::Skip, Dialect::Pcmk3).unwrap();
}

#[test]
fn what_a_patchset_touches() {
    let old = Cib::read("<cib><configuration/><status/></cib>").unwrap();
    let new = Cib::read(r#"<cib><configuration/><status><n id="1"/></status></cib>"#).unwrap();
    let patch = old.diff(&new).unwrap();
    assert!(patch.touches("/cib/status") && !patch.touches_configuration());
}

/// A node of a random document: name, id, attributes in order, children.
#[derive(Clone, Debug)]
enum Node {
    Element(&'static str, Vec<(&'static str, String)>, Vec<Node>),
    Comment(String),
}

fn node() -> impl Strategy<Value = Node> {
    let name = prop::sample::select(vec!["primitive", "group", "x"]);
    let attrs = prop::collection::btree_map(
        prop::sample::select(vec!["type", "class", "v", "w"]),
        "[ a-c<&'\n]{0,3}",
        0..3,
    );
    let leaf = (name.clone(), attrs.clone())
        .prop_map(|(name, attrs)| Node::Element(name, attrs.into_iter().rev().collect(), vec![]));
    let comment = "[a-c ]{0,3}".prop_map(Node::Comment);
    prop_oneof![4 => leaf, 1 => comment].prop_recursive(4, 40, 6, move |inner| {
        (name.clone(), attrs.clone(), prop::collection::vec(inner, 0..6)).prop_map(
            |(name, attrs, children)| Node::Element(name, attrs.into_iter().collect(), children),
        )
    })
}

/// Builds a document; ids are drawn from `ids`, never twice below one parent.
fn document(nodes: &[Node], ids: u64) -> Tree {
    fn add(tree: &mut Tree, parent: XmlId, nodes: &[Node], ids: u64) {
        let mut order: Vec<usize> = (0..nodes.len()).collect();
        order.sort_by_key(|at| (ids >> (at * 7 % 50)) & 7);
        for at in order {
            match &nodes[at] {
                Node::Comment(text) => {
                    tree.append_comment(parent, text.as_str());
                }
                Node::Element(name, attrs, children) => {
                    let made = tree.append(parent, *name);
                    tree.set_attr(made, "id", format!("i{at}"));
                    for (name, value) in attrs {
                        tree.set_attr(made, *name, value.as_str());
                    }
                    add(tree, made, children, ids.rotate_left(9));
                }
            }
        }
    }
    let mut tree = Tree::new("cib");
    let root = tree.root_id();
    add(&mut tree, root, nodes, ids);
    tree
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn applying_the_difference_gives_the_other(
        a in prop::collection::vec(node(), 0..6), b in prop::collection::vec(node(), 0..6),
        seeds in any::<(u64, u64)>(), reuse in any::<bool>(),
    ) {
        // Half of the cases shuffle one document instead of taking a wholly different one.
        let b = if reuse { &a } else { &b };
        let (a, b) = (document(&a, seeds.0), document(b, seeds.1));
        let mut result = a.clone();
        if let Some(patch) = diff(a.root(), b.root(), AttrOrder::Counts) {
            let text = patch.write(Layout::Pretty, Dialect::Pcmk3);
            let patch = Patchset::read(&text).unwrap();
            patch.apply_to(&mut result).unwrap();
        }
        prop_assert_eq!(
            crate::xml::write(&result, Layout::Compact, Dialect::Pcmk3),
            crate::xml::write(&b, Layout::Compact, Dialect::Pcmk3)
        );
        prop_assert!(diff(b.root(), result.root(), AttrOrder::Counts).is_none());
    }

    #[test]
    fn what_is_written_reads_back(a in prop::collection::vec(node(), 0..6), seed in any::<u64>()) {
        let tree = document(&a, seed);
        for layout in [Layout::Pretty, Layout::Compact] {
            let text = crate::xml::write(&tree, layout, Dialect::Pcmk3);
            prop_assert_eq!(&read(&text).unwrap(), &tree);
        }
    }
}
