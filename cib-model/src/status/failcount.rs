//! Names of the node attributes that count failures.
//!
//! **Source:** pacemaker `include/crm/common/failcounts_internal.h`; spec of attribute ids:
//! `daemons/attrd/attrd_cib.c`.

/// What a fail-count attribute is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FailedOperation<'a> {
    /// The resource's id; without instance number where instances are anonymous.
    pub rsc: &'a str,
    /// The operation's name.
    pub operation: &'a str,
    /// The operation's interval in ms.
    pub interval_ms: u32,
}

const COUNT: &str = "fail-count-";
const LAST: &str = "last-failure-";

impl<'a> FailedOperation<'a> {
    /// Returns the attribute with the number of failures: `fail-count-RSC#OP_INTERVAL`.
    pub fn count_name(self) -> String {
        format!("{COUNT}{}", self.suffix())
    }

    /// Returns the attribute with the time of the last failure: `last-failure-RSC#OP_INTERVAL`.
    pub fn last_failure_name(self) -> String {
        format!("{LAST}{}", self.suffix())
    }

    fn suffix(self) -> String {
        format!("{}#{}_{}", self.rsc, self.operation, self.interval_ms)
    }

    /// Reads the name of either attribute; `None` for other names and for the older form without
    /// operation.
    pub fn parse(name: &'a str) -> Option<Self> {
        let rest = name.strip_prefix(COUNT).or_else(|| name.strip_prefix(LAST))?;
        let (rsc, operation) = rest.rsplit_once('#')?;
        let (operation, interval) = operation.rsplit_once('_')?;
        Some(FailedOperation { rsc, operation, interval_ms: interval.parse().ok()? })
    }
}

/// Returns the id of a transient attribute's pair in the set of node `node_id`: characters an XML
/// id may not hold become points.
pub fn attribute_id(node_id: &str, name: &str) -> String {
    let ok = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') || !c.is_ascii();
    let name: String = name.chars().map(|c| if ok(c) { c } else { '.' }).collect();
    format!("status-{node_id}-{name}")
}

#[cfg(test)]
mod tests {
    use super::{FailedOperation, attribute_id};

    #[test]
    fn names_and_ids() {
        let failed = FailedOperation { rsc: "L1", operation: "monitor", interval_ms: 5_000 };
        assert_eq!(failed.count_name(), "fail-count-L1#monitor_5000");
        assert_eq!(failed.last_failure_name(), "last-failure-L1#monitor_5000");
        assert_eq!(FailedOperation::parse("fail-count-L1#monitor_5000"), Some(failed));
        assert_eq!(FailedOperation::parse("fail-count-L1"), None);
        assert_eq!(
            attribute_id("2", "fail-count-L1#monitor_5000"),
            "status-2-fail-count-L1.monitor_5000"
        );
    }
}
