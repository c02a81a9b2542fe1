//! How our answer to a line relates to crm's: equal, or different by a rule of COMPATIBILITY.

use crm_syntax::ast::{FencingTarget, Object};
use crm_syntax::text::{Mode, SourceWord, parse};

use crate::oracle::Answer;

/// Returns true for `property a=b $id=c`: the set's name as crm 1.2 reads it; crm 4 makes a pair
/// `id=c` of it.
pub(crate) fn names_its_set_late(line: &str) -> bool {
    let statements = parse(line, Mode::Load).statements;
    statements.iter().any(|statement| {
        let late = |word: &SourceWord| word.text.to_ascii_lowercase().starts_with("$id=");
        let Object::Property(set) = &statement.object else { return false };
        set.id.is_some() && statement.words.iter().skip(2).any(late)
    })
}

/// Returns true where a property set refers to the same pair twice, which crm keeps as often.
pub(crate) fn repeats_a_reference(line: &str) -> bool {
    let statements = parse(line, Mode::Load).statements;
    statements.iter().any(|statement| {
        let mut words = statement.words.iter().enumerate();
        matches!(statement.object, Object::Property(_))
            && words.any(|(at, word)| {
                let before = statement.words.iter().take(at);
                word.text.starts_with('@') && before.into_iter().any(|w| w.text == word.text)
            })
    })
}

/// Returns a message without the word it names and the line it repeats.
fn gist(message: &str) -> &str {
    let ends = [" near <", " parsing '", ": <"];
    let end = ends.iter().find_map(|end| message.find(end));
    &message[..end.unwrap_or(message.len())]
}

/// Returns crm's messages without what other parts than the language say, the repeated once.
pub(crate) fn of_the_language(line: &str, answer: &Answer) -> Vec<String> {
    let words = crm_syntax::lexer::logical_lines(line);
    let words = words.first().map(|l| crm_syntax::lexer::words(l).unwrap_or_default());
    let mut words: Vec<_> = words.unwrap_or_default().into_iter().map(|w| w.text).collect();
    // crm repeats the line without the `id=` of the id
    if let Some(id) = words.get_mut(1)
        && let Some(name) = id.strip_prefix("id=")
    {
        *id = name.to_owned().into();
    }
    let (whole, shorter) = (words.join(" "), words[..words.len().saturating_sub(1)].join(" "));
    let mut kept: Vec<String> = Vec::new();
    for message in &answer.messages {
        let is_of_shell = message.contains(" is deprecated")
            || message.contains("ra class")
            || message.contains(" is accepted as ")
            || message.contains("got no meta-data");
        // crm reads what it prints once more, and says so where it cannot
        let is_of_reread = message.split_once(" parsing '").is_some_and(|(_, quoted)| {
            let quoted = quoted.trim_end_matches('\'');
            let near = message.split_once(" near <").and_then(|(_, rest)| rest.split_once("> "));
            let is_part = |(near, _): (&str, &str)| {
                words.iter().all(|word| word.as_ref() != near)
                    && words.iter().any(|word| word.split(' ').any(|part| part == near))
            };
            near.is_some_and(is_part)
                || quoted != whole.trim_end_matches('\'')
                    && quoted != shorter.trim_end_matches('\'')
        });
        // crm reads an object's references again when something in it is redirected
        let is_of_another = message
            .split_once("Reference not found: ")
            .is_some_and(|(_, id)| !words.iter().any(|word| word.contains(id)));
        // crm says an error and goes on, each time it reads the reference; here it is a warning
        let message = match message.strip_prefix("ERROR: ") {
            Some(text) if is_reference(text) => format!("WARNING: {text}"),
            _ => message.clone(),
        };
        let again = message.starts_with("WARNING: ") && kept.contains(&message);
        if !is_of_shell && !is_of_reread && !is_of_another && !again {
            kept.push(message);
        }
    }
    kept
}

fn is_reference(text: &str) -> bool {
    text.starts_with("Reference not found") || text.starts_with("Ambiguous reference")
}

