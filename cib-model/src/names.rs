//! Names of elements and attributes: one constant for each, and the table that turns text read
//! from a file into a borrowed name.
//!
//! An element and an attribute of the same name share a constant.

macro_rules! names {
    ($($name:ident = $text:literal;)*) => {
        $(
            #[doc = concat!("`", $text, "`")]
            pub const $name: &str = $text;
        )*
        /// Every name known in advance.
        const ALL: &[&str] = &[$($text),*];
    };
}

names! {
    // The document and its sections.
    CIB = "cib";
    CONFIGURATION = "configuration";
    CRM_CONFIG = "crm_config";
    NODES = "nodes";
    RESOURCES = "resources";
    CONSTRAINTS = "constraints";
    RSC_DEFAULTS = "rsc_defaults";
    OP_DEFAULTS = "op_defaults";
    FENCING_TOPOLOGY = "fencing-topology";
    TAGS = "tags";
    ACLS = "acls";
    ALERTS = "alerts";
    STATUS = "status";
    TICKETS = "tickets";

    // Attributes of the root.
    ADMIN_EPOCH = "admin_epoch";
    EPOCH = "epoch";
    NUM_UPDATES = "num_updates";
    VALIDATE_WITH = "validate-with";
    CRM_FEATURE_SET = "crm_feature_set";
    CIB_LAST_WRITTEN = "cib-last-written";
    UPDATE_ORIGIN = "update-origin";
    UPDATE_CLIENT = "update-client";
    UPDATE_USER = "update-user";
    HAVE_QUORUM = "have-quorum";
    DC_UUID = "dc-uuid";
    EXECUTION_DATE = "execution-date";
    NO_QUORUM_PANIC = "no-quorum-panic";
    REMOTE_TLS_PORT = "remote-tls-port";
    REMOTE_CLEAR_PORT = "remote-clear-port";
    CRM_DEBUG_ORIGIN = "crm-debug-origin";
    CIB_REMOTE_TLS_PORT = "cib-remote-tls-port";
    HA = "ha";
    HAVE_REMOTE = "have-remote";

    // Name-value sets.
    CLUSTER_PROPERTY_SET = "cluster_property_set";
    INSTANCE_ATTRIBUTES = "instance_attributes";
    META_ATTRIBUTES = "meta_attributes";
    UTILIZATION = "utilization";
    NVPAIR = "nvpair";
    NAME = "name";
    VALUE = "value";
    ID = "id";
    ID_REF = "id-ref";

    // Nodes and resources.
    NODE = "node";
    UNAME = "uname";
    TYPE = "type";
    PRIMITIVE = "primitive";
    CLASS = "class";
    PROVIDER = "provider";
    TEMPLATE = "template";
    GROUP = "group";
    CLONE = "clone";
    MASTER = "master";
    BUNDLE = "bundle";
    OPERATIONS = "operations";
    OP = "op";
    INTERVAL = "interval";
    TIMEOUT = "timeout";
    ON_FAIL = "on-fail";
    START_DELAY = "start-delay";
    INTERVAL_ORIGIN = "interval-origin";
    ENABLED = "enabled";
    RECORD_PENDING = "record-pending";
    ROLE = "role";
    DESCRIPTION = "description";

    // Bundles.
    DOCKER = "docker";
    PODMAN = "podman";
    RKT = "rkt";
    IMAGE = "image";
    REPLICAS = "replicas";
    REPLICAS_PER_HOST = "replicas-per-host";
    PROMOTED_MAX = "promoted-max";
    MASTERS = "masters";
    RUN_COMMAND = "run-command";
    NETWORK = "network";
    OPTIONS = "options";
    IP_RANGE_START = "ip-range-start";
    CONTROL_PORT = "control-port";
    HOST_INTERFACE = "host-interface";
    HOST_NETMASK = "host-netmask";
    ADD_HOST = "add-host";
    PORT_MAPPING = "port-mapping";
    PORT = "port";
    INTERNAL_PORT = "internal-port";
    RANGE = "range";
    STORAGE = "storage";
    STORAGE_MAPPING = "storage-mapping";
    SOURCE_DIR = "source-dir";
    SOURCE_DIR_ROOT = "source-dir-root";
    TARGET_DIR = "target-dir";

    // Constraints.
    RSC_LOCATION = "rsc_location";
    RSC_COLOCATION = "rsc_colocation";
    RSC_ORDER = "rsc_order";
    RSC_TICKET = "rsc_ticket";
    RESOURCE_SET = "resource_set";
    RESOURCE_REF = "resource_ref";
    RSC = "rsc";
    RSC_PATTERN = "rsc-pattern";
    RSC_ROLE = "rsc-role";
    WITH_RSC = "with-rsc";
    WITH_RSC_ROLE = "with-rsc-role";
    RSC_INSTANCE = "rsc-instance";
    WITH_RSC_INSTANCE = "with-rsc-instance";
    NODE_ATTRIBUTE = "node-attribute";
    INFLUENCE = "influence";
    SCORE = "score";
    SCORE_ATTRIBUTE = "score-attribute";
    SCORE_ATTRIBUTE_MANGLE = "score-attribute-mangle";
    RESOURCE_DISCOVERY = "resource-discovery";
    FIRST = "first";
    FIRST_ACTION = "first-action";
    FIRST_INSTANCE = "first-instance";
    THEN = "then";
    THEN_ACTION = "then-action";
    THEN_INSTANCE = "then-instance";
    KIND = "kind";
    SYMMETRICAL = "symmetrical";
    REQUIRE_ALL = "require-all";
    SEQUENTIAL = "sequential";
    ORDERING = "ordering";
    ACTION = "action";
    TICKET = "ticket";
    LOSS_POLICY = "loss-policy";
    LIFETIME = "lifetime";

    // Rules.
    RULE = "rule";
    BOOLEAN_OP = "boolean-op";
    EXPRESSION = "expression";
    ATTRIBUTE = "attribute";
    OPERATION = "operation";
    VALUE_SOURCE = "value-source";
    DATE_EXPRESSION = "date_expression";
    START = "start";
    END = "end";
    DATE_SPEC = "date_spec";
    DURATION = "duration";
    RSC_EXPRESSION = "rsc_expression";
    OP_EXPRESSION = "op_expression";
    SECONDS = "seconds";
    MINUTES = "minutes";
    HOURS = "hours";
    DAYS = "days";
    WEEKS = "weeks";
    WEEKDAYS = "weekdays";
    WEEKYEARS = "weekyears";
    MONTHDAYS = "monthdays";
    MONTHS = "months";
    YEARDAYS = "yeardays";
    YEARS = "years";
    MOON = "moon";

    // Fencing, tags, ACLs, alerts.
    FENCING_LEVEL = "fencing-level";
    TARGET = "target";
    TARGET_ATTRIBUTE = "target-attribute";
    TARGET_VALUE = "target-value";
    TARGET_PATTERN = "target-pattern";
    INDEX = "index";
    DEVICES = "devices";
    TAG = "tag";
    OBJ_REF = "obj_ref";
    ACL_ROLE = "acl_role";
    ACL_TARGET = "acl_target";
    ACL_GROUP = "acl_group";
    ACL_USER = "acl_user";
    ACL_PERMISSION = "acl_permission";
    ROLE_REF = "role_ref";
    READ = "read";
    WRITE = "write";
    DENY = "deny";
    XPATH = "xpath";
    REFERENCE = "reference";
    REF = "ref";
    OBJECT_TYPE = "object-type";
    ALERT = "alert";
    RECIPIENT = "recipient";
    PATH = "path";
    SELECT = "select";
    SELECT_NODES = "select_nodes";
    SELECT_RESOURCES = "select_resources";
    SELECT_FENCING = "select_fencing";
    SELECT_ATTRIBUTES = "select_attributes";

    // Status.
    NODE_STATE = "node_state";
    IN_CCM = "in_ccm";
    CRMD = "crmd";
    JOIN = "join";
    EXPECTED = "expected";
    SHUTDOWN = "shutdown";
    NODE_FENCED = "node_fenced";
    NODE_IN_MAINTENANCE = "node_in_maintenance";
    REMOTE_NODE = "remote_node";
    TRANSIENT_ATTRIBUTES = "transient_attributes";
    LRM = "lrm";
    LRM_RESOURCES = "lrm_resources";
    LRM_RESOURCE = "lrm_resource";
    CONTAINER = "container";
    SHUTDOWN_LOCK = "shutdown-lock";
    LRM_RSC_OP = "lrm_rsc_op";
    OPERATION_KEY = "operation_key";
    TRANSITION_KEY = "transition-key";
    TRANSITION_MAGIC = "transition-magic";
    EXIT_REASON = "exit-reason";
    ON_NODE = "on_node";
    CALL_ID = "call-id";
    RC_CODE = "rc-code";
    OP_STATUS = "op-status";
    LAST_RUN = "last-run";
    LAST_RC_CHANGE = "last-rc-change";
    EXEC_TIME = "exec-time";
    QUEUE_TIME = "queue-time";
    MIGRATE_SOURCE = "migrate_source";
    MIGRATE_TARGET = "migrate_target";
    OP_DIGEST = "op-digest";
    OP_FORCE_RESTART = "op-force-restart";
    OP_RESTART_DIGEST = "op-restart-digest";
    OP_SECURE_PARAMS = "op-secure-params";
    OP_SECURE_DIGEST = "op-secure-digest";
    TICKET_STATE = "ticket_state";
    GRANTED = "granted";
    LAST_GRANTED = "last-granted";
    STANDBY = "standby";
    CLEAR_SHUTDOWN = "clear_shutdown";

    // Patchsets and answers.
    DIFF = "diff";
    FORMAT = "format";
    DIGEST = "digest";
    VERSION = "version";
    SOURCE = "source";
    CHANGE = "change";
    CHANGE_LIST = "change-list";
    CHANGE_ATTR = "change-attr";
    CHANGE_RESULT = "change-result";
    POSITION = "position";
    COMMENT = "comment";
    XPATH_QUERY = "xpath-query";
    XPATH_QUERY_PATH = "xpath-query-path";
    FAILED = "failed";
    FAILED_UPDATE = "failed_update";
    FAILED_OBJECT_TYPE = "object_type";
    REASON = "reason";
    PARAMETERS = "parameters";
}

