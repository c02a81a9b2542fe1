//! One-shot commands on a file: what they print, where, and the exit code.

use std::os::unix::fs::PermissionsExt as _;

use conformance::prerequisite::programs;
use conformance::program::{Desk, SMALL};

/// Runs a line on a fresh desk and compares code, stdout and stderr.
#[track_caller]
fn check(line: &str, code: i32, out: &str, err: &str) -> Desk {
    let desk = Desk::new(SMALL);
    let words: Vec<&str> = line.split(' ').collect();
    let said = desk.crm(&words);
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (code, out, err), "{line}");
    desk
}

#[track_caller]
fn shows(desk: &Desk, text: &str) {
    let shown = desk.shown();
    assert!(shown.contains(text), "{text:?} is not in\n{shown}");
}

#[test]
fn mistakes_are_named() {
    check("nosuch", 1, "", "ERROR: nosuch: No such command\n");
    check("resource nosuch", 1, "", "ERROR: resource.nosuch: No such command\n");
    check(
        "configure rename a",
        1,
        "",
        "ERROR: configure.rename: Expected (old_id new_id), takes exactly 2 arguments (1 given)\n",
    );
    check(
        "configure primitive",
        1,
        "",
        "ERROR: syntax in primitive: Expected at least 2 arguments near <primitive> parsing \
         'primitive'\n",
    );
    check("configure show zz", 1, "", "ERROR: object zz does not exist\n");
    check("configure delete zz", 1, "", "ERROR: object zz does not exist\n");
    check("-F configure delete zz", 0, "", "");
    check("resource stop zz", 1, "", "ERROR: Resource not found: zz\n");
    check("cib use zz", 1, "", "ERROR: cib.use: zz: no such shadow CIB\n");
    check("-c zz configure show", 1, "", "ERROR: cib.use: zz: no such shadow CIB\n");
    check(
        "-o core.wait configure show",
        1,
        "",
        "ERROR: Expected -o <section>.<name>=<value>: no '=' in core.wait\n",
    );
    check(
        "-f zz",
        2,
        "",
        "ERROR: zz: No such file or directory (os error 2)\nusage: crm [-h|--help] [OPTIONS] [SUBCOMMAND ARGS...]\n",
    );
}

/// As Pacemaker refuses it, here with the place in the configuration; neither force nor an editor
/// of the XML gets it in.
#[test]
fn what_the_schema_does_not_have_is_not_written() {
    let sentence = "id is 'q-meta_attributes-#x', not an XML name";
    let lines: [&[&str]; 3] = [
        &["configure", "primitive", "q", "ocf:heartbeat:Dummy", "meta", "#x=1"],
        &["-F", "configure", "primitive", "q", "ocf:heartbeat:Dummy", "meta", "#x=1"],
        &["tool", "cibadmin", "-C", "-o", "resources", "-X", "<primitive id='q' bogus='1'/>"],
    ];
    for words in lines {
        let desk = Desk::new(SMALL);
        let before = desk.shown();
        let said = desk.crm(words);
        assert_ne!(said.code, 0, "{words:?}");
        let told = said.err.contains(sentence) || said.err.contains("bogus");
        assert!(told, "{words:?}: {}", said.err);
        assert_eq!(desk.shown(), before, "{words:?}");
    }
}

