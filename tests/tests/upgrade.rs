//! CIBs of old schemas brought to later ones, beside an installed Pacemaker's `cibadmin --upgrade`;
//! and that no CIB, however damaged, does harm.
//!
//! `tests/ratchets/upgrade.txt` names what comes out equal: cases of the scheduler suite by name,
//! CIBs that a seed decides as `AGE SEED`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cib_model::operation::{Author, Operation, Target, perform};
use cib_model::upgrade::{Obstacle, upgrade};
use cib_model::validate::{SchemaVersion, schema};
use cib_model::xml::{Child, Dialect, Layout, XmlId};
use cib_model::{Cib, names};
use conformance::lines::first_difference;
use conformance::mutation::{Dice, damaged};
use conformance::old_cib::{Age, old_cib};
use conformance::prerequisite::{programs, shared};
use conformance::program::Desk;
use conformance::ratchet::Ratchet;

/// The latest schema of the Pacemaker that is asked.
const THEIRS: &str = "pacemaker-3.9";
/// Of the many cases of a late schema every so-manieth is compared.
const STRIDE: usize = 40;
const SEEDS: u64 = 40;
const DAMAGES: u64 = 240;

fn version(name: &str) -> SchemaVersion {
    SchemaVersion::named(name).unwrap()
}

/// Returns what Pacemaker makes of a CIB: its file afterwards, or `None` where it refused.
fn theirs(folder: &Path, text: &str) -> Option<Cib> {
    let file = folder.join("cib.xml");
    std::fs::write(&file, text).unwrap();
    let status = Command::new("cibadmin")
        .args(["--upgrade", "--force"])
        .env("CIB_file", &file)
        .env("CIB_shadow_dir", folder)
        .env("HOME", folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("cibadmin runs");
    status.success().then(|| Cib::read(&std::fs::read_to_string(&file).unwrap()).unwrap())
}

/// Returns what we make of it, up to the schema that Pacemaker knows.
fn ours(text: &str) -> Option<Cib> {
    let mut cib = Cib::read(text).unwrap();
    let operation = Operation::Upgrade(version(THEIRS));
    perform(&mut cib, operation, Target::Whole, &Author::default(), Dialect::Pcmk3).ok()?;
    Some(cib)
}

/// Returns the text without comments (we keep them all) and without who wrote it when.
fn compared(cib: Cib) -> String {
    let mut tree = cib.into_tree();
    let root = tree.root_id();
    for name in
        [names::CIB_LAST_WRITTEN, names::UPDATE_ORIGIN, names::UPDATE_CLIENT, names::UPDATE_USER]
    {
        tree.remove_attr(root, name);
    }
    let all: Vec<XmlId> = tree.root().descendants().flat_map(|e| e.child_ids().to_vec()).collect();
    for node in all {
        if matches!(tree.node(node), Some(Child::Comment(_))) {
            tree.detach(node);
        }
    }
    cib_model::xml::write(&tree, Layout::Pretty, Dialect::Pcmk3)
}

/// Says where what we make of a CIB differs from what Pacemaker makes.
fn difference(folder: &Path, text: &str) -> Option<String> {
    let told = |cib: Option<Cib>| cib.map_or_else(|| "refused".to_owned(), compared);
    first_difference(&told(ours(text)), &told(theirs(folder, text)))
}

/// The cases to compare: all of the old major versions, some of the third.
fn cases(suite: &Path) -> Vec<(String, String)> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(suite).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let mut cases = Vec::new();
    for (at, file) in files.into_iter().enumerate() {
        let text = std::fs::read_to_string(&file).unwrap();
        let Ok(cib) = Cib::read(&text) else { continue };
        let schema = cib.schema().and_then(SchemaVersion::named);
        let is_old = schema.is_some_and(|schema| schema < version("pacemaker-3.0"));
        let is_some = at % STRIDE == 0 && schema.is_some_and(|s| s < version(THEIRS));
        if is_old || is_some {
            let name = file.file_stem().unwrap().to_string_lossy().into_owned();
            // An installed Pacemaker refuses what a later one wrote.
            let mut cib = cib;
            let root = cib.tree().root_id();
            cib.tree_mut().set_attr(root, names::CRM_FEATURE_SET, "3.0.1");
            cases.push((name, cib.write(Layout::Pretty, Dialect::Pcmk3)));
        }
    }
    for age in [Age::One, Age::Two] {
        for seed in 0..SEEDS {
            let text = old_cib(age, &mut Dice::new(seed));
            cases.push((format!("{age:?} {seed}"), text));
        }
    }
    cases
}

#[test]
fn upgrades_are_those_of_cibadmin() {
    if !programs(&["cibadmin"]) {
        return;
    }
    let Some(suite) = shared("data/scheduler/xml") else { return };
    let folder = tempfile::Builder::new().prefix("upgrade.").tempdir().unwrap();
    let cases = cases(&suite);
    let mut equal = BTreeSet::new();
    for (name, text) in &cases {
        match difference(folder.path(), text) {
            None => {
                equal.insert(name.clone());
            }
            Some(difference) => eprintln!("{name}: {difference}"),
        }
    }
    eprintln!("{} of {} upgrades are those of cibadmin", equal.len(), cases.len());
    let verdict = Ratchet::open("upgrade").judge(&equal);
    assert!(verdict.lost.is_empty(), "no longer as cibadmin: {:?}", verdict.lost);
}

