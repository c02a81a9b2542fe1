//! What is known of Pacemaker's schemas without their files: their names, and the values of
//! enumerated attributes.
//!
//! **Source:** pacemaker `xml/*.rng`.

use crate::Cib;
use crate::validate::{Code, Finding, Severity};
use crate::xml::ElementRef;

/// The value of `validate-with` that asks for no validation.
pub const NONE: &str = "none";
/// The latest schema.
pub const LATEST: &str = "pacemaker-4.0";

/// Returns true for the name of a schema, or of none.
pub fn is_known(name: &str) -> bool {
    let Some(version) = name.strip_prefix("pacemaker-") else { return name == NONE };
    let Some((major, minor)) = version.split_once('.') else { return false };
    let canonical = |text: &str| text == "0" || !text.starts_with('0');
    if !canonical(minor) {
        return false;
    }
    match (major, minor.parse::<u8>()) {
        ("1", Ok(minor)) => minor <= 3,
        ("2" | "3", Ok(minor)) => minor <= 10,
        ("4", Ok(minor)) => minor == 0,
        _ => false,
    }
}

const ACTIONS: &[&str] = &["start", "promote", "demote", "stop"];
const KINDS: &[&str] = &["Optional", "Mandatory", "Serialize"];
const ROLES: &[&str] = &["Stopped", "Started", "Promoted", "Unpromoted", "Master", "Slave"];
const LOSS_POLICIES: &[&str] = &["stop", "demote", "fence", "freeze"];

/// Element, attribute, values: those that no schema extends.
const ENUMERATIONS: &[(&str, &str, &[&str])] = &[
    ("rsc_order", "first-action", ACTIONS),
    ("rsc_order", "then-action", ACTIONS),
    ("rsc_order", "kind", KINDS),
    ("rsc_colocation", "rsc-role", ROLES),
    ("rsc_colocation", "with-rsc-role", ROLES),
    ("rsc_location", "role", ROLES),
    ("rsc_location", "resource-discovery", &["always", "never", "exclusive"]),
    ("rsc_ticket", "rsc-role", ROLES),
    ("rsc_ticket", "loss-policy", LOSS_POLICIES),
    ("resource_set", "action", ACTIONS),
    ("resource_set", "role", ROLES),
    ("rule", "boolean-op", &["or", "and"]),
    ("date_expression", "operation", &["gt", "lt", "in_range", "date_spec"]),
];

/// Returns the attributes whose value their schema does not list, in document order.
pub fn enumerations(cib: &Cib) -> Vec<Finding> {
    let constraints = cib.root().child("configuration");
    let elements = constraints.into_iter().flat_map(ElementRef::descendants);
    let mut findings = Vec::new();
    for element in elements {
        for (name, attribute, values) in ENUMERATIONS {
            if element.name() != *name {
                continue;
            }
            let Some(value) = element.attr(attribute) else { continue };
            if !values.contains(&value) {
                findings.push(Finding {
                    severity: Severity::Error,
                    code: Code::BadAttributeValue,
                    element: element.xml_id(),
                    object: element.id().unwrap_or_default().to_owned(),
                    message: format!("Invalid attribute {attribute} for element {name}"),
                });
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_are_known_by_name() {
        for name in ["pacemaker-1.0", "pacemaker-2.10", "pacemaker-3.9", LATEST, NONE] {
            assert!(is_known(name), "{name}");
        }
        for name in ["", "pacemaker-4.1", "pacemaker-9999.0", "pacemaker-3.09", "transitional-0.6"]
        {
            assert!(!is_known(name), "{name}");
        }
    }

    #[test]
    fn a_value_that_no_schema_lists_is_found() {
        let cib = Cib::read(
            "<cib><configuration><constraints><rsc_order id='o' first='a' first-action='break' \
             then='b' kind='Optional'/></constraints></configuration></cib>",
        );
        let findings = enumerations(&cib.unwrap());
        let told: Vec<&str> = findings.iter().map(|f| f.message.as_str()).collect();
        assert_eq!(told, ["Invalid attribute first-action for element rsc_order"]);
        assert_eq!(findings[0].object, "o");
    }
}
