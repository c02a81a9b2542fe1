//! The part of XPath 1.0 that clients of `cibadmin` use: unions of location paths with names,
//! `*`, `//`, and predicates of attributes joined by `and`, `or`, `not()`.

use cib_model::xml::ElementRef;

/// Selects elements in document order.
///
/// # Errors
/// A sentence naming what is not understood.
pub(super) fn select<'a>(root: ElementRef<'a>, path: &str) -> Result<Vec<ElementRef<'a>>, String> {
    let mut found = Vec::new();
    for part in split(path, '|') {
        let steps = steps(part.trim())?;
        found.extend(walk(root, &steps));
    }
    let order: Vec<_> = root.descendants().map(ElementRef::xml_id).collect();
    let place = |e: &ElementRef<'_>| order.iter().position(|id| *id == e.xml_id());
    found.sort_by_key(place);
    found.dedup_by_key(|e| e.xml_id());
    Ok(found)
}

/// Returns an element's path as `cibadmin --node-path` prints it.
pub(super) fn path_of(element: ElementRef<'_>) -> String {
    let mut parts = Vec::new();
    let mut at = Some(element);
    while let Some(e) = at {
        parts.push(match e.id() {
            Some(id) => format!("{}[@id='{id}']", e.name()),
            None => e.name().to_owned(),
        });
        at = e.parent();
    }
    parts.reverse();
    format!("/{}", parts.join("/"))
}

#[derive(Debug)]
struct Step {
    anywhere: bool,
    name: String,
    predicates: Vec<Test>,
}

#[derive(Debug)]
enum Test {
    Position(usize),
    Has(String),
    Equals(String, String),
    Differs(String, String),
    Not(Box<Test>),
    All(Vec<Test>),
    Any(Vec<Test>),
}

/// Splits at a character that stands outside brackets and quotes.
fn split(text: &str, at: char) -> Vec<&str> {
    let (mut depth, mut quote, mut start, mut parts) = (0_i32, None, 0, Vec::new());
    for (index, c) in text.char_indices() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '[' | '(') => depth += 1,
            (None, ']' | ')') => depth -= 1,
            (None, c) if c == at && depth == 0 => {
                parts.push(text.get(start..index).unwrap_or_default());
                start = index + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

/// Returns where the bracket ends whose inside `body` starts with.
fn closing(body: &str) -> Option<usize> {
    let (mut depth, mut quote) = (0_i32, None);
    for (index, c) in body.char_indices() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '[') => depth += 1,
            (None, ']') if depth == 0 => return Some(index),
            (None, ']') => depth -= 1,
            _ => {}
        }
    }
    None
}

fn steps(path: &str) -> Result<Vec<Step>, String> {
    if !path.starts_with('/') {
        return Err(format!("XPath '{path}' must start at the root"));
    }
    let mut all = Vec::new();
    let mut anywhere = false;
    for part in split(path.get(1..).unwrap_or_default(), '/') {
        if part.is_empty() {
            anywhere = true;
            continue;
        }
        let (name, rest) = match part.find('[') {
            Some(at) => part.split_at(at),
            None => (part, ""),
        };
        let plain = name.chars().all(|c| c.is_alphanumeric() || "_-.*".contains(c));
        if name.is_empty() || !plain {
            return Err(format!("XPath step '{part}' is not supported"));
        }
        let mut predicates = Vec::new();
        let mut rest = rest.trim();
        while let Some(body) = rest.strip_prefix('[') {
            let end = closing(body).ok_or_else(|| format!("XPath step '{part}' is not closed"))?;
            let inner = body.get(..end).unwrap_or_default();
            predicates.push(test(inner)?);
            rest = body.get(end + 1..).unwrap_or_default().trim();
        }
        all.push(Step { anywhere, name: name.to_owned(), predicates });
        anywhere = false;
    }
    Ok(all)
}

