//! `configure show` with filters, on real configurations: both programs print the same.

use std::io::Write as _;

use cib_model::cib::Cib;
use cib_model::xml::{Dialect, ElementRef, Layout};
use conformance::lines::first_difference;
use conformance::prerequisite::shared;
use crm_syntax::kind::ObjectKind;
use crm_syntax::{ObjectEntry, list};

use crate::corpus::ours;
use crate::oracle::Oracle;
use crate::{has_crm, rounds};

/// Configurations of a round; each costs crm one start.
const CONFIGURATIONS: u64 = 6;

/// Filters that need no name of the configuration.
const GENERAL: &[&str] = &[
    "",
    "xml",
    "xml xml",
    "[a-m]*",
    "[!a-m]*",
    "?*-*",
    "p*",
    "xml p*",
    "*",
    "type:",
    "type:nosuch",
    "type:PRIMITIVE",
    "tag:",
    "tag:nosuch",
    "related:",
    "related:nosuch",
    "related:*",
    "related:ocf:heartbeat:IPaddr2",
    "related:ocf:IPaddr2",
    "related:IPaddr2",
    "related:ipaddr2",
    "related:IPaddr*",
    "related:a:b:c:d",
    "changed",
    "xml changed",
    "and",
    "or",
    "and and",
    "type:primitive or type:group",
    "type:primitive and type:group",
    "type:primitive type:order and p*",
    "type:primitive and p* or type:node",
    "and type:primitive",
    "type:primitive and",
    "type:primitive or",
    "nosuch",
    "xml nosuch",
    "nosuch*",
    "nosuch type:primitive",
    "type:primitive and nosuch",
    "xml type:order or type:primitive and p*",
    "obscure:",
    "obscure:*",
    "obscure:nosuch",
    "xml obscure:*",
    "obscure:ip obscure:device type:primitive",
    "CHANGED",
    "cib-bootstrap-options",
    "rsc-options",
    "fencing_topology",
];

/// Filters with the names of a configuration's objects.
fn named(cib: &Cib) -> Vec<String> {
    let all = list(cib);
    let mut found = Vec::new();
    for kind in all.iter().map(|entry| entry.kind) {
        let keyword = kind.keyword();
        let of_kind = format!("type:{keyword}");
        if found.contains(&of_kind) {
            continue;
        }
        found.push(of_kind);
        // the first, the last and, where there is one, the first inside a container
        let of = || all.iter().filter(|entry| entry.kind == kind);
        let inside = of().find(|entry| entry.parent.is_some());
        for entry in of().next().into_iter().chain(of().next_back()).chain(inside) {
            let id = &entry.id;
            found.extend(["", "xml ", "related:"].map(|before| format!("{before}{id}")));
            found.push(format!("type:{keyword} and {id}"));
            if let Some(name) = &entry.uname {
                found.extend([name.clone(), format!("related:{name}")]);
            }
            if kind == ObjectKind::Tag {
                found.extend([format!("tag:{id}"), format!("xml tag:{id} and type:primitive")]);
            }
        }
    }
    let ids: Vec<&str> = all.iter().map(|entry| entry.id.as_str()).collect();
    if let [first, .., last] = ids.as_slice() {
        let (head, tail) = (first.chars().next().unwrap(), last.chars().next_back().unwrap());
        found.extend(["", "xml "].map(|before| format!("{before}{last} {first}")));
        found.push(format!("{first} nosuch {last}"));
        found.extend([format!("{head}*"), format!("*{tail}"), format!("xml *{tail} or {first}")]);
    }
    let names = cib.root().descendants().filter(|e| e.name() == "nvpair");
    if let Some(name) = names.filter_map(|pair| pair.attr("name")).last() {
        found.extend(["", "xml "].map(|before| format!("{before}obscure:{name}")));
    }
    found.extend(agents(cib, &all));
    found
}

/// Filters by the agents of the first and the last primitive.
fn agents(cib: &Cib, all: &[ObjectEntry]) -> Vec<String> {
    let primitives: Vec<ElementRef<'_>> = all
        .iter()
        .filter(|entry| entry.kind == ObjectKind::Primitive)
        .filter_map(|entry| cib.tree().element(entry.at))
        .collect();
    let ends = primitives.first().into_iter().chain(primitives.last());
    ends.flat_map(|primitive| {
        let part = |name| primitive.attr(name).unwrap_or_default();
        let (class, provider, agent) = (part("class"), part("provider"), part("type"));
        [
            format!("related:{agent}"),
            format!("related:{class}:{agent}"),
            format!("related:{class}:{provider}:{agent}"),
        ]
    })
    .collect()
}