/// The upgrade looks at one schema of 3.x and takes the later ones for granted.
#[test]
fn what_follows_a_schema_of_three_follows_the_later_ones() {
    let three: Vec<SchemaVersion> = SchemaVersion::ALL
        .into_iter()
        .filter(|v| (version("pacemaker-3.0")..version("pacemaker-4.0")).contains(v))
        .collect();
    let mut held = 0;
    for seed in 0..DAMAGES / 3 {
        let mut dice = Dice::new(seed);
        let cib = Cib::read(&old_cib([Age::Two, Age::Three][dice.below(2)], &mut dice)).unwrap();
        let cib = damaged(&cib, &mut dice);
        let follows: Vec<bool> = three.iter().map(|v| schema::conforms(&cib, *v)).collect();
        let first = follows.iter().position(|follows| *follows).unwrap_or(follows.len());
        assert!(follows[first..].iter().all(|follows| *follows), "seed {seed}: {follows:?}");
        held += usize::from(first < follows.len());
    }
    assert!(held > 0, "no seed makes a CIB of 3.x");
}

#[test]
fn an_upgraded_cib_follows_the_schema_it_names() {
    let mut reached = 0;
    for seed in 0..DAMAGES {
        let mut dice = Dice::new(seed);
        let age = [Age::One, Age::Two, Age::Three][dice.below(3)];
        let cib = Cib::read(&old_cib(age, &mut dice)).unwrap();
        // Every other one is as it was made, the rest damaged.
        let mut cib = if seed % 2 == 0 { cib } else { damaged(&cib, &mut dice) };
        let before = cib.clone();
        let report = upgrade(&mut cib, SchemaVersion::LATEST);
        if report.is_raised() {
            let to = report.to.unwrap();
            assert!(schema::conforms(&cib, to), "{age:?} {seed}: {:?}", schema::check_as(&cib, to));
            assert_eq!(cib.schema(), Some(&*to.to_string()));
        } else {
            assert!(cib.root().same_as(before.root()), "{age:?} {seed}: changed and not raised");
        }
        if seed % 2 == 0 {
            // It follows its schema; what it says may still be more than the next can say.
            let obstacle = &report.obstacle;
            assert!(!matches!(obstacle, Some(Obstacle::NotValid(_))), "{age:?} {seed}");
            reached += usize::from(report.to == Some(SchemaVersion::LATEST));
        }
        let again = cib.clone();
        assert!(!upgrade(&mut cib, SchemaVersion::LATEST).is_raised(), "{age:?} {seed}");
        assert!(cib.root().same_as(again.root()), "{age:?} {seed}");
    }
    assert!(reached > 0, "no CIB reaches the latest schema");
}

/// A promotable resource as Pacemaker 2 had it, in a role of schema 3.7.
const OLD: &str = r#"<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.7" epoch="5" num_updates="3" admin_epoch="0"><configuration><crm_config/><nodes/><resources><master id="m"><primitive id="p" class="ocf" provider="pacemaker" type="Stateful"/></master></resources><constraints><rsc_location id="l" rsc="m" role="Promoted" node="n" score="5"/></constraints></configuration><status/></cib>"#;

fn is_upgraded(desk: &Desk) {
    let text = desk.read("cib.xml");
    let cib = Cib::read(&text).unwrap();
    assert_eq!(cib.schema(), Some("pacemaker-4.0"), "{text}");
    assert_eq!(cib.version().to_string(), "1.2.0", "{text}");
    assert!(text.contains("<clone id=\"m\">"), "{text}");
}

#[test]
fn cibadmin_upgrades_a_file_where_it_is_forced() {
    let desk = Desk::new(OLD);
    assert_eq!(desk.crm(&["tool", "cibadmin", "--upgrade"]).code, 107);
    assert_eq!(desk.read("cib.xml"), OLD);
    for _ in 0..2 {
        let said = desk.crm(&["tool", "cibadmin", "--upgrade", "--force"]);
        assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (0, "", ""));
        is_upgraded(&desk);
    }
    let odd = Desk::new(&OLD.replace("node=\"n\"", "nodes=\"n\""));
    let said = odd.crm(&["tool", "cibadmin", "--upgrade", "--force"]);
    assert_eq!(said.code, 78);
    let told = "CIB API call failed: Update does not conform to the configured schema\n";
    assert!(said.err.contains(told), "{}", said.err);
    assert!(said.err.contains("<rsc_location> has no attribute nodes"), "{}", said.err);
}

#[test]
fn the_shell_upgrades_what_it_works_on() {
    let desk = Desk::new(OLD);
    let said = desk.crm(&["configure", "upgrade", "force"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert_eq!(said.out, "INFO: Current schema version is pacemaker-4.0\n");
    is_upgraded(&desk);
    let said = desk.crm(&["configure", "upgrade", "nonsense"]);
    let told = "ERROR: configure.upgrade: Expected 'force' or no argument\n";
    assert_eq!((said.code, said.err.as_str()), (1, told));
}

#[test]
fn a_schema_that_the_configuration_does_not_follow_is_refused() {
    let desk = Desk::new(OLD);
    let schema = |name: &str| desk.crm(&["configure", "schema", name]);
    assert_eq!(schema("pacemaker-3.7").out, "INFO: already using schema pacemaker-3.7\n");
    let said = schema("pacemaker-9.9");
    assert_eq!((said.code, &*said.err), (1, "ERROR: schema pacemaker-9.9 does not exist\n"));
    let said = schema("pacemaker-3.0");
    assert_eq!(said.code, 1);
    let told = "ERROR: Schema pacemaker-3.0 conflicts with current configuration\n";
    assert!(said.err.contains("role is 'Promoted'") && said.err.ends_with(told), "{}", said.err);
    assert_eq!(desk.read("cib.xml"), OLD);
    assert_eq!(schema("pacemaker-3.9").code, 0);
    assert!(desk.read("cib.xml").contains("validate-with=\"pacemaker-3.9\""));
}
