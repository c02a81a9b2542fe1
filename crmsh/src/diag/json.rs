//! One JSON object a line, for editors.
//!
//! `file`, `line`, `column`, `end_line`, `end_column` count from 1, columns in characters, the end
//! after the last one; they are `null` where a fact has no place. `logical_line` is the number in
//! crm's own sentence, which counts continued lines once.

use crm_syntax::diag::Diagnostic;
use serde_json::{Value, json};

use super::Source;

/// Writes a diagnostic as JSON.
pub(crate) fn render(diagnostic: &Diagnostic, source: Source<'_>) -> String {
    let mut value = serde_json::to_value(diagnostic)
        .unwrap_or_else(|error| json!({ "message": error.to_string() }));
    let Some(object) = value.as_object_mut() else { return value.to_string() };
    let logical = object.remove("line").unwrap_or(Value::Null);
    object.insert("logical_line".to_owned(), logical);
    object.insert("file".to_owned(), json!(source.name));
    let place = diagnostic.span.map(|span| {
        (line_and_column(source.text, span.start), line_and_column(source.text, span.end))
    });
    let names = ["line", "column", "end_line", "end_column"];
    match place {
        Some(((line, column), (end_line, end_column))) => {
            for (name, number) in names.into_iter().zip([line, column, end_line, end_column]) {
                object.insert(name.to_owned(), json!(number));
            }
        }
        None => {
            for name in names {
                object.insert(name.to_owned(), Value::Null);
            }
        }
    }
    value.to_string()
}

/// Returns line and column of a byte offset, both from 1.
fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let before = text.split_at(at).0;
    let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
    let last = before.rsplit('\n').next().unwrap_or(before);
    (line, last.chars().count() + 1)
}
