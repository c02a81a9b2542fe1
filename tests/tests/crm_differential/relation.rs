//! How our answer to a line relates to crm's: equal, or different by a rule of COMPATIBILITY.

use crm_syntax::ast::{FencingTarget, Object};
use crm_syntax::text::{Mode, parse};
use crm_syntax::token::Word;

use crate::oracle::Answer;

/// Returns true for `property a=b $id=c`: the set's name as crm 1.2 reads it; crm 4 makes a pair
/// `id=c` of it.
pub(crate) fn names_its_set_late(line: &str) -> bool {
    let statements = parse(line, Mode::Load).statements;
    statements.iter().any(|statement| {
        let late = |word: &Word<'_>| word.text.to_ascii_lowercase().starts_with("$id=");
        let Object::Property(set) = &statement.object else { return false };
        set.id.is_some() && statement.words().iter().skip(2).any(late)
    })
}

/// Returns true where a property set refers to the same pair twice, which crm keeps as often.
pub(crate) fn repeats_a_reference(line: &str) -> bool {
    let statements = parse(line, Mode::Load).statements;
    statements.iter().any(|statement| {
        let all = statement.words();
        let mut words = all.iter().enumerate();
        matches!(statement.object, Object::Property(_))
            && words.any(|(at, word)| {
                let before = all.iter().take(at);
                word.text.starts_with('@') && before.into_iter().any(|w| w.text == word.text)
            })
    })
}

/// Returns true for a property set that is a reference to another.
pub(crate) fn is_a_reference(line: &str) -> bool {
    let statements = parse(line, Mode::Load).statements;
    let is_one = |word: &Word<'_>| word.text.to_ascii_lowercase().starts_with("$id-ref=");
    statements.iter().any(|statement| {
        matches!(statement.object, Object::Property(_)) && statement.words().iter().any(is_one)
    })
}

/// Returns a message without the word it names and the line it repeats.
fn gist(message: &str) -> &str {
    let ends = [" near <", " parsing '", ": <"];
    let end = ends.iter().find_map(|end| message.find(end));
    &message[..end.unwrap_or(message.len())]
}

/// Returns the words of a line as crm repeats them: its own name of the command, the id without
/// `id=`.
fn repeated(line: &str) -> Vec<String> {
    let first = crm_syntax::lexer::logical_lines(line).next();
    let words = first.as_ref().map(|l| crm_syntax::lexer::words(l).unwrap_or_default());
    let words = words.unwrap_or_default().into_iter();
    let mut words: Vec<String> = words.map(|w| w.text.to_string()).collect();
    if let Some(id) = words.get_mut(1)
        && let Some(name) = id.strip_prefix("id=")
    {
        *id = name.to_owned();
    }
    let command = match words.first().map(String::as_str) {
        Some("collocation" | "Colocation") => "colocation",
        Some("master") => "ms",
        Some("Property") => "property",
        Some("Primitive" | "resource") => "primitive",
        Some("fencing-topology") => "fencing_topology",
        _ => return words,
    };
    command.clone_into(&mut words[0]);
    words
}

