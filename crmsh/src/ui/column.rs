//! Names in columns.
//!
//! **Source:** crmsh `utils.py`, `multicolumn()`.

/// Lays names out in columns of a terminal of 80 characters; empty for no names.
pub fn multicolumn(names: &[String]) -> String {
    let widest = names.iter().map(|n| n.chars().count()).max().unwrap_or(0) + 2;
    let width = widest.max(10);
    let columns = (80 / width).max(1);
    let mut text = String::new();
    for row in names.chunks(columns) {
        for name in row {
            text.push_str(&format!("{name:<width$}"));
        }
        text.push('\n');
    }
    text
}