/// Slots of the table; a power of two well above the number of names.
const SLOTS: usize = 1024;

/// Open addressing with linear probing, filled by the compiler; 0 is an empty slot, else index + 1.
static TABLE: [u16; SLOTS] = table();

#[expect(clippy::cast_possible_truncation, reason = "fewer than 65,535 names, checked here")]
const fn table() -> [u16; SLOTS] {
    assert!(ALL.len() * 2 < SLOTS, "the table is kept sparse");
    let mut slots = [0_u16; SLOTS];
    let mut i = 0;
    while i < ALL.len() {
        let mut at = slot(ALL[i].as_bytes());
        while slots[at] != 0 {
            at = (at + 1) % SLOTS;
        }
        slots[at] = i as u16 + 1;
        i += 1;
    }
    slots
}

#[expect(clippy::cast_possible_truncation, reason = "only the low bits are used")]
/// FNV-1a over length, first, middle and last bytes: enough to spread some 250 names.
const fn slot(text: &[u8]) -> usize {
    let n = text.len();
    if n == 0 {
        return 0;
    }
    let picks =
        [n as u32, text[0] as u32, text[n / 2] as u32, text[n - 1] as u32, text[n / 4] as u32];
    let mut hash: u32 = 0x811c_9dc5;
    let mut i = 0;
    while i < picks.len() {
        hash = (hash ^ picks[i]).wrapping_mul(0x0100_0193);
        i += 1;
    }
    (hash ^ (hash >> 15)) as usize % SLOTS
}

/// Returns the constant equal to `text`, so that a known name is stored without a copy.
pub fn known(text: &str) -> Option<&'static str> {
    position(text).map(at)
}

/// Returns the position of the constant equal to `text`.
pub(crate) fn position(text: &str) -> Option<u16> {
    let mut at = slot(text.as_bytes());
    loop {
        let position = TABLE.get(at)?.checked_sub(1)?;
        if *ALL.get(usize::from(position))? == text {
            return Some(position);
        }
        at = (at + 1) % SLOTS;
    }
}

/// Returns the constant at a position that [`position`] gave.
pub(crate) fn at(position: u16) -> &'static str {
    ALL.get(usize::from(position)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{ALL, known};

    #[test]
    fn every_name_is_found_and_nothing_else() {
        for name in ALL {
            assert_eq!(known(name), Some(*name));
        }
        assert_eq!(known(""), None);
        assert_eq!(known("primitiv"), None);
        assert_eq!(known("x-vendor"), None);
    }
}
