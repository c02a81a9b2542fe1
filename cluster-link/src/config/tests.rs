//! Files that load, files that do not, and what is said of them.

use super::*;

/// The file of the 2015 walkthrough, with its placeholder.
const WALKTHROUGH: &str = include_str!("../../../fixtures/walkthrough/corosync.conf");

fn conf(totem: &str, nodes: &str, quorum: &str) -> String {
    format!(
        "totem {{\n version: 2\n{totem}\n}}\nnodelist {{\n{nodes}\n}}\nquorum {{\n{quorum}\n}}\n"
    )
}

fn udpu(addresses: &[&str]) -> String {
    let node = |address: &&str| format!("node {{\nring0_addr: {address}\n}}\n");
    conf("transport: udpu", &addresses.iter().map(node).collect::<Vec<_>>().concat(), "")
}

fn load(text: &str) -> ClusterConfig {
    ClusterConfig::parse(text, "corosync.conf").unwrap()
}

fn refused(text: &str) -> String {
    ClusterConfig::parse(text, "corosync.conf").unwrap_err().to_string()
}

#[test]
fn the_walkthrough_loads_with_its_placeholder() {
    let config = load(WALKTHROUGH);
    assert_eq!(config.cluster_name.as_deref(), Some("ha-asterisk"));
    let ids: Vec<_> = config.nodes.iter().map(|node| node.id).collect();
    assert_eq!(ids, [739_835_698, 739_835_699]);
    assert_eq!(config.nodes[0].addresses[0].address, "44.24.255.50");
    assert_eq!(config.nodes[0].name, None);
    assert_eq!((config.timing.token_ms, config.timing.consensus_ms), (3000, 3600));
    assert_eq!((config.timing.join_ms, config.timing.max_messages), (60, 20));
    assert_eq!(config.timing.retransmits_before_loss, 10);
    assert_eq!(config.transport, Transport::Udpu);
    assert_eq!(config.crypto, Crypto { cipher: "none".to_owned(), hash: "none".to_owned() });
    assert_eq!(config.quorum.expected_votes, Some(1));
    assert!(config.quorum.enabled && !config.quorum.two_node);
    let unknown = config.warnings.iter().filter(|warning| warning.kind == WarningKind::Unknown);
    assert_eq!(unknown.count(), 0, "{:?}", config.warnings);
    let obsolete = config.warnings.iter().find(|warning| warning.text.contains("vsftype")).unwrap();
    assert_eq!(obsolete.kind, WarningKind::Obsolete);
    assert_eq!(WALKTHROUGH.lines().nth(obsolete.line - 1).unwrap().trim(), "vsftype: none");
}

#[test]
fn writing_keeps_comments_order_and_meaning() {
    let document = Document::parse(WALKTHROUGH, "x").unwrap();
    let written = document.to_string();
    assert!(written.contains("    # Disable encryption\n    secauth: off\n"));
    let again = Document::parse(&written, "x").unwrap();
    assert_eq!(again.to_string(), written);
    assert_eq!(ClusterConfig::of(&again, "x"), ClusterConfig::of(&document, "x"));
    assert_eq!(load(&written).nodes, load(WALKTHROUGH).nodes);
}

#[test]
fn a_value_is_changed_in_place_or_added() {
    let mut document = Document::parse("totem {\n  # ms\n  token: 1000\n}\n", "x").unwrap();
    document.set("totem.token", "2000");
    document.set("quorum.device.model", "net");
    assert_eq!(
        document.to_string(),
        "totem {\n    # ms\n    token: 2000\n}\nquorum {\n    device {\n        model: net\n    }\n}\n"
    );
}