/// How our answer relates to crm's.
pub(crate) enum Relation {
    Equal,
    /// Different by a rule of COMPATIBILITY.
    Listed(&'static str),
    /// Different by a rule, and what follows would be too.
    Dropped(&'static str),
    Unlike,
}

pub(crate) fn relation(line: &str, ours: &[String], theirs: &Answer) -> Relation {
    let answer = of_the_language(line, theirs);
    let ours: Vec<String> = ours.iter().filter(|m| !m.contains("ra class")).cloned().collect();
    if theirs.crashed {
        return Relation::Dropped("crm stops with a traceback");
    }
    let has = |list: &[String], text: &str| list.iter().any(|m| m.contains(text));
    // a warning about two references to the same id is one warning here and there
    let ours: Vec<String> = ours
        .iter()
        .enumerate()
        .filter(|(at, m)| !ours[..*at].contains(m))
        .map(|(_, m)| m.clone())
        .collect();
    if line.starts_with("monitor ") && has(&answer, "invalid object id") {
        let is_made = answer.iter().all(|m| m.ends_with("invalid object id"));
        return match (is_made, has(&ours, "ERROR")) {
            (true, true) => Relation::Dropped("an operation whose id would be none is refused"),
            (false, true) => Relation::Listed("two errors, one of them told"),
            (_, false) => Relation::Unlike,
        };
    }
    let in_python = ["too many values to unpack", "Invalid attribute name"];
    if has(&ours, "ERROR: syntax in") && in_python.iter().any(|text| has(&answer, text)) {
        return Relation::Listed("an error in Python's words");
    }
    if line.contains("docker ") && line.contains(" $id-ref=") && !has(&answer, "ERROR") {
        return Relation::Dropped("a reference as an attribute of a container's engine");
    }
    let unambiguous: Vec<_> =
        answer.iter().filter(|m| !m.contains("Ambiguous reference")).cloned().collect();
    if unambiguous != answer && unambiguous == ours {
        return Relation::Listed("a reference to an object is ambiguous where others name it");
    }
    let is_late = |list: &[String]| has(list, "Attribute order error");
    if is_late(&ours) && is_late(&answer) {
        return Relation::Listed("the same error, another word named");
    }
    if is_late(&answer) && has(&answer, ": interval must") {
        return Relation::Dropped("an operation without interval may have parameters");
    }
    let found_late = ["Attribute order error", "Invalid kind", "attribute is only valid"];
    if has(&ours, "ERROR: syntax in") && found_late.iter().any(|text| has(&answer, text)) {
        return Relation::Listed("of two mistakes the other is told");
    }
    if names_its_set_late(line) {
        return Relation::Dropped("`$id` after the pairs of a property set names the set");
    }
    if repeats_a_reference(line) {
        return Relation::Dropped("a property set refers to a pair once");
    }
    if has(&ours, "may contain") && !has(&answer, "ERROR") {
        return Relation::Dropped("a container that names what is no resource is refused");
    }
    if has(&answer, "refers to missing object") && has(&ours, "ERROR") {
        return Relation::Dropped("a container that names a missing resource is refused");
    }
    // which of several constraints is named first is left to crm
    let sorted = |list: &[String]| {
        let mut list = list.to_vec();
        list.sort();
        list
    };
    if sorted(&ours) == sorted(&answer) {
        return Relation::Equal;
    }
    let is_error = |m: &&String| m.starts_with("ERROR");
    let errors = |list: &[String]| -> Vec<String> {
        list.iter().filter(is_error).map(|m| gist(m).to_owned()).collect()
    };
    if !errors(&ours).is_empty() && errors(&ours) == errors(&answer) {
        return Relation::Listed("the same error, another word named");
    }
    Relation::Unlike
}

/// Returns true for a node that has the name of one that is there, and another id.
pub(crate) fn is_second_of_its_name(line: &str) -> bool {
    parse(line, Mode::Load).statements.iter().any(|statement| {
        let Object::Node(node) = &statement.object else { return false };
        let id = match node.uname.as_str() {
            "node1" => "1",
            "node2" => "2",
            _ => return false,
        };
        node.id.as_deref().is_some_and(|own| own != id)
    })
}

/// Returns true for levels without a target.
pub(crate) fn is_for_all_nodes(line: &str) -> bool {
    parse(line, Mode::Load).statements.iter().any(|statement| {
        let Object::FencingTopology(topology) = &statement.object else { return false };
        topology.levels.iter().any(|(target, _)| *target == FencingTarget::AllNodes)
    })
}
