//! XML, patches and CIBs nobody means well with: deep, huge, torn. Each gives an error or a value, in
//! time and memory that grow with the input and no faster, and what fails has changed nothing.
//!
//! Nothing here is timed, but each input is so large that work growing with its square would not end.

use std::fmt::Write as _;

use cib_model::patchset::VersionCheck;
use cib_model::xml::{self, Dialect, Layout};
use cib_model::{Cib, Patchset, validate};

/// Size of the large inputs, in pieces.
const MANY: usize = 200_000;

fn error(text: &str) -> String {
    xml::read(text).expect_err("the text is refused").message
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth: usize| "<a>".repeat(depth) + &"</a>".repeat(depth);
    let read = xml::read(&nested(512)).unwrap();
    assert_eq!(read.root().descendants().count(), 512);
    assert_eq!(xml::write(&read, Layout::Compact, Dialect::Pcmk3).matches("</a>").count(), 511);
    assert_eq!(error(&nested(513)), "elements are nested too deeply");
    assert_eq!(error(&"<a>".repeat(5_000_000)), "elements are nested too deeply");
    // Rules in rules, as deep as is read: every check of a CIB ends.
    let rules = "<rule id=\"r\">".repeat(500) + &"</rule>".repeat(500);
    let cib = format!(
        "<cib validate-with=\"pacemaker-3.9\"><configuration><constraints><rsc_location \
         id=\"l\">{rules}</rsc_location></constraints></configuration></cib>"
    );
    assert!(!validate::check(&Cib::read(&cib).unwrap()).is_empty());
}

#[test]
fn entities_make_nothing_grow() {
    let bomb = "<!DOCTYPE a [<!ENTITY x \"xxxxxxxxxx\"><!ENTITY y \"&x;&x;&x;\">]><a>&y;</a>";
    assert!(error(bomb).contains("document type"), "{}", error(bomb));
    assert!(error("<a>&y;</a>").contains("unknown entity"));
    assert!(!error("<a b=\"&y;\"/>").is_empty());
    // Text in pieces is put together once.
    let text = format!("<a>{}</a>", "&amp;".repeat(MANY * 5));
    let tree = xml::read(&text).unwrap();
    assert_eq!(xml::write(&tree, Layout::Compact, Dialect::Pcmk3), text);
}

#[test]
fn attributes_are_bounded_in_number_and_not_in_length() {
    let long = format!("<a b=\"{}\"/>", "x".repeat(20_000_000));
    assert_eq!(xml::read(&long).unwrap().root().attr("b").map(str::len), Some(20_000_000));
    let mut many = "<a".to_owned();
    for number in 0..MANY {
        let _ = write!(many, " b{number}=\"\"");
    }
    assert_eq!(error(&(many + "/>")), "an element has too many attributes");
}

#[test]
fn a_wide_document_is_read_checked_and_compared() {
    let primitives = |flag: &str| {
        let mut text = "<cib validate-with=\"pacemaker-3.9\" admin_epoch=\"0\" epoch=\"0\" \
                        num_updates=\"0\"><configuration><crm_config/><nodes/><resources>"
            .to_owned();
        for number in 0..MANY / 100 {
            let _ = write!(text, "<primitive id=\"p{number}\" class=\"lsb\" type=\"{flag}\"/>");
        }
        text + "</resources><constraints/></configuration></cib>"
    };
    let (old, new) = (Cib::read(&primitives("x")).unwrap(), Cib::read(&primitives("y")).unwrap());
    assert!(validate::schema::check(&old).is_empty());
    let patch = old.diff(&new).unwrap();
    let mut patched = old.clone();
    patch.apply(&mut patched, VersionCheck::Skip, Dialect::Pcmk3).unwrap();
    assert!(patched.root().same_as(new.root()));
}

#[test]
fn torn_documents_are_refused() {
    let whole = Cib::empty().write(Layout::Pretty, Dialect::Pcmk3);
    for end in 0..whole.trim_end().len() {
        assert!(Cib::read(&whole[..end]).is_err(), "{}", &whole[..end]);
    }
    for text in ["", "\0", "<", "<a b/>", "<a b=c/>", "<a/><b/>", "x<a/>", "<a></b>", "<a>\u{fffe}"]
    {
        assert!(Cib::read(text).is_err(), "{text}");
    }
}

#[test]
fn patches_that_do_not_fit_change_nothing() {
    let base = Cib::read(
        "<cib><configuration><resources><primitive id=\"a\"/></resources></configuration></cib>",
    )
    .unwrap();
    let changes = [
        "<change operation=\"create\" path=\"/cib/nowhere\" position=\"0\"><b/></change>",
        "<change operation=\"create\" path=\"/cib/configuration\"/>",
        "<change operation=\"delete\" path=\"/cib\"/>",
        "<change operation=\"delete\" path=\"\"/>",
        "<change operation=\"move\" path=\"/cib/configuration\" position=\"99999999999\"/>",
        "<change operation=\"move\" path=\"/cib\" position=\"0\"/>",
        "<change operation=\"modify\" path=\"/cib/configuration/resources/primitive[@id='a']\"/>",
        "<change operation=\"modify\" path=\"/cib[@id='\"/>",
        "<change operation=\"dance\" path=\"/cib\"/>",
        "<change/>",
    ];
    let good = "<change operation=\"create\" path=\"/cib/configuration/resources\" \
                position=\"0\"><primitive id=\"z\"/></change>";
    let mut refused = 0;
    for change in changes {
        // The good change comes first: it must not stay where the next one fails.
        let text = format!("<diff format=\"2\">{good}{change}</diff>");
        let mut cib = base.clone();
        let patch = Patchset::read(&text).unwrap();
        if patch.apply(&mut cib, VersionCheck::Skip, Dialect::Pcmk3).is_err() {
            assert!(cib.root().same_as(base.root()), "{change}");
            refused += 1;
        }
        assert_eq!(cib.root().name(), "cib", "{change}");
    }
    assert!(refused >= 5, "{refused} of {} are refused", changes.len());
    let long = format!(
        "<diff format=\"2\"><change operation=\"create\" path=\"{}\"><b/></change></diff>",
        "/a".repeat(MANY)
    );
    let patch = Patchset::read(&long).unwrap();
    assert!(patch.apply(&mut base.clone(), VersionCheck::Skip, Dialect::Pcmk3).is_err());
}
