//! What must hold of any input of each reader. The fuzz targets and `tests/tests/fuzz_seeds.rs` call
//! these; what does not hold is a panic.

use std::collections::HashSet;

use cib_model::acl::{Access, Subject};
use cib_model::patchset::VersionCheck;
use cib_model::rule::{Facts, Rule};
use cib_model::time::{DateTime, Duration, Period};
use cib_model::upgrade::upgrade;
use cib_model::validate::SchemaVersion;
use cib_model::xml::{self, Dialect, Layout, XPath};
use cib_model::{Cib, Patchset, validate};
use cluster_link::config::{ClusterConfig, Document};
use crm_syntax::agents::NoAgents;
use crm_syntax::lexer::{keyword_and_rest, logical_lines, words};
use crm_syntax::style::Style;
use crm_syntax::text::{Mode, parse};
use crm_syntax::{Editor, Filter, LoadMethod, Options, list, show, show_xml};

/// The CIB that crm texts are loaded into.
const CIB: &str = r#"<cib validate-with="pacemaker-3.9" admin_epoch="0" epoch="1" num_updates="0"><configuration>
<crm_config/><nodes><node id="1" uname="n1"/></nodes><resources>
<group id="g"><primitive id="a" class="ocf" provider="heartbeat" type="Dummy"><operations><op id="a-monitor-10s" name="monitor" interval="10s"/></operations></primitive>
<primitive id="b" class="lsb" type="x"/></group><template id="t" class="ocf" provider="heartbeat" type="Dummy"/></resources>
<constraints><rsc_location id="l" rsc="g" score="100" node="n1"/></constraints></configuration><status/></cib>"#;

/// Lines and words of the crm language lie in the text, on character boundaries and in order.
pub fn lexer(text: &str) {
    let mut end = 0;
    for line in logical_lines(text) {
        assert!(line.span.start >= end && line.span.start <= line.span.end);
        end = line.span.end;
        assert!(text.get(line.span.start..line.span.end).is_some());
        for word in words(&line).into_iter().flatten().chain(keyword_and_rest(&line)) {
            assert!(text.get(word.span.start..word.span.end).is_some());
        }
    }
}

/// The ways in which a crm text is loaded.
pub const LOADS: [(Style, LoadMethod); 6] = [
    (Style::Classic, LoadMethod::Update),
    (Style::Classic, LoadMethod::Replace),
    (Style::Classic, LoadMethod::Push),
    (Style::Modern, LoadMethod::Update),
    (Style::Modern, LoadMethod::Replace),
    (Style::Modern, LoadMethod::Push),
];

/// A crm text is read in both ways and loaded in each.
pub fn parser(text: &str) {
    parser_by(text, &LOADS);
}

/// A crm text is read in both ways and loaded in some.
pub fn parser_by(text: &str, loads: &[(Style, LoadMethod)]) {
    read(text);
    for (style, method) in loads {
        load(text, *style, *method);
    }
}

/// What is said of a text is said of places in it.
fn read(text: &str) {
    for mode in [Mode::Create, Mode::Load] {
        for diagnostic in parse(text, mode).diagnostics {
            if let Some(span) = diagnostic.span {
                assert!(text.get(span.start..span.end).is_some(), "{span:?}");
            }
        }
    }
}

/// What fails to load changes nothing, and what a listing shows is read again.
fn load(text: &str, style: Style, method: LoadMethod) {
    let base = Cib::read(CIB).expect("the base is a CIB");
    let written = |cib: &Cib| cib.write(Layout::Compact, Dialect::Pcmk3);
    let mut cib = base.clone();
    let options = Options::new(style, &NoAgents);
    if Editor::new(&mut cib, &options).load(text, method).is_err() {
        assert_eq!(written(&cib), written(&base), "a failed load changes nothing");
        return;
    }
    let again = Cib::read(&written(&cib)).expect("what is written can be read");
    assert_eq!(written(&again), written(&cib));
    let shown = show(&cib, style, &Filter::plain()).expect("everything can be shown");
    let again = parse(&shown, Mode::Load);
    assert!(again.diagnostics.is_empty(), "{shown}\n{:?}", again.diagnostics);
}

/// XML that is read is written, and what is written is read as the same; checks of any CIB end.
pub fn xml(text: &str) {
    let Ok(tree) = xml::read(text) else { return };
    let written = xml::write(&tree, Layout::Compact, Dialect::Pcmk3);
    let again = xml::read(&written).expect("what is written can be read");
    assert_eq!(xml::write(&again, Layout::Compact, Dialect::Pcmk3), written);
    let _ = xml::write(&tree, Layout::Pretty, Dialect::Pcmk2);
    if let Ok(cib) = Cib::from_tree(tree) {
        let _ = validate::check(&cib);
        let typed = cib_model::typed::Configuration::read(&cib);
        let made = typed.configuration.to_cib(&cib);
        let again = cib_model::typed::Configuration::read(&made);
        assert_eq!(again.configuration, typed.configuration);
    }
}

