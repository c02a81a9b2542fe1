//! The table of options: name, kind of value, default.
//!
//! **Source:** crmsh `config.py`, `DEFAULTS`; `core.style`, `core.release` and `core.diagnostics` are
//! ours.

use super::SetError;

/// One option.
#[derive(Debug)]
pub struct Entry {
    /// Section of the file.
    pub section: &'static str,
    /// Name within the section.
    pub name: &'static str,
    /// What values it takes.
    pub kind: Kind,
    /// Value where nobody set one.
    pub default: &'static str,
}

/// What values an option takes.
#[derive(Debug)]
pub enum Kind {
    /// Any text.
    Text,
    /// yes or no, in any of the usual spellings.
    Boolean,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Words out of these, joined by commas.
    Choices(&'static [&'static str]),
}

const BOOLEANS: &[&str] = &["yes", "no", "true", "false", "on", "off", "1", "0"];

impl Entry {
    /// Returns `section.name`.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.section, self.name)
    }

    /// Checks a value that is to be set.
    pub fn check(&self, value: &str) -> Result<(), SetError> {
        let wrong = |allowed: &[&str]| SetError::Value {
            value: value.to_owned(),
            allowed: allowed.join(", "),
        };
        match self.kind {
            Kind::Text => Ok(()),
            Kind::Boolean if BOOLEANS.contains(&value.to_ascii_lowercase().as_str()) => Ok(()),
            Kind::Boolean => Err(wrong(&["yes", "no"])),
            Kind::Choice(words) if words.contains(&value) => Ok(()),
            Kind::Choice(words) => Err(wrong(words)),
            Kind::Choices(words) => {
                let known = value.split(',').all(|w| words.contains(&w.trim()));
                if known { Ok(()) } else { Err(wrong(words)) }
            }
        }
    }
}

/// Finds an option.
pub(super) fn find(section: &str, name: &str) -> Option<&'static Entry> {
    TABLE.iter().find(|e| e.section == section && e.name == name)
}

const fn text(section: &'static str, name: &'static str, default: &'static str) -> Entry {
    Entry { section, name, kind: Kind::Text, default }
}

const fn boolean(section: &'static str, name: &'static str, default: &'static str) -> Entry {
    Entry { section, name, kind: Kind::Boolean, default }
}

const fn choice(
    name: &'static str,
    words: &'static [&'static str],
    default: &'static str,
) -> Entry {
    Entry { section: "core", name, kind: Kind::Choice(words), default }
}

/// All options, sorted by full name.
pub const TABLE: &[Entry] = &[
    text("color", "attr_name", "cyan"),
    text("color", "attr_value", "red"),
    text("color", "error", "red bold"),
    text("color", "help_block", "cyan"),
    text("color", "help_header", "normal bold"),
    text("color", "help_keyword", "blue bold underline"),
    text("color", "help_topic", "yellow bold"),
    text("color", "id_reference", "green"),
    text("color", "identifier", "normal"),
    text("color", "info", "cyan"),
    text("color", "keyword", "yellow"),
    text("color", "ok", "green bold"),
    text("color", "resource_reference", "green"),
    text("color", "score", "magenta"),
    Entry {
        section: "color",
        name: "style",
        kind: Kind::Choices(&["plain", "color-always", "color", "uppercase"]),
        default: "color",
    },
    text("color", "ticket", "magenta"),
    text("color", "warn", "yellow bold"),
    boolean("core", "add_quotes", "yes"),
    choice("check_frequency", &["always", "on-verify", "never"], "always"),
    choice("check_mode", &["strict", "relaxed"], "strict"),
    boolean("core", "debug", "no"),
    choice("diagnostics", &["crm", "full", "json"], "crm"),
    text("core", "dot", ""),
    text("core", "dotty", ""),
    text("core", "editor", ""),
    boolean("core", "has_fa_advised_op", "no"),
    boolean("core", "has_ra_advised_op", "no"),
    text("core", "hosts", ""),
    boolean("core", "ignore_missing_metadata", "no"),
    text("core", "lock_timeout", "120"),
    choice("manage_children", &["ask", "never", "always"], "ask"),
    boolean("core", "no_generating_ssh_key", "no"),
    boolean("core", "no_ssh", "no"),
    text("core", "obscure_pattern", "passw*"),
    text("core", "pager", ""),
    text("core", "ptest", ""),
    choice("release", &["4.4", "5.1"], "4.4"),
    text("core", "report_tool_options", ""),
    choice("skill_level", &["operator", "administrator", "expert"], "expert"),
    boolean("core", "sort_elements", "yes"),
    choice("style", &["auto", "classic", "modern"], "auto"),
    text("core", "user", ""),
    boolean("core", "wait", "no"),
    text("path", "cache", "/var/cache/crm"),
    text("path", "crm_config", "/var/lib/pacemaker/cib"),
    text("path", "crm_daemon_dir", "/usr/lib/pacemaker"),
    text("path", "crm_daemon_user", "hacluster"),
    text("path", "crm_dtd_dir", "/usr/share/pacemaker"),
    text("path", "hawk_wizards", "/srv/www/hawk/config/wizard"),
    text("path", "heartbeat_dir", "/var/lib/heartbeat"),
    text("path", "ocf_root", "/usr/lib/ocf"),
    text("path", "pe_state_dir", "/var/lib/pacemaker/pengine"),
    text("path", "sharedir", "/usr/share/crmsh"),
    text("report", "collect_extra_logs", "/var/log/messages /var/log/crmsh/crmsh.log"),
    boolean("report", "compress", "yes"),
    text("report", "compress_prog", "gzip"),
    text("report", "from_time", "-12H"),
    boolean("report", "remove_exist_dest", "no"),
    text("report", "sanitize_rule", "passw.*"),
    boolean("report", "single_node", "no"),
    boolean("report", "speed_up", "no"),
    text("report", "verbosity", "0"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        let names: Vec<String> = TABLE.iter().map(Entry::full_name).collect();
        assert!(names.is_sorted(), "{names:?}");
    }
}
