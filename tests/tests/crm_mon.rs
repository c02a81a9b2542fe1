//! `crm_mon` beside what Pacemaker's printed for the same CIBs, with everything that changes from
//! run to run (times, versions) left out on both sides. What is equal is in a ratchet.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use conformance::binary::crm;
use conformance::prerequisite;
use conformance::ratchet::Ratchet;

/// Names of the regression suite's tests, the CIB, and the words after `crm_mon`.
#[rustfmt::skip]
const CASES: &[(&str, &str, &str)] = &[
    ("Basic output", "crm_mon", "-1"),
    ("Basic output (XML)", "crm_mon", "--output-as=xml -1"),
    ("Output without node section", "crm_mon", "-1 --exclude=nodes"),
    ("Output without node section (XML)", "crm_mon", "--output-as=xml -1 --exclude=nodes"),
    ("Output with only the node section", "crm_mon", "-1 --exclude=all --include=nodes"),
    ("Complete text output", "crm_mon", "-1 --include=all"),
    ("Complete text output with detail", "crm_mon", "-1R --include=all"),
    ("Complete brief text output", "crm_mon", "-1 --include=all --brief"),
    ("Complete text output grouped by node", "crm_mon", "-1 --include=all --group-by-node"),
    ("Complete brief text output grouped by node", "crm_mon", "-1 --include=all --group-by-node --brief"),
    ("Output grouped by node (XML)", "crm_mon", "--output-as=xml --group-by-node"),
    ("Complete output filtered by node", "crm_mon", "-1 --include=all --node=cluster01"),
    ("Complete output filtered by node (XML)", "crm_mon", "--output-as=xml -1 --include=all --node=cluster01"),
    ("Complete output filtered by tag", "crm_mon", "-1 --include=all --node=even-nodes"),
    ("Complete output filtered by tag (XML)", "crm_mon", "--output-as=xml -1 --include=all --node=even-nodes"),
    ("Complete output filtered by resource tag", "crm_mon", "-1 --include=all --resource=fencing-rscs"),
    ("Complete output filtered by resource tag (XML)", "crm_mon", "--output-as=xml -1 --include=all --resource=fencing-rscs"),
    ("Output filtered by node that doesn't exist", "crm_mon", "-1 --node=blah"),
    ("Output filtered by node that doesn't exist (XML)", "crm_mon", "--output-as=xml -1 --node=blah"),
    ("Basic text output with inactive resources", "crm_mon", "-1 -r"),
    ("Basic text output with inactive resources, filtered by node", "crm_mon", "-1 -r --node=cluster02"),
    ("Complete output filtered by primitive resource", "crm_mon", "-1 --include=all --resource=Fencing"),
    ("Complete output filtered by primitive resource (XML)", "crm_mon", "--output-as=xml -1 --include=all --resource=Fencing"),
    ("Complete output filtered by group resource", "crm_mon", "-1 --include=all --resource=exim-group"),
    ("Complete output filtered by group resource (XML)", "crm_mon", "--output-as=xml -1 --include=all --resource=exim-group"),
    ("Complete text output filtered by group resource member", "crm_mon", "-1 --include=all --resource=Public-IP"),
    ("Output filtered by group resource member (XML)", "crm_mon", "--output-as=xml --resource=Email"),
    ("Complete output filtered by clone resource", "crm_mon", "-1 --include=all --resource=ping-clone"),
    ("Complete output filtered by clone resource (XML)", "crm_mon", "--output-as=xml -1 --include=all --resource=ping-clone"),
    ("Complete output filtered by clone resource instance", "crm_mon", "-1 --include=all --resource=ping"),
    ("Complete output filtered by clone resource instance (XML)", "crm_mon", "--output-as=xml -1 --include=all --resource=ping"),
    ("Complete text output filtered by exact clone resource instance", "crm_mon", "-1 --include=all --show-detail --resource=ping:0"),
    ("Output filtered by exact clone resource instance (XML)", "crm_mon", "--output-as=xml --resource=ping:1"),
    ("Output filtered by resource that doesn't exist", "crm_mon", "-1 --resource=blah"),
    ("Output filtered by resource that doesn't exist (XML)", "crm_mon", "--output-as=xml -1 --resource=blah"),
    ("Basic text output with inactive resources, filtered by tag", "crm_mon", "-1 -r --resource=inactive-rscs"),
    ("Basic text output with inactive resources, filtered by bundle resource", "crm_mon", "-1 -r --resource=httpd-bundle"),
    ("Output filtered by inactive bundle resource (XML)", "crm_mon", "--output-as=xml --resource=httpd-bundle"),
    ("Basic text output with inactive resources, filtered by bundled IP address resource", "crm_mon", "-1 -r --resource=httpd-bundle-ip-192.168.122.131"),
    ("Output filtered by bundled IP address resource (XML)", "crm_mon", "--output-as=xml --resource=httpd-bundle-ip-192.168.122.132"),
    ("Basic text output with inactive resources, filtered by bundled container", "crm_mon", "-1 -r --resource=httpd-bundle-docker-1"),
    ("Output filtered by bundled container (XML)", "crm_mon", "--output-as=xml --resource=httpd-bundle-docker-2"),
    ("Basic text output with inactive resources, filtered by bundle connection", "crm_mon", "-1 -r --resource=httpd-bundle-0"),
    ("Output filtered by bundle connection (XML)", "crm_mon", "--output-as=xml --resource=httpd-bundle-0"),
    ("Basic text output with inactive resources, filtered by bundled primitive resource", "crm_mon", "-1 -r --resource=httpd"),
    ("Output filtered by bundled primitive resource (XML)", "crm_mon", "--output-as=xml --resource=httpd"),
    ("Complete text output, filtered by clone name in cloned group", "crm_mon", "-1 --include=all --show-detail --resource=mysql-clone-group"),
    ("Output, filtered by clone name in cloned group (XML)", "crm_mon", "--output-as=xml --resource=mysql-clone-group"),
    ("Complete text output, filtered by group name in cloned group", "crm_mon", "-1 --include=all --show-detail --resource=mysql-group"),
    ("Output, filtered by group name in cloned group (XML)", "crm_mon", "--output-as=xml --resource=mysql-group"),
    ("Complete text output, filtered by exact group instance name in cloned group", "crm_mon", "-1 --include=all --show-detail --resource=mysql-group:1"),
    ("Output, filtered by exact group instance name in cloned group (XML)", "crm_mon", "--output-as=xml --resource=mysql-group:1"),
    ("Complete text output, filtered by primitive name in cloned group", "crm_mon", "-1 --include=all --show-detail --resource=mysql-proxy"),
    ("Output, filtered by primitive name in cloned group (XML)", "crm_mon", "--output-as=xml --resource=mysql-proxy"),
    ("Complete text output, filtered by exact primitive instance name in cloned group", "crm_mon", "-1 --include=all --show-detail --resource=mysql-proxy:1"),
    ("Output, filtered by exact primitive instance name in cloned group (XML)", "crm_mon", "--output-as=xml --resource=mysql-proxy:1"),
    ("Output of partially active resources", "crm_mon-partial", "-1 --show-detail"),
    ("Output of partially active resources (XML)", "crm_mon-partial", "--output-as=xml"),
    ("Output of partially active resources, with inactive resources", "crm_mon-partial", "-1 -r --show-detail"),
    ("Complete brief text output, with inactive resources", "crm_mon-partial", "-1 -r --include=all --brief --show-detail"),
    ("Text output of partially active group", "crm_mon-partial", "-1 --resource=partially-active-group"),
    ("Text output of partially active group, with inactive resources", "crm_mon-partial", "-1 --resource=partially-active-group -r"),
    ("Text output of active member of partially active group", "crm_mon-partial", "-1 --resource=dummy-1"),
    ("Text output of inactive member of partially active group", "crm_mon-partial", "-1 --resource=dummy-2 --show-detail"),
    ("Complete brief text output grouped by node, with inactive resources", "crm_mon-partial", "-1 -r --include=all --group-by-node --brief --show-detail"),
    ("Text output of partially active resources, with inactive resources, filtered by node", "crm_mon-partial", "-1 -r --node=cluster01"),
    ("Output of partially active resources, filtered by node (XML)", "crm_mon-partial", "--output-as=xml --node=cluster01"),
    ("Output of active unmanaged resource on offline node", "crm_mon-unmanaged", "-1"),
    ("Output of active unmanaged resource on offline node (XML)", "crm_mon-unmanaged", "--output-as=xml -1"),
    ("Brief text output of active unmanaged resource on offline node", "crm_mon-unmanaged", "-1 --brief"),
    ("Brief text output of active unmanaged resource on offline node, grouped by node", "crm_mon-unmanaged", "-1 --brief --group-by-node"),
    ("Output of all resources with maintenance meta attribute true", "crm_mon-rsc-maint", "-1 -r"),
    ("Output of all resources with maintenance meta attribute true (XML)", "crm_mon-rsc-maint", "--output-as=xml -1 -r"),
    ("Text output of guest node's container on different node from its remote resource", "crm_mon-T180", "-1"),
    ("Complete text output of guest node's container on different node from its remote resource", "crm_mon-T180", "-1 --show-detail"),
];

