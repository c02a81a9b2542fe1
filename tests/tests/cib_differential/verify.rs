//! `crm_verify` on damaged configurations: the same verdict.

use cib_model::Cib;
use conformance::mutation::{Dice, damaged};

use crate::agree;
use crate::changes::prepared;
use crate::tools::Bench;

/// The configuration alone, in words that the installed Pacemaker knows: of a cluster's state it
/// warns too.
fn configuration(cib: &Cib) -> Cib {
    let mut cib = cib.clone();
    let renamed: Vec<_> = cib
        .root()
        .descendants()
        .filter(|e| e.attr("name") == Some("fencing-enabled"))
        .map(|e| e.xml_id())
        .collect();
    let status = cib.status().map(|status| status.xml_id());
    let tree = cib.tree_mut();
    for option in renamed {
        tree.set_attr(option, "name", "stonith-enabled");
    }
    if let Some(status) = status {
        tree.detach(status);
    }
    cib
}

/// Returns `error`, `warning` or nothing: the worst that was told.
fn worst(said: &str) -> &'static str {
    let told = |word: &str| said.lines().any(|line| line.contains(word));
    if told("Errors found") || told("Configuration invalid") {
        "error"
    } else if told("Warnings found") || told("may need attention") {
        "warning"
    } else {
        ""
    }
}

/// What Pacemaker 3 judges otherwise than 2.1: a location without rules, scores that are none, and
/// groups without members.
const JUDGED_OTHERWISE: [&str; 3] = ["contains no rules", "is not a valid score", "has no members"];

/// A damaged CIB may have a section twice, or not at all: which one counts differs then.
fn is_whole(cib: &Cib) -> bool {
    let sections = ["crm_config", "nodes", "resources", "constraints"];
    let count = |name| cib.root().descendants().filter(|e| e.name() == name).count();
    sections.into_iter().all(|name| count(name) == 1)
}

#[test]
fn the_same_verdict() {
    agree(&["crm_verify"], |seed, file| {
        let bench = Bench::new();
        let cib = damaged(&prepared(file), &mut Dice::new(seed));
        if !is_whole(&cib) {
            return Ok(());
        }
        bench.write_cib("cib", &configuration(&cib));
        let words = ["--xml-file", "cib", "-V"];
        let [ours, theirs] = bench.both("crm_verify", &words, "cib");
        let verdicts = [&ours, &theirs].map(|answer| (answer.code, worst(&answer.err)));
        let told = |text: &&str| ours.err.contains(*text) || theirs.err.contains(*text);
        if theirs.code == -1 || verdicts[0] == verdicts[1] || JUDGED_OTHERWISE.iter().any(told) {
            return Ok(());
        }
        Err(format!("{verdicts:?}\n{}\n  theirs:\n{}", ours.err, theirs.err))
    });
}
