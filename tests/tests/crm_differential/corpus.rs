//! Real configurations, loaded by both programs: same verdict, same CIB, same listing.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;

use cib_model::cib::Cib;
use cib_model::xml::ElementRef;
use conformance::lines::first_difference;
use conformance::prerequisite::shared;
use conformance::ratchet::Ratchet;
use crm_syntax::agents::AgentLookup;
use crm_syntax::style::Style;
use crm_syntax::text::Mode;
use crm_syntax::{Editor, Filter, LoadMethod, Options, show, show_xml};

use crate::oracle::{Oracle, listing_of, xml_of};
use crate::shown::by_id;
use crate::{START, has_crm};

/// The OCF agents of this machine, as crm finds them.
struct Installed;

impl AgentLookup for Installed {
    fn providers(&self, agent_type: &str) -> Vec<String> {
        let Ok(folders) = std::fs::read_dir("/usr/lib/ocf/resource.d") else { return Vec::new() };
        let folders = folders.filter_map(|entry| Some(entry.ok()?.path()));
        let mut found: Vec<String> = folders
            .filter(|folder| folder.join(agent_type).is_file())
            .filter_map(|folder| Some(folder.file_name()?.to_string_lossy().into_owned()))
            .collect();
        found.sort();
        found
    }
}

/// Loads a text; `None` where it is refused.
pub(crate) fn ours(text: &str) -> Option<Cib> {
    let mut cib = Cib::read(START).unwrap();
    for node in ["1", "2"] {
        let id = cib.find(node).map(ElementRef::xml_id).unwrap();
        cib.tree_mut().detach(id);
    }
    let options = Options { mode: Mode::Load, ..Options::new(Style::Modern, &Installed) };
    Editor::new(&mut cib, &options).load(text, LoadMethod::Update).ok()?;
    Some(cib)
}

/// What crm made of one file: XML and listing.
type Theirs = (String, String);

/// Loads a file with crm.
fn theirs(oracle: &Oracle, path: &Path) -> Theirs {
    let lines = ["erase nodes", &format!("load update {}", path.display()), "show xml", "show"];
    let blocks = oracle.blocks(START, &lines.map(str::to_owned));
    let block = |at: usize| blocks.get(at).map(String::as_str).unwrap_or_default();
    (xml_of(block(2)), listing_of(block(3)))
}

/// Returns a text with the character references of crm, which it stores for what is not ASCII.
fn characters(text: &str) -> String {
    let mut pieces = text.split("&#");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let found = piece
            .split_once(';')
            .and_then(|(number, rest)| Some((char::from_u32(number.parse().ok()?)?, rest)));
        match found {
            Some((c, rest)) => out.extend([c.to_string().as_str(), rest]),
            None => out.extend(["&#", piece]),
        }
    }
    out
}

/// Says how a file comes out otherwise.
fn judge(path: &Path, (xml, listing): &Theirs) -> Option<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let is_refused = !xml.contains("<primitive");
    match ours(&text) {
        None if is_refused => None,
        None => Some("we refuse it".to_owned()),
        Some(_) if is_refused => Some("crm refuses it".to_owned()),
        Some(cib) => {
            let own = show_xml(&cib, &Filter::default()).unwrap();
            let shown = show(&cib, Style::Modern, &Filter::default()).unwrap();
            first_difference(&by_id(&own), &characters(&by_id(xml)))
                .or_else(|| first_difference(&shown, &characters(listing)))
        }
    }
}

#[test]
fn real_configurations_come_out_alike() {
    let Some(corpus) = shared("corpus") else { return };
    let oracle = Oracle::new();
    if !has_crm(oracle.folder()) {
        return;
    }
    let mut files: Vec<_> =
        std::fs::read_dir(corpus).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "crm"));
    files.sort();
    let mut passing = BTreeSet::new();
    for path in files.iter().map(|path| std::fs::canonicalize(path).unwrap()) {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        match judge(&path, &theirs(&oracle, &path)) {
            None => {
                passing.insert(name);
            }
            Some(text) => {
                let _ = writeln!(std::io::stderr().lock(), "{name}: {text}");
            }
        }
    }
    let verdict = Ratchet::open("crm_corpus_live").judge(&passing);
    let (count, all) = (passing.len(), files.len());
    let _ = writeln!(std::io::stderr().lock(), "corpus beside crm: {count} of {all} files alike");
    assert_eq!(verdict.lost, Vec::<String>::new());
}
