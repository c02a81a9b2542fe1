//! What Pacemaker says of services, which say nothing of themselves: init scripts are described by
//! their LSB header and are never run for it, units by their name.
//!
//! **Source:** pacemaker `lib/services/services_lsb.c` (`services__get_lsb_metadata()`),
//! `systemd.c` (`systemd_unit_metadata()`); the LSB core specification, "Comment Conventions for
//! Init Scripts".

use std::fmt::Write as _;

/// Keywords of a header that the metadata repeats.
const REPEATED: [&str; 7] = [
    "Provides",
    "Required-Start",
    "Required-Stop",
    "Should-Start",
    "Should-Stop",
    "Default-Start",
    "Default-Stop",
];

/// Returns metadata of an init script, as XML.
pub(super) fn of_init_script(name: &str, script: &str) -> String {
    let name = escaped(name);
    let mut special = String::new();
    for keyword in REPEATED {
        let value = value(script, keyword).unwrap_or_default();
        let _infallible = writeln!(special, "    <{keyword}>{value}</{keyword}>");
    }
    let long = value(script, "Description").unwrap_or_default();
    let short = value(script, "Short-Description").unwrap_or_default();
    format!(
        "<?xml version='1.0'?>
<!DOCTYPE resource-agent SYSTEM 'ra-api-1.dtd'>
<resource-agent name='{name}' version='0.1'>
  <version>1.0</version>
  <longdesc lang='en'>
{long}  </longdesc>
  <shortdesc lang='en'>{short}</shortdesc>
  <parameters>
  </parameters>
  <actions>
    <action name='meta-data'    timeout='5' />
    <action name='start'        timeout='15' />
    <action name='stop'         timeout='15' />
    <action name='status'       timeout='15' />
    <action name='restart'      timeout='15' />
    <action name='force-reload' timeout='15' />
    <action name='monitor'      timeout='15' interval='15' />
  </actions>
  <special tag='LSB'>
{special}  </special>
</resource-agent>
"
    )
}

/// Returns metadata of a unit, as XML.
pub(super) fn of_unit(name: &str) -> String {
    let name = escaped(name);
    format!(
        r#"<?xml version="1.0"?>
<resource-agent name="{name}" version="0.1">
  <version>1.1</version>
  <longdesc lang="en">
    Systemd unit file for {name}
  </longdesc>
  <shortdesc lang="en">systemd unit file for {name}</shortdesc>
  <parameters/>
  <actions>
    <action name="start"     timeout="100" />
    <action name="stop"      timeout="100" />
    <action name="status"    timeout="100" />
    <action name="monitor"   timeout="100" interval="60"/>
    <action name="meta-data" timeout="5"   />
  </actions>
  <special tag="systemd"/>
</resource-agent>
"#
    )
}

/// Returns what a header says after `# KEYWORD:`, to the end of the line and, of a description, of
/// the indented lines after it.
fn value(script: &str, keyword: &str) -> Option<String> {
    let mut lines = script
        .split_inclusive('\n')
        .skip_while(|line| line.trim_end() != "### BEGIN INIT INFO")
        .take_while(|line| line.trim_end() != "### END INIT INFO");
    let first =
        lines.find_map(|line| line.strip_prefix("# ")?.strip_prefix(keyword)?.strip_prefix(':'))?;
    let is_more = |line: &&str| {
        keyword == "Description" && (line.starts_with("#  ") || line.starts_with("#\t"))
    };
    let more: String = lines.take_while(is_more).map(|line| &line[1..]).collect();
    Some(escaped(&format!("{first}{more}")))
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&apos;")
}

#[cfg(test)]
mod tests {
    use super::{of_init_script, of_unit};
    use crate::agents::metadata::Metadata;

    #[test]
    fn a_header_is_read_and_nothing_outside_it() {
        let script = "#!/bin/sh\n# Description: of the file\n### BEGIN INIT INFO\n# Provides:          a\n\
                      # Short-Description: A & B\n# Description:       first\n#   second <2>\n#	third\n\
                      # X-Other: x\n### END INIT INFO\n# Provides: b\n";
        let text = of_init_script("a", script);
        assert!(text.contains("<shortdesc lang='en'> A &amp; B\n</shortdesc>"), "{text}");
        let long = "       first\n   second &lt;2&gt;\n\tthird\n  </longdesc>";
        assert!(text.contains(long), "{text}");
        let provides =
            "    <Provides>          a\n</Provides>\n    <Required-Start></Required-Start>";
        assert!(text.contains(provides), "{text}");
        let monitor = Metadata::read(&text).unwrap();
        let monitor = monitor.named("monitor").next().unwrap();
        assert_eq!(monitor.advised("timeout"), Some("15"));
    }

    #[test]
    fn what_says_nothing_of_itself_has_its_operations() {
        for text in
            [of_init_script("a", ""), of_init_script("a'<&", "\u{0}x"), of_unit("a@\"b\".timer")]
        {
            let found = Metadata::read(&text).unwrap();
            assert!(found.parameters.is_empty(), "{text}");
            assert!(found.named("start").next().is_some(), "{text}");
        }
    }
}