fn test(text: &str) -> Result<Test, String> {
    let text = text.trim();
    let joined = |word: &str| -> Vec<String> {
        let marked = format!(" {word} ");
        let mut parts = vec![String::new()];
        let (mut depth, mut quote) = (0_i32, None);
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if depth == 0 && quote.is_none() && rest.starts_with(&marked) {
                parts.push(String::new());
                rest = rest.get(marked.len()..).unwrap_or_default();
                continue;
            }
            match (quote, c) {
                (Some(q), c) if c == q => quote = None,
                (None, '\'' | '"') => quote = Some(c),
                (None, '(') => depth += 1,
                (None, ')') => depth -= 1,
                _ => {}
            }
            if let Some(last) = parts.last_mut() {
                last.push(c);
            }
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
        parts
    };
    for (word, make) in [("or", Test::Any as fn(Vec<Test>) -> Test), ("and", Test::All)] {
        let parts = joined(word);
        if parts.len() > 1 {
            return Ok(make(parts.iter().map(|p| test(p)).collect::<Result<_, _>>()?));
        }
    }
    if let Some(inner) = text.strip_prefix("not(").and_then(|t| t.strip_suffix(')')) {
        return Ok(Test::Not(Box::new(test(inner)?)));
    }
    if let Some(inner) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        return test(inner);
    }
    if let Ok(position) = text.parse() {
        return Ok(Test::Position(position));
    }
    let unsupported = || format!("XPath predicate '[{text}]' is not supported");
    let attribute = text.strip_prefix('@').ok_or_else(unsupported)?;
    let value = |v: &str| {
        let v = v.trim();
        let quoted = |q: char| v.strip_prefix(q).and_then(|v| v.strip_suffix(q));
        quoted('\'').or_else(|| quoted('"')).map(str::to_owned).ok_or_else(unsupported)
    };
    if let Some((name, v)) = attribute.split_once("!=") {
        return Ok(Test::Differs(name.trim().to_owned(), value(v)?));
    }
    match attribute.split_once('=') {
        Some((name, v)) => Ok(Test::Equals(name.trim().to_owned(), value(v)?)),
        None => Ok(Test::Has(attribute.trim().to_owned())),
    }
}

fn walk<'a>(root: ElementRef<'a>, steps: &[Step]) -> Vec<ElementRef<'a>> {
    // `None` stands for the document above the root.
    let mut here: Vec<Option<ElementRef<'a>>> = vec![None];
    for step in steps {
        let mut next = Vec::new();
        for at in here {
            let fits = |e: &ElementRef<'a>| step.name == "*" || e.name() == step.name;
            let candidates: Vec<ElementRef<'a>> = match (at, step.anywhere) {
                (None, false) => vec![root],
                (None, true) => root.descendants().collect(),
                (Some(e), false) => e.children().collect(),
                (Some(e), true) => e.descendants().skip(1).collect(),
            };
            let mut fitting: Vec<ElementRef<'a>> = candidates.into_iter().filter(fits).collect();
            for predicate in &step.predicates {
                let mut position = 0;
                fitting.retain(|e| {
                    position += 1;
                    holds(*e, predicate, position)
                });
            }
            next.extend(fitting.into_iter().map(Some));
        }
        here = next;
    }
    here.into_iter().flatten().collect()
}

fn holds(element: ElementRef<'_>, test: &Test, position: usize) -> bool {
    match test {
        Test::Position(wanted) => position == *wanted,
        Test::Has(name) => element.attr(name).is_some(),
        Test::Equals(name, value) => element.attr(name) == Some(value),
        Test::Differs(name, value) => element.attr(name).is_some_and(|v| v != value),
        Test::Not(inner) => !holds(element, inner, position),
        Test::All(all) => all.iter().all(|t| holds(element, t, position)),
        Test::Any(any) => any.iter().any(|t| holds(element, t, position)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cib_model::Cib;

    #[test]
    fn clients_paths_select() {
        let cib = Cib::read(
            r#"<cib><configuration><resources><primitive id="a" type="X"/><group id="g">
               <primitive id="b" type="Y"/></group></resources></configuration></cib>"#,
        )
        .unwrap();
        let ids = |path: &str| -> Vec<String> {
            let found = select(cib.root(), path).unwrap();
            found.iter().map(|e| e.id().unwrap_or(e.name()).to_owned()).collect()
        };
        assert_eq!(ids("//primitive"), ["a", "b"]);
        assert_eq!(ids("//primitive[@type='Y'] | //primitive[@id=\"a\"]"), ["a", "b"]);
        assert_eq!(ids("/cib/configuration/resources/*"), ["a", "g"]);
        assert_eq!(ids("//primitive[not(@type='X')]"), ["b"]);
        assert_eq!(ids("//group//primitive[@id='b' and @type='Y']"), ["b"]);
        assert!(select(cib.root(), "//primitive[count(x)>1]").is_err());
        let b = select(cib.root(), "//primitive[@id='b']").unwrap();
        assert_eq!(path_of(b[0]), "/cib/configuration/resources/group[@id='g']/primitive[@id='b']");
    }
}
