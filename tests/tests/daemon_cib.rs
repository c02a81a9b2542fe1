//! The CIB on a node's disk: damaged, unreadable, and a disk that is full.

#![expect(clippy::unwrap_used, reason = "a failure of the set-up is a failure of the test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cluster_link::replica::request::{CibOp, CibOperation};
use conformance::daemon::{Cluster, until};
use conformance::prerequisite::{programs, root};

const ALONE: [&str; 2] = ["--engine", "local"];

/// A node whose configuration has the properties `first`, `second`, `third`, one a save.
fn saved() -> Cluster {
    let mut cluster = Cluster::new(1);
    cluster.start(1, &ALONE);
    cluster.joined(1, 1);
    for name in ["first", "second", "third"] {
        let setting = format!("{name}=set");
        cluster.crm_ok(1, &["configure", "property", "$id=own", &setting]);
    }
    cluster.client(1).shutdown().unwrap();
    assert!(cluster.wait_for_end(1).success());
    cluster
}

fn state(cluster: &Cluster, name: &str) -> PathBuf {
    cluster.node_path(1, "state").join(name)
}

#[test]
fn a_damaged_cib_gives_way_to_the_newest_valid_backup_and_everybody_is_told() {
    for damage in ["", "<cib><configuration>", "\u{1}\u{2}", "<cib epoch=\"99\"/>"] {
        let mut cluster = saved();
        fs::write(state(&cluster, "cib.xml"), damage).unwrap();
        cluster.start(1, &ALONE);
        cluster.joined(1, 1);
        let shown = cluster.crm_ok(1, &["configure", "show"]);
        assert!(shown.contains("first=set") && shown.contains("second=set"), "{shown}");
        let log = cluster.log(1);
        assert!(log.contains("cib.xml") && log.contains("kept as cib.auto.1"), "{log}");
        assert!(log.contains("going on with cib-"), "{log}");
        let status = cluster.crm_ok(1, &["status"]);
        assert!(status.contains("going on with cib-"), "{status}");
        assert_eq!(fs::read_to_string(state(&cluster, "cib.auto.1")).unwrap(), damage);
    }
}

#[test]
fn a_cib_that_cannot_be_read_gives_way_to_the_newest_valid_backup() {
    let mut cluster = saved();
    // Root may read everything, but not a folder as a file.
    fs::remove_file(state(&cluster, "cib.xml")).unwrap();
    fs::create_dir(state(&cluster, "cib.xml")).unwrap();
    cluster.start(1, &ALONE);
    cluster.joined(1, 1);
    let shown = cluster.crm_ok(1, &["configure", "show"]);
    assert!(shown.contains("second=set"), "{shown}");
    assert!(cluster.log(1).contains("cannot read"), "{}", cluster.log(1));
    assert!(state(&cluster, "cib.auto.1").is_dir());
}

#[test]
fn where_no_cib_is_valid_nothing_is_begun_and_nothing_is_changed() {
    let cluster = saved();
    let names = || {
        let files = fs::read_dir(cluster.node_path(1, "state")).unwrap();
        let mut names: Vec<PathBuf> = files.map(|f| f.unwrap().path()).collect();
        names.sort();
        names
    };
    for path in names() {
        let name = path.file_name().unwrap().to_str().unwrap();
        if name == "cib.xml" || name.ends_with(".raw") {
            fs::write(&path, "<cib").unwrap();
        }
    }
    let before = names();
    let (code, said) = cluster.refused(1, &ALONE);
    assert_eq!(code, 65, "{said}");
    for part in ["no CIB in", "cib.xml cannot be read", "cib-1.raw", "repair cib.xml"] {
        assert!(said.contains(part), "no {part:?} in {said}");
    }
    assert_eq!(names(), before);
    assert_eq!(fs::read_to_string(state(&cluster, "cib.xml")).unwrap(), "<cib");
}

/// A file system of 512 kB.
struct Small(PathBuf);

impl Small {
    fn mount(path: &Path) -> Small {
        fs::create_dir_all(path).unwrap();
        let options = ["-t", "tmpfs", "-o", "size=512k,mode=0755", "tmpfs"];
        assert!(Command::new("mount").args(options).arg(path).status().unwrap().success());
        Small(path.to_owned())
    }

    fn fill(&self) {
        // Until the system says that there is no more room, in ever smaller pieces.
        let mut file = fs::File::create(self.0.join("ballast")).unwrap();
        for size in [4096, 1] {
            while std::io::Write::write_all(&mut file, &vec![0; size]).is_ok() {}
        }
    }

