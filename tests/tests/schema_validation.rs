//! The schema check beside RELAX NG: on every CIB of the scheduler suite, as it is and with one
//! random change, our verdict is that of `xmllint --relaxng` with Pacemaker's own schema files.
//!
//! `tests/ratchets/schema_validation.txt` names what agrees: `NAME` as it is, `NAME~VERSION` changed
//! and judged by another version.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cib_model::Cib;
use cib_model::validate::SchemaVersion;
use cib_model::validate::schema::check_as;
use cib_model::xml::{Dialect, ElementRef, Layout, Tree, XmlId};
use conformance::prerequisite::{programs, shared, skip};
use conformance::ratchet::Ratchet;

/// Where Pacemaker installs its schemas.
const SCHEMAS: &str = "/usr/share/pacemaker";

/// A small generator of numbers, the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(number).unwrap() % sides
    }
}

const NAMES: [&str; 14] = [
    "id",
    "name",
    "value",
    "rsc",
    "score",
    "role",
    "interval",
    "class",
    "kind",
    "id-ref",
    "template",
    "on-fail",
    "requires",
    "influence",
];
const VALUES: [&str; 13] = [
    "",
    "1",
    "-INFINITY",
    "true",
    "yes",
    "Started",
    "Promoted",
    "a b",
    "7seas",
    "ocf",
    "demote",
    "Mandatory",
    "unfencing",
];
const ELEMENTS: [&str; 12] = [
    "nvpair",
    "op",
    "primitive",
    "rule",
    "expression",
    "meta_attributes",
    "utilization",
    "template",
    "resource_set",
    "tags",
    "lifetime",
    "operations",
];

/// Changes one thing in the configuration.
fn mutate(tree: &mut Tree, dice: &mut Dice) {
    let Some(configuration) = tree.root().child("configuration") else { return };
    let all: Vec<XmlId> = configuration.descendants().map(ElementRef::xml_id).collect();
    let at = all[dice.roll(all.len())];
    let element = tree.element(at).unwrap();
    let attrs: Vec<String> = element.attrs().map(|(name, _)| name.to_owned()).collect();
    let some_attr =
        if attrs.is_empty() { None } else { Some(attrs[dice.roll(attrs.len())].clone()) };
    match (dice.roll(7), some_attr) {
        (0, Some(name)) => {
            tree.remove_attr(at, &name);
        }
        (1, Some(name)) => tree.set_attr(at, name, VALUES[dice.roll(VALUES.len())]),
        (2, _) => {
            let value = VALUES[dice.roll(VALUES.len())];
            tree.set_attr(at, NAMES[dice.roll(NAMES.len())], value);
        }
        (3, _) => {
            let made = tree.append(at, ELEMENTS[dice.roll(ELEMENTS.len())]);
            tree.set_attr(made, "id", "a-new-id");
        }
        (4, _) => tree.detach(at),
        (5, _) => tree.rename(at, ELEMENTS[dice.roll(ELEMENTS.len())]),
        _ => {
            let children = element.child_ids().to_vec();
            if let [first, _, ..] = children.as_slice() {
                tree.attach(at, children.len(), *first);
            }
        }
    }
}

struct Case {
    name: String,
    version: SchemaVersion,
    cib: Cib,
}

fn cases(dir: &Path) -> Vec<Case> {
    let entries = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.filter(|p| p.extension().is_some_and(|e| e == "xml")).collect();
    files.sort();
    let installed: Vec<SchemaVersion> = SchemaVersion::ALL
        .into_iter()
        .filter(|v| Path::new(SCHEMAS).join(format!("{v}.rng")).exists())
        .collect();
    let mut cases = Vec::new();
    let mut dice = Dice(0x5EED);
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let mut cib = Cib::read(&std::fs::read_to_string(&file).unwrap()).unwrap();
        let own = cib.schema().and_then(SchemaVersion::named).filter(|v| installed.contains(v));
        let version = own.unwrap_or(installed[installed.len() - 1]);
        // Installed schemas list the names they know: one of a later release is none of them.
        let root = cib.tree().root_id();
        cib.tree_mut().set_attr(root, "validate-with", version.to_string());
        let mut changed = cib.clone();
        mutate(changed.tree_mut(), &mut dice);
        let other = match dice.roll(3) {
            0 => version,
            _ => installed[dice.roll(installed.len())],
        };
        let short = other.to_string().replace("pacemaker-", "");
        cases.push(Case { name: format!("{name}~{short}"), version: other, cib: changed });
        cases.push(Case { name, version, cib });
    }
    cases
}

/// Asks `xmllint` about many documents of one version in one call; returns those it accepts.
fn accepted_by_relaxng(version: SchemaVersion, files: &[(usize, PathBuf)]) -> BTreeSet<usize> {
    let output = Command::new("xmllint")
        .args(["--noout", "--relaxng"])
        .arg(Path::new(SCHEMAS).join(format!("{version}.rng")))
        .args(files.iter().map(|(_, path)| path))
        .stdin(Stdio::null())
        .output()
        .expect("xmllint runs");
    let said = String::from_utf8_lossy(&output.stderr);
    let validated: BTreeSet<&str> =
        said.lines().filter_map(|line| line.strip_suffix(" validates")).collect();
    let judged = said
        .lines()
        .filter(|l| l.ends_with(" validates") || l.ends_with(" fails to validate"))
        .count();
    assert_eq!(judged, files.len(), "xmllint judges every file: {said:.500}");
    files
        .iter()
        .filter(|(_, path)| validated.contains(&*path.to_string_lossy()))
        .map(|(at, _)| *at)
        .collect()
}

#[test]
fn our_verdict_is_that_of_relaxng() {
    let Some(dir) = shared("data/scheduler/xml") else { return };
    if !programs(&["xmllint"]) {
        return;
    }
    if !Path::new(SCHEMAS).join("pacemaker-3.9.rng").exists() {
        skip("Pacemaker's schemas are not installed");
        return;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("schema_validation");
    std::fs::create_dir_all(&folder).unwrap();
    let cases = cases(&dir);
    let mut by_version: BTreeMap<SchemaVersion, Vec<(usize, PathBuf)>> = BTreeMap::new();
    for (at, case) in cases.iter().enumerate() {
        let path = folder.join(format!("{at}.xml"));
        std::fs::write(&path, case.cib.write(Layout::Pretty, Dialect::Pcmk3)).unwrap();
        by_version.entry(case.version).or_default().push((at, path));
    }
    let accepted: BTreeSet<usize> =
        by_version.iter().flat_map(|(v, files)| accepted_by_relaxng(*v, files)).collect();
    let mut agreed = BTreeSet::new();
    for (at, case) in cases.iter().enumerate() {
        let findings = check_as(&case.cib, case.version);
        if findings.is_empty() == accepted.contains(&at) {
            agreed.insert(case.name.clone());
        } else if std::env::var_os("EXPLAIN").is_some() {
            println!("{} {}: RELAX NG {}", case.name, case.version, accepted.contains(&at));
            findings.iter().take(3).for_each(|f| println!("    {}", f.message));
        }
    }
    let (valid, all) = (accepted.len(), cases.len());
    println!("{} of {all} verdicts agree; RELAX NG accepts {valid}", agreed.len());
    assert!(valid > all / 4 && valid < all * 3 / 4, "both verdicts occur: {valid} of {all}");
    let verdict = Ratchet::open("schema_validation").judge(&agreed);
    assert!(verdict.lost.is_empty(), "verdicts that agreed before: {:#?}", verdict.lost);
}
