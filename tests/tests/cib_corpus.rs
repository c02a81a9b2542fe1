//! The scheduler suite's CIBs: read without loss, written as `cibadmin -Q` writes them, and
//! compared as `crm_diff` compares them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use cib_model::Cib;
use cib_model::patchset::{AttrOrder, Patchset, VersionCheck, diff};
use cib_model::xml::{Child, Dialect, ElementRef, Layout};
use conformance::prerequisite::{programs, shared};
use conformance::ratchet::Ratchet;
use conformance::threads::each;

const FILES: usize = 854;

fn corpus() -> Option<Vec<PathBuf>> {
    let dir = shared("data/scheduler/xml")?;
    let entries = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.filter(|p| p.extension().is_some_and(|e| e == "xml")).collect();
    files.sort();
    assert_eq!(files.len(), FILES, "the suite is complete");
    Some(files)
}

fn name(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

/// Runs `check` for every file on two threads and returns the names that passed.
fn passing(files: &[PathBuf], check: impl Fn(&Path) -> bool + Sync) -> BTreeSet<String> {
    let passed = each(files, |_, file| check(file));
    files.iter().zip(passed).filter(|(_, passed)| *passed).map(|(file, _)| name(file)).collect()
}

/// Compares one element with the oracle's, everything below included.
fn assert_equal(ours: ElementRef<'_>, oracle: roxmltree::Node<'_, '_>, file: &str) {
    assert_eq!(ours.name(), oracle.tag_name().name(), "{file}");
    let attrs: Vec<(&str, &str)> = oracle.attributes().map(|a| (a.name(), a.value())).collect();
    assert_eq!(ours.attrs().collect::<Vec<_>>(), attrs, "{file}: <{}>", ours.name());
    let kept = |node: &roxmltree::Node<'_, '_>| {
        !node.is_text() || !node.text().unwrap_or_default().trim().is_empty()
    };
    let theirs: Vec<_> = oracle.children().filter(kept).collect();
    assert_eq!(ours.child_ids().len(), theirs.len(), "{file}: below <{}>", ours.name());
    for (child, oracle) in ours.all_children().zip(theirs) {
        match child {
            Child::Element(element) => assert_equal(element, oracle, file),
            Child::Comment(text) | Child::Text(text) | Child::CData(text) => {
                assert_eq!(Some(text), oracle.text(), "{file}");
            }
        }
    }
}

#[test]
fn nothing_is_lost_by_reading_and_writing() {
    let Some(files) = corpus() else { return };
    for file in files {
        let (text, name) = (std::fs::read_to_string(&file).unwrap(), name(&file));
        let cib = Cib::read(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        let oracle = roxmltree::Document::parse(&text).unwrap();
        assert_equal(cib.root(), oracle.root_element(), &name);
        for layout in [Layout::Pretty, Layout::Compact] {
            let written = cib.write(layout, Dialect::Pcmk3);
            let again = Cib::read(&written).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(cib.tree(), again.tree(), "{name}");
        }
    }
}

#[test]
fn written_as_cibadmin_writes() {
    let Some(files) = corpus() else { return };
    if !programs(&["cibadmin"]) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    // Newer than what the installed tool knows.
    let refused = AtomicUsize::new(0);
    let passed = passing(&files, |file| {
        let copy = dir.path().join(file.file_name().unwrap());
        std::fs::copy(file, &copy).unwrap();
        let theirs = Command::new("cibadmin").arg("-Q").env("CIB_file", &copy).output().unwrap();
        std::fs::remove_file(&copy).unwrap();
        let cib = Cib::read(&std::fs::read_to_string(file).unwrap()).unwrap();
        if !theirs.status.success() {
            refused.fetch_add(1, Ordering::Relaxed);
            return false;
        }
        cib.write(Layout::Pretty, Dialect::Pcmk2).into_bytes() == theirs.stdout
    });
    let verdict = Ratchet::open("cib_written").judge(&passed);
    let read = FILES - refused.into_inner();
    println!("{} of {read} equal to cibadmin -Q; new: {:?}", passed.len(), verdict.gained);
    assert!(verdict.lost.is_empty(), "no longer equal: {:?}", verdict.lost);
}

/// Changes a CIB in several places, chosen by `seed`.
fn changed(cib: &Cib, seed: usize) -> Cib {
    let mut cib = cib.clone();
    let elements: Vec<_> = cib
        .configuration()
        .into_iter()
        .flat_map(|c| c.descendants().skip(6))
        .map(|e| (e.xml_id(), e.parent().map(ElementRef::xml_id)))
        .collect();
    if elements.is_empty() {
        return cib;
    }
    let pick = |n: usize| elements[(seed * 7_919 + n * 104_729) % elements.len()];
    let tree = cib.tree_mut();
    tree.set_attr(pick(1).0, "description", "changed");
    tree.detach(pick(2).0);
    if let (id, Some(parent)) = pick(3)
        && id != pick(2).0
    {
        tree.attach(parent, 0, id);
    }
    if let Some(parent) = pick(4).1 {
        let new = tree.insert(parent, seed % 3, "nvpair");
        tree.set_attr(new, "id", format!("new-{seed}"));
    }
    cib
}

#[test]
fn a_patchset_leads_from_each_cib_to_the_next_change() {
    let Some(files) = corpus() else { return };
    for (seed, file) in files.iter().enumerate() {
        let cib = Cib::read(&std::fs::read_to_string(file).unwrap()).unwrap();
        let target = changed(&cib, seed);
        let Some(patchset) = cib.diff(&target) else { continue };
        let text = patchset.write(Layout::Pretty, Dialect::Pcmk3);
        let mut result = cib.clone();
        let applied =
            Patchset::read(&text).unwrap().apply(&mut result, VersionCheck::Skip, Dialect::Pcmk3);
        applied.unwrap_or_else(|e| panic!("{}: {e}", name(file)));
        assert_eq!(
            result.write(Layout::Pretty, Dialect::Pcmk3),
            target.write(Layout::Pretty, Dialect::Pcmk3),
            "{}",
            name(file)
        );
    }
}

#[test]
fn compared_as_crm_diff_compares() {
    let Some(files) = corpus() else { return };
    if !programs(&["crm_diff"]) {
        return;
    }
    // Every seventh file: crm_diff takes its time.
    let sample: Vec<PathBuf> = files.into_iter().step_by(7).collect();
    let dir = tempfile::tempdir().unwrap();
    let passed = passing(&sample, |file| {
        let seed = name(file).len();
        let mut cib = Cib::read(&std::fs::read_to_string(file).unwrap()).unwrap();
        // crm_diff falls back to an older format for the oldest feature sets.
        let root = cib.tree().root_id();
        cib.tree_mut().set_attr(root, "crm_feature_set", "3.16.1");
        let target = changed(&cib, seed);
        let [old, new] = [(&cib, "old"), (&target, "new")].map(|(cib, which)| {
            let path = dir.path().join(format!("{}.{which}", name(file)));
            std::fs::write(&path, cib.write(Layout::Pretty, Dialect::Pcmk2)).unwrap();
            path
        });
        let theirs = Command::new("crm_diff")
            .args(["--no-version", "-o"])
            .arg(old)
            .arg("-n")
            .arg(new)
            .output()
            .unwrap();
        let ours = diff(cib.root(), target.root(), AttrOrder::Ignored).map(|mut patchset| {
            patchset.remove_versions();
            patchset.write(Layout::Pretty, Dialect::Pcmk2)
        });
        ours.unwrap_or_default().into_bytes() == theirs.stdout
    });
    let verdict = Ratchet::open("cib_diffed").judge(&passed);
    println!("{} of {} equal to crm_diff; new: {:?}", passed.len(), sample.len(), verdict.gained);
    assert!(verdict.lost.is_empty(), "no longer equal: {:?}", verdict.lost);
}
