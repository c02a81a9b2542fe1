//! Patchsets say what changed, and applying them makes it so.

use super::{ApplyError, AttrOrder, Patchset, VersionCheck, diff};
use crate::Cib;
use crate::xml::{Dialect, Layout, read};

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
fn text_that_no_cib_holds_changes_nothing() {
    let text = read("<cib>text<!--x--><a/>more<!--y--></cib>").unwrap();
    assert!(diff(text.root(), text.root(), AttrOrder::Counts).is_none());
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
