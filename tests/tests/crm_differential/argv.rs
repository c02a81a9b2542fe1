//! `crm configure …` with words that a shell has read: both programs put quotes around the same, and
//! write the same CIB with the same exit code.

use std::io::Write as _;

use cib_model::cib::Cib;
use conformance::binary;
use conformance::lines::first_difference;

use crate::oracle::Oracle;
use crate::{START, configuration, has_crm, rounds};

/// Forms of a round; each costs crm a start and a commit.
const FORMS: u64 = 6;

/// What follows `primitive p Dummy`.
const OF_A_PRIMITIVE: &[&[&str]] = &[
    // words with blanks: quotes are put around them where they have room
    &["params", "x=a b"],
    &["params", "x='a b'"],
    &["params", "x=\"a b\""],
    &["params", "x=it's a b"],
    &["params", "x=it's \"a b\""],
    &["params", "x= a "],
    &["params", "x=a\tb"],
    &["params", "x=a\nb"],
    &["params", "x = a"],
    &["params", "x=a\\ b"],
    &["params", "x=a b\\"],
    &["params", "x=a \\\"b"],
    &["params", "x=\"a\" \"b\""],
    // words without: what the shell left is read once more
    &["params", "x=\"a\""],
    &["params", "x='a'"],
    &["params", "x=it's"],
    &["params", "x=a\"b"],
    &["params", "x=a\\b"],
    &["params", "x=a\\\\b"],
    &["params", "x=a\\"],
    &["params", "x=\\'a\\'"],
    &["params", "x='a'b\"c\""],
    // values of other characters
    &["params", "x="],
    &["params", "x=\"\""],
    &["params", "x=''"],
    &["params", "x"],
    &["params", ""],
    &["params", "x=", "y=1"],
    &["params", "x=a=b"],
    &["params", "=a"],
    &["params", "x=#a"],
    &["params", "#a", "x=1"],
    &["params", "x=1", "#", "y=2"],
    &["params", "x=$HOME"],
    &["params", "$x=1"],
    &["params", "$n:x=1"],
    &["params", "@p"],
    &["params", "x=`id`"],
    &["params", "x=(a)"],
    &["params", "x=a;b"],
    &["params", "x=a|b&c<d>e"],
    &["params", "x=*"],
    &["params", "x={a}"],
    &["params", "x=%s%d"],
    &["params", "x=!a"],
    &["description=a b", "meta", "y=1"],
    &["op", "monitor", "interval=10s", "OCF_CHECK_LEVEL=1 0"],
];

/// Whole commands.
const OTHERS: &[&[&str]] = &[
    &["property", "a=x y"],
    &["property", "a=it's"],
    &["property", "a="],
    &["property", "$id=s", "a=b c"],
    &["location", "l", "p", "rule", "#uname eq node1"],
    &["location", "l", "p", "rule", "a", "eq", "x y"],
    &["location", "l", "/a b/", "inf:", "node1"],
    &["tag", "t", "a b"],
    &["primitive", "a b", "Dummy"],
    &["primitive p Dummy params x=1"],
    &["xml", "<primitive id=\"q\" class=\"ocf\" provider=\"heartbeat\" type=\"Dummy\"/>"],
    &["alert", "al", "/a b", "to", "{", "c d", "}"],
    &["role", "r", "read", "xpath:/cib/a[@b='c d']"],
];

/// Every form in the order in which rounds take them: one of each neighbourhood first.
fn forms() -> Vec<Vec<String>> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let of_a_primitive = OF_A_PRIMITIVE
        .iter()
        .map(|rest| [words(&["primitive", "p", "Dummy"]), words(rest)].concat());
    let all: Vec<Vec<String>> =
        of_a_primitive.chain(OTHERS.iter().map(|form| words(form))).collect();
    let stride = 7;
    (0..stride).flat_map(|first| all.iter().skip(first).step_by(stride).cloned()).collect()
}

/// Returns true where crm stops with a traceback (also where the CIB does not take what it made), or
/// cannot read what it has printed.
fn has_stopped(said: &str) -> bool {
    said.contains("Traceback") || said.contains("No closing quotation")
}

/// What a program left: exit code and configuration.
fn left(oracle: &Oracle, program: &str, form: &[String]) -> (Option<i32>, String, String) {
    std::fs::write(oracle.path("cib.xml"), START).unwrap();
    let mut command = oracle.command(program);
    let output = command.args(["-F", "configure"]).args(form).output().unwrap();
    let text = std::fs::read_to_string(oracle.path("cib.xml")).unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned()
        + &String::from_utf8_lossy(&output.stdout);
    (output.status.code(), configuration(&Cib::read(&text).unwrap()), said)
}

#[test]
fn words_of_a_shell_are_read_alike() {
    let oracle = Oracle::new();
    if !has_crm(oracle.folder()) {
        return;
    }
    let own = binary::crm().to_string_lossy().into_owned();
    let (mut differences, mut compared, mut stopped) = (Vec::new(), 0, 0);
    for form in forms().iter().take(usize::try_from(FORMS * rounds()).unwrap_or(usize::MAX)) {
        let (code, cib, said) = left(&oracle, &own, form);
        let (their_code, their_cib, their_said) = left(&oracle, "crm", form);
        if has_stopped(&their_said) {
            stopped += 1;
            continue;
        }
        compared += 1;
        if code != their_code {
            differences.push(format!(
                "{form:?}: exit code {code:?}, crm's {their_code:?}\n{said}\n{their_said}"
            ));
        }
        if let Some(text) = first_difference(&cib, &their_cib) {
            differences.push(format!("{form:?}: {text}"));
        }
    }
    let _ = writeln!(std::io::stderr().lock(), "argv: {compared} forms, crm stopped at {stopped}");
    assert!(compared > 3 * stopped, "crm stopped at {stopped} forms");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
