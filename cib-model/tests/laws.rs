//! Laws of documents and patchsets, on generated documents.
//!
//! The cases are the same at every run; `LAWS_SEED=NUMBER` plays others, and `LAWS_CASES=NUMBER`
//! more or fewer.

use cib_model::patchset::{AttrOrder, Patchset, diff};
use cib_model::xml::{Dialect, Layout, Tree, XmlId, read, write};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// A node of a random document: name, id, attributes in order, children.
#[derive(Clone, Debug)]
enum Node {
    Element(&'static str, Vec<(&'static str, String)>, Vec<Node>),
    Comment(String),
}

fn node() -> impl Strategy<Value = Node> {
    let name = prop::sample::select(vec!["primitive", "group", "x"]);
    let value =
        prop_oneof![3 => "[ a-c<&>'\"\n]{0,3}", 1 => "[\t\r\n\u{7f}é\u{10000}\\\\ -~]{0,6}"];
    let attrs = prop::collection::btree_map(
        prop::sample::select(vec!["type", "class", "v", "w", "x-y"]),
        value,
        0..4,
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

/// The same cases at every run, so that what fails once fails always.
#[expect(
    clippy::disallowed_methods,
    reason = "the library may not ask the environment, its tests may"
)]
fn config() -> ProptestConfig {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    ProptestConfig {
        rng_seed: RngSeed::Fixed(number("LAWS_SEED").unwrap_or(1)),
        cases: number("LAWS_CASES").and_then(|cases| cases.try_into().ok()).unwrap_or(10_000),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Applies the difference of `a` and `b`, as text, to `a`.
fn patched(a: &Tree, b: &Tree) -> Tree {
    let mut result = a.clone();
    if let Some(patch) = diff(a.root(), b.root(), AttrOrder::Counts) {
        let text = patch.write(Layout::Pretty, Dialect::Pcmk3);
        Patchset::read(&text).unwrap().apply_to(&mut result).unwrap();
    }
    result
}

proptest! {
    #![proptest_config(config())]

    /// apply(diff(a, b), a) = b, and apply(diff(b, a), b) = a.
    #[test]
    fn applying_the_difference_gives_the_other(
        a in prop::collection::vec(node(), 0..6), b in prop::collection::vec(node(), 0..6),
        seeds in any::<(u64, u64)>(), reuse in any::<bool>(),
    ) {
        // Half of the cases shuffle one document instead of taking a wholly different one.
        let b = if reuse { &a } else { &b };
        let (a, b) = (document(&a, seeds.0), document(b, seeds.1));
        for (from, to) in [(&a, &b), (&b, &a)] {
            let result = patched(from, to);
            prop_assert_eq!(
                write(&result, Layout::Compact, Dialect::Pcmk3),
                write(to, Layout::Compact, Dialect::Pcmk3)
            );
            prop_assert!(diff(to.root(), result.root(), AttrOrder::Counts).is_none());
        }
    }

    /// read(write(x)) = x. The older dialect has no words for line ends and tabs: what it made of
    /// them is what is read from then on.
    #[test]
    fn what_is_written_reads_back(a in prop::collection::vec(node(), 0..6), seed in any::<u64>()) {
        let tree = document(&a, seed);
        for layout in [Layout::Pretty, Layout::Compact] {
            let text = write(&tree, layout, Dialect::Pcmk3);
            prop_assert_eq!(&read(&text).unwrap(), &tree);
            let text = write(&tree, layout, Dialect::Pcmk2);
            let again = read(&text).unwrap();
            prop_assert_eq!(write(&again, layout, Dialect::Pcmk2), text);
            let has_no_words = |c| matches!(c, '\n' | '\t' | '\r');
            let values = || tree.root().descendants().flat_map(|e| e.attrs());
            if !values().any(|(_, value)| value.contains(has_no_words)) {
                prop_assert_eq!(&again, &tree);
            }
        }
    }
}