/// Returns crm's messages without those about other texts than the line, the repeated once.
pub(crate) fn of_the_language(line: &str, answer: &Answer) -> Vec<String> {
    let words = repeated(line);
    let ends = [words.join(" "), words[..words.len().saturating_sub(1)].join(" ")];
    let ends = ends.each_ref().map(|text| text.trim_end_matches('\''));
    let mut kept: Vec<String> = Vec::new();
    for message in &answer.messages {
        // crm reads what it prints once more, and says so where it cannot; the line has not failed
        let quoted = message.split_once(" parsing '").map(|(_, quoted)| quoted);
        let is_of_reread = message.starts_with("ERROR: syntax in ")
            && (!answer.failed
                || quoted.is_some_and(|q| !ends.contains(&q.trim_end_matches('\''))));
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
        // crm asks the agents at once, here the commit does
        let is_of_agent = message.ends_with(": got no meta-data, does this RA exist?");
        if !is_of_reread && !is_of_another && !is_of_agent && !again {
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

/// Compares two answers. `own` is ours to the same line.
pub(crate) fn relation(line: &str, own: &Answer, theirs: &Answer) -> Relation {
    if theirs.crashed {
        return Relation::Dropped("crm stops with a traceback");
    }
    let (ours, answer) = (once(&own.messages), of_the_language(line, theirs));
    match (own.failed, theirs.failed) {
        (true, true) => of_refusals(line, &ours, &answer),
        (true, false) => only_refused_here(line, &ours, &answer),
        (false, true) => only_refused_there(&answer),
        (false, false) => of_acceptances(line, &ours, &answer),
    }
}

/// Compares only whether two answers fail.
pub(crate) fn verdict(own: &Answer, theirs: &Answer) -> Relation {
    match (own.failed, theirs.failed) {
        _ if theirs.crashed => Relation::Dropped("crm stops with a traceback"),
        (true, false) => only_refused_here("", &own.messages, &theirs.messages),
        (false, true) => only_refused_there(&theirs.messages),
        _ => Relation::Equal,
    }
}

/// A warning about two references to the same id is one warning here and there.
fn once(messages: &[String]) -> Vec<String> {
    let is_first = |at: usize, message: &String| !messages[..at].contains(message);
    let all = messages.iter().enumerate();
    all.filter(|(at, message)| is_first(*at, message)).map(|(_, m)| m.clone()).collect()
}

fn has(list: &[String], text: &str) -> bool {
    list.iter().any(|message| message.contains(text))
}

/// Which of several constraints is named first is left to crm.
fn sorted(list: &[String]) -> Vec<String> {
    let mut list = list.to_vec();
    list.sort();
    list
}

/// Both refuse: the words may be other ones.
fn of_refusals(line: &str, ours: &[String], answer: &[String]) -> Relation {
    if sorted(ours) == sorted(answer) {
        return Relation::Equal;
    }
    if line.starts_with("monitor ") && has(answer, "invalid object id") {
        return Relation::Listed("two errors, one of them told");
    }
    let in_python = ["too many values to unpack", "Invalid attribute name"];
    if has(ours, "ERROR: syntax in") && in_python.iter().any(|text| has(answer, text)) {
        return Relation::Listed("an error in Python's words");
    }
    let found_late = ["Attribute order error", "Invalid kind", "attribute is only valid"];
    if has(ours, "ERROR: syntax in") && found_late.iter().any(|text| has(answer, text)) {
        return Relation::Listed("of two mistakes the other is told");
    }
    let errors = |list: &[String]| -> Vec<String> {
        let errors = list.iter().filter(|message| message.starts_with("ERROR"));
        errors.map(|message| gist(message).to_owned()).collect()
    };
    if errors(ours) == errors(answer) {
        return Relation::Listed("the same error, another word named");
    }
    if has(answer, ": interval must") {
        return Relation::Listed("of two mistakes the other is told");
    }
    if has(ours, "ERROR: syntax in xml") && has(answer, "ERROR: syntax in xml") {
        return Relation::Listed("broken XML is refused in the words of our own reader");
    }
    if errors(ours).iter().all(|error| errors(answer).contains(error)) {
        return Relation::Listed("of several mistakes not all are told");
    }
    Relation::Unlike
}

/// We refuse what crm takes.
fn only_refused_here(line: &str, ours: &[String], answer: &[String]) -> Relation {
    let errors = ours.iter().filter(|message| message.starts_with("ERROR"));
    let all_say = |text: &str| errors.clone().all(|message| message.contains(text));
    if line.starts_with("monitor ") && has(answer, "invalid object id") {
        return Relation::Dropped("an operation whose id would be none is refused");
    }
    if all_say("may contain") {
        return Relation::Dropped("a container that names what is no resource is refused");
    }
    if all_say("Found existing") && has(answer, "ERROR") {
        return Relation::Dropped("a load does not make one kind of object of another");
    }
    if all_say("refers to missing object") && has(answer, "refers to missing object") {
        return Relation::Dropped("a container that names a missing resource is refused");
    }
    Relation::Unlike
}

/// We take what crm refuses.
fn only_refused_there(answer: &[String]) -> Relation {
    let errors = answer.iter().filter(|message| message.starts_with("ERROR"));
    let is_timeless = |message: &String| message.contains("order error: interval must");
    if errors.clone().count() == 1 && errors.clone().all(is_timeless) {
        return Relation::Dropped("an operation without interval may have parameters");
    }
    if errors.clone().count() > 0 && errors.clone().all(|message| is_of_a_user(message)) {
        return Relation::Dropped("a user may have the name of another object");
    }
    let is_bare = |message: &String| message.ends_with("near <property> parsing 'property'");
    if errors.clone().count() == 1 && errors.clone().all(is_bare) {
        return Relation::Listed("`property` without arguments lists the options");
    }
    Relation::Unlike
}

/// Returns true where crm says that an object and a user cannot have one name.
fn is_of_a_user(message: &str) -> bool {
    let told = message.strip_prefix("ERROR: Cannot create ");
    let kinds = told.and_then(|told| told.split_once(": Found existing "));
    kinds.is_some_and(|(new, old)| new.starts_with("acl_target ") != old.starts_with("acl_target "))
}

/// Both take the line.
fn of_acceptances(line: &str, ours: &[String], answer: &[String]) -> Relation {
    if line.contains("docker ") && line.contains(" $id-ref=") {
        return Relation::Dropped("a reference as an attribute of a container's engine");
    }
    if names_its_set_late(line) {
        return Relation::Dropped("`$id` after the pairs of a property set names the set");
    }
    if repeats_a_reference(line) {
        return Relation::Dropped("a property set refers to a pair once");
    }
    if is_a_reference(line) {
        return Relation::Dropped("a property set may be a reference");
    }
    if sorted(ours) == sorted(answer) {
        return Relation::Equal;
    }
    let is_further = |m: &&String| m.contains("Ambiguous reference") && !ours.contains(m);
    let unambiguous: Vec<_> = answer.iter().filter(|m| !is_further(m)).cloned().collect();
    if sorted(&unambiguous) == sorted(ours) {
        return Relation::Listed("a reference to an object is ambiguous where others name it");
    }
    Relation::Unlike
}

/// Returns what a line names, and whether that is a user; nothing for a node, whose name may be
/// another's too.
pub(crate) fn named(line: &str) -> Option<(String, bool)> {
    let statement = parse(line, Mode::Load).statements.into_iter().next()?;
    match &statement.object {
        Object::Node(_) => None,
        Object::AclPrincipal(user) => Some((user.id.clone(), !user.is_group)),
        Object::Xml(text) => {
            let tree = cib_model::xml::read(text).ok()?;
            Some((tree.root().id()?.to_owned(), tree.root().name() == "acl_target"))
        }
        _ => {
            let words = statement.words();
            let word = words.get(1)?.text.trim_start_matches('$').trim_end_matches(':');
            Some((word.trim_start_matches("id=").to_owned(), false))
        }
    }
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
