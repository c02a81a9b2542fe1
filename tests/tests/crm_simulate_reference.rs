//! Pacemaker's own regression test of `crm_simulate`: what it prints and its exit code.
//!
//! Out of the expected text are taken what the test there takes out too (versions, paths, present
//! times), what its trace of functions adds, and all but the first of what one schema after the
//! other says of the same mistake. `ratchets/crm_simulate.txt` lists the cases that pass.

use std::collections::BTreeSet;
use std::path::Path;

use conformance::prerequisite::shared;
use conformance::program::{Desk, SMALL, Said};
use conformance::ratchet::Ratchet;

/// One case of the expected text.
struct Expected {
    name: String,
    text: String,
    code: i32,
}

/// The CIB that the cases about schemas change.
const GOOD: &str = r#"<cib crm_feature_set="3.20.0" validate-with="pacemaker-1.2" epoch="3" num_updates="0" admin_epoch="0"><configuration><crm_config/><nodes/><resources><primitive id="dummy1" class="ocf" provider="pacemaker" type="Dummy"/><primitive id="dummy2" class="ocf" provider="pacemaker" type="Dummy"/></resources><constraints><rsc_order id="ord_1-2" first="dummy1" first-action="start" then="dummy2"/></constraints></configuration><status/></cib>"#;

fn expected(text: &str) -> Vec<Expected> {
    let mut cases = Vec::new();
    let mut body = Vec::new();
    for line in text.lines() {
        if line.starts_with("=#=#=#= Begin test: ") {
            body.clear();
        } else if let Some(end) = line.strip_prefix("=#=#=#= End test: ") {
            let end = end.trim_end_matches(" =#=#=#=");
            let (rest, code) = end.rsplit_once(" (").expect("an exit code");
            let (name, _words) = rest.rsplit_once(" - ").expect("a name");
            let code = code.trim_end_matches(')').parse().expect("a number");
            cases.push(Expected { name: name.to_owned(), text: body.join("\n"), code });
        } else {
            body.push(line);
        }
    }
    cases
}

/// Runs the case of this name.
fn run(name: &str, data: &Path) -> Option<Said> {
    let desk = Desk::new(SMALL);
    let input = data.join("crm_mon.xml").display().to_string();
    let with_file = |words: &[&str]| {
        let mut all = vec!["tool", "crm_simulate", "-x", &input];
        all.extend(words);
        Some(desk.crm(&all))
    };
    let with_stdin = |cib: &str| Some(desk.crm_reading(&["tool", "crm_simulate", "-p", "-S"], cib));
    match name {
        "Show allocation scores with crm_simulate" => {
            with_file(&["--show-scores", "--output-as=xml"])
        }
        "Show utilization with crm_simulate" => with_file(&["--show-utilization"]),
        "Simulate injecting a failure" => {
            with_file(&["-S", "-i", "ping_monitor_10000@cluster02=1"])
        }
        "Simulate bringing a node down" => with_file(&["-S", "--node-down=cluster01"]),
        "Simulate a node failing" => with_file(&["-S", "--node-fail=cluster02"]),
        "Run crm_simulate with invalid CIB (enum violation)" => {
            with_stdin(&GOOD.replace("start", "break"))
        }
        "Run crm_simulate with invalid CIB (unrecognized validate-with)" => {
            with_stdin(&GOOD.replace("pacemaker-1.2", "pacemaker-9999.0"))
        }
        "Run crm_simulate with invalid, but possibly recoverable CIB (valid with X.Y+1)" => {
            with_stdin(&GOOD.replace("</configuration>", "<tags/></configuration>"))
        }
        "Run crm_simulate with valid CIB, but without validate-with attribute" => {
            with_stdin(&GOOD.replace("validate-with=\"pacemaker-1.2\" ", ""))
        }
        "Run crm_simulate with invalid CIB, also without validate-with attribute" => {
            with_stdin(&GOOD.replace("pacemaker-1.2", "pacemaker-9999.0").replace("start", "break"))
        }
        _ => None,
    }
}

/// Takes out what differs from run to run and what tracing adds; see the head of the file.
fn normal(text: &str, data: &Path) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let traced =
            ["pcmk__update_schema ", "unpack_resources ", "Element configuration has extra"];
        if traced.iter().any(|t| line.starts_with(t)) || line.contains(" has extra content: ") {
            continue;
        }
        let line = line.replace(&data.display().to_string(), "CTS_CLI_DATA");
        let line = cut(&line, "api-version=\"", '"', "X");
        let line = cut(&line, "last-failure-ping#monitor_10000=", ' ', "");
        if lines.last() != Some(&line) || !line.starts_with("Invalid attribute") {
            lines.push(line);
        }
    }
    lines
}

/// Replaces what stands between `begin` and the next `end`.
fn cut(line: &str, begin: &str, end: char, by: &str) -> String {
    let Some(from) = line.find(begin).map(|at| at + begin.len()) else { return line.to_owned() };
    let to = line[from..].find(end).map_or(line.len(), |at| from + at);
    format!("{}{by}{}", &line[..from], &line[to..])
}

#[test]
fn the_reference_cases_that_passed_pass() {
    let Some(data) = shared("data/pacemaker-cli") else { return };
    let text = std::fs::read_to_string(data.join("regression.crm_simulate.exp")).unwrap();
    let mut passing = BTreeSet::new();
    let mut differences = Vec::new();
    for case in expected(&text) {
        let said = run(&case.name, &data);
        let said = said.unwrap_or_else(|| panic!("nobody runs the case '{}'", case.name));
        let got = normal(&format!("{}{}", said.err, said.out), &data);
        let want = normal(&case.text, &data);
        if said.code == case.code && got == want {
            passing.insert(case.name);
        } else {
            let at = got.iter().zip(&want).position(|(a, b)| a != b);
            let at = at.unwrap_or(got.len().min(want.len()));
            differences.push(format!(
                "{}: code {} ({}), line {at}: {:?} is not {:?}",
                case.name,
                said.code,
                case.code,
                got.get(at),
                want.get(at)
            ));
        }
    }
    let verdict = Ratchet::open("crm_simulate").judge(&passing);
    assert!(verdict.lost.is_empty(), "{differences:#?}");
}
