//! Command lines that automation runs: each on a CIB file through the real `crm`, with what the
//! client looks for in its output, its exit code, and what it leaves in the configuration.
//!
//! The lines are those of Juju's and Ansible's cluster roles, Puppet, Salt, Chef, the monitoring
//! agents, Hawk and SUSE's acceptance tests; numbers are those of the list they were collected in.
//! What needs a running cluster (joining, fencing, cleaning up, corosync's own tools) is not here.

use conformance::program::{Desk, Said};

/// One command line.
struct Line {
    number: u8,
    words: &'static [&'static str],
    input: &'static str,
    code: i32,
    /// What stands in its output.
    prints: &'static [&'static str],
    /// What stands on its standard error.
    complains: &'static [&'static str],
    /// What `configure show` has afterwards.
    leaves: &'static [&'static str],
    /// What `configure show` has no more.
    takes: &'static [&'static str],
}

const LINE: Line = Line {
    number: 0,
    words: &[],
    input: "",
    code: 0,
    prints: &[],
    complains: &[],
    leaves: &[],
    takes: &[],
};

const fn says(number: u8, words: &'static [&'static str], prints: &'static [&'static str]) -> Line {
    Line { number, words, prints, ..LINE }
}

const fn makes(
    number: u8,
    words: &'static [&'static str],
    leaves: &'static [&'static str],
) -> Line {
    Line { number, words, leaves, ..LINE }
}

