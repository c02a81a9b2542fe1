//! Real configurations from guides and automation: each statement's element is what crmsh's
//! parser makes of it, and each whole configuration survives its own listing.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use cib_model::cib::Cib;
use cib_model::xml::{self, Dialect, ElementRef, Layout};
use conformance::prerequisite::shared;
use conformance::ratchet::Ratchet;
use crm_syntax::agents::NoAgents;
use crm_syntax::style::Style;
use crm_syntax::text::{Mode, parse};
use crm_syntax::{Editor, Filter, LoadMethod, Options, show};

fn files(corpus: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(corpus)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "crm"))
        .collect();
    files.sort();
    files
}

fn compact(element: ElementRef<'_>) -> String {
    let text = xml::write_element(element, Layout::Compact, Dialect::default());
    // the reference leaves ids of property sets to later, and takes a bare `<operations/>` away
    text.replace("\"cib-bootstrap-options\"", "\"\"")
}

/// Returns the elements that each statement of a text means.
fn elements(text: &str, cib: &Cib) -> Vec<String> {
    let options = Options { mode: Mode::Load, ..Options::new(Style::Modern, &NoAgents) };
    let statements = parse(text, Mode::Load).statements;
    let text = |s| match crm_syntax::element(s, &options, cib) {
        Ok(tree) => compact(tree.root()),
        Err(refused) => format!("refused: {refused}"),
    };
    statements.iter().map(text).collect()
}

/// Returns the elements of the reference, without what a parser alone does not give.
fn reference(path: &Path) -> Vec<String> {
    let tree = xml::read(&std::fs::read_to_string(path).unwrap()).unwrap();
    let root = tree.root();
    let inner = |e: ElementRef<'_>| match e.name() {
        "rsc_defaults" | "op_defaults" => e.child("meta_attributes").map(compact),
        _ => Some(compact(e)),
    };
    root.children().filter_map(inner).collect()
}

/// Drops what the reference, a parser of crmsh 5.1, does otherwise: default ids come later, a
/// missing interval is `0s`, a monitor still names its resource.
fn levelled(text: &str) -> String {
    let text = if let Some(op) = text.strip_prefix("<op name=\"monitor\" rsc=\"") {
        op.split_once('"')
            .map_or_else(|| text.to_owned(), |(_, rest)| format!("<op name=\"monitor\"{rest}"))
    } else {
        text.replace("interval=\"0s\"", "interval=\"0\"")
    };
    [" id=\"\"", " id=\"rsc-options\"", " id=\"op-options\""]
        .into_iter()
        .fold(text, |text, id| text.replace(id, ""))
}

#[test]
fn statements_mean_what_crmsh_reads() {
    let Some(corpus) = shared("corpus") else { return };
    // the reference was read with a schema that knows no promoted roles
    let cib = Cib::empty_with("3.6.0", "pacemaker-3.6");
    let (mut passing, mut same, mut all) = (BTreeSet::new(), 0, 0);
    for path in files(&corpus) {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let expected = reference(&corpus.join("ref").join(format!("{name}.xml")));
        let found = elements(&text, &cib);
        let agree = |(a, b): &(&String, &String)| levelled(a) == levelled(b);
        let count = found.iter().zip(&expected).filter(agree).count();
        same += count;
        all += expected.len();
        if count == expected.len() && found.len() == expected.len() {
            passing.insert(name);
        } else if std::env::var_os("CRM_CORPUS_SHOW").is_some() {
            let pairs = found.iter().zip(&expected);
            for (found, expected) in pairs.filter(|pair| !agree(pair)).take(2) {
                let mut out = std::io::stderr().lock();
                let _ = writeln!(out, "--- {name}\nfound:    {found}\nexpected: {expected}");
            }
        }
    }
    let files = passing.len();
    let verdict = Ratchet::open("crm_corpus").judge(&passing);
    let line = format!("corpus: {same} of {all} elements, {files} files whole");
    let _ = writeln!(std::io::stderr().lock(), "{line}, {} newly", verdict.gained.len());
    assert_eq!(verdict.lost, Vec::<String>::new());
}

/// What is shown reads back to what was shown, in both dialects.
#[test]
fn listings_are_fixpoints() {
    let Some(corpus) = shared("corpus") else { return };
    let mut loaded = 0;
    for path in files(&corpus) {
        let text = std::fs::read_to_string(&path).unwrap();
        for style in [Style::Classic, Style::Modern] {
            let mut cib = Cib::empty_with("3.0.7", "pacemaker-2.0");
            let options = Options { mode: Mode::Load, ..Options::new(style, &NoAgents) };
            let mut editor = Editor::new(&mut cib, &options);
            for statement in &parse(&text, Mode::Create).statements {
                let _ = editor.apply(statement);
            }
            // two nodes of one name are told apart by the order in which they come, no more
            let names: Vec<&str> = cib
                .nodes()
                .into_iter()
                .flat_map(ElementRef::children)
                .filter_map(|node| node.attr("uname"))
                .collect();
            if names.iter().collect::<BTreeSet<_>>().len() < names.len() {
                continue;
            }
            let shown = show(&cib, style, &Filter::plain()).unwrap();
            let mut again = Cib::empty_with("3.0.7", "pacemaker-2.0");
            let outcome = Editor::new(&mut again, &options).load(&shown, LoadMethod::Update);
            if outcome.is_err() {
                continue;
            }
            loaded += 1;
            let second = show(&again, style, &Filter::plain()).unwrap();
            assert_eq!(second, shown, "{} {style:?}", path.display());
        }
    }
    assert!(loaded >= 60, "only {loaded} listings could be loaded");
}