/// Recorded outputs of whole clusters: the file, the CIB, and the words after `crm_mon`.
const RECORDED: &[(&str, &str, &str)] = &[
    ("walk-crm_mon-1.txt", "walk-cib.xml", "-1"),
    ("walk-crm_mon-A1f.txt", "walk-cib.xml", "-A1f"),
    ("walk-crm_mon-A1f-3.x.txt", "walk-cib.xml", "-A1f"),
    ("walk-crm_mon-all.txt", "walk-cib.xml", "-1Afortn"),
    ("rich-crm_mon-all.txt", "rich-cib.xml", "-1Afrot"),
    ("rich-crm_mon-A1f-3.x.txt", "rich-cib.xml", "-A1f"),
    ("v3-walk-crm_mon-A1f.txt", "v3-walk-cib.xml", "-A1f"),
    ("walk-crm_mon.xml", "walk-cib.xml", "-1 --output-as=xml"),
    ("walk-crm_mon-3.x.xml", "walk-cib.xml", "-1 --output-as=xml"),
    ("rich-crm_mon.xml", "rich-cib.xml", "-1 --output-as=xml"),
    ("rich-crm_mon-3.x.xml", "rich-cib.xml", "-1 --output-as=xml"),
    ("v3-walk-crm_mon.xml", "v3-walk-cib.xml", "-1 --output-as=xml"),
];