#[test]
fn malformed_lines_are_refused_in_corosyncs_words() {
    let long = format!("totem {{\n a: {}\n}}", "x".repeat(600));
    for (text, line, words) in [
        ("totem { version: 2", 1, "Extra characters after opening bracket '{'"),
        ("totem {\nversion: 2 }", 2, ""),
        ("totem {\nversion 2\n}", 2, "Line is not opening or closing section or key value"),
        ("totem {\n} end", 2, "Extra characters before or after closing bracket '}'"),
        ("{\n}", 1, "Missing section name before opening bracket '{'"),
        ("totem {\n: 2\n}", 2, "Key name can't be empty"),
        ("totem {\nversion: 2\n", 2, "Missing closing brace"),
        ("}\n", 1, "Unexpected closing brace"),
        (&long, 2, "Line too long"),
    ] {
        let error = Document::parse(text, "c.conf").map_err(|error| error.to_string());
        if words.is_empty() {
            // A closing brace after a value belongs to the value, and the section stays open.
            assert_eq!(error.unwrap_err(), "parser error: c.conf:2: Missing closing brace");
        } else {
            assert_eq!(error.unwrap_err(), format!("parser error: c.conf:{line}: {words}"));
        }
    }
}

#[test]
fn values_may_hold_colons_and_hashes_are_no_trailing_comments() {
    let document = Document::parse("a {\r\n  k: fe80::1 # x \t\r\n}\r\n", "x").unwrap();
    assert_eq!(document.value("a.k"), Some("fe80::1 # x"));
}

#[test]
fn numbers_are_checked_with_file_and_line() {
    assert_eq!(
        refused("totem {\n version: 2\n token: 30O0\n}\n"),
        "parser error: corosync.conf:3: Value of key \"totem.token\" is expected to be integer in \
         range (0..4294967295), but \"30O0\" was given"
    );
    assert!(refused(&conf("interface {\nmcastport: 70000\n}", "", "")).contains("(0..65535)"));
    assert_eq!(
        refused(&conf("transport: upd", "", "")),
        "parser error: corosync.conf:3: Invalid transport type. Should be udpu, udp or knet, but \
         \"upd\" was given; did you mean \"udp\"?"
    );
    assert_eq!(
        refused(&conf("token: 20", "", "")),
        "corosync.conf:3: The token timeout parameter (20 ms) may not be less than (30 ms)."
    );
}

#[test]
fn unknown_directives_are_warned_about_with_a_guess() {
    let config = load(&conf("tokn: 3000\nfrobnicate: 1", "", "").replace("quorum {", "quorom {"));
    let texts: Vec<_> = config.warnings.iter().map(|warning| warning.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "\"totem.tokn\" is unknown and ignored; did you mean \"token\"?",
            "\"totem.frobnicate\" is unknown and ignored",
            "section \"quorom\" is unknown and ignored; did you mean \"quorum\"?",
        ]
    );
    assert_eq!(config.warnings[0].line, 3);
}

#[test]
fn node_ids_come_from_addresses_where_they_are_not_given() {
    let ids = |text: &str| load(text).nodes.iter().map(|node| node.id).collect::<Vec<_>>();
    assert_eq!(ids(&udpu(&["10.77.0.50", "10.77.0.51"])), [172_818_482, 172_818_483]);
    let high = udpu(&["192.168.0.1"]);
    assert_eq!(ids(&high), [0xc0a8_0001]);
    assert_eq!(
        ids(&high.replace("transport: udpu", "transport: udpu\nclear_node_high_bit: yes")),
        [0x40a8_0001]
    );
    assert!(refused(&udpu(&["fe80::1"])).contains("An IPV6 network requires"));
    assert!(refused(&udpu(&["alice"])).contains("from the host name 'alice'"));
    assert_eq!(
        refused(&udpu(&["10.0.0.1"]).replace("transport: udpu", "")),
        "corosync.conf:6: Knet requires an explicit nodeid to be specified for address '10.0.0.1'."
    );
}