/// Schemas that say something else than ours, in the place of Pacemaker's.
#[test]
fn an_installed_schema_is_a_second_opinion_of_verify_full() {
    if !programs(&["xmllint"]) {
        return;
    }
    let other = |content: &str| {
        let grammar = r#"xmlns="http://relaxng.org/ns/structure/1.0""#;
        format!(
            r#"<grammar {grammar}><start><ref name="any"/></start><define name="any"><element>{content}</element></define></grammar>"#
        )
    };
    let any = other(
        r#"<anyName/><zeroOrMore><choice><attribute><anyName/></attribute><text/><ref name="any"/></choice></zeroOrMore>"#,
    );
    let none = other("<name>nothing</name><empty/>");
    let wrong = SMALL.replace("<resources>", "<resources bogus=\"1\">");
    let schema = "pacemaker-3.9";
    for (cib, installed, expected) in [
        (SMALL, &none, format!("ERROR: {schema}.rng: element cib: ")),
        (&wrong, &any, format!("WARNING: {schema}.rng has nothing against it\n")),
        (SMALL, &any, String::new()),
        (&wrong, &none, String::new()),
    ] {
        let desk = Desk::new(cib);
        desk.write(&format!("{schema}.rng"), installed);
        let mut command = desk.command(&["configure", "verify", "full"]);
        command.env("PCMK_schema_directory", desk.path("."));
        let said = String::from_utf8(command.output().unwrap().stderr).unwrap();
        if expected.is_empty() {
            assert!(!said.contains(".rng"), "{said}");
        } else {
            assert!(said.contains(&expected), "no {expected:?} in {said}");
        }
    }
}

#[test]
fn who_has_a_role_follows_its_new_name() {
    let desk = Desk::new(SMALL);
    for words in [
        &["configure", "role", "r", "read", "xpath:/cib"][..],
        &["configure", "acl_target", "u", "r"],
        &["configure", "rename", "r", "reader"],
    ] {
        let said = desk.crm(words);
        assert_eq!(said.code, 0, "{words:?}: {}", said.err);
    }
    shows(&desk, "acl_target u \\\n\treader\n");
}

/// Each begins again on what the others have left.
#[test]
fn changes_made_at_the_same_time_all_get_in() {
    let desk = Desk::new(SMALL);
    let ids: Vec<String> = (0..12).map(|n| format!("at-once-{n}")).collect();
    std::thread::scope(|scope| {
        for id in &ids {
            let desk = &desk;
            scope.spawn(move || {
                let new = format!("<primitive id='{id}' class='systemd' type='none'/>");
                let said = desk.crm(&["tool", "cibadmin", "-C", "-o", "resources", "-X", &new]);
                assert_eq!((said.code, said.err.as_str()), (0, ""), "{id}");
            });
        }
    });
    let shown = desk.shown();
    assert!(ids.iter().all(|id| shown.contains(&format!("primitive {id} "))), "{shown}");
}

#[test]
fn old_and_shortened_names_work_and_say_so() {
    check(
        "configure get-property stonith-enabled",
        0,
        "INFO: \"get-property\" is accepted as \"get_property\"\ntrue\n",
        "WARNING: This command 'get-property' is deprecated, please use 'get_property'\n",
    );
    let said = Desk::new(SMALL).crm(&["conf", "show", "p"]);
    assert_eq!(said.out, "INFO: \"conf\" is accepted as \"configure\"\nprimitive p systemd:none\n");
}

#[test]
fn roles_are_set_where_they_take_effect() {
    let desk = check("resource stop p", 0, "", "");
    shows(&desk, "primitive p systemd:none \\\n\tmeta target-role=Stopped\n");
    let desk = check("resource stop a", 0, "", "");
    shows(&desk, "primitive a systemd:none \\\n\tmeta target-role=Stopped\n");
    let desk = check("resource stop s", 0, "", "");
    shows(&desk, "clone c s \\\n\tmeta promotable=true target-role=Stopped\n");
    check(
        "resource promote c",
        0,
        "Set 'c' option: id=c-meta_attributes-target-role set=c-meta_attributes name=target-role \
         value=Promoted\n",
        "",
    );
    check("resource demote p", 1, "", "ERROR: p is not a promotable resource\n");
}

