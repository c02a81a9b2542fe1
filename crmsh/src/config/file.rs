//! Reading and writing `crm.conf`, an INI file.
//!
//! **Source:** Python's `configparser`, as far as crmsh uses it: sections in brackets, `key = value`
//! or `key: value`, `#` and `;` comments, indented lines continue a value.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::Values;

/// Why a configuration file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file is there and cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// A line is neither section, option nor comment.
    #[error("{path}:{line}: expected [section] or name = value")]
    Line {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
    },
}

/// Reads a file; one that is not there is empty.
pub(super) fn read(path: &Path) -> Result<Values, FileError> {
    match fs::read_to_string(path) {
        Ok(text) => parse(&text).map_err(|line| FileError::Line { path: path.to_owned(), line }),
        Err(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
        {
            Ok(Values::new())
        }
        Err(source) => Err(FileError::Read { path: path.to_owned(), source }),
    }
}

/// Returns the values, or the number of the first line that is wrong.
fn parse(text: &str) -> Result<Values, usize> {
    let mut values = Values::new();
    let mut section: Option<String> = None;
    let mut last: Option<(String, String)> = None;
    for (at, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if line.starts_with([' ', '\t'])
            && let Some(value) = last.as_ref().and_then(|id| values.get_mut(id))
        {
            value.push('\n');
            value.push_str(trimmed);
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
            section = Some(name.to_owned());
            last = None;
            continue;
        }
        let (Some(section), Some((name, value))) = (&section, trimmed.split_once(['=', ':']))
        else {
            return Err(at + 1);
        };
        let id = (section.clone(), name.trim().to_lowercase());
        values.insert(id.clone(), value.trim().to_owned());
        last = Some(id);
    }
    Ok(values)
}

/// Writes a file: a new one beside it first, so that a crash leaves the old one.
pub(super) fn write(path: &Path, values: &Values) -> io::Result<()> {
    let mut text = String::new();
    let mut section = None;
    for ((of, name), value) in values {
        if section != Some(of) {
            let _infallible = writeln!(text, "{}[{of}]", if section.is_some() { "\n" } else { "" });
            section = Some(of);
        }
        let _infallible = writeln!(text, "{name} = {}", value.replace('\n', "\n\t"));
    }
    let dir = path.parent().filter(|d| !d.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(dir)?;
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_file_reads_back() {
        let text = "# mine\n[core]\nwait: yes\neditor = vim\n -c x\n\n[color]\nstyle=plain\n";
        let values = parse(text).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("crm").join("crm.conf");
        write(&path, &values).unwrap();
        assert_eq!(read(&path).unwrap(), values);
        assert_eq!(values[&("core".to_owned(), "wait".to_owned())], "yes");
        assert_eq!(values[&("core".to_owned(), "editor".to_owned())], "vim\n-c x");
    }

    #[test]
    fn a_bad_line_is_named() {
        assert_eq!(parse("[core]\nwait\n"), Err(2));
        assert_eq!(parse("wait = yes\n"), Err(1));
    }
}
