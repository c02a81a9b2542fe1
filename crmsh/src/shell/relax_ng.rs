//! Pacemaker's own schemas as a second opinion, where they and `xmllint` are installed.
//!
//! **Source:** pacemaker `lib/common/schemas.c` (`PCMK_schema_directory`, file names).

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cib_model::Cib;
use cib_model::xml::{Dialect, Layout};

/// Where distributions install the schemas.
const FOLDER: &str = "/usr/share/pacemaker";
/// Exit codes of `xmllint` for a document that departs from the schema.
const DEPARTS: [i32; 2] = [3, 4];

/// What a schema file says of a CIB.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Opinion {
    /// Name of the schema file.
    pub(super) schema: String,
    /// What is wrong, one sentence each, in the order of the document; empty = nothing.
    pub(super) departures: Vec<String>,
}

/// Asks the schema that the CIB names; `None` where that file or `xmllint` is not there, or where
/// the file is no schema.
pub(super) fn opinion(cib: &Cib) -> Option<Opinion> {
    let folder = std::env::var_os("PCMK_schema_directory").filter(|folder| !folder.is_empty());
    let folder = folder.map_or_else(|| PathBuf::from(FOLDER), PathBuf::from);
    let name = cib.schema().filter(|name| name.starts_with("pacemaker-") && !name.contains('/'))?;
    let schema = format!("{name}.rng");
    let path = folder.join(&schema);
    let said = path.is_file().then(|| ask(&path, cib)).flatten()?;
    Some(Opinion { schema, departures: said })
}

fn ask(schema: &Path, cib: &Cib) -> Option<Vec<String>> {
    let mut child = Command::new("xmllint")
        .args(["--noout", "--nonet", "--relaxng"])
        .arg(schema)
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    let text = cib.write(Layout::Pretty, Dialect::Pcmk3);
    let mut pipe = child.stdin.take()?;
    // All is read before the first word is said; a reader that gave up has said why.
    let _ = pipe.write_all(text.as_bytes());
    drop(pipe);
    let output = child.wait_with_output().ok()?;
    match output.status.code() {
        Some(0) => Some(Vec::new()),
        Some(code) if DEPARTS.contains(&code) => {
            Some(sentences(&String::from_utf8_lossy(&output.stderr)))
        }
        _ => None,
    }
}

/// Takes from `-:4: element op: Relax-NG validity error : SENTENCE` what a person can use: the line
/// is one of a text that nobody sees.
fn sentences(said: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in said.lines() {
        let Some((place, why)) = line.split_once(": Relax-NG validity error : ") else { continue };
        let element = place.rsplit(": ").next().unwrap_or(place);
        let sentence = format!("{element}: {why}");
        if !found.contains(&sentence) {
            found.push(sentence);
        }
    }
    found
}
