//! Our reading of corosync.conf beside that of an installed corosync (`corosync -t`).

#![forbid(unsafe_code)]

use std::process::Command;

use cluster_link::config::{ClusterConfig, ConfigError, ParseError};
use conformance::prerequisite;

/// A node that is this machine, for cases that are not about nodes.
const LOCAL: &str = "nodelist {\n node {\n nodeid: 1\n name: a\n ring0_addr: 127.0.0.1\n }\n}\n";

/// Bodies of the totem section after its version; all with [`LOCAL`].
const TOTEM: &[&str] = &[
    "",
    " # comment\n\n\ttoken:3000  ",
    " token: 30O0",
    " token: -1",
    " token: 4294967296",
    " token: 20",
    " token:",
    " tokn: 3000",
    " join: 10",
    " merge: 29",
    " consensus: 20",
    " consensus: 40\n join: 50",
    " consensus: 1000",
    " token: 100\n token_retransmits_before_loss_const: 10",
    " token_retransmit: 20",
    " hold: 5",
    " transport: upd",
    " crypto_cipher: aes512",
    " crypto_hash: crc",
    " ip_version: ipv5",
    " secauth: off\n threads: 0\n vsftype: none\n rrp_mode: none",
    " interface {\n  linknumber: 0\n  mcastport: 70000\n }",
    " interface {\n  ringnumber: 300\n }",
    " interface {\n  ringnumber: 0\n  mcastport: 5405\n  ttl: 1000\n }",
    " interface {\n  anything: goes\n }",
    " interface { \n }",
    " interface x {\n }",
    " value: with : colons # and no comment",
    " no colon",
    " brace }",
    " interface {",
    " interface {\n } x",
    " {\n }",
    " interface { x: 1 }",
];

/// Whole files.
const FILES: &[&str] = &[
    "totem { version: 2\n",
    "}\n",
    "totem {\n",
    "just words\n",
    "totem {\n version: 3\n}\n",
    "amf {\n mode: disabled\n}\naisexec {\n user: root\n}\nunknown {\n a: b\n}\n",
    "quorum {\n two_node: 256\n}\n",
    "quorum {\n expected_votes: many\n}\n",
    "quorum {\n provider: corosync_votequorum\n device {\n  votes: x\n }\n}\n",
    "nodelist {\n node {\n nodeid: x\n }\n}\n",
];

#[test]
fn what_corosync_refuses_is_refused_in_its_words() {
    if !prerequisite::root() || !prerequisite::programs(&["corosync"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("corosync.conf");
    let name = file.display().to_string();
    let totem = TOTEM.iter().map(|body| format!("totem {{\n version: 2\n{body}\n}}\n{LOCAL}"));
    let files = FILES.iter().map(|text| {
        let totem = if text.contains("totem") { "" } else { "totem {\n version: 2\n}\n" };
        format!("{text}{totem}{LOCAL}")
    });
    let mut wrong = Vec::new();
    for text in totem.chain(files) {
        std::fs::write(&file, &text).unwrap();
        let output = Command::new("corosync").args(["-t", "-c", &name]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let agreed = match ClusterConfig::parse(&text, &name) {
            Ok(_) => output.status.success(),
            Err(error) => !output.status.success() && said.contains(&sentence(&error)),
        };
        if !agreed {
            let ours = ClusterConfig::parse(&text, &name).map(|_| ());
            wrong.push(format!("{text}\nours: {ours:?}\ncorosync: {said}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n----\n"));
}

/// What of our message corosync must have said too: up to what we add to its sentence.
fn sentence(error: &ConfigError) -> String {
    match error {
        ConfigError::Invalid { text, .. } => text.clone(),
        ConfigError::Parse(ParseError { kind, .. }) => {
            let text = kind.to_string();
            match text.strip_prefix("Invalid ") {
                Some(_) => text.split(", but ").next().unwrap_or_default().to_owned(),
                None => error.to_string(),
            }
        }
    }
}
