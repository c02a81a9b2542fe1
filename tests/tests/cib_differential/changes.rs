//! Patchsets: what `crm_diff` makes of two CIBs, and what comes of applying it.

use cib_model::xml::{Dialect, ElementRef, XmlId};
use cib_model::{Cib, digest};
use conformance::lines::first_difference;
use conformance::mutation::Dice;

use crate::agree;
use crate::tools::Whose::{Ours, Theirs};
use crate::tools::{Bench, as_theirs, undated, unversioned};

/// Changes a CIB in a few places, as administrators and the cluster do.
pub(crate) fn changed(cib: &Cib, dice: &mut Dice) -> Cib {
    let mut cib = cib.clone();
    for _ in 0..=dice.below(5) {
        let parts: Vec<XmlId> = cib
            .configuration()
            .into_iter()
            .chain(cib.status())
            .flat_map(ElementRef::descendants)
            .filter(|e| e.id().is_some())
            .map(ElementRef::xml_id)
            .collect();
        let Some(&part) = dice.pick(&parts) else { return cib };
        let tree = cib.tree_mut();
        let Some(parent) = tree.parent_of(part) else { continue };
        let number = dice.below(1_000);
        match dice.below(7) {
            0 => tree.set_attr(part, "description", format!("changed {number}")),
            1 => tree.set_attr(part, "value", "it's <\"new\">"),
            2 => {
                let last = tree.element(part).and_then(|e| e.attrs().last());
                if let Some(name) = last.map(|(n, _)| n.to_owned()).filter(|n| n != "id") {
                    tree.remove_attr(part, &name);
                }
            }
            3 => tree.detach(part),
            4 => tree.attach(parent, number % 4, part),
            5 => {
                let new = tree.insert(parent, number % 4, "nvpair");
                tree.set_attr(new, "id", format!("new-{number}"));
                tree.set_attr(new, "name", "n");
                tree.set_attr(new, "value", "v");
            }
            _ => {
                let copy = tree.clone();
                if let Some(source) = copy.element(part) {
                    let new = tree.insert_copy(parent, number % 4, source);
                    tree.set_attr(new, "id", format!("copy-{number}"));
                }
            }
        }
    }
    cib
}

/// Reads a CIB of the suite so that the installed tools take it: no schema they do not know, and
/// not of the oldest feature sets, for which `crm_diff` falls back to an older format.
pub(crate) fn prepared(path: &std::path::Path) -> Cib {
    let mut cib = Cib::read(&std::fs::read_to_string(path).unwrap()).unwrap();
    let root = cib.tree().root_id();
    let version = cib.version();
    cib.tree_mut().set_attr(root, "validate-with", "none");
    cib.tree_mut().set_attr(root, "crm_feature_set", "3.16.1");
    cib.set_version(version);
    cib
}

/// A digest is that of the CIB as it is written: ours of how Pacemaker 3 escapes, theirs of how
/// Pacemaker 2 does.
fn with_their_digest(patch: &str, new: &std::path::Path) -> String {
    let new = Cib::read(&std::fs::read_to_string(new).unwrap()).unwrap();
    let [ours, theirs] =
        [Dialect::Pcmk3, Dialect::Pcmk2].map(|dialect| digest::replication(new.root(), dialect));
    patch.replace(&format!("digest=\"{ours}\""), &format!("digest=\"{theirs}\""))
}

fn compared(bench: &Bench, words: &[&str]) -> Result<(), String> {
    let words = [&["-o", "old", "-n", "new"], words].concat();
    let [ours, theirs] = bench.both("crm_diff", &words, "old");
    if ours.code != theirs.code {
        return Err(format!("{words:?}: exit code {}, theirs {}", ours.code, theirs.code));
    }
    let ours = with_their_digest(&as_theirs(&ours.out), &bench.path("new"));
    match first_difference(&ours, &theirs.out) {
        Some(difference) => Err(format!("{words:?}:\n{difference}")),
        None => Ok(()),
    }
}

/// A bench with a CIB in `old`, and in `new` what a change made of it.
fn bench_of_change(seed: u64, file: &std::path::Path) -> Bench {
    let bench = Bench::new();
    let old = prepared(file);
    let mut new = changed(&old, &mut Dice::new(seed));
    let mut version = old.version();
    version.epoch += 1;
    new.set_version(version);
    bench.write_cib("old", &old);
    bench.write_cib("new", &new);
    bench
}

#[test]
fn the_same_patchset() {
    agree(&["crm_diff"], |seed, file| {
        let bench = bench_of_change(seed, file);
        compared(&bench, &["--no-version"])?;
        compared(&bench, &[])?;
        compared(&bench, &["--cib"])
    });
}

/// A patchset of either tool, applied by either tool, gives the same CIB.
#[test]
fn the_same_cib_of_a_patchset() {
    agree(&["crm_diff", "cibadmin"], |seed, file| {
        let bench = bench_of_change(seed, file);
        let wanted = undated(&std::fs::read_to_string(bench.path("new")).unwrap());
        let mut left = Vec::new();
        for author in [Ours, Theirs] {
            let made = bench.run(author, "crm_diff", &["-o", "old", "-n", "new"], "old");
            bench.write("patch", &made.out);
            for by in [Ours, Theirs] {
                let context = format!("a patch of {author:?} by {by:?}");
                let applied = bench.run(by, "crm_diff", &["-o", "old", "-p", "patch"], "old");
                if let Some(difference) = first_difference(&undated(&applied.out), &wanted) {
                    return Err(format!("{context} with crm_diff: {}\n{difference}", applied.code));
                }
                // cibadmin goes on from the patch's version, to one of its own.
                std::fs::copy(bench.path("old"), bench.path("cib")).unwrap();
                let answer = bench.run(by, "cibadmin", &["--patch", "-x", "patch"], "cib");
                let cib = std::fs::read_to_string(bench.path("cib")).unwrap();
                left.push((format!("{context} with cibadmin"), answer.code, undated(&cib)));
            }
        }
        let [first, rest @ ..] = left.as_slice() else { return Ok(()) };
        if let Some(difference) = first_difference(&unversioned(&first.2), &unversioned(&wanted)) {
            return Err(format!("{}: {}\n{difference}", first.0, first.1));
        }
        for (context, code, cib) in rest {
            if *code != first.1 {
                return Err(format!("{context}: exit code {code}, not {}", first.1));
            }
            if let Some(difference) = first_difference(&first.2, cib) {
                return Err(format!("{context}: {code}\n{difference}"));
            }
        }
        Ok(())
    });
}
