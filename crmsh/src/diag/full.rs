//! The source line with a caret, what was expected, and advice.

use crm_syntax::diag::{Diagnostic, Severity};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource};

use super::Source;

/// Writes a diagnostic with its place in the source.
pub(super) fn render(diagnostic: &Diagnostic, source: Source<'_>) -> String {
    let code = serde_json::to_value(diagnostic.code)
        .ok()
        .and_then(|v| v.as_str().map(str::to_owned))
        .unwrap_or_default();
    let expected = match diagnostic.expected.as_slice() {
        [] => "here".to_owned(),
        words => format!("expected {}", words.join(" or ")),
    };
    let place = |start: usize, end: usize, text: String| {
        LabeledSpan::new(Some(text), start, end.saturating_sub(start).max(1))
    };
    let mut labels = Vec::new();
    if let Some(span) = diagnostic.span {
        labels.push(place(span.start, span.end, expected));
    }
    labels
        .extend(diagnostic.labels.iter().map(|l| place(l.span.start, l.span.end, l.text.clone())));
    let severity = match diagnostic.severity {
        Severity::Info => miette::Severity::Advice,
        Severity::Warning => miette::Severity::Warning,
        Severity::Error => miette::Severity::Error,
    };
    let mut report = MietteDiagnostic::new(diagnostic.message.clone())
        .with_code(code)
        .with_severity(severity)
        .with_labels(labels);
    if let Some(help) = &diagnostic.help {
        report = report.with_help(help.clone());
    }
    let report = miette::Report::new(report)
        .with_source_code(NamedSource::new(source.name, format!("{}\n", source.text)));
    let mut text = String::new();
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor());
    match handler.render_report(&mut text, report.as_ref()) {
        Ok(()) => text,
        Err(_) => diagnostic.message.clone(),
    }
}
