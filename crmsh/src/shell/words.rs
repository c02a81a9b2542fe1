//! Splitting a command line into words, as a POSIX shell does without expansions.
//!
//! **Source:** Python `shlex.split()`, which crmsh uses: `'…'` is literal, inside `"…"` a backslash
//! escapes only `"` and `\`, elsewhere any character; no comments, no variables.

/// Why a line could not be split.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SplitError {
    /// A quote was opened and never closed.
    #[error("No closing quotation")]
    OpenQuote,
    /// The line ends in the middle of an escape.
    #[error("No escaped character")]
    OpenEscape,
}

/// Splits a line into words. What follows the word `xml` and begins with `<` is one word, as it
/// stands: the quotes in it are XML's.
///
/// **Differs:** crm takes those quotes away, and cannot read what is left.
pub fn split(line: &str) -> Result<Vec<String>, SplitError> {
    let mut words: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\r' | '\n' => {
                words.extend(word.take());
                let element = chars.as_str().trim();
                if words.last().is_some_and(|w| w == "xml") && element.starts_with('<') {
                    words.push(element.to_owned());
                    return Ok(words);
                }
            }
            '\'' => {
                let into = word.get_or_insert_default();
                loop {
                    match chars.next().ok_or(SplitError::OpenQuote)? {
                        '\'' => break,
                        c => into.push(c),
                    }
                }
            }
            '"' => double_quoted(&mut chars, word.get_or_insert_default())?,
            '\\' => {
                let escaped = chars.next().ok_or(SplitError::OpenEscape)?;
                word.get_or_insert_default().push(escaped);
            }
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

fn double_quoted(chars: &mut std::str::Chars<'_>, into: &mut String) -> Result<(), SplitError> {
    loop {
        match chars.next().ok_or(SplitError::OpenQuote)? {
            '"' => return Ok(()),
            '\\' => match chars.next().ok_or(SplitError::OpenQuote)? {
                c @ ('"' | '\\') => into.push(c),
                c => into.extend(['\\', c]),
            },
            c => into.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_shlexs() {
        let check = |line: &str, words: &[&str]| assert_eq!(split(line).unwrap(), words, "{line}");
        check("  a  b\tc ", &["a", "b", "c"]);
        check("a'b c'd \"e f\"", &["ab cd", "e f"]);
        check(r#""say \"x\" \n \\" a\ b"#, &[r#"say "x" \n \"#, "a b"]);
        check("k='' \"\"", &["k=", ""]);
        check("", &[]);
    }

    #[test]
    fn an_element_is_one_word() {
        let element = r#"<primitive id="a" description='say "hi"  it&apos;s'/>"#;
        assert_eq!(split(&format!("xml {element}")).unwrap(), ["xml", element]);
        assert_eq!(split(&format!("configure xml  {element} ")).unwrap()[1..], ["xml", element]);
        assert_eq!(split("xml '<a b=\"c\"/>'").unwrap(), ["xml", "<a b=\"c\"/>"]);
        assert_eq!(split("show xml a").unwrap(), ["show", "xml", "a"]);
    }

    #[test]
    fn open_quotes_and_escapes_are_errors() {
        assert_eq!(split("a 'b"), Err(SplitError::OpenQuote));
        assert_eq!(split("k=a\"b"), Err(SplitError::OpenQuote));
        assert_eq!(split("a \\"), Err(SplitError::OpenEscape));
    }
}