fn crm_mon(cib: &Path, words: &str) -> String {
    let mut command = Command::new(crm());
    command.args(["tool", "crm_mon"]).args(words.split(' ')).env("CIB_file", cib).env("TZ", "UTC");
    command.env_remove("CRM_STYLE").env("CRM_STYLE", "modern");
    let output = command.output().expect("crm runs");
    assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Replaces what stands between two marks on a line, wherever they come.
fn blank(line: &str, from: &str, to: &str) -> String {
    let Some((before, rest)) = line.split_once(from) else { return line.to_owned() };
    match rest.split_once(to) {
        Some((_, after)) => format!("{before}{from}{to}{}", blank(after, from, to)),
        None => format!("{before}{from}"),
    }
}

/// Leaves out what is different in each run, what only a running daemon says, and what went to
/// standard error.
fn normal(text: &str) -> Vec<String> {
    let elsewhere = ["unpack_", "Status of pacemakerd: ", "  <pacemakerd "];
    let lines = text.lines().filter(|line| !elsewhere.iter().any(|mark| line.starts_with(mark)));
    let lines = lines.map(|line| {
        let mut line = line.replace(" (Pacemaker is running)", "");
        line = line.replace(" pacemakerd-state=\"running\"", "");
        if let Some((before, rest)) = line.split_once("(version") {
            line = format!("{before}(version){}", rest.split_once(')').unwrap_or_default().1);
        }
        for mark in ["* Last updated:", "* Last change:"] {
            if let Some((before, _)) = line.split_once(mark) {
                line = format!("{before}{mark}");
            }
        }
        for name in ["api-version", "request", "version", "time", "user", "client", "origin"] {
            line = blank(&line, &format!(" {name}=\""), "\"");
        }
        // The record of the suite leaves it out altogether.
        if let Some((before, rest)) = line.split_once(" last-rc-change=\"") {
            line = before.to_owned() + rest.split_once('"').unwrap_or_default().1;
        }
        for absent in [" user=\"\"", " client=\"\"", " origin=\"\""] {
            line = line.replace(absent, "");
        }
        line.trim_end().to_owned()
    });
    lines.collect()
}

/// Tests of the suite's record by name: what was printed.
fn record(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut current: Option<(String, String)> = None;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("=#=#=#= Begin test: ") {
            let name = name.trim_end_matches(" =#=#=#=").to_owned();
            current = Some((name, String::new()));
        } else if line.starts_with("=#=#=#= End test: ") {
            found.extend(current.take());
        } else if let Some((_, text)) = &mut current {
            *text += &format!("{line}\n");
        }
    }
    found
}

