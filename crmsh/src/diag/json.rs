//! One JSON object a line.

use crm_syntax::diag::Diagnostic;

/// Writes a diagnostic as JSON.
pub(super) fn render(diagnostic: &Diagnostic) -> String {
    serde_json::to_string(diagnostic).unwrap_or_else(|error| format!("{{\"message\":\"{error}\"}}"))
}
