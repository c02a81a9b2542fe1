//! Prints the status texts of CIB files, one after another.
use std::io::Write as _;

fn main() {
    for path in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&path).unwrap();
        let cib = cib_model::Cib::read(&text).unwrap();
        let now = cib.root().attr("execution-date").and_then(|v| v.parse().ok());
        let options =
            policy::Options { now: now.unwrap_or(1_780_000_000), sanitized: true, trace: true };
        let plan = policy::unpack::run(&cib, &options);
        let out = format!(
            "@@@{path}\n{}Current cluster status:\n{}",
            policy::render::status_text::preamble(&plan),
            policy::render::status_text::status(
                &plan,
                policy::render::status_text::StatusStyle { pending: true }
            )
        );
        std::io::stdout().write_all(out.as_bytes()).unwrap();
    }
}