/// All lines typed on a configuration: filters, then what is changed. What is said to the last is
/// not compared: crm commits there.
fn lines(cib: &Cib) -> Vec<String> {
    let filters = GENERAL.iter().map(|words| (*words).to_owned()).chain(named(cib));
    let mut lines: Vec<String> = filters.map(|words| format!("show {words}")).collect();
    let changes = [
        "property zz-test=1",
        "show changed",
        "tag zz-tag node1",
        "primitive zz-new ocf:pacemaker:Dummy params passwd=x",
        "group zz-group zz-new meta target-role=Stopped",
        "show changed",
        "show xml changed",
        "show changed and type:primitive",
        "show type:node or changed",
        "show changed obscure:nosuch",
        "delete zz-group",
        "show changed",
        "show type:nosuch",
    ];
    lines.extend(changes.map(str::to_owned));
    lines
}

/// Returns CIBs: the corpus as it is loaded here, and the largest of the scheduler's.
fn configurations() -> Option<Vec<(String, Cib)>> {
    let (corpus, cases) = (shared("corpus")?, shared("data/scheduler/xml")?);
    let files = |folder: std::path::PathBuf, extension: &str| {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let is = |path: &std::path::PathBuf| path.extension().is_some_and(|e| e == extension);
        let mut files: Vec<_> = entries.filter(is).collect();
        files.sort();
        files
    };
    let mut large = files(cases, "xml");
    large.sort_by_key(|path| std::cmp::Reverse(path.metadata().map(|m| m.len()).unwrap_or(0)));
    large.truncate(24);
    let name = |path: &std::path::Path| path.file_name().unwrap().to_string_lossy().into_owned();
    let mut found: Vec<(String, Cib)> = Vec::new();
    for path in files(corpus, "crm") {
        // crm stores a comment that is not ASCII as another one; `corpus` compares them
        let text = std::fs::read_to_string(&path).unwrap();
        let cib = ours(&text.replace(|c: char| !c.is_ascii(), "?"));
        found.extend(cib.map(|cib| (name(&path), cib)));
    }
    for path in large {
        let cib = Cib::read(&std::fs::read_to_string(&path).unwrap()).unwrap();
        found.push((name(&path), cib));
    }
    Some(found)
}

/// Returns what is compared of an answer. Of XML these are the words, not the blanks between: beside
/// comments crm keeps those that it read. After an error it prints an XML of nothing. In a CIB that
/// others made it moves elements and drops defaults; there the objects are compared.
fn comparable(block: &str, name: &str) -> String {
    let Some(at) = block.find("<?xml") else {
        return if block.contains("<!--") { without_blanks(block) } else { block.to_owned() };
    };
    let (head, xml) = block.split_at(at);
    if head.contains("ERROR") {
        return head.to_owned();
    }
    if name.ends_with(".xml") {
        let cib = Cib::read(&xml[xml.find("<cib").unwrap()..]).unwrap();
        let mut objects: Vec<String> =
            list(&cib).iter().map(|o| format!("{} {}\n", o.kind.keyword(), o.id)).collect();
        objects.sort();
        return objects.concat();
    }
    block.lines().flat_map(|line| [line.trim(), "\n"]).collect::<String>().replace("><", ">\n<")
}

/// Returns a listing without the blanks and line ends of what is shown as XML.
fn without_blanks(listing: &str) -> String {
    listing.split_whitespace().filter(|word| *word != "\\").collect()
}

#[test]
fn filters_choose_alike() {
    let oracle = Oracle::new();
    if !has_crm(oracle.folder()) {
        return;
    }
    let Some(all) = configurations() else { return };
    let wanted = usize::try_from(CONFIGURATIONS * rounds()).unwrap_or(usize::MAX).min(all.len());
    let (mut differences, mut compared, mut asked) = (Vec::new(), 0, 0);
    for (name, cib) in all.iter().step_by(all.len() / wanted) {
        let (text, lines) = (cib.write(Layout::Pretty, Dialect::default()), lines(cib));
        let theirs = oracle.blocks(&text, &lines);
        // crm refuses CIBs of schemas that it does not know
        if theirs.first().is_none_or(|block| block.contains("CIB not supported")) {
            continue;
        }
        let own = oracle.own_blocks(&text, &lines);
        assert_eq!(theirs.len(), lines.len(), "{name}: crm has stopped\n{theirs:?}");
        for ((line, ours), theirs) in lines.iter().zip(&own).zip(&theirs).rev().skip(1) {
            asked += 1;
            let (ours, theirs) = (comparable(ours, name), comparable(theirs, name));
            if let Some(text) = first_difference(&ours, &theirs) {
                differences.push(format!("{name}: {line}: {text}"));
            }
        }
        compared += 1;
    }
    let line = format!("filters: {asked} lines on {compared} configurations");
    let _ = writeln!(std::io::stderr().lock(), "{line}");
    let count = differences.len();
    assert!(differences.is_empty(), "{count}\n{}", differences.join("\n"));
    assert!(asked > 500, "only {asked} lines were compared");
}
