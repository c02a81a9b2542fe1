//! `crm_simulate`: what it reads and writes, its exit codes, and what it makes of bad input.

use conformance::program::{Desk, Said};

/// Two nodes, one up; a primitive with a monitor; no fencing.
const CIB: &str = r#"<cib crm_feature_set="3.20.0" validate-with="pacemaker-3.9" epoch="3" num_updates="0" admin_epoch="0" have-quorum="1">
<configuration><crm_config><cluster_property_set id="cib-bootstrap-options"><nvpair id="o" name="stonith-enabled" value="false"/></cluster_property_set></crm_config>
<nodes><node id="1" uname="n1"/></nodes>
<resources><primitive id="db" class="ocf" provider="pacemaker" type="Dummy"><operations><op id="db-m" name="monitor" interval="10s"/></operations></primitive></resources>
<constraints/></configuration>
<status><node_state id="1" uname="n1" in_ccm="true" crmd="online" join="member" expected="member"/></status></cib>"#;

fn simulate(desk: &Desk, line: &str) -> Said {
    let mut words = vec!["tool", "crm_simulate"];
    words.extend(line.split(' ').filter(|w| !w.is_empty()));
    desk.crm(&words)
}

#[track_caller]
fn refused(desk: &Desk, line: &str, code: i32, err: &str) {
    let said = simulate(desk, line);
    assert_eq!((said.code, said.err.as_str()), (code, err), "{line}");
}

#[test]
fn wrong_options_are_named_as_pacemaker_does() {
    let desk = Desk::new(CIB);
    refused(&desk, "--bogus", 64, "crm_simulate: Unknown option --bogus\n");
    refused(&desk, "-x", 64, "crm_simulate: Missing argument for --xml-file\n");
    let integer = "crm_simulate: Cannot parse integer value “a” for --repeat\n";
    refused(&desk, "--repeat a", 64, integer);
    let format = "Error creating output format foo: Unknown output format\n";
    refused(&desk, "--output-as=foo", 105, format);
}

#[test]
fn input_that_cannot_be_read_is_refused() {
    let desk = Desk::new(CIB);
    for (file, text) in [("half.xml", "<cib"), ("empty.xml", ""), ("other.xml", "<foo/>")] {
        desk.write(file, text);
        let said = simulate(&desk, &format!("-S -x {file}"));
        assert_eq!((said.code, said.out.as_str()), (65, ""), "{file}");
        let named = said.err.starts_with("crm_simulate: Could not read input XML: ");
        assert!(named, "{file}: {}", said.err);
    }
    assert_eq!(simulate(&desk, "-x nosuch.xml").code, 65);
}

#[test]
fn files_that_cannot_be_written_end_the_run() {
    let desk = Desk::new(CIB);
    let created = "crm_simulate: Could not create 'no/x': No such file or directory\n";
    refused(&desk, "-x cib.xml -S -O no/x", 105, created);
    // The exit code alone tells of these, as in Pacemaker.
    refused(&desk, "-x cib.xml -I no/x", 105, "");
    refused(&desk, "-x cib.xml -G no/x", 74, "");
    refused(&desk, "-x cib.xml -D no/x", 74, "");
}

#[test]
fn a_simulation_can_be_gone_on_with() {
    let desk = Desk::new(CIB);
    let first = simulate(&desk, "-x cib.xml -S -O after.xml -I before.xml -G graph -D dot");
    assert_eq!((first.code, first.err.as_str()), (0, ""));
    assert!(first.out.contains("  * Start      db      (    n1 )\n"), "{}", first.out);
    assert!(
        first.out.ends_with("    * db\t(ocf:pacemaker:Dummy):\t Started n1\n"),
        "{}",
        first.out
    );
    assert!(desk.read("before.xml").contains("<primitive id=\"db\""));
    assert!(desk.read("graph").contains("operation_key=\"db_start_0\""));
    assert!(desk.read("dot").starts_with(" digraph \"g\" {\n"));
    let second = simulate(&desk, "-x after.xml -R");
    assert!(second.out.ends_with("\nTransition Summary:\n"), "{}", second.out);
    assert_eq!(simulate(&desk, "-x cib.xml -X").out, first.out);
    assert!(simulate(&desk, "-L -R").out.ends_with("\nTransition Summary:\n"));
}