#[test]
fn moving_leaves_a_constraint_that_clear_removes() {
    let desk = check(
        "resource move p n1",
        0,
        "INFO: Move constraint created for p to n1\n\
         INFO: Use `crm resource clear p` to remove this constraint\n",
        "",
    );
    shows(&desk, "location cli-prefer-p p role=Started inf: n1\n");
    let said = desk.crm(&["resource", "clear", "p"]);
    assert_eq!((said.code, said.out.as_str()), (0, "INFO: Removed migration constraints for p\n"));
    assert!(!desk.shown().contains("cli-prefer"));
    check(
        "resource move p",
        1,
        "",
        "ERROR: resource.move: No target node: Move requires either a target node or 'force'\n",
    );
}

#[test]
fn attributes_are_set_shown_and_deleted() {
    let desk = check(
        "resource param p set k v",
        0,
        "Set 'p' option: id=p-instance_attributes-k set=p-instance_attributes name=k value=v\n",
        "",
    );
    assert_eq!(desk.crm(&["resource", "param", "p", "show", "k"]).out, "v\n");
    desk.crm(&["resource", "param", "p", "delete", "k"]);
    assert_eq!(
        desk.crm(&["resource", "param", "p", "show", "k"]).err,
        "Attribute 'k' not found for 'p'\n"
    );
    let desk = check("node attribute n1 set rack a", 0, "", "");
    assert_eq!(
        desk.crm(&["node", "attribute", "n1", "show", "rack"]).out,
        "scope=nodes  name=rack value=a\n"
    );
    check(
        "node attribute n9 set rack a",
        1,
        "",
        "ERROR: crm_attribute: Could not map name=n9 to a UUID\n",
    );
}

#[test]
fn nodes_are_shown_and_taken_out_of_service() {
    check("node show", 0, "n1(1): member\nn2(2): member\n", "");
    let desk = check("node standby n1", 0, "INFO: standby node n1\n", "");
    shows(&desk, "node 1: n1 \\\n\tattributes standby=on\n");
    assert_eq!(desk.crm(&["node", "online", "n1"]).out, "INFO: online node n1\n");
    shows(&desk, "node 1: n1 \\\n\tattributes standby=off\n");
}

#[test]
fn shadow_cibs_are_copies_that_other_tools_read() {
    let desk = Desk::new(SMALL);
    let ok = |words: &[&str], out: &str| {
        let said = desk.crm(words);
        assert_eq!((said.code, said.out.as_str()), (0, out), "{words:?}: {}", said.err);
    };
    ok(&["cib", "new", "test"], "INFO: cib.new: test shadow CIB created\n");
    ok(&["-c", "test", "configure", "delete", "p"], "");
    assert!(desk.shown().contains("primitive p "));
    assert!(!desk.read("shadow.test").contains("id=\"p\""));
    assert!(desk.crm(&["cib", "list"]).out.contains("test"));
    ok(
        &["cib", "commit", "test"],
        "INFO: cib.commit: committed 'test' shadow CIB to the cluster\n",
    );
    assert!(!desk.shown().contains("primitive p "));
    ok(&["cib", "delete", "test"], "INFO: cib.delete: test shadow CIB deleted\n");
    assert_eq!(desk.crm(&["cib", "delete", "test"]).code, 1);
}

