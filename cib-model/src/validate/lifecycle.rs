//! Operations that do not do what they say, and what newer releases of Pacemaker read no more.
//!
//! **Source:** pacemaker `lib/pengine/pe_actions.c` (`on-fail`), the release notes of 3.0.0 for
//! what was removed.

use crate::cib::Cib;
use crate::interval;
use crate::names;
use crate::options::{self, OptionType, operation, resource};
use crate::resource::{Operation, Resource};
use crate::validate::lint::{is_fencing_enabled, warning};
use crate::validate::{Code, Finding};
use crate::xml::ElementRef;

/// Timeouts below this, in ms, end more often in a failure than in a result.
const TIMEOUT_MIN_MS: u32 = 1_000;

/// Checks the operations of every primitive and template.
pub(super) fn operations(cib: &Cib, findings: &mut Vec<Finding>) {
    let owners = cib.resources().into_iter().flat_map(ElementRef::descendants);
    for owner in owners.filter(|e| matches!(e.name(), names::PRIMITIVE | names::TEMPLATE)) {
        for op in crate::resource::operation::of(cib, owner) {
            on_fail(cib, op, findings);
            values(op, findings);
            timeout(owner, op, findings);
        }
    }
}

fn on_fail(cib: &Cib, op: Operation<'_>, findings: &mut Vec<Finding>) {
    let (Some(name), Some(on_fail)) = (op.name(), op.on_fail()) else { return };
    let is_recurring_promoted = name == "monitor"
        && op.interval_ms() > 0
        && matches!(op.role(), Some("Promoted" | "Master"));
    let why = match on_fail {
        "demote" if name != "promote" && !is_recurring_promoted => {
            "only promote and recurring monitors of role Promoted may have it"
        }
        "standby" if name == "stop" => "a stop that failed cannot be left as it is",
        "fence" if !is_fencing_enabled(cib) => "fencing is disabled",
        _ => return,
    };
    let message = format!("{}: on-fail={on_fail} of {name} counts as not set: {why}", op.id());
    findings.push(warning(op.element(), Code::BadOnFail, message));
}

fn values(op: Operation<'_>, findings: &mut Vec<Finding>) {
    for (name, value) in op.element().attrs() {
        let Some(option) = options::find(operation::OPTIONS, name) else { continue };
        if option.kind == OptionType::Duration && !option.accepts(value) {
            let message = format!("{}: '{value}' is no time for {name}", op.id());
            findings.push(warning(op.element(), Code::BadOptionValue, message));
        }
    }
}

fn timeout(owner: ElementRef<'_>, op: Operation<'_>, findings: &mut Vec<Finding>) {
    let Some(text) = op.timeout() else { return };
    let is_short = interval::parse_interval_ms(text).is_ok_and(|ms| ms > 0 && ms < TIMEOUT_MIN_MS);
    if is_short {
        let (owner, name) = (owner.id().unwrap_or_default(), op.name().unwrap_or_default());
        let message = format!("{owner}: timeout {text} of {name} is below a second; give a unit");
        findings.push(warning(op.element(), Code::ShortTimeout, message));
    }
}

/// Names what Pacemaker 3 removed or refuses, and meta attributes whose value does not count.
pub(super) fn removed(cib: &Cib, findings: &mut Vec<Finding>) {
    let Some(configuration) = cib.configuration() else { return };
    for element in configuration.descendants() {
        let class = element.attr(names::CLASS);
        let why = match element.name() {
            names::PRIMITIVE | names::TEMPLATE if class == Some("upstart") => {
                "agents of class upstart are gone; use systemd"
            }
            names::PRIMITIVE | names::TEMPLATE if class == Some("nagios") => {
                "agents of class nagios are gone; use ocf or systemd"
            }
            names::RKT => "bundles of rkt are gone; use podman or docker",
            "lifetime" => "<lifetime> is gone; put its rule into the constraint",
            names::RULE if is_second_rule(element) => {
                "a location constraint has one rule; make a constraint of each"
            }
            names::NVPAIR => match element.attr(names::NAME) {
                Some("restart-type") => {
                    "restart-type is gone; use the kind of ordering constraints"
                }
                Some("can_fail" | "role_after_failure") => "it is gone; use on-fail",
                Some("stonith-action") if element.attr(names::VALUE) == Some("poweroff") => {
                    "stonith-action=poweroff is gone; use off"
                }
                _ => continue,
            },
            _ => continue,
        };
        let message = format!("Pacemaker 3 reads it no more: {why}");
        findings.push(warning(element, Code::Removed, message));
    }
    for rsc in cib.all_resources() {
        meta_attributes(cib, rsc, findings);
    }
}

fn is_second_rule(element: ElementRef<'_>) -> bool {
    let Some(parent) = element.parent().filter(|p| p.name() == names::RSC_LOCATION) else {
        return false;
    };
    parent.child(names::RULE).is_some_and(|first| first.xml_id() != element.xml_id())
}

fn meta_attributes(cib: &Cib, rsc: Resource<'_>, findings: &mut Vec<Finding>) {
    let kind = crate::nvset::NvSetKind::MetaAttributes;
    let tables = [resource::OPTIONS, resource::CLONE];
    for pair in crate::nvset::sets(cib, rsc.element(), kind).flat_map(crate::nvset::NvSet::pairs) {
        let (Some(name), Some(value)) = (pair.name(cib), pair.value(cib)) else { continue };
        let Some(option) = tables.into_iter().find_map(|t| options::find(t, name)) else {
            continue;
        };
        if !option.accepts(value) {
            let default = option.default.unwrap_or("no value");
            let message = format!("'{value}' is no value of {name}: {} has {default}", rsc.id());
            findings.push(warning(pair.element(), Code::BadOptionValue, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Cib;
    use crate::validate::{Code, lint};

    #[test]
    fn operations_and_what_is_gone() {
        let cib = Cib::read(
            r#"<cib><configuration>
            <crm_config><cluster_property_set id="p"><nvpair id="p1" name="stonith-enabled" value="false"/></cluster_property_set></crm_config>
            <nodes><node id="1" uname="n1"/><node id="2" uname="n2"/></nodes>
            <resources><primitive id="a" class="upstart" type="x">
              <meta_attributes id="m"><nvpair id="m1" name="is-managed" value="perhaps"/></meta_attributes>
              <operations>
                <op id="o1" name="start" interval="0" on-fail="demote" timeout="20"/>
                <op id="o2" name="stop" interval="0" on-fail="standby" timeout="100ms"/>
                <op id="o3" name="monitor" interval="often" on-fail="fence"/>
                <op id="o4" name="monitor" interval="9s" role="Promoted" on-fail="demote"/>
              </operations></primitive></resources>
            <constraints><rsc_location id="l" rsc="a"><rule id="r1" score="1"/><rule id="r2" score="2"/></rsc_location></constraints>
            </configuration></cib>"#,
        )
        .unwrap();
        let found: Vec<_> = lint(&cib).into_iter().map(|f| (f.code, f.object)).collect();
        let expected = [
            (Code::NoFencing, ""),
            (Code::BadOnFail, "o1"),
            (Code::BadOnFail, "o2"),
            (Code::ShortTimeout, "o2"),
            (Code::BadOnFail, "o3"),
            (Code::BadOptionValue, "o3"),
            (Code::Removed, "a"),
            (Code::Removed, "r2"),
            (Code::BadOptionValue, "m1"),
        ];
        assert_eq!(found, expected.map(|(code, id)| (code, id.to_owned())));
    }
}
