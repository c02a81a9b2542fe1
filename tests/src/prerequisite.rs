//! What a test needs beside cargo, and what happens where it is missing.
//!
//! On a developer's machine a missing prerequisite skips the test and says so on stderr; where the
//! environment has `CI=true` it fails the test, so the gate cannot pass by skipping.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Returns the workspace's root folder.
pub fn workspace() -> PathBuf {
    let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    tests.parent().map_or(tests.clone(), PathBuf::from)
}

/// Returns the folder of the reference data: `CRM_SHARED`, else `../shared` beside the workspace.
/// `None` (said loudly) where `inside` is not in it.
///
/// # Panics
/// Under `CI=true` where it is missing.
pub fn shared(inside: &str) -> Option<PathBuf> {
    let root =
        std::env::var_os("CRM_SHARED").map_or_else(|| workspace().join("../shared"), PathBuf::from);
    let path = root.join(inside);
    if path.exists() {
        return Some(path);
    }
    skip(&format!("the reference data {} is missing (set CRM_SHARED)", path.display()));
    None
}

/// Returns true where every program can be run; otherwise says loudly what is missing.
///
/// # Panics
/// Under `CI=true` where one is missing.
pub fn programs(names: &[&str]) -> bool {
    let missing: Vec<&str> = names.iter().copied().filter(|name| !on_path(name)).collect();
    if missing.is_empty() {
        return true;
    }
    skip(&format!("not installed: {}", missing.join(", ")));
    false
}

/// Returns true for root; otherwise says loudly that root is needed.
///
/// # Panics
/// Under `CI=true` without root.
pub fn root() -> bool {
    let uid = Command::new("id").arg("-u").output().map(|o| o.stdout).unwrap_or_default();
    if uid.trim_ascii() == b"0" {
        return true;
    }
    skip("needs root");
    false
}

/// Says loudly that the current test is skipped, past the test harness's capture.
///
/// # Panics
/// Under `CI=true`: CI skips nothing.
pub fn skip(reason: &str) {
    let current = std::thread::current();
    let test = current.name().unwrap_or("a test");
    assert!(
        std::env::var_os("CI").is_none_or(|v| v != "true"),
        "{test}: {reason}, and CI skips nothing"
    );
    // Writing to the handle, unlike `eprintln!`, is not captured by the test harness.
    let _ = writeln!(std::io::stderr().lock(), "SKIPPED {test}: {reason}");
}

fn on_path(name: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let standard = ["/usr/sbin", "/sbin"].map(PathBuf::from);
    std::env::split_paths(&paths).chain(standard).any(|dir| {
        let file = dir.join(name);
        file.is_file()
            && Command::new("test")
                .arg("-x")
                .arg(&file)
                .stdout(Stdio::null())
                .status()
                .is_ok_and(|s| s.success())
    })
}
