//! What the language cannot say stands in a listing as XML. Containers have their members in it, which
//! stand there by themselves too; each is one resource when the listing is read back.

use cib_model::Cib;
use cib_model::xml::{Dialect, ElementRef, Layout, write_element};
use crm_syntax::agents::NoAgents;
use crm_syntax::diag::Severity;
use crm_syntax::style::Style;
use crm_syntax::{Editor, Filter, LoadMethod, Options, Outcome, show};

const STYLES: [Style; 2] = [Style::Classic, Style::Modern];
/// The language has no words for a comment inside a part of a resource.
const COMMENTED: &str = r#"<meta_attributes id="ID"><!-- x --><nvpair id="ID-x" name="x" value="y"/></meta_attributes>"#;
const PRIMITIVE: &str = r#"class="ocf" provider="heartbeat" type="Dummy""#;

fn cib(resources: &str) -> Cib {
    let text = format!(
        r#"<cib validate-with="pacemaker-3.9" epoch="1" num_updates="0" admin_epoch="0"><configuration><crm_config/><nodes/><resources>{resources}</resources><constraints/></configuration><status/></cib>"#
    );
    Cib::read(&text).unwrap()
}

fn resources(cib: &Cib) -> String {
    let section = cib.resources().map(|e| write_element(e, Layout::Compact, Dialect::Pcmk3));
    section.unwrap_or_default()
}

fn load(cib: &mut Cib, style: Style, text: &str) -> Outcome {
    Editor::new(cib, &Options::new(style, &NoAgents)).load(text, LoadMethod::Update)
}

