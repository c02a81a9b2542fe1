//! Help texts that belong to no single command.

/// Returns the text of a topic; its name is case-sensitive.
pub(super) fn find(name: &str) -> Option<String> {
    TOPICS
        .iter()
        .find(|(n, _, _)| *n == name)
        .map(|(_, title, text)| format!("{title}\n\n{text}\n"))
}

/// Returns the list of topics.
pub(super) fn list() -> String {
    let rows: String = TOPICS.iter().map(|(n, t, _)| format!("    {n:<18}{t}\n")).collect();
    format!("Topics:\n\n{rows}")
}

const TOPICS: &[(&str, &str, &str)] = &[
    (
        "CommandLine",
        "Using crm from the command line",
        "crm [OPTIONS] LEVEL COMMAND ARGS runs one command; leaving configure that way commits what\n\
         it changed. crm LEVEL starts a shell at that level. crm -f FILE, or a pipe, runs the lines\n\
         of a file: a line that fails does not stop the rest, and the exit code is then 1.\n\n\
         A command or level may be shortened as long as one name remains that fits.",
    ),
    (
        "Description",
        "What crm is for",
        "crm reads and changes the cluster's configuration (the CIB) as a text of one object a line,\n\
         controls resources and nodes, and shows what the cluster does.",
    ),
    (
        "Environment",
        "Environment variables",
        "CIB_file          work on this file instead of a cluster\n\
         CIB_shadow        work on this shadow CIB\n\
         CIB_shadow_dir    where the shadow CIBs are\n\
         CRM_CONFIG_FILE   the user's crm.conf\n\
         CRM_STYLE         auto, classic or modern: the dialect that is shown\n\
         EDITOR, PAGER     programs for edit and for long output\n\
         NO_COLOR          no colours",
    ),
    (
        "Lifetime",
        "How long a constraint lives",
        "An ISO 8601 duration such as PT10M or P2D, a date such as 2027-01-31T12:00, or for nodes\n\
         the words reboot and forever.",
    ),
    (
        "Shadows",
        "Working on a copy",
        "cib new NAME copies the configuration into a shadow CIB and goes on with that copy.\n\
         cib diff shows how it differs, cib commit brings it into the cluster, cib use live returns.",
    ),
    (
        "Style",
        "The two dialects",
        "classic is the text of crmsh 1.2 (all values quoted, full agent names), modern that of\n\
         crmsh 2.2 and later. Both are always understood. What is shown follows --style, CRM_STYLE\n\
         or the option core.style; auto goes by the age of the CIB (dc-version below 1.1.12).",
    ),
];
