//! Commands as an administrator types them at a shell, on a small cluster: both programs end with
//! the same exit code and leave the same CIB.

use std::io::Write as _;

use cib_model::cib::Cib;
use cib_model::xml::{Dialect, Layout};
use conformance::binary;
use conformance::lines::first_difference;
use crm_syntax::agents::NoAgents;
use crm_syntax::style::Style;
use crm_syntax::text::Mode;
use crm_syntax::{Editor, LoadMethod, Options, lexer};

use crate::oracle::Oracle;
use crate::shown::by_id;
use crate::{START, has_crm, rounds};

/// One command a line; after `##`, by which rule of COMPATIBILITY the programs differ.
const COMMANDS: &str = include_str!("commands.txt");

/// Commands of a round; each costs crm a start, mostly a commit too.
const COMMANDS_OF_A_ROUND: u64 = 12;

const CLUSTER: &str = r#"
node 2: node2 attributes standby=off rack=1
primitive vip IPaddr2 params ip=10.0.0.1 cidr_netmask=24 op monitor interval=10s timeout=20s
primitive web Dummy params state=/tmp/w meta priority=5 op monitor interval=30s timeout=20
primitive db ocf:pacemaker:Stateful op monitor interval=10s role=Master timeout=20 \
  op monitor interval=11s role=Slave timeout=20
primitive fs Dummy params state=/tmp/f
primitive lone Dummy
primitive spare Dummy
primitive st1 stonith:null params hostlist="node1 node2"
primitive st2 stonith:null params hostlist="node1 node2"
group g1 vip web
ms msdb db meta master-max=1 notify=true
clone cl fs meta interleave=true
location l1 g1 100: node1
location l2 lone rule -inf: not_defined pingd or pingd lte 0
colocation c1 inf: g1 msdb:Master
order o1 Mandatory: msdb:promote g1:start
tag tg lone spare
property stonith-enabled=false no-quorum-policy=ignore
rsc_defaults resource-stickiness=100
op_defaults timeout=60s
"#;

/// Returns the cluster's CIB.
fn cluster() -> String {
    let mut cib = Cib::read(START).unwrap();
    let options = Options { mode: Mode::Load, ..Options::new(Style::Modern, &NoAgents) };
    Editor::new(&mut cib, &options).load(CLUSTER, LoadMethod::Update).unwrap();
    cib.write(Layout::Pretty, Dialect::default())
}

/// What a program left: exit code and objects, and what it said.
fn left(
    oracle: &Oracle,
    program: &str,
    cluster: &str,
    words: &[String],
) -> (Option<i32>, String, String) {
    std::fs::write(oracle.path("cib.xml"), cluster).unwrap();
    let output = oracle.command(program).args(words).output().unwrap();
    let cib = std::fs::read_to_string(oracle.path("cib.xml")).unwrap();
    let said = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
    (output.status.code(), by_id(&cib), said.into_owned())
}

#[test]
fn commands_end_alike() {
    let oracle = Oracle::new();
    if !has_crm(oracle.folder()) {
        return;
    }
    let (own, cluster) = (binary::crm().to_string_lossy().into_owned(), cluster());
    let all: Vec<&str> = COMMANDS.lines().collect();
    let wanted = usize::try_from(COMMANDS_OF_A_ROUND * rounds()).unwrap_or(usize::MAX);
    let stride = (all.len() / wanted).max(1);
    let (mut differences, mut compared) = (Vec::new(), 0);
    for line in all.iter().step_by(stride) {
        let (command, rule) = line.split_once("  ## ").unwrap_or((line, ""));
        let words: Vec<String> =
            lexer::words(&lexer::logical_lines(command).next().expect("a line"))
                .unwrap()
                .into_iter()
                .map(|word| word.text.to_string())
                .collect();
        let ours = left(&oracle, &own, &cluster, &words);
        let theirs = left(&oracle, "crm", &cluster, &words);
        compared += 1;
        let cib = first_difference(&ours.1, &theirs.1);
        let is_alike = ours.0 == theirs.0 && cib.is_none();
        if is_alike != rule.is_empty() {
            let cib = cib.unwrap_or_default();
            differences.push(format!(
                "{line}: exit codes {:?}, crm's {:?}\n{cib}\nwe say: {}\ncrm: {}",
                ours.0, theirs.0, ours.2, theirs.2
            ));
        }
    }
    let _ = writeln!(std::io::stderr().lock(), "commands: {compared} of {}", all.len());
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
