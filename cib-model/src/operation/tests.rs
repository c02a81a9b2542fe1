//! The CIB manager's rules, as measured on Pacemaker.

use super::{Author, Operation, OperationError, Outcome, ReplaceVersions, Target, perform};
use crate::acl::{Access, Subject};
use crate::cib::{Cib, Section};
use crate::xml::{Dialect, ElementRef, Layout, Tree, read};

fn start() -> Cib {
    Cib::read(
        r#"<cib validate-with="pacemaker-3.9" crm_feature_set="3.16.1" admin_epoch="0" epoch="11" num_updates="0">
        <configuration><crm_config/><nodes/><resources><group id="g"><primitive id="a" class="ocf" provider="heartbeat" type="Dummy"/><primitive id="a2" class="lsb" type="x"/></group></resources><constraints/></configuration><status/></cib>"#,
    )
    .unwrap()
}

fn go(
    cib: &mut Cib,
    operation: Operation<'_>,
    target: Target<'_>,
) -> Result<Outcome, OperationError> {
    perform(cib, operation, target, &Author::default(), Dialect::Pcmk3)
}

fn modify(input: &Tree) -> Operation<'_> {
    Operation::Modify { input: input.root(), can_create: false, score_update: true }
}

const RESOURCES: Target<'static> = Target::Section(Section::Resources);

