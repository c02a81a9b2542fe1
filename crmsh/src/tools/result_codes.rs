//! Pacemaker's result codes: number, name, description.
//!
//! **Source:** pacemaker `lib/common/results.c`.

/// One result code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ResultCode {
    /// The number.
    pub(crate) code: i32,
    /// The name in Pacemaker's API.
    pub(crate) name: &'static str,
    /// What it means.
    pub(crate) description: &'static str,
}

const fn code(code: i32, name: &'static str, description: &'static str) -> ResultCode {
    ResultCode { code, name, description }
}

/// Returns the code of a table.
pub(crate) fn find(table: &[ResultCode], wanted: i32) -> Option<ResultCode> {
    table.iter().copied().find(|c| c.code == wanted)
}

/// Returns what an exit code means.
pub(crate) fn exit_text(code: u8) -> &'static str {
    find(EXIT, i32::from(code)).map_or("Unknown exit status", |c| c.description)
}

/// Codes of the old API, by number.
pub(crate) const LEGACY: &[ResultCode] = &[
    code(201, "pcmk_err_generic", "Error"),
    code(202, "pcmk_err_no_quorum", "Operation requires quorum"),
    code(203, "pcmk_err_schema_validation", "Update does not conform to the configured schema"),
    code(204, "pcmk_err_transform_failed", "Schema transform failed"),
    code(205, "pcmk_err_old_data", "Update was older than existing configuration"),
    code(206, "pcmk_err_diff_failed", "Application of update diff failed"),
    code(207, "pcmk_err_diff_resync", "Application of update diff failed, requesting full refresh"),
    code(208, "pcmk_err_cib_modified", "On-disk configuration was manually modified"),
    code(209, "pcmk_err_cib_backup", "Could not archive previous configuration"),
];

/// Codes of the present API that are Pacemaker's own, by number.
pub(crate) const RETURN: &[ResultCode] = &[
    code(-1043, "pcmk_rc_digest_mismatch", "Digest does not match expected value"),
    code(-1042, "pcmk_rc_cs_internal", "Internal corosync error"),
    code(-1041, "pcmk_rc_ipc_more", "More IPC message fragments to send"),
    code(-1040, "pcmk_rc_no_dc", "DC is not yet elected"),
    code(-1039, "pcmk_rc_compression", "Compression/decompression error"),
    code(-1038, "pcmk_rc_ns_resolution", "Nameserver resolution error"),
    code(-1037, "pcmk_rc_no_transaction", "No active transaction found"),
    code(-1036, "pcmk_rc_bad_xml_patch", "Bad XML patch format"),
    code(-1035, "pcmk_rc_bad_input", "Bad input value provided"),
    code(-1034, "pcmk_rc_disabled", "Disabled"),
    code(-1033, "pcmk_rc_duplicate_id", "Two or more XML elements have the same ID"),
    code(-1032, "pcmk_rc_unpack_error", "Unable to parse CIB XML"),
    code(-1031, "pcmk_rc_invalid_transition", "Cluster simulation produced invalid transition"),
    code(-1030, "pcmk_rc_graph_error", "Error writing graph file"),
    code(-1029, "pcmk_rc_dot_error", "Error writing dot(1) file"),
    code(-1028, "pcmk_rc_underflow", "Value too small to be stored in data type"),
    code(-1027, "pcmk_rc_no_input", "Input file not available"),
    code(-1026, "pcmk_rc_no_output", "Output message produced no output"),
    code(-1025, "pcmk_rc_after_range", "Result occurs after given range"),
    code(-1024, "pcmk_rc_within_range", "Result occurs within given range"),
    code(-1023, "pcmk_rc_before_range", "Result occurs before given range"),
    code(-1022, "pcmk_rc_undetermined", "Result undetermined"),
    code(-1021, "pcmk_rc_op_unsatisfied", "Not applicable under current conditions"),
    code(
        -1020,
        "pcmk_rc_ipc_pid_only",
        "IPC server process is active but not accepting connections",
    ),
    code(-1019, "pcmk_rc_ipc_unresponsive", "IPC server is unresponsive"),
    code(-1018, "pcmk_rc_ipc_unauthorized", "IPC server is blocked by unauthorized process"),
    code(-1017, "pcmk_rc_no_quorum", "Operation requires quorum"),
    code(-1016, "pcmk_rc_schema_validation", "Update does not conform to the configured schema"),
    code(-1015, "pcmk_rc_schema_unchanged", "Schema is already the latest available"),
    code(-1014, "pcmk_rc_transform_failed", "Schema transform failed"),
    code(-1013, "pcmk_rc_old_data", "Update was older than existing configuration"),
    code(-1012, "pcmk_rc_diff_failed", "Application of update diff failed"),
    code(
        -1011,
        "pcmk_rc_diff_resync",
        "Application of update diff failed, requesting full refresh",
    ),
    code(-1010, "pcmk_rc_cib_modified", "On-disk configuration was manually modified"),
    code(-1009, "pcmk_rc_cib_backup", "Could not archive previous configuration"),
    code(-1008, "pcmk_rc_cib_save", "Could not save new configuration to disk"),
    code(-1007, "pcmk_rc_cib_corrupt", "Could not parse on-disk configuration"),
    code(-1006, "pcmk_rc_multiple", "Resource active on multiple nodes"),
    code(-1005, "pcmk_rc_node_unknown", "Node not found"),
    code(-1004, "pcmk_rc_already", "Already in requested state"),
    code(-1003, "pcmk_rc_bad_nvpair", "Bad name/value pair given"),
    code(-1002, "pcmk_rc_unknown_format", "Unknown output format"),
    code(-1001, "pcmk_rc_error", "Error"),
    code(0, "pcmk_rc_ok", "OK"),
];