/// What is asked and printed.
const QUESTIONS: &[Line] = &[
    says(1, &["node", "list"], &["n1(1): member"]),
    says(2, &["resource", "status", "ip"], &["resource ip is running on: n1"]),
    Line {
        complains: &["resource web is NOT running"],
        ..says(29, &["resource", "show", "web"], &[])
    },
    says(3, &["configure", "show"], &["primitive ip IPaddr2", "group grp c"]),
    says(5, &["node", "show"], &["n1(1): member\n", "n2(2): member\n\tstandby=on\n"]),
    says(6, &["node", "status"], &["uname=\"n1\"", "name=\"standby\" value=\"on\""]),
    says(6, &["node", "status", "n2"], &["<node id=\"2\" uname=\"n2\">"]),
    Line {
        code: 1,
        complains: &["ERROR: node nx not found in the CIB"],
        ..says(8, &["-w", "-F", "node", "delete", "nx"], &[])
    },
    says(
        9,
        &["configure", "show", "xml"],
        &["<cluster_property_set id=\"cib-bootstrap-options\">"],
    ),
    says(10, &["configure", "get_property", "stonith-enabled"], &["false\n"]),
    says(10, &["configure", "get-property", "stonith-enabled"], &["false\n"]),
    says(10, &["configure", "show-property", "stonith-enabled"], &["false\n"]),
    says(11, &["--version"], &["crm 5.1.0"]),
    says(13, &["tool", "crm_mon", "--version"], &["Pacemaker 2."]),
    says(
        13,
        &["tool", "crm_mon", "--output-as=xml", "--inactive"],
        &["<node name=\"n1\"", "<clone id=\"pings\"", "<group id=\"grp\"", "<node_history>"],
    ),
    says(13, &["tool", "crm_mon", "--as-xml", "--inactive"], &["<crm_mon version="]),
    says(
        24,
        &["node", "attribute", "n2", "show", "standby"],
        &["scope=nodes  name=standby value=on"],
    ),
    says(26, &["tool", "crm_mon", "-X"], &["<current_dc present=\"true\"", "name=\"n1\""]),
    says(
        27,
        &["tool", "crm_mon", "-1", "-r", "-f"],
        &["Current DC: n1", "partition with quorum\n", "Node n2: standby", "Stopped"],
    ),
    says(28, &["status"], &["Current DC: n1 ("]),
    says(31, &["status"], &["2 nodes configured", "Online: [ n1 ]"]),
    says(32, &["tool", "cibadmin", "--query"], &["<cib ", "</cib>"]),
    says(53, &["tool", "cibadmin", "--query", "--xpath", "/cib", "-l", "-n"], &["epoch=\"7\""]),
    says(
        65,
        &["--display=plain", "configure", "show", "ip"],
        &["primitive ip IPaddr2 \\\n\tparams"],
    ),
    says(72, &["status", "full"], &["ip\t(ocf:heartbeat:IPaddr2):\t Started"]),
    says(74, &["configure", "show", "i*"], &["primitive ip IPaddr2"]),
    says(75, &["config", "show", "grp"], &["group grp c\n"]),
    says(
        76,
        &["tool", "cibadmin", "--query", "--xpath", "//primitive[@type='IPaddr2']", "--node-path"],
        &["/cib/configuration/resources/primitive[@id='ip']"],
    ),
    says(76, &["tool", "cibadmin", "--query", "--scope", "constraints"], &["<constraints/>"]),
    Line {
        complains: &["not found"],
        ..says(79, &["resource", "meta", "ip", "show", "maintenance"], &[])
    },
    says(80, &["configure", "get_property", "-t", "maintenance-mode"], &["false\n"]),
    says(82, &["tool", "cibadmin", "--query", "--local"], &["<node_state id=\"1\""]),
    says(83, &["status", "--as-xml"], &["<?xml", "<nodes>"]),
    says(86, &["configure", "graph", "dot"], &["subgraph \"cluster_grp\""]),
    says(89, &["configure", "help", "rsc_ticket"], &["ticket"]),
    says(91, &["configure", "show", "related:ocf:pacemaker:ping"], &["primitive ping"]),
    says(92, &["tool", "crm_mon", "-s"], &["CLUSTER OK: 1 node online"]),
    says(93, &["tool", "crm_mon", "-R", "-r", "-n", "-N", "-1"], &["Node n1"]),
    says(
        93,
        &["tool", "crm_mon", "--exclude=all", "--include=nodes", "--output-as=text", "-1"],
        &["Online: [ n1 ]"],
    ),
    says(94, &["resource", "locate", "ip"], &["resource ip is running on: n1"]),
    says(94, &["resource", "param", "ip", "show", "ip"], &["192.0.2.9\n"]),
    says(95, &["configure", "save", "-"], &["primitive ip IPaddr2"]),
    says(35, &["configure", "show", "ip", "web"], &["primitive web apache"]),
    Line { code: 1, complains: &["does not exist"], ..says(35, &["configure", "show", "zz"], &[]) },
    says(44, &["--force", "configure", "show", "type:property"], &["stonith-enabled=false"]),
    says(44, &["configure", "verify"], &[]),
];