#[test]
fn version_steps_as_measured() {
    let mut cib = start();
    let mut versions = Vec::new();
    let mut step = |cib: &mut Cib, operation: Operation<'_>, target: Target<'_>| {
        let failed = go(cib, operation, target).is_err();
        versions.push(format!("{}{}", cib.version(), if failed { " refused" } else { "" }));
    };
    step(&mut cib, Operation::Bump, Target::Whole);
    step(&mut cib, Operation::Bump, Target::Whole);
    let config = read(r#"<primitive id="a" type="Other"/>"#).unwrap();
    step(&mut cib, modify(&config), RESOURCES);
    step(&mut cib, modify(&config), RESOURCES);
    let admin = read(r#"<cib admin_epoch="admin_epoch++"/>"#).unwrap();
    step(&mut cib, modify(&admin), Target::Whole);
    let state = read(r#"<status><node_state id="1" uname="n1"/></status>"#).unwrap();
    step(&mut cib, modify(&state), Target::Section(Section::Status));
    step(&mut cib, Operation::Bump, Target::Whole);
    step(&mut cib, Operation::Erase, Target::Whole);
    let text = start().write(Layout::Compact, Dialect::Pcmk3);
    let newer =
        read(&text.replace(r#"admin_epoch="0" epoch="11""#, r#"admin_epoch="5" epoch="99""#))
            .unwrap();
    let replace =
        |tree| Operation::Replace { input: Tree::root(tree), versions: ReplaceVersions::Managed };
    step(&mut cib, replace(&newer), Target::Whole);
    let older = start();
    step(&mut cib, replace(older.tree()), Target::Whole);
    let ids = [cib.find("a").unwrap().xml_id()];
    step(&mut cib, Operation::DeleteMatches, Target::Matches { ids: &ids, multiple: false });
    let expected = [
        "0.12.1",
        "0.13.2",
        "0.14.0",
        "0.14.0",
        "1.14.1",
        "1.14.2",
        "1.15.3",
        "2.16.0",
        "5.100.0",
        "5.100.0 refused",
        "5.101.0",
    ];
    assert_eq!(versions, expected);
}

#[test]
fn create_refuses_what_exists() {
    let mut cib = start();
    let new = read(r#"<primitive id="b" class="lsb" type="x"/>"#).unwrap();
    let outcome = go(&mut cib, Operation::Create(new.root()), RESOURCES).unwrap();
    assert!(outcome.config_changed && outcome.write_to_disk);
    let error = go(&mut cib, Operation::Create(new.root()), RESOURCES).unwrap_err();
    assert_eq!(
        error,
        OperationError::Exists { object_type: "primitive".into(), id: Some("b".into()) }
    );
    assert_eq!((error.exit_code(), error.legacy_code()), (108, -17));
    let several = read(r#"<resources><primitive id="c"/><primitive id="b"/></resources>"#).unwrap();
    let before = cib.clone();
    assert!(go(&mut cib, Operation::Create(several.root()), RESOURCES).is_err());
    assert_eq!(cib.tree(), before.tree(), "nothing of a refused create stays");
}

#[test]
fn modify_finds_nested_objects_and_needs_permission_to_create() {
    let mut cib = start();
    let nested = read(r#"<primitive id="a"><meta_attributes id="m"/></primitive>"#).unwrap();
    go(&mut cib, modify(&nested), RESOURCES).unwrap();
    assert_eq!(cib.find("m").unwrap().parent().unwrap().id(), Some("a"));
    let new = read(r#"<primitive id="z" class="lsb" type="x"/>"#).unwrap();
    let error = go(&mut cib, modify(&new), RESOURCES).unwrap_err();
    assert_eq!((error.clone(), error.exit_code()), (OperationError::NotFound, 105));
    let create = Operation::Modify { input: new.root(), can_create: true, score_update: false };
    go(&mut cib, create, RESOURCES).unwrap();
    assert!(cib.find("z").is_some());
    let tags = read(r#"<tags><tag id="t"><obj_ref id="a"/></tag></tags>"#).unwrap();
    go(&mut cib, modify(&tags), Target::Section(Section::Tags)).unwrap();
    assert!(cib.tags().is_some(), "a missing section is made");
}

#[test]
fn the_version_may_not_go_back() {
    let mut cib = start();
    let back = read(r#"<cib epoch="3"/>"#).unwrap();
    let error = go(&mut cib, modify(&back), Target::Whole).unwrap_err();
    assert_eq!(error.exit_code(), 103);
    assert_eq!(cib.version().to_string(), "0.11.0");
}

#[test]
fn delete_matches_all_given_attributes_and_nothing_is_no_error() {
    let mut cib = start();
    let absent = read(r#"<primitive id="a" class="lsb"/>"#).unwrap();
    let outcome = go(&mut cib, Operation::Delete(absent.root()), RESOURCES).unwrap();
    assert!(outcome.patchset.is_none());
    let present = read(r#"<primitive id="a"/>"#).unwrap();
    let outcome = go(&mut cib, Operation::Delete(present.root()), RESOURCES).unwrap();
    assert!(outcome.patchset.unwrap().touches_configuration());
    assert!(cib.find("a").is_none());
}

/// Who may not write something is told that, not what the schema says of it.
#[test]
fn rights_come_before_the_schema() {
    let mut cib = start();
    let stray = read(r#"<primitive id="b" bogus="1"/>"#).unwrap();
    let operation = Operation::Create(stray.root());
    let error = go(&mut cib, operation, RESOURCES).unwrap_err();
    assert_eq!(error.exit_code(), 78);
    assert!(error.reasons().iter().any(|reason| reason.contains("bogus")), "{error:?}");
    let access = Access::of(&cib, &Subject { user: "guest".to_owned(), groups: Vec::new() });
    let author = Author { access: Some(&access), ..Author::default() };
    let error = perform(&mut cib, operation, RESOURCES, &author, Dialect::Pcmk3).unwrap_err();
    assert_eq!((error.exit_code(), error.legacy_code()), (4, -13));
    assert!(!error.reasons().concat().contains("bogus"), "{error:?}");
    assert!(cib.root().same_as(start().root()));
}

#[test]
fn a_patchset_of_an_outcome_repeats_it_elsewhere() {
    let (mut here, mut there) = (start(), start());
    let new = read(r#"<primitive id="b" class="lsb" type="x"/>"#).unwrap();
    let author = Author {
        origin: Some("n1"),
        client: Some("cibadmin"),
        user: None,
        now: Some("Sun Nov 22 09:27:33 2026"),
        ..Author::default()
    };
    let outcome =
        perform(&mut here, Operation::Create(new.root()), RESOURCES, &author, Dialect::Pcmk3)
            .unwrap();
    assert_eq!(here.root().attr("update-client"), Some("cibadmin"));
    assert_eq!(here.root().attr("update-user"), None);
    let patchset = outcome.patchset.unwrap();
    patchset.apply(&mut there, crate::patchset::VersionCheck::Check, Dialect::Pcmk3).unwrap();
    assert_eq!(there.version(), here.version());
    let digest = |cib: &Cib| crate::digest::replication(cib.root(), Dialect::Pcmk3);
    assert_eq!(digest(&here), digest(&there));
}

#[test]
fn a_section_is_replaced_in_its_place() {
    let mut cib = start();
    let section = read(r#"<nodes><node id="1" uname="n1"/></nodes>"#).unwrap();
    let replace = Operation::Replace { input: section.root(), versions: ReplaceVersions::Managed };
    go(&mut cib, replace, Target::Section(Section::Nodes)).unwrap();
    let order: Vec<_> = cib.configuration().unwrap().children().map(ElementRef::name).collect();
    assert_eq!(order, ["crm_config", "nodes", "resources", "constraints"]);
}

#[test]
fn what_would_depart_from_the_schema_is_refused_and_changes_nothing() {
    let mut cib = start();
    let before = cib.write(Layout::Compact, Dialect::Pcmk3);
    let stray = read(r#"<primitive id="a" bogus="1"/>"#).unwrap();
    let error = go(&mut cib, modify(&stray), RESOURCES).unwrap_err();
    assert_eq!((error.exit_code(), error.legacy_code()), (78, -203));
    let OperationError::NotConforming(findings) = error else { panic!("{error}") };
    assert!(findings.iter().any(|f| f.message.contains("bogus")), "{findings:?}");
    assert_eq!(cib.write(Layout::Compact, Dialect::Pcmk3), before);
    // An older schema may not have what the CIB holds: the same words.
    let older = read(r#"<cib validate-with="pacemaker-0.1"/>"#).unwrap();
    let error = go(&mut cib, modify(&older), Target::Whole).unwrap_err();
    assert!(matches!(error, OperationError::NotConforming(_)), "{error}");
    // A status may hold anything.
    let state = read(r#"<status><node_state id="1" bogus="1"/></status>"#).unwrap();
    go(&mut cib, modify(&state), Target::Section(Section::Status)).unwrap();
}

#[test]
fn what_departs_from_its_schema_may_be_mended_step_by_step() {
    let text = start().write(Layout::Compact, Dialect::Pcmk3);
    let two_faults = text.replace(r#"class="ocf""#, r#"class="ocf" one="1" two="2""#);
    let mut cib = Cib::read(&two_faults).unwrap();
    let [first, second] = [r#"<primitive id="a" one="3"/>"#, r#"<primitive id="a" two="3"/>"#];
    for step in [first, second] {
        go(&mut cib, modify(&read(step).unwrap()), RESOURCES).unwrap();
    }
    let empty = read("<resources/>").unwrap();
    let replace = Operation::Replace { input: empty.root(), versions: ReplaceVersions::Managed };
    go(&mut cib, replace, RESOURCES).unwrap();
    let stray = read(r#"<primitive id="b"/>"#).unwrap();
    go(&mut cib, Operation::Create(stray.root()), RESOURCES).unwrap_err();
}

#[test]
fn many_children_are_merged_as_each_alone() {
    let pair = |n: usize| match n % 5 {
        0 => format!(r#"<nvpair id="n{n}" name="a" value="new"/>"#),
        1 => format!(r#"<nvpair id-ref="n{}" name="b{n}"/>"#, n - 1),
        2 => r#"<rule/>"#.to_owned(),
        3 => format!("<!-- {} -->", n % 4),
        _ => format!(r#"<nvpair id="new{n}" name="c" value="v"/>"#),
    };
    let set =
        |content: &str| format!(r#"<instance_attributes id="s">{content}</instance_attributes>"#);
    let old: String = (0..60).map(|n| pair(n).replace("new\"", "old\"")).collect();
    let text = start().write(Layout::Compact, Dialect::Pcmk3);
    let text = text.replace(r#"<primitive id="a2" class="lsb" type="x"/>"#, &set(&old));
    let (mut together, mut alone) = (Cib::read(&text).unwrap(), Cib::read(&text).unwrap());
    let all: String = (0..100).map(pair).collect();
    let _ = go(&mut together, modify(&read(&set(&all)).unwrap()), RESOURCES);
    for n in 0..100 {
        let _ = go(&mut alone, modify(&read(&set(&pair(n))).unwrap()), RESOURCES);
    }
    let written = |cib: &Cib| {
        let resources = cib.resources().unwrap();
        crate::xml::write_element(resources, Layout::Pretty, Dialect::Pcmk3)
    };
    assert_eq!(written(&together), written(&alone));
    assert!(written(&together).contains(r#"id="new99""#));
}
