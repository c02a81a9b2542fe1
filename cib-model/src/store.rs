//! The CIB on disk, as plain values: names, signature, backups, and what is read at start.
//!
//! The caller does the reading and writing. **Source:** pacemaker `lib/cib/cib_file.c`,
//! `daemons/based/based_io.c`.
//! **Differs:** an unreadable CIB is never replaced by an empty one silently: see [`Choice`].

use crate::cib::{Cib, Section};
use crate::digest;
use crate::names;
use crate::version::CibVersion;
use crate::xml::{Dialect, Layout};

/// The CIB.
pub const FILE: &str = "cib.xml";
/// Its digest: 32 hexadecimal digits, no newline.
pub const SIGNATURE: &str = "cib.xml.sig";
/// The number of the newest backup.
pub const LAST: &str = "cib.last";
/// Backups kept; the numbers run from 0 to 99.
pub const BACKUPS: u32 = 100;

/// Returns the names of backup `number` and its signature.
pub fn backup_names(number: u32) -> (String, String) {
    let number = number % BACKUPS;
    (format!("cib-{number}.raw"), format!("cib-{number}.raw.sig"))
}

/// Returns the number of the backup after the one in [`LAST`]; 0 where the file says nothing.
pub fn next_backup(last: Option<&str>) -> u32 {
    last.and_then(|text| text.trim().parse::<u32>().ok()).map_or(0, |n| (n % BACKUPS + 1) % BACKUPS)
}

/// Returns the text of the file and of its signature: without status, `num_updates` 0.
///
/// `now` is the new `cib-last-written`; `None` keeps the old one.
pub fn image(cib: &Cib, now: Option<&str>, dialect: Dialect) -> (String, String) {
    let mut cib = cib.clone();
    if let Some(status) = cib.section(Section::Status).map(crate::xml::ElementRef::xml_id) {
        cib.tree_mut().detach(status);
    }
    cib.set_version(CibVersion { num_updates: 0, ..cib.version() });
    if let Some(now) = now {
        let root = cib.tree().root_id();
        cib.tree_mut().set_attr(root, names::CIB_LAST_WRITTEN, now);
    }
    let signature = digest::on_disk(cib.root(), dialect);
    (cib.write(Layout::Pretty, dialect), signature)
}

/// What is found on disk under one name.
#[derive(Clone, Copy, Debug)]
pub struct Stored<'a> {
    /// The file's name, for messages.
    pub name: &'a str,
    /// Its text.
    pub text: &'a str,
    /// The text of its signature; `None` where there is none.
    pub signature: Option<&'a str>,
}

/// Why a stored CIB is not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The file is empty.
    #[error("{0} is empty")]
    Empty(String),
    /// The file is no CIB.
    #[error("{name} cannot be read: {message}")]
    Unreadable {
        /// The file.
        name: String,
        /// What is wrong.
        message: String,
    },
    /// The file is not what was written.
    #[error("{name} was changed by something else: its digest is {found}, {expected} is signed")]
    Signature {
        /// The file.
        name: String,
        /// The signature.
        expected: String,
        /// The digest of what is there.
        found: String,
    },
}

/// Reads one stored CIB and checks its signature (either dialect's). A missing signature is
/// accepted, as Pacemaker does.
///
/// # Errors
/// [`StoreError`].
pub fn load(stored: Stored<'_>) -> Result<Cib, StoreError> {
    let name = stored.name.to_owned();
    if stored.text.trim().is_empty() {
        return Err(StoreError::Empty(name));
    }
    let cib = Cib::read(stored.text)
        .map_err(|e| StoreError::Unreadable { name: name.clone(), message: e.to_string() })?;
    let Some(expected) = stored.signature.map(str::trim).filter(|s| !s.is_empty()) else {
        return Ok(cib);
    };
    let found = digest::on_disk(cib.root(), Dialect::Pcmk3);
    let fits = |digest: &str| digest.eq_ignore_ascii_case(expected);
    if fits(&found) || fits(&digest::on_disk(cib.root(), Dialect::Pcmk2)) {
        Ok(cib)
    } else {
        Err(StoreError::Signature { name, expected: expected.to_owned(), found })
    }
}