#[test]
fn nodes_that_clash_are_refused() {
    assert_eq!(
        refused(&udpu(&["10.0.0.1", "10.0.0.1"])),
        "corosync.conf:9: address 10.0.0.1 is already that of the node in line 6"
    );
    let node = |id: u32, name: &str, address: &str| {
        format!("node {{\nnodeid: {id}\nname: {name}\nring0_addr: {address}\n}}\n")
    };
    let same_id = node(1, "a", "10.0.0.1") + &node(1, "b", "10.0.0.2");
    assert!(refused(&conf("", &same_id, "")).ends_with("Nodeid 1 appears twice in corosync.conf"));
    let same_name = node(1, "a", "10.0.0.1") + &node(2, "a", "10.0.0.2");
    assert!(
        refused(&conf("", &same_name, "")).ends_with("node name a appears twice in corosync.conf")
    );
    assert!(refused(&conf("", "node {\nnodeid: 1\n}", "")).contains("ring0_addr is missing"));
    assert!(refused("totem {\n}\n").ends_with("totem.version is missing: it must be 2"));
    let links = "node {\nnodeid: 1\nname: a\nring0_addr: h1\nring1_addr: h2\n}\n".to_owned()
        + &node(2, "b", "10.0.0.2");
    assert!(
        refused(&conf("", &links, "")).ends_with("Not all nodes have the same number of links")
    );
}

#[test]
fn times_follow_the_number_of_nodes() {
    let addresses = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"];
    let timing = |nodes: usize| load(&udpu(&addresses[..nodes])).timing;
    assert_eq!((timing(2).token_ms, timing(2).consensus_ms), (3000, 3600));
    assert_eq!((timing(3).token_ms, timing(3).consensus_ms), (3650, 4380));
    assert_eq!((timing(4).token_ms, timing(4).consensus_ms), (4300, 5160));
    assert_eq!((timing(2).token_retransmit_ms, timing(2).hold_ms), (714, 561));
    let config =
        load(&udpu(&addresses).replace("transport: udpu", "transport: udpu\nconsensus: 3600"));
    assert!(config.warnings[0].text.contains("less than 1.2 times"), "{:?}", config.warnings);
}

#[test]
fn quorum_options_are_read() {
    let nodes =
        "node {\nnodeid: 1\nring0_addr: a\nquorum_votes: 2\n}\nnode {\nnodeid: 2\nring0_addr: b\n}";
    let options = "provider: corosync_votequorum\ntwo_node: 1\nwait_for_all: 0\nlast_man_standing: 1\n\
        auto_tie_breaker: 1\nauto_tie_breaker_node: highest\n\
        device {\nmodel: net\nvotes: 1\nnet {\nhost: q\nalgorithm: ffsplit\n}\n}";
    let config = load(&conf("", nodes, options));
    assert_eq!(config.nodes[0].votes, 2);
    let quorum = &config.quorum;
    assert!(quorum.two_node && quorum.last_man_standing && quorum.auto_tie_breaker);
    assert_eq!(quorum.wait_for_all, Some(false));
    assert_eq!(quorum.auto_tie_breaker_node, "highest");
    let device = quorum.device.as_ref().unwrap();
    assert_eq!((device.model.as_str(), device.votes, device.timeout_ms), ("net", Some(1), 10_000));
    assert_eq!(device.settings[1], ("algorithm".to_owned(), "ffsplit".to_owned()));
    assert!(config.warnings.is_empty(), "{:?}", config.warnings);
    assert!(
        refused(&conf("", "", "provider: corosync_votequorum"))
            .contains("nodelist or expected_votes")
    );
}

#[test]
fn no_file_makes_it_panic() {
    let pieces =
        ["totem {", "}", "a:", ":", "{", "\u{a0}", "#", "node {", "nodelist {", "ring0_addr: ::"];
    for a in pieces {
        for b in pieces {
            for c in pieces {
                let text = format!("{a}\n{b}\n{c}\n}}");
                drop(ClusterConfig::parse(&text, "x"));
            }
        }
    }
}
