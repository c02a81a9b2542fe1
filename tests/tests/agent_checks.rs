//! What agents say of themselves and a configuration does not follow, told as crm tells it.

use std::process::{Command, Output, Stdio};

use conformance::prerequisite::programs;
use conformance::program::Desk;
use conformance::threads::each;

const EMPTY: &str = r#"<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="5" num_updates="3" admin_epoch="0"><configuration><crm_config><cluster_property_set id="o"><nvpair id="o1" name="stonith-enabled" value="false"/><nvpair id="o2" name="no-quorum-policy" value="ignore"/></cluster_property_set></crm_config><nodes/><resources/><constraints/><op_defaults><meta_attributes id="op-options"><nvpair id="op1" name="timeout" value="15s"/></meta_attributes></op_defaults></configuration><status/></cib>"#;

const LINES: [&str; 15] = [
    "primitive v IPaddr2 params ip=1.2.3.4 op start timeout=20s op stop timeout=20s",
    "primitive v IPaddr2 params ip=1.2.3.4 bogus=1",
    "primitive v IPaddr2 params nic=eth0",
    "primitive v IPaddr2 params ip=1.2.3.4 op monitor interval=10s timeout=3s op start timeout=1",
    "primitive v IPaddr2 params ip=1.2.3.4 op frobnicate interval=3",
    "primitive d Dummy op monitor interval=0 op monitor interval=10 timeout=9 op monitor interval=10s timeout=30",
    "primitive d Dummy op monitor role=Started interval=10 timeout=9",
    "primitive s ocf:pacemaker:Stateful op monitor interval=10 op monitor interval=11 role=Promoted timeout=3",
    "primitive s ocf:pacemaker:Stateful op notify interval=0 op start interval=10 timeout=1m",
    "primitive d ocf:heartbeat:Delay params nosuch=1 op start timeout=1",
    "primitive d Dummy params alone pcmk_host_list=a",
    "primitive a lsb:corosync op monitor interval=5 timeout=3 op start timeout=1 op promote interval=0",
    "primitive a service:corosync params x=1",
    "primitive f stonith:external/ssh params foo=1 pcmk_host_check=none pcmk_nosuch=1 op start timeout=1",
    "primitive f stonith:null params hostlist=a pcmk_reboot_timeout=9 op monitor interval=10 timeout=10",
];

/// Returns the lines that `crm` says, without colours and without what it passes on of
/// `crm_verify`. crm 4.4.1 says warnings on standard output, 5 on standard error.
fn told(output: &Output) -> Vec<String> {
    let said = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    let said = String::from_utf8_lossy(&said);
    let plain = regex::Regex::new("\x1b\\[[0-9;]*m").unwrap().replace_all(&said, "").into_owned();
    plain.lines().filter(|line| !line.contains("(unpack_")).map(str::to_owned).collect()
}

/// What is refused, what is only warned of, and the words: as the installed crm, with the installed
/// agents. Only a forced change gets in in spite of an error.
#[test]
fn an_agent_is_asked_as_crm_asks_it() {
    if !programs(&["crm"]) {
        return;
    }
    each(&LINES, |_, line| {
        let words: Vec<&str> = std::iter::once("configure").chain(line.split(' ')).collect();
        let desk = Desk::new(EMPTY);
        let mut theirs = Command::new("crm");
        theirs.args(&words).env("HOME", desk.path("")).env("CIB_shadow_dir", desk.path(""));
        theirs.env("CIB_file", desk.path("cib.xml")).stdin(Stdio::null());
        let output = theirs.output().unwrap();
        let reference = told(&output);
        let is_refused = !output.status.success();

        let desk = Desk::new(EMPTY);
        let run = |words: &[&str]| {
            // The desk hides the agents of the machine: here they are wanted.
            desk.command(words).env_remove("OCF_ROOT").output().unwrap()
        };
        let said = run(&words);
        assert_eq!(told(&said), reference, "{line}");
        assert_eq!(!said.status.success(), is_refused, "{line}");
        assert_eq!(desk.read("cib.xml").contains("<primitive"), !is_refused, "{line}");
        if is_refused {
            let forced: Vec<&str> = std::iter::once("-F").chain(words).collect();
            assert!(run(&forced).status.success(), "{line}");
            assert!(desk.read("cib.xml").contains("<primitive"), "{line}");
        }
    });
}