fn judge(ratchet: &str, passing: &BTreeSet<String>, wrong: &[String]) {
    let verdict = Ratchet::open(ratchet).judge(passing);
    assert!(verdict.lost.is_empty(), "lost: {:#?}\n{}", verdict.lost, wrong.join("\n"));
}

/// Says where two outputs part.
fn parting(name: &str, ours: &[String], theirs: &[String]) -> String {
    let at = ours.iter().zip(theirs).position(|(o, t)| o != t);
    let at = at.unwrap_or_else(|| ours.len().min(theirs.len()));
    let line = |lines: &[String]| lines.get(at).cloned().unwrap_or_else(|| "(end)".to_owned());
    format!("{name}: line {}\n  ours   {}\n  theirs {}", at + 1, line(ours), line(theirs))
}

#[test]
fn the_regression_suite_prints_the_same() {
    let Some(dir) = prerequisite::shared("data/pacemaker-cli") else { return };
    let text = std::fs::read_to_string(dir.join("regression.crm_mon.exp")).expect("a record");
    let record = record(&text);
    let (mut passing, mut wrong) = (BTreeSet::new(), Vec::new());
    for (name, cib, words) in CASES {
        let theirs = normal(&record[*name]);
        let ours = normal(&crm_mon(&dir.join(format!("{cib}.xml")), words));
        if ours == theirs {
            passing.insert((*name).to_owned());
        } else {
            wrong.push(parting(name, &ours, &theirs));
        }
    }
    println!("{} of {} equal\n{}", passing.len(), CASES.len(), wrong.join("\n"));
    judge("crm_mon", &passing, &wrong);
}

#[test]
fn recorded_clusters_are_shown_the_same() {
    let Some(dir) = prerequisite::shared("golden/pacemaker") else { return };
    let (mut passing, mut wrong) = (BTreeSet::new(), Vec::new());
    for (file, cib, words) in RECORDED {
        let theirs = std::fs::read_to_string(dir.join(file)).expect("a record");
        let (ours, theirs) = (normal(&crm_mon(&dir.join(cib), words)), normal(&theirs));
        if ours == theirs {
            passing.insert((*file).to_owned());
        } else {
            wrong.push(parting(file, &ours, &theirs));
        }
    }
    println!("{} of {} equal\n{}", passing.len(), RECORDED.len(), wrong.join("\n"));
    judge("crm_mon_recorded", &passing, &wrong);
}

/// A CIB in the words of Pacemaker 1.0, which Pacemaker 2 knows no more.
const OLD: &str = r#"<cib crm_feature_set="3.0.7" validate-with="pacemaker-1.2" epoch="3" num_updates="0" admin_epoch="0">
  <configuration>
    <crm_config>
      <cluster_property_set id="o">
        <nvpair id="o1" name="is_managed_default" value="false"/>
        <nvpair id="o2" name="stonith_enabled" value="false"/>
      </cluster_property_set>
    </crm_config>
    <nodes><node id="n1" uname="n1" type="normal"/></nodes>
    <resources><master id="ms"><primitive id="a" class="ocf" provider="heartbeat" type="Dummy"/></master></resources>
    <constraints/>
  </configuration>
  <status/>
</cib>
"#;

#[test]
fn an_old_cib_is_shown_as_its_upgrade() {
    let dir = tempfile::tempdir().unwrap();
    let cib = dir.path().join("cib.xml");
    std::fs::write(&cib, OLD).unwrap();
    let shown = crm_mon(&cib, "-1 -r");
    assert!(shown.contains("* OFFLINE: [ n1 ]"), "fencing is off: {shown}");
    assert!(shown.contains("* Clone Set: ms [a] (promotable, unmanaged):"), "{shown}");
    assert!(std::fs::read_to_string(&cib).unwrap() == OLD, "the file stays as it is");
}

#[test]
fn an_old_cib_that_cannot_be_upgraded_is_not_shown() {
    let dir = tempfile::tempdir().unwrap();
    let cib = dir.path().join("cib.xml");
    std::fs::write(&cib, OLD.replace("type=\"normal\"", "bogus=\"x\"")).unwrap();
    let said = Command::new(crm())
        .args(["tool", "crm_mon", "-1", "-x"])
        .arg(&cib)
        .output()
        .expect("crm_mon runs");
    let err = String::from_utf8_lossy(&said.stderr);
    assert_eq!(said.status.code(), Some(78), "{err}");
    assert!(err.contains("<node> has no attribute bogus in pacemaker-1.2"), "{err}");
    assert!(err.contains("crm_mon: Upgrade failed:"), "{err}");
}
