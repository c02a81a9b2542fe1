//! Texts with mistakes: each is an error at its line and word, all of a text in one run, and a text
//! with an error changes nothing.

use cib_model::cib::Cib;
use cib_model::xml::{Dialect, Layout};
use conformance::prerequisite::shared;
use crm_syntax::agents::NoAgents;
use crm_syntax::diag::{Diagnostic, Severity};
use crm_syntax::style::Style;
use crm_syntax::text::{Mode, decode};
use crm_syntax::{Editor, LoadMethod, Options};

const START: &str = r#"<cib validate-with="pacemaker-3.9" admin_epoch="0" epoch="1" num_updates="0">
<configuration><crm_config/><nodes><node id="1" uname="node1"/></nodes><resources>
<primitive id="old" class="ocf" provider="heartbeat" type="Dummy"/></resources><constraints/>
</configuration><status/></cib>"#;

/// Loads a text; asserts that errors change nothing.
fn load(text: &str) -> Vec<Diagnostic> {
    let mut cib = Cib::read(START).unwrap();
    let before = cib.write(Layout::Pretty, Dialect::default());
    let options = Options { mode: Mode::Load, ..Options::new(Style::Modern, &NoAgents) };
    match Editor::new(&mut cib, &options).load(text, LoadMethod::Update) {
        Ok(notes) => notes,
        Err(errors) => {
            assert_eq!(cib.write(Layout::Pretty, Dialect::default()), before, "{text}");
            errors
        }
    }
}

/// Returns line, column (from 1) and marked text of each diagnostic that is at least so serious.
fn places(text: &str, least: Severity) -> Vec<(usize, usize, String)> {
    let found = load(text).into_iter().filter(|d| d.severity >= least);
    found
        .map(|diagnostic| {
            let span = diagnostic.span.unwrap_or_else(|| panic!("no place: {diagnostic}"));
            let before = &text[..span.start];
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
            (line, column, text[span.start..span.end].to_owned())
        })
        .collect()
}

#[track_caller]
fn errors(text: &str, expected: &[(usize, usize, &str)]) {
    let found = places(text, Severity::Error);
    let found: Vec<_> = found.iter().map(|(l, c, t)| (*l, *c, t.as_str())).collect();
    assert_eq!(found, expected, "{text}");
}

#[track_caller]
fn hints(text: &str, expected: &[(usize, usize, &str)]) {
    let found = places(text, Severity::Hint);
    let found: Vec<_> = found.iter().map(|(l, c, t)| (*l, *c, t.as_str())).collect();
    assert_eq!(found, expected, "{text}");
}

/// Both quotes of the published text that lack their end, each at its own line.
#[test]
fn malformed_configurations_are_refused_at_their_lines() {
    let Some(corpus) = shared("corpus") else { return };
    let mut judged = 0;
    for entry in std::fs::read_dir(corpus).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with("bad-") || !name.ends_with(".crm") {
            continue;
        }
        let (text, broken) = decode(&std::fs::read(&path).unwrap());
        assert_eq!(broken, []);
        match name.as_str() {
            "bad-saphanasr-man-costopt.crm" => {
                errors(&text, &[(15, 39, "\"1"), (17, 25, "\"TST_HDB20_node02")]);
            }
            other => panic!("say where {other} is wrong"),
        }
        judged += 1;
    }
    assert!(judged > 0);
}

