//! Inputs and outputs recorded from crm 1.2.6 and 4.4.1: what is shown, the XML made, the errors
//! said. Each object, XML line and error that agrees is a name of the ratchet.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;

use cib_model::cib::Cib;
use cib_model::xml::{Dialect, Layout};
use conformance::prerequisite::shared;
use conformance::ratchet::Ratchet;
use crm_syntax::agents::AgentLookup;
use crm_syntax::style::Style;
use crm_syntax::text::{Mode, parse};
use crm_syntax::{Editor, Filter, Options, show};

const START: &str = r#"<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="1" num_updates="0" admin_epoch="0"><configuration><crm_config/><nodes><node id="1" uname="node1"/><node id="2" uname="node2"/></nodes><resources/><constraints/></configuration><status/></cib>"#;

/// What the machine had on which the recordings were made.
struct Agents;

impl AgentLookup for Agents {
    fn providers(&self, agent_type: &str) -> Vec<String> {
        let names: &[&str] = match agent_type {
            "Dummy" | "SysInfo" => &["heartbeat", "pacemaker"],
            "Stateful" | "controld" | "ping" => &["pacemaker"],
            _ => &["heartbeat"],
        };
        names.iter().map(|name| (*name).to_owned()).collect()
    }
}

/// What a run prints, cut into comparable pieces.
#[derive(Default)]
struct Pieces {
    objects: BTreeSet<String>,
    xml: BTreeSet<String>,
    errors: BTreeSet<String>,
}

impl Pieces {
    /// Takes a recording or our own output apart.
    fn read(text: &str) -> Self {
        let mut pieces = Pieces::default();
        let mut object = String::new();
        for line in text.lines() {
            let trimmed = line.trim();
            if let Some(error) = line.strip_prefix("ERROR: ") {
                pieces.errors.insert(error.to_owned());
            } else if object.is_empty() && trimmed.starts_with('<') {
                pieces.xml.insert(trimmed.to_owned());
            } else if !line.starts_with("   !!") && !trimmed.trim_matches('-').is_empty() {
                object.push_str(line);
                object.push('\n');
                if !line.ends_with('\\') {
                    pieces.objects.insert(std::mem::take(&mut object));
                }
            }
        }
        pieces
    }

    fn names(&self, recording: &str) -> BTreeSet<String> {
        let escaped = |text: &String| text.escape_debug().to_string();
        let objects = self.objects.iter().map(|o| format!("{recording} show {}", escaped(o)));
        let xml = self.xml.iter().map(|x| format!("{recording} xml {x}"));
        let errors = self.errors.iter().map(|e| format!("{recording} error {}", escaped(e)));
        objects.chain(xml).chain(errors).collect()
    }
}

/// Applies commands one by one; returns errors, listing and XML.
/// What `configure show` lists, with nothing hidden.
fn shown() -> Filter {
    Filter { loadable: false, ..Filter::plain() }
}

fn run(style: Style, start: &str, commands: &str) -> String {
    let mut cib = Cib::read(start).unwrap();
    let options = Options::new(style, &Agents);
    let mut out = String::new();
    let mut editor = Editor::new(&mut cib, &options);
    for line in commands.lines() {
        let parsed = parse(line, Mode::Create);
        let mut diagnostics = parsed.diagnostics;
        for statement in &parsed.statements {
            diagnostics.extend(editor.apply(statement).unwrap_or_else(|errors| errors));
        }
        for diagnostic in diagnostics {
            out.push_str(&format!("ERROR: {diagnostic}\n"));
        }
    }
    out.push_str(&show(&cib, style, &shown()).unwrap());
    out.push_str(&cib.write(Layout::Pretty, Dialect::default()));
    out
}

/// Takes the commands out of a recording's script.
fn commands(script: &Path) -> String {
    let text = std::fs::read_to_string(script).unwrap();
    let body = text.split_once("run('''\n").unwrap().1;
    body.split_once("'''").unwrap().0.replace("\\\\", "\\")
}

/// Replaces the fencing topology by each of a recording's and shows it.
fn topologies(script: &Path, before: &str) -> String {
    let text = std::fs::read_to_string(script).unwrap();
    let list = text.split_once("for l in ['").unwrap().1.split_once("']:").unwrap().0;
    let mut out = String::new();
    for line in list.replace("', '", "','").split("','") {
        let others = before.lines().filter(|l| !l.starts_with("fencing_topology"));
        let commands: Vec<&str> = others.chain([line]).collect();
        let all = run(Style::Modern, START, &commands.join("\n"));
        out.push_str(&format!("# {line}\n"));
        out.push_str(&all);
    }
    out
}

