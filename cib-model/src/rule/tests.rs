//! Rules as Pacemaker answers them.

use super::{Facts, Outcome, Rule};
use crate::Cib;
use crate::time::DateTime;

/// Noon UTC on Monday 2026-11-23, on a node with some attributes.
struct Noon;

impl Facts for Noon {
    fn now(&self) -> DateTime {
        DateTime::from_epoch(1_795_435_200, 0)
    }

    fn node_attribute(&self, name: &str) -> Option<&str> {
        match name {
            "#uname" => Some("Node1"),
            "cpu" => Some("8"),
            "load" => Some("1.5"),
            "kernel" => Some("4.9.10"),
            "site-db" => Some("yes"),
            _ => None,
        }
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        (name == "cores").then_some("8")
    }

    fn agent(&self) -> (Option<&str>, Option<&str>, Option<&str>) {
        (Some("ocf"), Some("heartbeat"), Some("IPaddr2"))
    }

    fn operation(&self) -> Option<(&str, u32)> {
        Some(("monitor", 10_000))
    }

    fn submatch(&self, number: usize) -> Option<&str> {
        ["db-1", "db"].get(number).copied()
    }
}

fn ask(rule: &str) -> Outcome {
    let cib = Cib::read(&format!("<cib><configuration>{rule}</configuration></cib>")).unwrap();
    let element = cib.configuration().and_then(|c| c.children().next()).unwrap();
    match Rule::read(&cib, element) {
        Some(rule) => rule.evaluate(&Noon),
        None => Outcome { holds: false, recheck_by: None },
    }
}

fn holds(conditions: &str) -> bool {
    ask(&format!(r#"<rule id="r">{conditions}</rule>"#)).holds
}

#[test]
fn attributes() {
    for (expected, attrs) in [
        (true, r##"attribute="#uname" operation="eq" value="node1""##),
        (false, r##"attribute="#uname" operation="ne" value="NODE1""##),
        (true, r#"attribute="cpu" operation="gt" value="10" type="string""#),
        (false, r#"attribute="cpu" operation="gt" value="10""#),
        (true, r#"attribute="load" operation="lt" value="2""#),
        (true, r#"attribute="cpu" operation="lte" value="8.0""#),
        (true, r#"attribute="kernel" operation="gte" value="4.9.9" type="version""#),
        (true, r#"attribute="cpu" operation="eq" value="cores" value-source="param""#),
        (false, r#"attribute="none" operation="eq" value="x""#),
        (true, r#"attribute="none" operation="ne" value="x""#),
        (false, r#"attribute="none" operation="lt" value="x""#),
        (true, r#"attribute="none" operation="not_defined""#),
        (false, r#"attribute="cpu" operation="defined" value="8""#),
        (true, r#"attribute="site-%1" operation="eq" value="yes""#),
        (false, r#"attribute="cpu" operation="like" value="8""#),
        (false, r#"attribute="cpu" operation="eq""#),
    ] {
        assert_eq!(holds(&format!(r#"<expression id="e" {attrs}/>"#)), expected, "{attrs}");
    }
    assert!(!holds(r#"<expression attribute="cpu" operation="defined"/>"#), "no id");
}

#[test]
fn combinations() {
    let yes = r#"<expression id="y" attribute="cpu" operation="defined"/>"#;
    let no = r#"<expression id="n" attribute="cpu" operation="not_defined"/>"#;
    assert!(holds("") && holds(yes) && !holds(&format!("{yes}{no}")));
    let or = |inside: &str| format!(r#"<rule id="o" boolean-op="or">{inside}</rule>"#);
    assert!(ask(&or(&format!("{no}{yes}"))).holds && !ask(&or(no)).holds);
    assert!(holds(&or(&format!("{no}{yes}"))) && !ask(r#"<rule id="x" boolean-op="xor"/>"#).holds);
}

#[test]
fn agents_and_operations() {
    assert!(holds(r#"<rsc_expression id="e" class="ocf" type="IPaddr2"/>"#));
    assert!(!holds(r#"<rsc_expression id="e" class="ocf" provider="pacemaker"/>"#));
    assert!(holds(r#"<op_expression id="e" name="monitor"/>"#));
    assert!(holds(r#"<op_expression id="e" name="monitor" interval="10s"/>"#));
    assert!(!holds(r#"<op_expression id="e" name="monitor" interval="11s"/>"#));
    assert!(!holds(r#"<op_expression id="e" interval="10s"/>"#));
}

#[test]
fn dates_and_when_to_ask_again() {
    let at = |text| DateTime::parse(text, Noon.now()).ok();
    for (expected, recheck, expression) in [
        (true, None, r#"start="2026-11-01""#),
        (false, at("2026-12-01"), r#"start="2026-12-01""#),
        (true, at("2026-11-23 12:00:01Z"), r#"operation="in_range" end="2026-11-23 12:00:00Z""#),
        (false, None, r#"end="2026-11-23 11:59:59Z""#),
        (false, at("2026-11-23 12:00:01Z"), r#"operation="gt" start="2026-11-23 12:00:00Z""#),
        (true, None, r#"operation="gt" start="2026-11-23 11:59:59Z""#),
        (true, at("2026-11-24"), r#"operation="lt" end="2026-11-24""#),
        (false, None, r#"operation="lt" start="2026-11-24""#),
        (false, None, r#"start="whenever""#),
        (false, None, r#"operation="in_range""#),
    ] {
        let rule = format!(r#"<rule id="r"><date_expression id="d" {expression}/></rule>"#);
        assert_eq!(ask(&rule), Outcome { holds: expected, recheck_by: recheck }, "{expression}");
    }
    let lasting = r#"<rule id="r"><date_expression id="d" operation="in_range" start="2026-11-23"><duration id="u" hours="13"/></date_expression></rule>"#;
    assert_eq!(ask(lasting), Outcome { holds: true, recheck_by: at("2026-11-23 13:00:01Z") });
}

#[test]
fn parts_of_a_date() {
    for (expected, spec) in [
        (true, r#"hours="9-16" weekdays="1-5""#),
        (false, r#"weekdays="6-7""#),
        (true, r#"years="2026-""#),
        (false, r#"years="-2025""#),
        (true, r#"weeks="48" weekyears="2026""#),
        (true, r#"monthdays="23" months="11" yeardays="327""#),
        (false, r#"hours="9-16,18""#),
        (false, r#"hours="-""#),
        (true, ""),
    ] {
        let rule = format!(
            r#"<date_expression id="d" operation="date_spec"><date_spec id="s" {spec}/></date_expression>"#
        );
        assert_eq!(holds(&rule), expected, "{spec}");
    }
}