#[test]
fn a_listing_reads_back_to_the_same_resources() {
    let [first, second, third] = ["m1", "m2", "m3"].map(|id| COMMENTED.replace("ID", id));
    let member = format!(r#"<primitive id="a" {PRIMITIVE}>{first}</primitive>"#);
    let plain = format!(r#"<primitive id="b" {PRIMITIVE}/>"#);
    for held in [
        format!(r#"<group id="g">{plain}{member}</group>"#),
        format!(r#"<group id="g">{second}{plain}{member}</group>"#),
        format!(r#"<clone id="c">{second}{plain}</clone>{member}"#),
        format!(r#"<clone id="c">{second}<group id="g">{member}{plain}</group></clone>"#),
        format!(r#"<clone id="c">{second}<group id="g">{third}{member}{plain}</group></clone>"#),
    ] {
        for style in STYLES {
            let before = cib(&held);
            let listing = show(&before, style, &Filter::plain()).unwrap();
            assert!(listing.contains("xml <"), "{listing}");
            let mut after = cib("");
            let outcome = load(&mut after, style, &listing);
            assert!(outcome.is_ok_and(|notes| notes.is_empty()), "{listing}");
            assert_eq!(show(&after, style, &Filter::plain()).unwrap(), listing);
            let ids = |cib: &Cib| {
                let mut ids: Vec<String> = cib
                    .root()
                    .descendants()
                    .filter_map(ElementRef::id)
                    .map(str::to_owned)
                    .collect();
                ids.sort();
                ids
            };
            assert_eq!(ids(&after), ids(&before), "{listing}");
            // Read onto what it shows, it changes nothing.
            let mut same = cib(&held);
            assert!(load(&mut same, style, &listing).is_ok());
            assert_eq!(show(&same, style, &Filter::plain()).unwrap(), listing);
        }
    }
}

#[test]
fn what_a_container_says_otherwise_of_its_member_counts_and_is_told() {
    let mut cib = cib(&format!(r#"<primitive id="a" {PRIMITIVE}/>"#));
    let text = r#"xml <clone id="c"><primitive id="a" class="lsb" type="x"/></clone>"#;
    let notes = load(&mut cib, Style::Modern, text).unwrap();
    let told: Vec<_> = notes.iter().filter(|n| n.severity == Severity::Warning).collect();
    assert_eq!(told.len(), 1, "{notes:?}");
    assert_eq!(told[0].message, "a is from now on what c says of it");
    assert_eq!(
        resources(&cib),
        r#"<resources><clone id="c"><primitive id="a" class="lsb" type="x"/></clone></resources>"#
    );
}

#[test]
fn new_members_are_resources_as_any_other() {
    let mut cib = cib("");
    let text = "xml <clone id=\"c\"><group id=\"g\"><primitive id=\"a\" class=\"lsb\" type=\"x\"/></group></clone>\n\
                location l a 100: n1\n";
    assert!(load(&mut cib, Style::Modern, text).is_ok());
    let again = load(&mut cib, Style::Modern, "primitive a lsb:y").unwrap();
    assert_eq!(again, Vec::new());
    assert!(resources(&cib).contains(r#"<group id="g"><primitive id="a" class="lsb" type="y"/>"#));
}

#[test]
fn a_member_that_stands_elsewhere_is_refused() {
    let held = r#"<group id="g"><primitive id="a" class="lsb" type="x"/></group>"#;
    for text in [
        r#"xml <clone id="c"><primitive id="a" class="lsb" type="x"/></clone>"#,
        r#"xml <clone id="c"><group id="h"><primitive id="a" class="lsb" type="x"/></group></clone>"#,
    ] {
        let mut cib = cib(held);
        let before = resources(&cib);
        assert!(load(&mut cib, Style::Modern, text).is_err(), "{text}");
        assert_eq!(resources(&cib), before);
    }
}

/// A set of defaults alone, as crm shows it, could be one of either kind.
#[test]
fn defaults_are_saved_in_their_section_and_a_set_alone_is_what_it_must_be() {
    const RULE: &str = r#"<rule id="r" score="1"><KIND_expression id="e" name="monitor"/></rule>"#;
    let set = |kind: &str| {
        let rule = RULE.replace("KIND", kind);
        format!(
            r#"<meta_attributes id="d">{rule}<nvpair id="n" name="timeout" value="9"/></meta_attributes>"#
        )
    };
    let held = cib("").write(Layout::Compact, Dialect::Pcmk3);
    let held = held.replace("<constraints/>", "<constraints/>HELD");
    for section in ["rsc_defaults", "op_defaults"] {
        let inside = format!("<{section}>{}</{section}>", set("op"));
        let before = Cib::read(&held.replace("HELD", &inside)).unwrap();
        let saved = show(&before, Style::Modern, &Filter::plain()).unwrap();
        assert!(saved.starts_with(&format!("xml <{section}>")), "{saved}");
        let mut after = cib("");
        assert_eq!(load(&mut after, Style::Modern, &saved), Ok(Vec::new()));
        assert!(after.configuration().unwrap().same_as(before.configuration().unwrap()));
        // Alone it is what it was where it is there already.
        let shown = show(&before, Style::Modern, &Filter::default()).unwrap();
        assert!(shown.starts_with("xml <meta_attributes"), "{shown}");
        let mut same = before.clone();
        assert_eq!(load(&mut same, Style::Modern, &shown), Ok(Vec::new()));
        assert!(same.root().same_as(before.root()));
    }
    let mut new = cib("");
    assert!(load(&mut new, Style::Modern, &format!("xml {}", set("op"))).is_ok());
    assert!(new.configuration().unwrap().child("op_defaults").is_some());
    let refused = load(&mut cib(""), Style::Modern, &format!("xml {}", set("rsc"))).unwrap_err();
    assert!(refused[0].message.contains("Element meta_attributes not recognized"), "{refused:?}");
    assert!(refused[0].advice.help.as_deref().unwrap_or_default().contains("<op_defaults>"));
}

#[test]
fn an_id_that_the_language_refuses_stands_as_xml_and_is_read_back() {
    let role =
        r#"<acl_role id="r"><acl_permission id="r-read" kind="read" xpath="/cib"/></acl_role>"#;
    let targets = ["-u", "0u", "a:b", "a b", "DOM\\user", "ü"]
        .map(|id| format!(r#"<acl_target id="{id}"><role id="r"/></acl_target>"#))
        .concat();
    let acls = format!("</constraints><acls>{role}{targets}</acls>");
    let primitive = format!(r#"<primitive id="é" {PRIMITIVE}/>"#);
    let text = cib(&primitive).write(Layout::Compact, Dialect::Pcmk3);
    let before =
        Cib::read(&text.replace("<constraints/>", &format!("<constraints>{acls}"))).unwrap();
    for style in STYLES {
        let listing = show(&before, style, &Filter::plain()).unwrap();
        assert_eq!(listing.matches("\nxml <acl_target").count(), 6, "{listing}");
        let mut after = cib("");
        let outcome = load(&mut after, style, &listing);
        assert!(outcome.as_ref().is_ok_and(Vec::is_empty), "{listing}{outcome:?}");
        assert_eq!(show(&after, style, &Filter::plain()).unwrap(), listing);
        for refused in [r#"xml <primitive id="a:b" class="lsb" type="x"/>"#, "acl_target -u r"] {
            assert!(load(&mut after, style, refused).is_err(), "{refused}");
        }
    }
}

#[test]
fn a_user_may_be_named_as_a_resource() {
    let role =
        r#"<acl_role id="r"><acl_permission id="r-read" kind="read" xpath="/cib"/></acl_role>"#;
    let target = r#"<acl_target id="db"><role id="r"/></acl_target>"#;
    let tag = r#"<tag id="t"><obj_ref id="db"/></tag>"#;
    let rest = format!("<tags>{tag}</tags><acls>{role}{target}</acls></configuration>");
    let text = cib(&format!(r#"<primitive id="db" {PRIMITIVE}/>"#));
    let text = text.write(Layout::Compact, Dialect::Pcmk3).replace("</configuration>", &rest);
    let before = Cib::read(&text).unwrap();
    for style in STYLES {
        let shown = |cib: &Cib| show(cib, style, &Filter::plain()).unwrap();
        let listing = shown(&before);
        let mut after = cib("");
        let outcome = load(&mut after, style, &listing);
        assert!(outcome.as_ref().is_ok_and(Vec::is_empty), "{listing}{outcome:?}");
        assert_eq!(shown(&after), listing);
        assert!(load(&mut after, style, "acl_target db r\nacl_target db r").is_err());
        let options = Options::new(style, &NoAgents);
        Editor::new(&mut after, &options).delete(&["db".to_owned()]).unwrap();
        let left = shown(&after);
        assert!(left.contains("acl_target db") && !left.contains("primitive db"), "{left}");
        let mut renamed = after.clone();
        assert!(load(&mut renamed, style, "primitive db ocf:heartbeat:Dummy\ntag t db").is_ok());
        Editor::new(&mut renamed, &options).rename("db", "other").unwrap();
        let left = shown(&renamed);
        assert!(left.contains("acl_target db") && left.contains("tag t other"), "{left}");
        Editor::new(&mut after, &options).rename("db", "other").unwrap();
        assert!(shown(&after).contains("acl_target other"));
    }
}