/// Exit codes of processes, by number.
pub(crate) const EXIT: &[ResultCode] = &[
    code(0, "CRM_EX_OK", "OK"),
    code(1, "CRM_EX_ERROR", "Error occurred"),
    code(2, "CRM_EX_INVALID_PARAM", "Invalid parameter"),
    code(3, "CRM_EX_UNIMPLEMENT_FEATURE", "Unimplemented"),
    code(4, "CRM_EX_INSUFFICIENT_PRIV", "Insufficient privileges"),
    code(5, "CRM_EX_NOT_INSTALLED", "Not installed"),
    code(6, "CRM_EX_NOT_CONFIGURED", "Not configured"),
    code(7, "CRM_EX_NOT_RUNNING", "Not running"),
    code(8, "CRM_EX_PROMOTED", "Promoted"),
    code(9, "CRM_EX_FAILED_PROMOTED", "Failed in promoted role"),
    code(64, "CRM_EX_USAGE", "Incorrect usage"),
    code(65, "CRM_EX_DATAERR", "Invalid data given"),
    code(66, "CRM_EX_NOINPUT", "Input file not available"),
    code(67, "CRM_EX_NOUSER", "User does not exist"),
    code(68, "CRM_EX_NOHOST", "Host does not exist"),
    code(69, "CRM_EX_UNAVAILABLE", "Necessary service unavailable"),
    code(70, "CRM_EX_SOFTWARE", "Internal software bug"),
    code(71, "CRM_EX_OSERR", "Operating system error occurred"),
    code(72, "CRM_EX_OSFILE", "System file not available"),
    code(73, "CRM_EX_CANTCREAT", "Cannot create output file"),
    code(74, "CRM_EX_IOERR", "I/O error occurred"),
    code(75, "CRM_EX_TEMPFAIL", "Temporary failure, try again"),
    code(76, "CRM_EX_PROTOCOL", "Protocol violated"),
    code(77, "CRM_EX_NOPERM", "Insufficient privileges"),
    code(78, "CRM_EX_CONFIG", "Invalid configuration"),
    code(100, "CRM_EX_FATAL", "Fatal error occurred, will not respawn"),
    code(101, "CRM_EX_PANIC", "System panic required"),
    code(102, "CRM_EX_DISCONNECT", "Not connected"),
    code(103, "CRM_EX_OLD", "Update was older than existing configuration"),
    code(104, "CRM_EX_DIGEST", "Digest mismatch"),
    code(105, "CRM_EX_NOSUCH", "No such object"),
    code(106, "CRM_EX_QUORUM", "Quorum required"),
    code(107, "CRM_EX_UNSAFE", "Operation not safe"),
    code(108, "CRM_EX_EXISTS", "Requested item already exists"),
    code(109, "CRM_EX_MULTIPLE", "Multiple items match request"),
    code(110, "CRM_EX_EXPIRED", "Requested item has expired"),
    code(111, "CRM_EX_NOT_YET_IN_EFFECT", "Requested item is not yet in effect"),
    code(112, "CRM_EX_INDETERMINATE", "Could not determine status"),
    code(113, "CRM_EX_UNSATISFIED", "Not applicable under current conditions"),
    code(114, "CRM_EX_NO_DC", "DC is not yet elected"),
    code(124, "CRM_EX_TIMEOUT", "Timeout occurred"),
    code(190, "CRM_EX_DEGRADED", "Service is active but might fail soon"),
    code(191, "CRM_EX_DEGRADED_PROMOTED", "Service is promoted but might fail soon"),
    code(193, "CRM_EX_NONE", "No exit status available"),
];