/// What changes the configuration.
const CHANGES: &[Line] = &[
    makes(7, &["-w", "-F", "node", "maintenance", "n2"], &["maintenance=true"]),
    makes(
        14,
        &["-w", "-F", "configure", "primitive", "r1", "ocf:heartbeat:Dummy", "params", "state=x"],
        &["primitive r1 Dummy \\\n\tparams state=x"],
    ),
    makes(
        15,
        &["-F", "configure", "location", "Ping-ip", "ip", "rule", "-inf:", "pingd", "lte", "0"],
        &["location Ping-ip ip \\\n\trule -inf: pingd lte 0"],
    ),
    makes(16, &["-w", "-F", "configure", "group", "g1", "a", "b"], &["group g1 a b"]),
    makes(16, &["-w", "-F", "configure", "ms", "m1", "web"], &["ms m1 web"]),
    makes(
        16,
        &["-w", "-F", "configure", "order", "o", "inf:", "a", "b"],
        &["order o Mandatory: a b"],
    ),
    makes(16, &["-w", "-F", "configure", "clone", "cl", "a"], &["clone cl a"]),
    makes(
        16,
        &["-w", "-F", "configure", "colocation", "co", "inf:", "a", "b"],
        &["colocation co inf: a b"],
    ),
    makes(17, &["-w", "-F", "resource", "stop", "ip"], &["meta target-role=Stopped"]),
    Line {
        takes: &["primitive web"],
        ..makes(17, &["-w", "-F", "configure", "delete", "web"], &[])
    },
    makes(
        18,
        &[
            "configure",
            "rsc_defaults",
            "$id=\"rsc-options\"",
            "resource-stickiness=\"100\"",
            "failure-timeout=180",
        ],
        &["rsc_defaults rsc-options: \\\n\tresource-stickiness=100 \\\n\tfailure-timeout=180"],
    ),
    makes(19, &["configure", "property", "no-quorum-policy=stop"], &["no-quorum-policy=stop"]),
    makes(
        20,
        &[
            "-w",
            "-F",
            "configure",
            "primitive",
            "p2",
            "ocf:pacemaker:ping",
            "params",
            "host_list=\"H\"",
            "multiplier=\"100\"",
            "op",
            "monitor",
            "interval=\"5s\"",
        ],
        &["params host_list=H multiplier=100", "op monitor interval=5s"],
    ),
    makes(21, &["-w", "-F", "resource", "param", "ip", "set", "nic=\"e0\""], &["nic=e0"]),
    makes(
        22,
        &[
            "configure",
            "primitive",
            "st",
            "stonith:external/maas",
            "params",
            "url='U'",
            "hostnames='a",
            "b'",
            "op",
            "monitor",
            "interval=25",
        ],
        &["hostnames=\"a b\""],
    ),
    makes(25, &["node", "standby", "n1", "forever"], &["node 1: n1 \\\n\tattributes standby=on"]),
    makes(25, &["node", "online", "n2"], &["standby=off"]),
    makes(
        30,
        &["--force", "configure", "property", "maintenance-mode=true"],
        &["maintenance-mode=true"],
    ),
    Line {
        takes: &["stonith-enabled"],
        ..makes(
            33,
            &[
                "tool",
                "cibadmin",
                "--force",
                "--delete-all",
                "--xpath",
                "//nvpair[@name='stonith-enabled'] | //nvpair[@name='x'][not(@y)]",
            ],
            &[],
        )
    },
    Line { takes: &["primitive a "], ..makes(36, &["--force", "configure", "delete", "a"], &[]) },
    Line {
        input: "n\nn\n",
        ..makes(
            37,
            &[
                "configure",
                "primitive",
                "d1",
                "ocf:heartbeat:Dummy",
                "params",
                "fake=1",
                "meta",
                "priority=2",
                "op",
                "monitor",
                "interval=10s",
            ],
            &[
                "primitive d1 Dummy \\\n\tparams fake=1 \\\n\tmeta priority=2 \\\n\top monitor interval=10s",
            ],
        )
    },
    makes(
        38,
        &[
            "configure",
            "location",
            "l",
            "/d.*/",
            "role=Promoted",
            "rule",
            "inf:",
            "#uname",
            "eq",
            "n1",
        ],
        &["location l /d.*/ role=Promoted \\\n\trule #uname eq n1"],
    ),
    makes(
        39,
        &["configure", "colocation", "k", "5000:", "a:Promoted", "b"],
        &["colocation k 5000: a:Promoted b"],
    ),
    makes(
        40,
        &["configure", "order", "o", "Mandatory:", "a:start", "b:start", "symmetrical=false"],
        &["order o Mandatory: a:start b:start symmetrical=false"],
    ),
    makes(
        41,
        &["configure", "rsc_ticket", "t", "T:", "a:Promoted", "loss-policy=stop"],
        &["rsc_ticket t T: a:Promoted loss-policy=stop"],
    ),
    makes(
        42,
        &[
            "configure",
            "order",
            "o",
            "Mandatory:",
            "\\(a",
            "b",
            "sequential=false\\)",
            "\\(ip",
            "web\\)",
        ],
        &["order o Mandatory: ( a b ) ( ip web )"],
    ),
    makes(
        43,
        &["configure", "fencing_topology", "n1:", "d1", "regexp%n.*:", "d2"],
        &["fencing_topology \\\n\tn1: d1"],
    ),
    makes(44, &["configure", "property", "stonith-enabled=true"], &["stonith-enabled=true"]),
    makes(
        58,
        &["configure", "property", "$id=\"cib-bootstrap-options\"", "no-quorum-policy=ignore"],
        &["no-quorum-policy=ignore"],
    ),
    makes(
        61,
        &["configure", "op_defaults", "timeout=60s"],
        &["op_defaults op-options: \\\n\ttimeout=60s"],
    ),
    makes(61, &["configure", "property", "k={\"a\": [1, 2]}"], &["k=\"{\\\"a\\\": [1, 2]}\""]),
    Line {
        input: "primitive y1 Dummy",
        ..makes(62, &["--wait", "configure", "load", "update", "-"], &["primitive y1 Dummy"])
    },
    Line {
        input: "primitive y2 Dummy\nprimitive y3 Dummy\ngroup gy y2 y3\n",
        ..makes(63, &["configure"], &["group gy y2 y3"])
    },
    makes(64, &["configure", "upgrade", "force"], &["primitive ip"]),
    makes(66, &["--wait", "node", "ready", "n1"], &["maintenance=off"]),
    makes(67, &["resource", "maintenance", "pings", "off"], &["maintenance=false"]),
    makes(
        69,
        &["configure", "location", "l", "/'!health-.*'/", "rule", "'#h':", "defined", "'#uname'"],
        &["location l /!health-.*/ \\\n\trule #h: defined #uname"],
    ),
    makes(
        70,
        &["configure", "primitive", "nc", "azure-lb", "port=62500", "op", "monitor", "interval=10"],
        &["primitive nc azure-lb \\\n\tparams port=62500"],
    ),
    Line {
        prints: &["Set 'ip' option: id=ip-meta_attributes-priority"],
        ..makes(71, &["resource", "meta", "ip", "set", "priority", "100"], &["priority=100"])
    },
    makes(74, &["configure", "modgroup", "grp", "add", "a"], &["group grp c a"]),
    Line { input: "primitive z Dummy\n", ..makes(75, &["conf"], &["primitive z Dummy"]) },
    makes(81, &["maintenance", "on"], &["maintenance-mode=true"]),
    makes(81, &["maintenance", "on", "web"], &["maintenance=true"]),
    Line {
        input: "rename web www\nshow xml www\n",
        prints: &["<primitive id=\"www\""],
        ..makes(84, &["configure"], &["primitive www apache"])
    },
];

