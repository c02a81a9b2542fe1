//! A client of the demo's service: it asks without pause and reports what a user would notice.
//!
//! One line for each change: `up NODE` at the first answer, `outage MS FROM TO` when answers come
//! again after they failed, `moved FROM TO` when another node answers without a failure between.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// How long one question may take.
const PATIENCE: Duration = Duration::from_millis(100);
/// Pause between two questions.
const PACE: Duration = Duration::from_millis(20);

/// Asks for ever, writing a line for each change.
///
/// # Errors
/// Where `out` is closed; that is how it is told to end.
pub fn watch(address: SocketAddr, out: &mut dyn Write) -> std::io::Result<()> {
    let mut last: Option<String> = None;
    let mut failing_since: Option<Instant> = None;
    loop {
        let asked = Instant::now();
        match (ask(address), &last) {
            (Some(node), None) => {
                writeln!(out, "up {node}")?;
                last = Some(node);
                failing_since = None;
            }
            (Some(node), Some(before)) => {
                if let Some(since) = failing_since.take() {
                    let gap_ms = since.elapsed().as_millis();
                    writeln!(out, "outage {gap_ms} {before} {node}")?;
                } else if node != *before {
                    writeln!(out, "moved {before} {node}")?;
                }
                last = Some(node);
            }
            (None, _) => {
                failing_since.get_or_insert(asked);
            }
        }
        out.flush()?;
        std::thread::park_timeout(PACE);
    }
}

fn ask(address: SocketAddr) -> Option<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let node = answer.trim();
    (!node.is_empty()).then(|| node.to_owned())
}
