//! What follows crm's sentence in the full form: the source with the place marked, what was
//! expected, and advice.

use crm_syntax::diag::{Code, Diagnostic};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource};

use super::Source;

/// Writes a diagnostic's place in the source and its advice; empty where it has neither. The
/// sentence is not repeated.
pub(crate) fn render(diagnostic: &Diagnostic, source: Source<'_>) -> String {
    let mut text = snippet(diagnostic, source).unwrap_or_default();
    if let Some(help) = &diagnostic.advice.help {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str("  help: ");
        text.push_str(help);
    }
    text
}

fn snippet(diagnostic: &Diagnostic, source: Source<'_>) -> Option<String> {
    let span = diagnostic.span.filter(|span| span.end <= source.text.len())?;
    let expected = match diagnostic.advice.expected.as_slice() {
        [] => of_kind(diagnostic.code).to_owned(),
        [one] => format!("expected {one}"),
        [several @ .., last] => format!("expected {} or {last}", several.join(", ")),
    };
    let place = |start: usize, end: usize, text: String| {
        LabeledSpan::new(Some(text), start, end.saturating_sub(start).max(1))
    };
    let further = diagnostic.advice.labels.iter();
    let further = further.map(|l| place(l.span.start, l.span.end, l.text.clone()));
    let labels: Vec<LabeledSpan> =
        std::iter::once(place(span.start, span.end, expected)).chain(further).collect();
    let report = miette::Report::new(MietteDiagnostic::new("").with_labels(labels))
        .with_source_code(NamedSource::new(source.name, format!("{}\n", source.text)));
    let mut text = String::new();
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor());
    handler.render_report(&mut text, report.as_ref()).ok()?;
    // the head is crm's sentence, which has been told
    let body = text.lines().skip_while(|line| !line.contains('╭'));
    Some(body.map(str::trim_end).collect::<Vec<_>>().join("\n"))
}

/// Returns what is said at the place itself where nothing is expected there.
fn of_kind(code: Code) -> &'static str {
    match code {
        Code::UnclosedQuote => "opened here, never closed",
        Code::Character => "cannot be stored",
        Code::UnknownCommand => "no statement begins so",
        Code::InvalidId => "not an id",
        Code::IdInUse => "taken already",
        Code::Duplicate => "defined again here",
        Code::NoSuchObject => "no such object",
        Code::Reference => "names nothing, or several",
        Code::JoinedLines => "joined here",
        Code::StrayQuote => "a quote inside a word",
        Code::BareWord => "a name without a value",
        Code::ParameterRenamed => "stored as the agent spells it",
        Code::Syntax
        | Code::Xml
        | Code::Child
        | Code::Agent
        | Code::RoleConverted
        | Code::SideEffect => "here",
    }
}