#[test]
fn an_operation_fails_where_that_is_asked_for() {
    let desk = Desk::new(CIB);
    let said = simulate(&desk, "-x cib.xml -F db_start_0@n1=1 -O after.xml");
    let told = "  * Resource action: db              start on n1\n\
                Pretending action 2 failed with rc=1\n  \
                * Injecting attribute fail-count-db#start_0=INFINITY into /node_state '1'\n";
    assert!(said.out.contains(told), "{}", said.out);
    assert_eq!(said.code, 0);
    let after = simulate(&desk, "-x after.xml -c");
    assert!(after.out.contains("\n  * Migration Summary:\n    * Node: n1:\n"), "{}", after.out);
    assert!(after.out.contains("      * db: migration-threshold=1000000 fail-count=1000000"));
    let failed = "\n  * Failed Resource Actions:\n    * db_start_0 on n1 'Error occurred' (1): \
                  call=2, status='Done', exitreason='User-injected result'";
    assert!(after.out.contains(failed), "{}", after.out);
    let wrong = simulate(&desk, "-x cib.xml -F db_start_0@n1=x");
    let told = "Invalid failed operation 'db_start_0@n1' (result code must be integer)\n";
    assert_eq!((wrong.code, wrong.err.as_str()), (0, told));
}

#[test]
fn a_failure_in_the_past_is_recovered_from() {
    let desk = Desk::new(CIB);
    simulate(&desk, "-x cib.xml -X");
    let said = simulate(&desk, "-x cib.xml -S -i db_monitor_10000@n1=7");
    assert!(said.out.contains("  * Injecting db_monitor_10000@n1=7 into the configuration\n"));
    assert!(said.out.contains("  * Recover    db      (    n1 )\n"), "{}", said.out);
    let said = simulate(&desk, "-x cib.xml -S -i nosuch_start_0@n1=1");
    assert_eq!((said.code, said.err.as_str()), (0, "Invalid resource name: nosuch\n"));
}

#[test]
fn events_are_told_in_order_and_a_quorum_alone_is_none() {
    let desk = Desk::new(CIB);
    let said = simulate(&desk, "-x cib.xml -q 0 -w true -g t -d n1 -u n2");
    let told = "\nPerforming Requested Modifications:\n  * Setting quorum: 0\n  \
                * Setting watchdog: true\n  * Bringing node n2 online\n  \
                * Taking node n1 offline\n  * Granting ticket t\n";
    assert!(said.out.ends_with(told), "{}", said.out);
    let alone = simulate(&desk, "-x cib.xml -q 0 -R");
    assert!(alone.out.contains("  * Start      db      (    n1 )\n"), "{}", alone.out);
}

#[test]
fn quiet_scores_are_bare_lines() {
    let desk = Desk::new(CIB);
    let said = simulate(&desk, "-x cib.xml -sQ");
    assert_eq!(said.out, "pcmk__primitive_assign: db allocation score on n1: 0\n");
    let said = simulate(&desk, "-x cib.xml -sU");
    let lines = "\nAssignment Scores and Utilization Information:\n  * Original: n1 capacity:\n  \
                 * pcmk__primitive_assign: db allocation score on n1: 0\n  \
                 * pcmk__assign_resource: db utilization on n1:\n  * Remaining: n1 capacity:\n";
    assert!(said.out.contains(lines), "{}", said.out);
}

#[test]
fn xml_is_one_document_with_the_errors_in_it() {
    let desk = Desk::new(CIB);
    let line = "-x cib.xml -S -i nosuch_start_0@n1=1 --output-as=xml --output-to=out.xml";
    let said = simulate(&desk, line);
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (0, "", ""));
    let text = desk.read("out.xml");
    let cib_read = cib_model::xml::read(&text).expect("well-formed");
    let names: Vec<&str> = cib_read.root().children().map(|c| c.name()).collect();
    let want = [
        "cluster_status",
        "modifications",
        "inject_spec",
        "actions",
        "transition",
        "revised_cluster_status",
        "status",
    ];
    assert_eq!(names, want);
    let action = "<rsc_action action=\"start\" resource=\"db\" node=\"n1\"/>";
    assert!(text.contains(action), "{text}");
    assert!(text.contains("<error>Invalid resource name: nosuch</error>"), "{text}");
}

#[test]
fn a_folder_is_profiled_by_name() {
    let desk = Desk::new(CIB);
    desk.write("a.xml", CIB);
    desk.write("notes.txt", "no CIB");
    desk.write("broken.xml", "<cib");
    let said = simulate(&desk, "-P . -N 2");
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    let lines: Vec<&str> = said.out.lines().collect();
    assert_eq!(lines.len(), 3, "{}", said.out);
    assert_eq!(lines[0], "Timings:");
    assert!(lines[1].starts_with("  * Testing ./a.xml ... "), "{}", said.out);
    assert!(lines[2].starts_with("  * Testing ./cib.xml ... "), "{}", said.out);
    assert_eq!(simulate(&desk, "-P nosuch").code, 105);
}

