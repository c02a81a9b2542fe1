//! The walkthrough's configuration in both dialects: what its commands show, byte for byte.

use cib_model::cib::Cib;
use conformance::prerequisite::{shared, workspace};
use crm_syntax::agents::NoAgents;
use crm_syntax::style::Style;
use crm_syntax::text::{Mode, parse_words};
use crm_syntax::{Editor, Filter, LoadMethod, Options, show};

/// What the cluster itself has written before the first command.
const START: &str = r#"<cib crm_feature_set="3.0.7" validate-with="pacemaker-1.2" epoch="1" num_updates="0" admin_epoch="0"><configuration><crm_config><cluster_property_set id="cib-bootstrap-options"><nvpair name="dc-version" value="1.1.10-42f2063" id="cib-bootstrap-options-dc-version"/><nvpair name="cluster-infrastructure" value="corosync" id="cib-bootstrap-options-cluster-infrastructure"/></cluster_property_set></crm_config><nodes><node id="739835698" uname="ha-asterisk-1"/><node id="739835699" uname="ha-asterisk-2"/></nodes><resources/><constraints/></configuration><status/></cib>"#;

const COMMANDS: [&[&str]; 7] = [
    &["property", "stonith-enabled=false"],
    &["property", "no-quorum-policy=ignore"],
    &["rsc_defaults", "resource-stickiness=100"],
    &[
        "primitive",
        "HA-Asterisk-IP",
        "ocf:heartbeat:IPaddr2",
        "params",
        "ip=44.24.255.49",
        "cidr_netmask=32",
        "op",
        "monitor",
        "interval=30s",
    ],
    &["primitive", "HA-Asterisk-Service", "lsb:asterisk", "op", "monitor", "interval=30s"],
    &["colocation", "Service-With-IP", "INFINITY:", "HA-Asterisk-Service", "HA-Asterisk-IP"],
    &["order", "Service-After-IP", "mandatory:", "HA-Asterisk-IP", "HA-Asterisk-Service"],
];

/// Runs the first `count` commands as one-shots.
fn run(style: Style, count: usize) -> Cib {
    let mut cib = Cib::read(START).unwrap();
    for words in COMMANDS.iter().take(count) {
        let words: Vec<String> = words.iter().map(|w| (*w).to_owned()).collect();
        let statement = parse_words(&words).unwrap().unwrap();
        let options = Options::new(style, &NoAgents);
        let notes = crm_syntax::apply(&mut cib, &statement, &options).unwrap();
        assert_eq!(notes, [], "{words:?}");
    }
    cib
}

fn listing(cib: &Cib, style: Style) -> String {
    show(cib, style, &Filter::default()).unwrap()
}

#[test]
fn the_document_shows_as_on_its_own_page() {
    let walkthrough = workspace().join("fixtures/walkthrough");
    for (count, name) in [(3, "listing1.classic.txt"), (7, "listing2.classic.txt")] {
        let expected = std::fs::read_to_string(walkthrough.join(name)).unwrap();
        let cib = run(Style::Classic, count);
        assert_eq!(Style::auto(&cib), Style::Classic);
        assert_eq!(listing(&cib, Style::Classic), expected, "{name}");
    }
}

#[test]
fn the_listings_equal_those_of_crm_1_2_6() {
    for (count, name) in [(3, "seed.listing1.crm126.out"), (7, "seed.listing2.crm126.out")] {
        let Some(path) = shared(&format!("golden/crmsh/{name}")) else { return };
        let expected = std::fs::read_to_string(path).unwrap();
        assert_eq!(listing(&run(Style::Classic, count), Style::Classic), expected, "{name}");
    }
}

#[test]
fn modern_shows_what_crm_4_4_1_shows() {
    let expected = "\
node 739835698: ha-asterisk-1
node 739835699: ha-asterisk-2
primitive HA-Asterisk-IP IPaddr2 \\
\tparams ip=44.24.255.49 cidr_netmask=32 \\
\top monitor interval=30s
primitive HA-Asterisk-Service lsb:asterisk \\
\top monitor interval=30s
order Service-After-IP Mandatory: HA-Asterisk-IP HA-Asterisk-Service
colocation Service-With-IP inf: HA-Asterisk-Service HA-Asterisk-IP
property cib-bootstrap-options: \\
\tdc-version=1.1.10-42f2063 \\
\tcluster-infrastructure=corosync \\
\tstonith-enabled=false \\
\tno-quorum-policy=ignore
rsc_defaults rsc-options: \\
\tresource-stickiness=100
";
    assert_eq!(listing(&run(Style::Modern, 7), Style::Modern), expected);
}

/// What 1.2 wrote has a score; later crm has no words for that.
#[test]
fn an_ordering_with_a_score_is_xml_in_modern() {
    let shown = listing(&run(Style::Classic, 7), Style::Modern);
    let expected = "xml <rsc_order id=\"Service-After-IP\" score=\"INFINITY\" \
                    first=\"HA-Asterisk-IP\" then=\"HA-Asterisk-Service\"/>\n";
    assert!(shown.contains(expected), "{shown}");
}

#[test]
fn a_listing_reads_back_to_the_same_cib() {
    for style in [Style::Classic, Style::Modern] {
        let cib = run(style, 7);
        let text = listing(&cib, style);
        for method in [LoadMethod::Update, LoadMethod::Replace, LoadMethod::Push] {
            let mut again = cib.clone();
            let options = Options { mode: Mode::Load, ..Options::new(style, &NoAgents) };
            let notes = Editor::new(&mut again, &options).load(&text, method).unwrap();
            assert_eq!(notes, [], "{style:?} {method:?}");
            assert_eq!(listing(&again, style), text, "{style:?} {method:?}");
            if method != LoadMethod::Replace {
                assert_eq!(xml(&again), xml(&cib), "{style:?} {method:?}");
            }
        }
    }
}

fn xml(cib: &Cib) -> String {
    cib.write(cib_model::xml::Layout::Pretty, cib_model::xml::Dialect::default())
}
