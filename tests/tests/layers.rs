//! The dependency rule: which crate may import which (ARCHITECTURE.md, Layers).

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Crate → the workspace crates it may depend on, in normal and build dependencies.
const ALLOWED: [(&str, &[&str]); 6] = [
    ("cib-model", &[]),
    ("crm-syntax", &["cib-model"]),
    ("policy", &["cib-model"]),
    ("cluster-link", &["cib-model", "policy"]),
    ("crmsh", &["cib-model", "crm-syntax", "policy", "cluster-link"]),
    ("conformance", &["cib-model", "crm-syntax", "policy", "cluster-link", "crmsh"]),
];

/// Crates that a pure crate must never pull in: they touch processes, sockets or files.
const IMPURE: [&str; 4] = ["tokio", "rustix", "libloading", "tempfile"];

#[test]
fn crates_depend_only_downwards() {
    let metadata = MetadataCommand::new().no_deps().exec().expect("cargo metadata runs");
    let allowed: BTreeMap<&str, BTreeSet<&str>> =
        ALLOWED.iter().map(|(name, to)| (*name, to.iter().copied().collect())).collect();
    let members: BTreeSet<&str> = metadata.packages.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(members, allowed.keys().copied().collect(), "a crate came or went: extend ALLOWED");
    let mut wrong = Vec::new();
    for package in &metadata.packages {
        let name = package.name.as_str();
        for dependency in &package.dependencies {
            let to = dependency.name.as_str();
            let shipped = dependency.kind != DependencyKind::Development;
            if shipped && members.contains(to) && !allowed[name].contains(to) {
                wrong.push(format!("{name} must not depend on {to}"));
            }
            let pure = ["cib-model", "crm-syntax", "policy"].contains(&name);
            if shipped && pure && IMPURE.contains(&to) {
                wrong.push(format!("{name} is pure and must not depend on {to}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