/// What is wrong with the configuration, in place of the resource and the constraints, and what
/// `-V` tells of it.
const BAD: [(&str, &str, &str); 7] = [
    ("", r#"<rsc_order id="o" first="db" then="zz"/>"#, "'zz' is not a valid resource or tag"),
    (
        r#"<primitive id="b" class="ocf" provider="pacemaker" type="Dummy"/>"#,
        r#"<rsc_order id="o" first="db" then="b"/><rsc_order id="p" first="b" then="db"/>"#,
        "",
    ),
    (
        r#"<primitive id="b" class="ocf" provider="pacemaker" type="Dummy"/>"#,
        r#"<rsc_colocation id="o" rsc="db" with-rsc="b" score="INFINITY"/><rsc_colocation id="p" rsc="b" with-rsc="db" score="INFINITY"/>"#,
        "",
    ),
    ("", r#"<rsc_order id="o" first="db" then="db"/>"#, ""),
    (r#"<group id="g"/>"#, r#"<rsc_order id="o" first="g" then="db"/>"#, ""),
    (r#"<clone id="c"/>"#, "", "c has nothing to clone"),
    ("", r#"<rsc_colocation id="o" rsc="db" with-rsc="yy" score="x"/>"#, "'yy' is not a valid"),
];

#[test]
fn a_bad_configuration_is_planned_for_and_told_of_where_asked() {
    for (resource, constraint, told) in BAD {
        // One of the latest schema is not looked at for it.
        let cib = CIB
            .replace("pacemaker-3.9", "pacemaker-4.0")
            .replace("</resources>", &format!("{resource}</resources>"))
            .replace("<constraints/>", &format!("<constraints>{constraint}</constraints>"));
        let desk = Desk::new(&cib);
        let said = simulate(&desk, "-x cib.xml -S");
        let stalls = said.err.starts_with("Transition failed: terminated\n");
        assert_eq!((said.code, said.err.is_empty()), (i32::from(stalls), !stalls), "{constraint}");
        assert!(said.out.contains("\nRevised Cluster Status:\n"), "{constraint}: {}", said.out);
        let told_of = simulate(&desk, "-x cib.xml -S -VV").err;
        assert!(told_of.contains(told), "{constraint}{resource}: {told_of:?}");
    }
}

#[test]
fn an_old_configuration_is_brought_to_the_latest_schema() {
    let master = "<master id=\"m\"><primitive id=\"b\" class=\"ocf\" provider=\"pacemaker\" \
                  type=\"Stateful\"/></master></resources>";
    let desk = Desk::new(&CIB.replace("</resources>", master));
    let said = simulate(&desk, "-x cib.xml -S -O after.xml");
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    let after = desk.read("after.xml");
    assert!(after.contains("validate-with=\"pacemaker-4.0\""), "{after}");
    assert!(after.contains("<clone id=\"m\">") && !after.contains("<master"), "{after}");
    assert!(desk.read("cib.xml").contains("pacemaker-3.9"), "the input stays as it is");
}

#[test]
fn an_old_configuration_that_follows_no_schema_is_refused() {
    let order = "<constraints><rsc_order id=\"order\" first=\"db\" then=\"zz\"/></constraints>";
    let desk = Desk::new(&CIB.replace("<constraints/>", order));
    let said = simulate(&desk, "-x cib.xml -S");
    assert_eq!((said.code, said.out.as_str()), (78, ""));
    let why = "<rsc_order> refers by then to zz, which is no id\nCannot upgrade configuration \
               (claiming pacemaker-3.9 schema) to at least pacemaker-4.0 because it does not \
               validate with any schema from pacemaker-3.9 to the latest\n";
    assert_eq!(said.err, why);
}

#[test]
fn history_that_contradicts_itself_is_planned_for() {
    let twice = r#"<node_state id="1" uname="n1" in_ccm="true" crmd="online" join="member" expected="member"><lrm id="1"><lrm_resources>
<lrm_resource id="db" class="ocf" provider="pacemaker" type="Dummy"><lrm_rsc_op id="db_last_0" operation="start" operation_key="db_start_0" call-id="3" rc-code="0" op-status="0" interval="0" transition-key="1:1:0:xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"/></lrm_resource>
<lrm_resource id="db" class="lsb" type="other"><lrm_rsc_op id="db_last_0" operation="stop" operation_key="db_stop_0" call-id="3" rc-code="0" op-status="0" interval="0" transition-key="garbage"/></lrm_resource>
</lrm_resources></lrm></node_state><node_state id="1" uname="n1" in_ccm="false" crmd="offline" join="down" expected="member"/>"#;
    let (head, rest) = CIB.split_once("<node_state").expect("a node state");
    let (_, tail) = rest.split_once("/>").expect("its end");
    let desk = Desk::new(&format!("{head}{twice}{tail}"));
    let said = simulate(&desk, "-x cib.xml -S -VV");
    assert!(said.out.contains("\nRevised Cluster Status:\n"), "{} {}", said.out, said.err);
    assert!(said.code == 0 || said.code == 1, "{said:?}");
}