    fn clear(&self) {
        fs::remove_file(self.0.join("ballast")).unwrap();
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_stops_nothing_loses_nothing_and_is_told() {
    if !root() || !programs(&["mount", "umount"]) {
        return;
    }
    let mut cluster = Cluster::new(1);
    let disk = Small::mount(&cluster.node_path(1, "state"));
    cluster.start(1, &ALONE);
    cluster.joined(1, 1);
    cluster.crm_ok(1, &["configure", "property", "$id=own", "first=set"]);
    disk.fill();
    let said = cluster.crm_ok(1, &["configure", "property", "$id=own", "second=set"]);
    for part in ["WARNING", "n1", "is not saved", "No space left on device", "make room"] {
        assert!(said.contains(part), "no {part:?} in {said}");
    }
    assert!(cluster.crm_ok(1, &["configure", "show"]).contains("second=set"));
    assert!(cluster.crm_ok(1, &["status"]).contains("is not saved"));
    let on_disk = || fs::read_to_string(state(&cluster, "cib.xml")).unwrap();
    assert!(on_disk().contains("first") && !on_disk().contains("second"));
    disk.clear();
    cluster.wait_for_line(1, "the configuration is saved again");
    assert!(on_disk().contains("second"));
    assert!(!cluster.crm_ok(1, &["status"]).contains("is not saved"));
    cluster.kill(1);
    cluster.start(1, &ALONE);
    until("the configuration is back", || {
        let (_, shown) = cluster.crm(1, &["configure", "show"]);
        shown.contains("second=set").then_some(())
    });
}

#[test]
fn a_node_that_leaves_with_a_full_disk_says_where_its_configuration_is() {
    if !root() || !programs(&["mount", "umount"]) {
        return;
    }
    let mut cluster = Cluster::new(1);
    let disk = Small::mount(&cluster.node_path(1, "state"));
    cluster.start(1, &ALONE);
    cluster.joined(1, 1);
    disk.fill();
    cluster.crm_ok(1, &["configure", "property", "$id=own", "second=set"]);
    cluster.client(1).shutdown().unwrap();
    assert_eq!(cluster.wait_for_end(1).code(), Some(1));
    let line = cluster.wait_for_line(1, "unsaved-cib.xml");
    assert!(line.contains("copy it to cib.xml"), "{line}");
    let kept = fs::read_to_string(cluster.node_path(1, "unsaved-cib.xml")).unwrap();
    assert!(kept.contains("second"), "{kept}");
    let (code, said) = cluster.refused(1, &ALONE);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("No space left") && said.contains("make room"), "{said}");
}

#[test]
fn a_change_that_the_schema_does_not_have_is_refused_with_its_reason() {
    let mut cluster = Cluster::new(1);
    cluster.start(1, &ALONE);
    cluster.joined(1, 1);
    let stray = "<primitive id='q' class='ocf' type='Dummy' bogus='1'/>";
    let operation = CibOperation {
        op: CibOp::Create,
        xml: stray.to_owned(),
        section: Some("resources".to_owned()),
        ..CibOperation::default()
    };
    let mut client = cluster.client(1);
    let error = client.apply(operation).unwrap_err().to_string();
    assert!(error.contains("does not conform") && error.contains("bogus"), "{error}");
    assert!(client.query().unwrap().cib.find("q").is_none());
}

#[test]
fn operations_take_an_xpath() {
    let mut cluster = Cluster::new(1);
    cluster.start(1, &ALONE);
    cluster.joined(1, 1);
    let words = ["configure", "primitive", "p", "ocf:test:service", "params", "a=1", "b=2", "c=3"];
    cluster.crm_ok(1, &words);
    let mut client = cluster.client(1);
    let mut by_path = |op, path: &str, xml: &str, multiple| {
        let done = client.apply(CibOperation {
            op,
            section: Some(path.to_owned()),
            xpath: true,
            xml: xml.to_owned(),
            multiple,
            ..CibOperation::default()
        });
        let shown = cluster.crm_ok(1, &["configure", "show", "p"]);
        (
            done.map_err(|error| error.to_string()),
            shown.lines().nth(1).unwrap_or_default().trim().to_owned(),
        )
    };
    let (done, shown) = by_path(
        CibOp::Modify,
        "//nvpair[@name='a']",
        "<nvpair id='p-instance_attributes-a' value='9'/>",
        false,
    );
    assert!(done.is_ok(), "{done:?}");
    assert_eq!(shown, "params a=9 b=2 c=3");
    let (done, shown) = by_path(CibOp::Delete, "//primitive//nvpair", "", false);
    assert!(done.is_ok(), "{done:?}");
    assert_eq!(shown, "params b=2 c=3");
    let (done, shown) = by_path(CibOp::Delete, "//primitive/instance_attributes", "", true);
    assert!(done.is_ok(), "{done:?}");
    assert_eq!(shown, "");
    let (done, _) = by_path(CibOp::Replace, "//clone", "<clone id='c'/>", false);
    assert!(done.unwrap_err().contains("no such object"));
    let (done, _) = by_path(CibOp::Delete, "//[", "", false);
    assert!(done.unwrap_err().contains("invalid request"));
}