#[test]
fn tools_and_programs_work_on_the_shadow_cib_in_use() {
    let desk = Desk::new(SMALL);
    assert_eq!(desk.crm(&["cib", "new", "test"]).code, 0);
    assert_eq!(desk.crm(&["-c", "test", "configure", "delete", "p"]).code, 0);
    let lists_p = |words: &[&str]| {
        let said = desk.crm(words);
        assert_eq!((said.code, said.err.as_str()), (0, ""));
        said.out.contains("* p\t")
    };
    assert!(lists_p(&["status"]) && !lists_p(&["-c", "test", "status"]));

    desk.write("crm_failcount", "#!/bin/sh\necho \"shadow ${CIB_shadow-none}\"\n");
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(desk.path("crm_failcount"), executable).unwrap();
    let told = |words: &[&str], input: &str| {
        desk.write("lines", input);
        let mut command = desk.command(words);
        command.env("PATH", desk.path("")).env("CIB_shadow", "environments");
        command.stdin(std::fs::File::open(desk.path("lines")).unwrap());
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let ask = "resource failcount p show n1\n";
    assert_eq!(told(&[], ask), "shadow environments\n");
    assert_eq!(told(&["-c", "test"], ask), "shadow test\n");
    assert_eq!(
        told(&[], &format!("cib use test\n{ask}cib use\n{ask}")),
        "shadow test\nshadow none\n"
    );
}

#[test]
fn the_file_keeps_pacemakers_version_rule() {
    let desk = Desk::new(SMALL);
    desk.crm(&["configure", "property", "x=1"]);
    assert!(desk.read("cib.xml").starts_with(
        "<cib crm_feature_set=\"3.16.1\" validate-with=\"pacemaker-3.9\" epoch=\"6\" \
         num_updates=\"0\" admin_epoch=\"0\">\n"
    ));
    let before = desk.read("cib.xml");
    desk.crm(&["configure", "show"]);
    desk.crm(&["configure", "commit"]);
    assert_eq!(desk.read("cib.xml"), before, "reading writes nothing");
}

#[test]
fn the_place_of_a_mistake_can_be_asked_for() {
    let desk = Desk::new(SMALL);
    let said = desk.crm(&["--diagnostics", "full", "configure", "location", "l", "p", "x"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("location l p x"), "{}", said.err);
    let said = desk.crm(&["--diagnostics", "json", "configure", "primitive"]);
    let value: serde_json::Value = serde_json::from_str(said.err.trim()).unwrap();
    assert_eq!(value["code"], "crm-syntax/syntax");
}

#[test]
fn unreadable_cibs_are_errors() {
    for text in ["", "<cib", "<resources/>"] {
        let desk = Desk::new(text);
        let said = desk.crm(&["configure", "show"]);
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{text}");
        assert!(said.err.ends_with("ERROR: configure: Missing requirements\n"), "{}", said.err);
        assert_eq!(desk.crm(&["help", "configure", "primitive"]).code, 0);
    }
}

#[test]
fn a_configuration_begins_without_a_file() {
    let desk = Desk::new(SMALL);
    std::fs::remove_file(desk.path("cib.xml")).unwrap();
    let path = desk.path("cib.xml").display().to_string();
    let remark = format!("WARNING: {path} does not exist; it is made when a change is committed\n");

    let shown = desk.crm(&["configure", "show"]);
    assert_eq!((shown.code, shown.err.as_str()), (0, remark.as_str()));
    assert!(!desk.path("cib.xml").exists(), "looking makes nothing");

    let refused = desk.crm(&["configure", "colocation", "c"]);
    assert_ne!(refused.code, 0);
    assert!(!desk.path("cib.xml").exists(), "a refused command makes nothing");

    let made = desk.crm(&["configure", "primitive", "p", "ocf:heartbeat:Dummy"]);
    assert_eq!(made.code, 0, "{}", made.err);
    assert_eq!(desk.shown(), "primitive p Dummy\n");

    std::fs::remove_file(desk.path("cib.xml")).unwrap();
    let status = desk.crm(&["status"]);
    assert_ne!(status.code, 0, "a cluster that is not there has no status");
}

#[test]
fn writers_at_the_same_time_lose_nothing_of_each_other() {
    let desk = Desk::new(SMALL);
    let names: Vec<String> = (0..16).map(|number| format!("new{number}")).collect();
    let start = |name: &String| {
        let words = ["configure", "primitive", name, "ocf:heartbeat:Dummy"];
        desk.command(&words).spawn().expect("crm runs")
    };
    let mut writers: Vec<_> = names.iter().map(start).collect();
    for writer in &mut writers {
        assert!(writer.wait().expect("crm ends").success());
    }
    let shown = desk.shown();
    for name in names {
        assert!(shown.contains(&format!("primitive {name} Dummy\n")), "{name} is lost: {shown}");
    }
}
