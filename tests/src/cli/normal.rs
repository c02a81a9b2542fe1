//! What differs from run to run, taken out of a tool's output before it is compared.
//!
//! **Source:** pacemaker `cts/cts-cli.in`, `sanitize_output()`.
//! **Differs:** what Pacemaker logs for developers (trace, debug and info lines, what its parsers of
//! dates and libxml2 say, and the messages its transformations print) is left out on both sides:
//! we parse, transform and log in our own way.

use std::sync::OnceLock;

use regex::Regex;

/// Pattern and what it becomes, applied in this order.
const RULES: &[(&str, &str)] = &[
    ("Created new pacemaker-.* configuration", "Created new pacemaker configuration"),
    ("Device not configured", "No such device or address"),
    ("^Entity: line [0-9]+: ", ""),
    ("(Injecting attribute last-failure-ping#monitor_10000=)[0-9]*", "${1}"),
    ("Last change: .*", "Last change:"),
    ("Last updated: .*", "Last updated:"),
    ("^Migration will take effect until: .*", "Migration will take effect until:"),
    (r"(\* Possible values.*: .*)\(default: [^)]*\)", "${1}(default: )"),
    ("-X '.*'", "-X '...'"),
    (r#" api-version="[^"]*""#, r#" api-version="X""#),
    (
        r"\((apply_upgrade|invert_action|crm_time_parse_duration|parse_[a-z_]+)@.*\.c:[0-9]+\)",
        "${1}",
    ),
    (r#"(<change-attr name="crm_feature_set" .* value=")[0-9.]*""#, r#"${1}""#),
    (r#"(<change-attr name="validate-with" .* value="pacemaker-)[0-9.]+""#, r#"${1}X""#),
    (r#"(<cib.*) cib-last-written="[^"]*""#, "${1}"),
    (r#"crm_feature_set="[^"]*" "#, ""),
    (r"@crm_feature_set=[0-9.]+, ", ""),
    (r#" default="[^"]*""#, r#" default="""#),
    (r#" end="[0-9][-+: 0-9]*Z*""#, r#" end="""#),
    (r#"last_change time=".*""#, r#"last_change time="""#),
    (r#"last_update time=".*""#, r#"last_update time="""#),
    (r#" last-rc-change=['"][-+A-Za-z0-9: ]*['"],?"#, ""),
    (r"\((pcmk__.*)@.*\.c:[0-9]+\)", "${1}"),
    (".*Relax-NG validity error : ", ""),
    (r#"request=".*cibadmin"#, r#"request="cibadmin"#),
    (r#"request=".*(crm_?[a-zA-Z0-9]+) "#, r#"request="${1} "#),
    (r#"request=".*iso8601"#, r#"request="iso8601"#),
    (r#" start="[0-9][-+: 0-9]*Z*""#, r#" start="""#),
    (r"/[^ ]*/cts-cli\.[^ ]*/shadow.cts-cli", "/tmp/cts-cli.shadow/shadow.cts-cli"),
    (r".*\((unpack_.*)@.*\.c:[0-9]+\)", "${1}"),
    (r#" validate-with="[^"]*""#, ""),
    (r"(@validate-with=pacemaker-)[0-9.]+,", "${1}X,"),
    (r#" version="[^"]*""#, r#" version="""#),
    (r"\(version .*\)", "(version)"),
    ("[^ \"']*/pacemaker-cli/", "CTS_CLI_DATA/"),
    (r"\s+$", ""),
];

/// Lines that are left out.
const NOISE: &str = "^(Warning: cibadmin is being run as user|\\S+ \t(trace|debug|info): |(INFO|DEBUG): |\
     (parse_\\w+|crm_time_parse_duration|pcmk__log_xmllib_err|unpack_(config|resources)) \t)";

/// Returns the lines as they are compared.
pub fn lines<S: AsRef<str>>(lines: &[S]) -> Vec<String> {
    static COMPILED: OnceLock<(Regex, Vec<(Regex, &str)>)> = OnceLock::new();
    let (noise, rules) = COMPILED.get_or_init(|| {
        let compile = |pattern: &str| Regex::new(pattern).expect("a pattern of this file");
        (compile(NOISE), RULES.iter().map(|(from, to)| (compile(from), *to)).collect())
    });
    let kept = lines.iter().map(AsRef::as_ref).filter(|line| !noise.is_match(line));
    kept.map(|line| {
        rules
            .iter()
            .fold(line.to_owned(), |line, (from, to)| from.replace_all(&line, *to).into_owned())
    })
    .collect()
}