#[test]
fn mistakes_of_grammar_are_told_at_their_words() {
    let table: &[(&str, usize, usize, &str)] = &[
        ("primitive a Dummy\nprimitve b Dummy\n", 2, 1, "primitve"),
        ("location l old 100 node1\n", 1, 16, "100"),
        ("# c\n\ncolocation c \\\n  old new\n", 4, 3, "old"),
        ("order o Bogus: old old2\n", 1, 9, "Bogus:"),
        ("colocation c inf: ( old ( x ) )\n", 1, 25, "("),
        ("colocation c inf: ( old x ]\n", 1, 27, "]"),
        ("rsc_ticket t T old\n", 1, 14, "T"),
        ("location l old rule x foo 1\n", 1, 23, "foo"),
        ("role r read\nrole s bogus cib\n", 2, 8, "bogus"),
        ("node a:b:c\n", 1, 6, "a:b:c"),
        ("group g\n", 1, 1, "group"),
        ("acl_target u x=y\n", 1, 14, "x=y"),
        ("monitor old 10s@x\n", 1, 1, "monitor old 10s@x"),
        ("primitive a Dummy op monitor interval=10\nmonitor a 10s\n", 2, 1, "monitor a 10s"),
        ("primitive a Dummy op monitor interval=10\nmonitor a :5\n", 2, 1, "monitor a :5"),
        ("primitive p ocf::Dummy params a=\"b\n", 1, 33, "\"b"),
        ("location l old rule a eq 1 and b eq 2 or c eq 3\n", 1, 39, "or"),
    ];
    let mut wrong = Vec::new();
    for (text, line, column, marked) in table {
        let found = places(text, Severity::Error);
        if found != [(*line, *column, (*marked).to_owned())] {
            wrong.push(format!("{text:?}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn all_mistakes_of_a_text_are_told_in_one_run() {
    errors(
        "primitive a Dummy\nfoo b\nlocation l a 5 n\nxml <primitive id=\"x\" class=></primitive>\n",
        &[(2, 1, "foo"), (3, 14, "5"), (4, 5, "<")],
    );
    errors(
        "primitive a Dummy\nprimitive a Dummy\ngroup g a\ngroup g a\n",
        &[(2, 11, "a"), (4, 7, "g")],
    );
    errors(
        "primitive a Dummy\ngroup g a nothing\nlocation l nowhere 5: node1\ngroup h none\n",
        &[(2, 11, "nothing"), (4, 9, "none")],
    );
    errors(
        "location l nowhere 5: node1\norder o old (x y)\n",
        &[(1, 12, "nowhere"), (2, 13, "(x"), (2, 16, "y)")],
    );
}

#[test]
fn characters_that_xml_cannot_hold_are_refused() {
    errors("primitive a Dummy \\\n params x=\"a\u{1}b\"\n", &[(2, 13, "\u{1}")]);
    errors("primitive a Dummy params x=\u{0}\n", &[(1, 28, "\u{0}")]);
    let (text, broken) = decode(b"# \xe4\nprimitive a Dummy \\\n params x=\xfc\n");
    let told: Vec<(Option<usize>, String)> =
        broken.iter().map(|d| (d.line, d.message.clone())).collect();
    assert_eq!(told, [(Some(2), "the byte 0xfc is no UTF-8 text".to_owned())]);
    assert_eq!(text.split('\n').next(), Some("# \u{fffd}"));
}

#[test]
fn what_crm_takes_without_a_word_is_hinted_at() {
    hints("primitive a Dummy params \\\n x=1\\\n y=2\n", &[(2, 2, "x=1\\\n y=2")]);
    hints("primitive a Dummy params ip 1\n", &[(1, 26, "ip"), (1, 29, "1")]);
    hints("primitive a Dummy parms x=1\n", &[(1, 19, "parms")]);
    hints(
        "primitive a Dummy params $id=s x=1\nprimitive b Dummy params $id=s x=1\n",
        &[(2, 26, "$id=s")],
    );
    hints("primitive a Dummy params $id-ref=none\n", &[(1, 26, "$id-ref=none")]);
}

/// What may stand there is told word by word, for people and for editors; of a word that is wrong in
/// a part, for that part.
#[test]
fn what_could_have_stood_there_is_told_with_the_nearest() {
    for (line, marked, expected, help) in [
        ("order o Mandatory: a b:stoop", "b:stoop", "start promote demote stop", "stop"),
        ("order o Mandatry: a b", "Mandatry:", "Optional Mandatory Serialize", "Mandatory"),
        (
            "rsc_ticket t T: a loss-policy=fance",
            "loss-policy=fance",
            "stop demote fence freeze",
            "fence",
        ),
        (
            "monitor a:Mastr 10s",
            "a:Mastr",
            "Stopped Started Promoted Unpromoted Master Slave",
            "Master",
        ),
        ("location l a rule 1: #uname eqq n1", "eqq", "lt gt lte gte eq ne", ""),
        ("location l a inf n1", "inf", "role= SCORE: rule", "inf:"),
    ] {
        let found = load(line);
        let [one] = found.as_slice() else { panic!("{line}: {found:?}") };
        let span = one.span.unwrap();
        assert_eq!(&line[span.start..span.end], marked, "{line}");
        assert_eq!(one.advice.expected.join(" "), expected, "{line}");
        let wanted = (!help.is_empty()).then(|| format!("Did you mean `{help}`?"));
        assert_eq!(one.advice.help, wanted, "{line}");
    }
}