/// Any CIB can be listed in both dialects and its listing is read; rights and upgrade end, and what
/// was upgraded follows the schema that it names.
pub fn cib(text: &str) {
    let Ok(cib) = Cib::read(text) else { return };
    let is_judged = is_valid(&cib) && !has_lines(&cib) && !has_twins(&cib);
    for style in [Style::Classic, Style::Modern] {
        let shown = show(&cib, style, &Filter::plain()).expect("everything can be shown");
        let again = parse(&shown, Mode::Load);
        assert!(again.diagnostics.is_empty(), "{shown}\n{:?}", again.diagnostics);
        if is_judged {
            listing(&cib, style, &shown);
            changes(&cib, style, text.len());
        }
        let shown = show_xml(&cib, &Filter::plain()).expect("everything can be shown");
        assert!(xml::read(&shown).is_ok(), "{shown}");
    }
    let subject = Subject { user: "u".to_owned(), groups: vec!["g".to_owned()] };
    let access = Access::of(&cib, &subject);
    assert_eq!(access.check(&cib, &cib), Ok(()), "what changes nothing is no change");
    if let Some(seen) = access.filtered(&cib) {
        assert!(xml::read(&seen.write(Layout::Compact, Dialect::Pcmk3)).is_ok());
    }
    let mut upgraded = cib.clone();
    let report = upgrade(&mut upgraded, SchemaVersion::LATEST);
    if report.is_raised() {
        assert_eq!(validate::schema::check(&upgraded), Vec::new());
    } else {
        assert!(upgraded.root().same_as(cib.root()), "what is not upgraded stays");
    }
}

/// A listing loads to what shows the same; on what it shows, it changes nothing.
fn listing(cib: &Cib, style: Style, shown: &str) {
    let options = Options::new(style, &NoAgents);
    let mut empty = Cib::empty_with("3.16.1", cib.schema().unwrap_or("none"));
    let loaded = Editor::new(&mut empty, &options).load(shown, LoadMethod::Update);
    assert!(loaded.is_ok(), "{shown}\n{loaded:?}");
    let again = show(&empty, style, &Filter::plain()).expect("everything can be shown");
    assert_eq!(again, shown);
    let configuration = |cib: &Cib| {
        cib.configuration().map(|e| xml::write_element(e, Layout::Pretty, Dialect::Pcmk3))
    };
    let mut same = cib.clone();
    let loaded = Editor::new(&mut same, &options).load(shown, LoadMethod::Update);
    assert!(loaded.is_ok(), "{shown}\n{loaded:?}");
    assert_eq!(configuration(&same), configuration(cib), "loaded: {shown}");
    let mut same = cib.clone();
    let edited = Editor::new(&mut same, &options).edit(shown, &list(cib));
    assert!(edited.is_ok(), "{shown}\n{edited:?}");
    assert_eq!(configuration(&same), configuration(cib), "edited: {shown}");
}

/// What is left after an object is deleted or renamed follows the schema, but for references to what
/// is deleted: tags and roles are named on, as in crm, until the commit is refused.
fn changes(cib: &Cib, style: Style, pick: usize) {
    let options = Options::new(style, &NoAgents);
    let all = list(cib);
    let Some(chosen) = all.get(pick % all.len().max(1)) else { return };
    let mut deleted = cib.clone();
    let outcome = Editor::new(&mut deleted, &options).delete(std::slice::from_ref(&chosen.id));
    let mut renamed = cib.clone();
    let other = Editor::new(&mut renamed, &options).rename(&chosen.id, "another-name");
    for (what, outcome, after) in [("delete", outcome, deleted), ("rename", other, renamed)] {
        if outcome.is_err() {
            assert!(after.root().same_as(cib.root()), "a failed {what} changes nothing");
            continue;
        }
        let mut found = validate::schema::check(&after);
        found.retain(|f| what == "rename" || f.code != validate::Code::DanglingReference);
        assert_eq!(found, Vec::new(), "{what} {}", chosen.id);
    }
}

/// Returns true for what follows its schema, and where no two nodes have one name or id.
fn is_valid(cib: &Cib) -> bool {
    let version = cib.schema().and_then(SchemaVersion::named);
    let mut nodes = HashSet::new();
    let mut names = |node: xml::ElementRef<'_>| {
        let mut own = [node.id(), node.attr("uname")]
            .map(|name| name.unwrap_or_default().to_owned())
            .to_vec();
        own.dedup();
        own.into_iter().all(|name| nodes.insert(name))
    };
    let mut all = cib.nodes().into_iter().flat_map(|nodes| nodes.children_named("node"));
    all.all(&mut names) && version.is_some() && validate::schema::check(cib).is_empty()
}

