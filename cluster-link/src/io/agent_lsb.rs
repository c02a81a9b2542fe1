//! LSB init scripts: `monitor` is `status`, there are no parameters, meta-data come from the header.
//!
//! **Source:** pacemaker `lib/services/services_lsb.c`.

use std::path::{Path, PathBuf};

use super::agent::AgentPaths;
use super::agent_ocf::MetadataError;
use super::process::Program;
use crate::executor::{ActionRequest, AgentSpec};

/// Says what to run for one action of an LSB resource.
pub(super) fn program(request: &ActionRequest, paths: &AgentPaths) -> Program {
    let action = if request.action == "monitor" { "status" } else { &request.action };
    Program {
        path: path(&request.agent, paths),
        args: vec![action.to_owned()],
        env: Vec::new(),
        dir: paths.work_dir.clone(),
    }
}

/// Where the script is; an absolute agent name is itself the path.
pub(super) fn path(agent: &AgentSpec, paths: &AgentPaths) -> PathBuf {
    paths.init_dir.join(Path::new(&agent.kind))
}

/// Makes meta-data from the script's LSB header.
///
/// # Errors
/// [`MetadataError::NotRun`] where the script cannot be read. Nothing is run.
pub fn metadata(agent: &AgentSpec, paths: &AgentPaths) -> Result<String, MetadataError> {
    let path = path(agent, paths);
    match std::fs::read(&path) {
        Ok(script) => Ok(metadata_from_script(&agent.kind, &String::from_utf8_lossy(&script))),
        Err(error) => Err(MetadataError::NotRun {
            agent: agent.to_string(),
            reason: format!("{}: {error}", path.display()),
        }),
    }
}

/// What an LSB header says.
#[derive(Default)]
struct Header {
    fields: Vec<(String, String)>,
    description: String,
}

impl Header {
    fn read(script: &str) -> Self {
        let mut header = Self::default();
        let mut in_description = false;
        let lines = script.lines().skip_while(|line| !line.starts_with("### BEGIN INIT INFO"));
        for line in lines.skip(1) {
            if line.starts_with("### END INIT INFO") || !line.starts_with('#') {
                break;
            }
            let continues = line.starts_with("#  ") || line.starts_with("#\t");
            if in_description && continues {
                header.description.push('\n');
                header.description.push_str(line.trim_start_matches('#'));
                continue;
            }
            in_description = false;
            let Some((name, value)) = line.trim_start_matches('#').split_once(':') else {
                continue;
            };
            let (name, value) = (name.trim(), value.trim());
            if name == "Description" {
                value.clone_into(&mut header.description);
                in_description = true;
            } else {
                header.fields.push((name.to_owned(), value.to_owned()));
            }
        }
        header
    }

    fn value(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }
}

fn metadata_from_script(name: &str, script: &str) -> String {
    let header = Header::read(script);
    let text = |value: &str| escape(if value.is_empty() { name } else { value });
    let long = text(&header.description);
    let short = text(header.value("Short-Description"));
    let special = [
        "Provides",
        "Required-Start",
        "Required-Stop",
        "Should-Start",
        "Should-Stop",
        "Default-Start",
        "Default-Stop",
    ]
    .map(|field| format!("    <{field}>{}</{field}>\n", escape(header.value(field))))
    .concat();
    let actions = [
        ("meta-data", "timeout='5'"),
        ("start", "timeout='15'"),
        ("stop", "timeout='15'"),
        ("status", "timeout='15'"),
        ("restart", "timeout='15'"),
        ("force-reload", "timeout='15'"),
        ("monitor", "timeout='15' interval='15'"),
    ]
    .map(|(action, limits)| format!("    <action name='{action}' {limits} />\n"))
    .concat();
    format!(
        "<?xml version='1.0'?>\n\
         <resource-agent name='{}' version='1.0'>\n\
         \x20 <version>1.1</version>\n\
         \x20 <longdesc lang='en'>\n{long}\n  </longdesc>\n\
         \x20 <shortdesc lang='en'>{short}</shortdesc>\n\
         \x20 <parameters/>\n\
         \x20 <actions>\n{actions}  </actions>\n\
         \x20 <special tag='LSB'>\n{special}  </special>\n\
         </resource-agent>\n",
        escape(name),
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\'', "&apos;")
}

#[cfg(test)]
mod tests {
    use super::metadata_from_script;

    #[test]
    fn meta_data_come_from_the_header() {
        let script = "#!/bin/sh\n### BEGIN INIT INFO\n# Provides: asterisk\n# Required-Start: $remote_fs\n\
            # Short-Description: Asterisk <PBX>\n# Description: Controls\n#  the PBX\n### END INIT INFO\n\
            # Default-Stop: ignored\n";
        let xml = metadata_from_script("asterisk", script);
        for part in [
            "<resource-agent name='asterisk' version='1.0'>",
            "<shortdesc lang='en'>Asterisk &lt;PBX&gt;</shortdesc>",
            "Controls\n  the PBX",
            "<Required-Start>$remote_fs</Required-Start>",
            "<Default-Stop></Default-Stop>",
        ] {
            assert!(xml.contains(part), "{part} in {xml}");
        }
    }

    #[test]
    fn a_script_without_a_header_has_its_operations() {
        for (name, script) in [("a", ""), ("a'<&", "### BEGIN INIT INFO\nx")] {
            let xml = metadata_from_script(name, script);
            let tree = cib_model::xml::read(&xml).unwrap();
            let actions = tree.root().child("actions").unwrap();
            let monitor = actions.children().find(|a| a.attr("name") == Some("monitor")).unwrap();
            assert_eq!(
                (monitor.attr("timeout"), monitor.attr("interval")),
                (Some("15"), Some("15"))
            );
            assert_eq!(tree.root().attr("name"), Some(name));
        }
    }
}