/// Which CIB to start with.
#[derive(Clone, Debug)]
pub enum Choice {
    /// The one on disk.
    Current(Cib),
    /// A backup: the current one is damaged. Rename it, say so, and go on.
    Backup {
        /// The newest valid backup.
        cib: Cib,
        /// Its file.
        name: String,
        /// What is wrong with the files before it.
        problems: Vec<StoreError>,
    },
    /// Nothing was ever stored: an empty CIB is right.
    New,
    /// Files exist, and none is valid: starting empty would forget the cluster's configuration,
    /// so somebody has to decide.
    Damaged(Vec<StoreError>),
}

/// Chooses among the current CIB and the backups, which come newest first. The status is dropped
/// with `dc-uuid`: neither outlives the processes they speak of.
pub fn choose<'a>(
    current: Option<Stored<'_>>,
    backups: impl IntoIterator<Item = Stored<'a>>,
) -> Choice {
    let mut problems = Vec::new();
    match current.map(load) {
        Some(Ok(cib)) => return Choice::Current(started(cib)),
        Some(Err(problem)) => problems.push(problem),
        None => {}
    }
    for backup in backups {
        match load(backup) {
            Ok(cib) => {
                let name = backup.name.to_owned();
                return Choice::Backup { cib: started(cib), name, problems };
            }
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Choice::New } else { Choice::Damaged(problems) }
}

fn started(mut cib: Cib) -> Cib {
    let root = cib.tree().root_id();
    if let Some(status) = cib.section(Section::Status).map(crate::xml::ElementRef::xml_id) {
        cib.tree_mut().detach(status);
    }
    cib.tree_mut().remove_attr(root, names::DC_UUID);
    cib.ensure_section(Section::Status);
    cib
}

#[cfg(test)]
mod tests {
    use super::{Choice, StoreError, Stored, backup_names, choose, image, load, next_backup};
    use crate::Cib;
    use crate::xml::Dialect::Pcmk3;

    fn stored() -> (String, String) {
        let cib = Cib::read(
            r#"<cib admin_epoch="0" epoch="4" num_updates="7" dc-uuid="1"><configuration/><status><node_state id="1"/></status></cib>"#,
        )
        .unwrap();
        image(&cib, Some("now"), Pcmk3)
    }

    #[test]
    fn the_file_holds_no_status_and_fits_its_signature() {
        let (text, signature) = stored();
        assert!(!text.contains("status") && text.contains(r#"num_updates="0""#));
        assert_eq!(signature.len(), 32);
        let cib = load(Stored { name: "cib.xml", text: &text, signature: Some(&signature) });
        assert_eq!(cib.unwrap().version().to_string(), "0.4.0");
        let changed = text.replace(r#"epoch="4""#, r#"epoch="5""#);
        let error = load(Stored { name: "cib.xml", text: &changed, signature: Some(&signature) });
        assert!(matches!(error, Err(StoreError::Signature { .. })));
    }

    #[test]
    fn backups_rotate() {
        assert_eq!(next_backup(None), 0);
        assert_eq!(next_backup(Some("41\n")), 42);
        assert_eq!(next_backup(Some("99")), 0);
        assert_eq!(backup_names(3).0, "cib-3.raw");
    }

    #[test]
    fn a_damaged_cib_gives_the_newest_valid_backup_and_never_an_empty_one() {
        let (text, signature) = stored();
        let bad = Stored { name: "cib.xml", text: "", signature: None };
        let torn = Stored { name: "cib-9.raw", text: "<cib", signature: None };
        let good = Stored { name: "cib-8.raw", text: &text, signature: Some(&signature) };
        let Choice::Backup { cib, name, problems } = choose(Some(bad), [torn, good]) else {
            panic!("the backup is chosen");
        };
        assert_eq!((name.as_str(), problems.len()), ("cib-8.raw", 2));
        assert!(cib.status().is_some() && cib.root().attr("dc-uuid").is_none());
        assert!(matches!(choose(Some(bad), [torn]), Choice::Damaged(p) if p.len() == 2));
        assert!(matches!(choose(None, []), Choice::New));
    }
}