/// Lines of a comment inside an element become one when a listing is read back.
fn has_lines(cib: &Cib) -> bool {
    let mut inside = cib.root().descendants().flat_map(xml::ElementRef::all_children);
    inside.any(|child| matches!(child, xml::Child::Comment(text) if text.contains('\n')))
}

/// Of two pairs of one name in a set of properties the last counts when a listing is read back.
fn has_twins(cib: &Cib) -> bool {
    let sets = cib
        .root()
        .descendants()
        .filter(|e| e.name().ends_with("_set") || e.name() == "meta_attributes");
    let mut names =
        sets.map(|set| set.children().filter_map(|e| e.attr("name")).collect::<Vec<_>>());
    names.any(|mut names| {
        names.sort_unstable();
        names.windows(2).any(|pair| pair[0] == pair[1])
    })
}

/// Two documents, separated by a zero byte: the first is patched with the second where that is a
/// patchset; where it is a CIB, the difference of both is applied.
pub fn patch(text: &str) {
    let Some((first, second)) = text.split_once('\0') else { return };
    let Ok(base) = Cib::read(first) else { return };
    if let Ok(patch) = Patchset::read(second) {
        let mut cib = base.clone();
        if patch.apply(&mut cib, VersionCheck::Skip, Dialect::Pcmk3).is_err() {
            assert!(cib.root().same_as(base.root()), "a failed patch changes nothing");
        }
        let _ = patch.check_versions(base.version());
    }
    let Ok(target) = Cib::read(second) else { return };
    if let Some(patch) = base.diff(&target) {
        let patch = Patchset::read(&patch.write(Layout::Compact, Dialect::Pcmk3));
        let patch = patch.expect("a patchset can be read");
        let _ = patch.apply(&mut base.clone(), VersionCheck::Skip, Dialect::Pcmk3);
    }
}

/// A corosync.conf that is read is written and read again as the same; a configuration can be made
/// of it, or the reason is told.
pub fn corosync_conf(text: &str) {
    let Ok(document) = Document::parse(text, "corosync.conf") else { return };
    let written = document.to_string();
    let again = Document::parse(&written, "corosync.conf").expect("what is written can be read");
    assert_eq!(again.to_string(), written);
    let _ = ClusterConfig::of(&document, "corosync.conf");
}

/// An expression and perhaps, after a zero byte, the document it is asked of: what is selected is in
/// the document, each once.
pub fn xpath(text: &str) {
    let (expression, document) = text.split_once('\0').unwrap_or((text, CIB));
    let Ok(expression) = XPath::parse(expression) else { return };
    let Ok(tree) = xml::read(document) else { return };
    // The usual limit is a second of work: the same in more of the same.
    let Ok(selected) = expression.select_within(&tree, 100_000) else { return };
    for (at, id) in selected.iter().enumerate() {
        assert!(tree.element(*id).is_some());
        assert!(!selected[at + 1..].contains(id), "an element is selected twice");
    }
}

/// Who asks the rules: a node with one attribute, on Monday 2026-11-23 at noon.
struct Asker;

impl Facts for Asker {
    fn now(&self) -> DateTime {
        DateTime::from_epoch(1_795_435_200, 3_600)
    }

    fn node_attribute(&self, name: &str) -> Option<&str> {
        (name == "a").then_some("1.5")
    }

    fn submatch(&self, number: usize) -> Option<&str> {
        (number < 2).then_some("db")
    }
}

/// Dates, durations and periods: a date that is read and written is read as the same. What is XML
/// is asked as a rule.
pub fn rule(text: &str) {
    let now = Asker.now();
    if let Ok(date) = DateTime::parse(text, now) {
        let _ = (date.week_date(), date.hms(), date.add_months(1), date.add_years(-1));
        // Years of more than four digits can be reckoned, but not read; seconds of an offset are
        // read, but not written, as with Pacemaker.
        if (1..=9_999).contains(&date.year()) && date.offset_s() % 60 == 0 {
            assert_eq!(DateTime::parse(&date.to_string(), now), Ok(date), "{date}");
        }
    }
    if let Ok(duration) = Duration::parse(text) {
        let _ = (now.plus(duration), now.minus(duration), duration.total_seconds());
    }
    let _ = Period::parse(text, now);
    let Ok(tree) = xml::read(text) else { return };
    let Ok(cib) = Cib::from_tree(tree) else { return };
    for element in cib.root().descendants() {
        if let Some(rule) = Rule::read(&cib, element) {
            let _ = rule.evaluate(&Asker);
        }
    }
}