fn run(line: &Line) -> (Desk, Said) {
    let desk = Desk::new(include_str!("../../fixtures/clients_cib.xml"));
    let said = desk.crm_reading(line.words, line.input);
    (desk, said)
}

/// Returns what is wrong with a line; nothing where it does what its client needs.
fn judge(line: &Line) -> Vec<String> {
    let (desk, said) = run(line);
    let mut wrong = Vec::new();
    let mut check = |ok: bool, what: String| {
        if !ok {
            wrong.push(format!("{} crm {}: {what}\n{said:?}", line.number, line.words.join(" ")));
        }
    };
    check(said.code == line.code, format!("exit code {} is wanted", line.code));
    for text in line.prints {
        check(said.out.contains(text), format!("does not print {text:?}"));
    }
    for text in line.complains {
        check(said.err.contains(text), format!("does not complain {text:?}"));
    }
    let shown = desk.crm(&["configure", "show"]).out;
    for text in line.leaves {
        check(shown.contains(text), format!("does not leave {text:?} in\n{shown}"));
    }
    for text in line.takes {
        check(!shown.contains(text), format!("leaves {text:?}"));
    }
    wrong
}

#[test]
fn questions_are_answered_as_clients_read_them() {
    let wrong: Vec<String> = QUESTIONS.iter().flat_map(judge).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn changes_reach_the_configuration() {
    let wrong: Vec<String> = CHANGES.iter().flat_map(judge).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_without_a_last_newline_are_loaded() {
    let desk = Desk::new(include_str!("../../fixtures/clients_cib.xml"));
    desk.write("f", "primitive X Dummy \\\n\tparams state=1");
    assert_eq!(desk.crm(&["configure", "load", "update", "f"]).code, 0);
    // a whole pair in single quotes, two blanks, no last newline
    desk.write(
        "g",
        "primitive n ocf:heartbeat:T op monitor interval=10s  params 'k=v' 'k2=v w'  \n\
         location nl n resource-discovery=exclusive rule $id=\"r\" $role=\"Master\" inf: #uname eq n1",
    );
    assert_eq!(desk.crm(&["-F", "configure", "load", "update", "g"]).code, 0);
    let shown = desk.shown();
    assert!(shown.contains("primitive X Dummy \\\n\tparams state=1"), "{shown}");
    assert!(shown.contains("params k=v k2=\"v w\""), "{shown}");
    assert!(shown.contains("location nl n resource-discovery=exclusive"), "{shown}");
    desk.write(
        "x",
        "<cib><configuration><resources><primitive id=\"x1\" class=\"ocf\" \
        provider=\"heartbeat\" type=\"Dummy\"/></resources></configuration></cib>",
    );
    assert_eq!(desk.crm(&["-F", "configure", "load", "xml", "update", "x"]).code, 0);
    assert!(desk.shown().contains("primitive x1 Dummy"));
    assert_eq!(desk.crm(&["configure", "load", "replace", "f"]).code, 0);
    assert!(!desk.shown().contains("primitive ip "));
}

#[test]
fn a_shadow_made_through_configure_is_a_file() {
    let desk = Desk::new(include_str!("../../fixtures/clients_cib.xml"));
    let said = desk.crm(&["configure", "cib", "new", "SH", "--force"]);
    assert_eq!((said.code, said.out.as_str()), (0, "INFO: cib.new: SH shadow CIB created\n"));
    assert!(desk.read("shadow.SH").contains("<primitive id=\"ip\""));
    assert_eq!(desk.crm(&["--force", "-c", "SH", "configure", "delete", "web"]).code, 0);
    assert!(!desk.read("shadow.SH").contains("id=\"web\""));
    assert!(desk.shown().contains("primitive web"), "the file itself is untouched");
    assert_eq!(desk.crm(&["--cib", "SH", "configure", "verify"]).code, 0);
    assert_eq!(desk.crm(&["cib", "commit", "SH"]).code, 0);
    assert!(!desk.shown().contains("primitive web"));
}

#[test]
fn versions_count_in_a_modification() {
    let desk = Desk::new(include_str!("../../fixtures/clients_cib.xml"));
    let text = r#"<cib admin_epoch="admin_epoch++"/>"#;
    assert_eq!(desk.crm(&["tool", "cibadmin", "--modify", "--xml-text", text]).code, 0);
    assert!(desk.read("cib.xml").contains("admin_epoch=\"1\""));
}

#[test]
fn a_drawing_goes_to_a_file() {
    let desk = Desk::new(include_str!("../../fixtures/clients_cib.xml"));
    assert_eq!(desk.crm(&["configure", "graph", "dot", "out.dot"]).code, 0);
    assert!(desk.read("out.dot").starts_with("digraph {"));
}

#[test]
fn an_editor_may_be_a_phrase_for_the_shell() {
    let desk = Desk::new(include_str!("../../fixtures/clients_cib.xml"));
    let mut command = desk.command(&["configure", "edit"]);
    command.env("EDITOR", "sed -ie '$ a primitive dlm ocf:pacemaker:controld'");
    assert!(command.output().unwrap().status.success());
    assert!(desk.shown().contains("primitive dlm ocf:pacemaker:controld"));
}