fn judge(ratchet: &str, found: &BTreeSet<String>, expected: &BTreeSet<String>) {
    let agree: BTreeSet<String> = found.intersection(expected).cloned().collect();
    if std::env::var_os("CRM_GOLDEN_SHOW").is_some() {
        for missing in expected.difference(found) {
            let _ = writeln!(std::io::stderr().lock(), "missing: {missing}");
        }
    }
    let verdict = Ratchet::open(ratchet).judge(&agree);
    let line = format!("{ratchet}: {} of {} pieces agree", agree.len(), expected.len());
    let _ = writeln!(std::io::stderr().lock(), "{line}, {} newly", verdict.gained.len());
    assert_eq!(verdict.lost, Vec::<String>::new());
}

#[test]
fn modern_answers_as_crm_4_4_1_did() {
    let Some(golden) = shared("golden/crmsh") else { return };
    let (mut found, mut expected) = (BTreeSet::new(), BTreeSet::new());
    for number in [1, 3, 4, 5, 7] {
        let name = format!("exp{number}");
        let script = commands(&golden.join(format!("{name}.py")));
        let recorded = std::fs::read_to_string(golden.join(format!("{name}.crm441.out"))).unwrap();
        let mut ours = run(Style::Modern, START, &script);
        if number == 4 {
            ours.push_str(&topologies(&golden.join("exp4.py"), &script));
        }
        found.extend(Pieces::read(&ours).names(&name));
        expected.extend(Pieces::read(&recorded).names(&name));
    }
    judge("crm_golden_modern", &found, &expected);
}

#[test]
fn classic_answers_as_crm_1_2_6_did() {
    let Some(golden) = shared("golden/crmsh") else { return };
    let input = std::fs::read_to_string(golden.join("classic2.input")).unwrap();
    let input: String = input.lines().filter(|l| *l != "show").flat_map(|l| [l, "\n"]).collect();
    let start = START.replace("pacemaker-3.9", "pacemaker-1.2");
    let start =
        start.replace("<node id=\"1\" uname=\"node1\"/><node id=\"2\" uname=\"node2\"/>", "");
    let recorded = std::fs::read_to_string(golden.join("classic2.crm126.out")).unwrap();
    let found = Pieces::read(&run(Style::Classic, &start, &input)).names("classic2");
    let expected = Pieces::read(&recorded).names("classic2");
    let shown = |names: &BTreeSet<String>| -> BTreeSet<String> {
        names.iter().filter(|n| n.starts_with("classic2 show")).cloned().collect()
    };
    judge("crm_golden_classic", &shown(&found), &shown(&expected));
}

/// Elements as a CIB may hold them, not as text makes them: what has words, what is XML.
#[test]
fn elements_that_text_did_not_make_are_shown_as_crm_4_4_1_did() {
    let Some(golden) = shared("golden/crmsh") else { return };
    let script = std::fs::read_to_string(golden.join("exp6.py")).unwrap();
    let between = |from: &str| {
        let body = script.split_once(from).unwrap().1;
        body.split_once("'''").unwrap().0.to_owned()
    };
    let constraints = between("loadxml(constraints='''");
    let resources = between("loadxml(resources='''");
    let extra = script.split_once("extra='<rsc").unwrap().1;
    let extra = format!("<rsc{}", extra.split_once("')").unwrap().0);
    let cib = |resources: &str, constraints: &str, extra: &str| {
        let dummy =
            |id| format!(r#"<primitive id="{id}" class="ocf" provider="heartbeat" type="Dummy"/>"#);
        let nodes = r#"<node id="1" uname="node1" type="member"/><node id="2" uname="node2" type="normal"/>"#;
        let text = format!(
            r#"<cib validate-with="pacemaker-3.9"><configuration><crm_config/><nodes>{nodes}</nodes><resources>{}{}{resources}</resources><constraints>{constraints}</constraints>{extra}</configuration><status/></cib>"#,
            dummy("a"),
            dummy("b")
        );
        show(&Cib::read(&text).unwrap(), Style::Modern, &shown()).unwrap()
    };
    let found =
        format!("{}=====\n{}=====\n", cib("", &constraints, ""), cib(&resources, "", &extra));
    let recorded = std::fs::read_to_string(golden.join("exp6.crm441.out")).unwrap();
    let expected: String =
        recorded.lines().filter(|l| !l.starts_with("ERROR")).flat_map(|l| [l, "\n"]).collect();
    assert_eq!(found, expected);
}
