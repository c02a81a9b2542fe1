//! The options: `/etc/crm/crm.conf`, the user's own file, `-o` and the `options` level.
//!
//! Both files are read once at start-up; what is not there costs one failed `open` each.
//!
//! **Source:** crmsh `config.py`.

mod file;
mod table;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

pub use file::FileError;
pub use table::{Entry, Kind, TABLE};

type Values = BTreeMap<(String, String), String>;

/// The options' values by layer: what is asked last wins.
#[derive(Clone, Debug, Default)]
pub struct Config {
    system: Values,
    user: Values,
    run: Values,
    user_path: Option<PathBuf>,
}

/// Why an option could not be set.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    /// No such section.
    #[error("Setting invalid section {0}")]
    Section(String),
    /// No such option.
    #[error("Setting invalid option {0}")]
    Option(String),
    /// The value is none of the allowed ones.
    #[error("{value} not in {allowed}")]
    Value {
        /// What was given.
        value: String,
        /// What may be given.
        allowed: String,
    },
    /// Not of the form `section.name=value`.
    #[error("Expected -o <section>.<name>=<value>: {0}")]
    Form(String),
}

/// Returns the full names of all options, sorted.
pub fn names() -> impl Iterator<Item = String> {
    TABLE.iter().map(Entry::full_name)
}

/// Where a value is to live.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Layer {
    /// This run only (`-o`).
    Run,
    /// The user's file, once it is saved.
    User,
}

impl Config {
    /// Reads the system's and the user's file.
    pub fn load() -> Result<Config, FileError> {
        let user_path = match std::env::var_os("CRM_CONFIG_FILE") {
            Some(path) if !path.is_empty() => Some(PathBuf::from(path)),
            _ => config_home().map(|home| home.join("crm").join("crm.conf")),
        };
        let mut config = Config { user_path, ..Config::default() };
        config.system = file::read(Path::new("/etc/crm/crm.conf"))?;
        if let Some(path) = &config.user_path {
            config.user = file::read(path)?;
        }
        Ok(config)
    }

    /// Returns the value of `section.name`; empty for an option nobody knows.
    pub fn get(&self, name: &str) -> &str {
        let Some((section, key)) = name.split_once('.') else { return "" };
        let id = (section.to_owned(), key.to_owned());
        [&self.run, &self.user, &self.system]
            .into_iter()
            .find_map(|layer| layer.get(&id).map(String::as_str))
            .or_else(|| table::find(section, key).map(|entry| entry.default))
            .unwrap_or_default()
    }

    /// Returns true where the option is set to yes.
    pub fn is_true(&self, name: &str) -> bool {
        matches!(self.get(name).to_ascii_lowercase().as_str(), "yes" | "true" | "on" | "1")
    }

    /// Sets an option after checking its value.
    pub fn set(&mut self, name: &str, value: &str, layer: Layer) -> Result<(), SetError> {
        let (section, key) =
            name.split_once('.').ok_or_else(|| SetError::Option(name.to_owned()))?;
        if !TABLE.iter().any(|e| e.section == section) {
            return Err(SetError::Section(section.to_owned()));
        }
        let entry = table::find(section, key).ok_or_else(|| SetError::Option(name.to_owned()))?;
        entry.check(value)?;
        let values = match layer {
            Layer::Run => &mut self.run,
            Layer::User => &mut self.user,
        };
        values.insert((section.to_owned(), key.to_owned()), value.to_owned());
        if layer == Layer::User {
            self.run.remove(&(section.to_owned(), key.to_owned()));
        }
        Ok(())
    }

    /// Reads `section.name=value` of `-o`.
    pub fn set_from_argument(&mut self, text: &str) -> Result<(), SetError> {
        let (name, value) =
            text.split_once('=').ok_or_else(|| SetError::Form(format!("no '=' in {text}")))?;
        if !name.contains('.') {
            return Err(SetError::Form(format!("no '.' in {name}")));
        }
        self.set(name, value, Layer::Run)
    }

    /// Returns the options that a file or the user has set, in table order.
    pub fn configured(&self) -> Vec<String> {
        let is_set = |e: &&Entry| {
            let id = (e.section.to_owned(), e.name.to_owned());
            self.user.contains_key(&id)
                || self.system.contains_key(&id)
                || self.run.contains_key(&id)
        };
        TABLE.iter().filter(is_set).map(Entry::full_name).collect()
    }

    /// Writes the user's file and returns where it is; what `-o` set is kept too.
    pub fn save(&mut self) -> io::Result<PathBuf> {
        let path = self.user_path.clone().ok_or_else(|| {
            io::Error::new(io::ErrorKind::NotFound, "no home directory to keep crm.conf in")
        })?;
        self.user.append(&mut self.run);
        file::write(&path, &self.user)?;
        Ok(path)
    }

    /// Goes back to what the user's file says.
    pub fn reset(&mut self) -> Result<(), FileError> {
        self.run.clear();
        self.user = match &self.user_path {
            Some(path) => file::read(path)?,
            None => Values::new(),
        };
        Ok(())
    }

    /// Tells whether the terminal's text is coloured.
    pub fn colours(&self) -> bool {
        self.get("color.style").split(',').any(|s| s.trim().starts_with("color"))
            && std::env::var_os("NO_COLOR").is_none()
    }
}

/// Returns the folder of the user's own files, `~/.config/crm`.
pub(crate) fn user_folder() -> PathBuf {
    config_home().unwrap_or_default().join("crm")
}

fn config_home() -> Option<PathBuf> {
    match std::env::var_os("XDG_CONFIG_HOME") {
        Some(dir) if !dir.is_empty() => Some(PathBuf::from(dir)),
        _ => Some(PathBuf::from(std::env::var_os("HOME")?).join(".config")),
    }
}
