//! Statements of every kind as the language has them, on a cluster of two nodes and a few resources.
//!
//! Names and values are drawn from all that quoting has to keep apart.

use proptest::prelude::*;
use proptest::sample::select;

fn words(parts: Vec<String>) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn maybe(part: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), part]
}

fn many(part: impl Strategy<Value = String>, most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(part, 0..=most).prop_map(words)
}

fn some(
    part: impl Strategy<Value = String> + Clone,
    most: usize,
) -> impl Strategy<Value = String> + Clone {
    prop::collection::vec(part, 1..=most).prop_map(words as fn(Vec<String>) -> String)
}

fn word(list: &'static [&'static str]) -> impl Strategy<Value = String> + Clone {
    select(list).prop_map(str::to_owned as fn(&'static str) -> String)
}

/// A word as a shell quotes it.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// `NAME=VALUE`: plain, quoted, empty, odd.
fn pair() -> impl Strategy<Value = String> {
    let name = word(&["a", "b-c", "d.e", "_f", "OCF_CHECK_LEVEL", "is-managed", "target-role"]);
    let value = prop_oneof![
        4 => "[a-z0-9][a-z0-9.-]{0,5}",
        2 => "[ -~]{0,8}",
        1 => word(&["x y", "it's", "a=b", "#x", "a\\b", "q\"q", "<a>&", "é", "", "$x", "@x", "a:b"]),
    ];
    (name, value).prop_map(|(name, value)| format!("{name}={}", quoted(&value)))
}

fn score() -> impl Strategy<Value = String> {
    word(&["inf:", "-inf:", "100:", "-5:", "0:", "INFINITY:", "myattr:"])
}

fn expression() -> impl Strategy<Value = String> {
    word(&[
        "#uname eq n1",
        "#kind ne remote",
        "defined x",
        "not_defined y",
        "cpu number:gte 4",
        "v version:lt 1.2",
        "date gt 2009-05-26",
        "date in start=2009-05-26 end=2010-05-26",
        "date in start=2009-05-26 years=1 weeks=2",
        "date spec hours=9-17 weekdays=1-5",
        "a eq \"b c\"",
    ])
}

fn rule() -> impl Strategy<Value = String> {
    let role = word(&["", "$role=Master", "$role=Started"]);
    let joined = (prop::collection::vec(expression(), 1..4), any::<bool>())
        .prop_map(|(list, all)| list.join(if all { " and " } else { " or " }));
    (role, maybe(score()), joined).prop_map(|(role, score, list)| words(vec![role, score, list]))
}

fn set(keyword: &'static str) -> impl Strategy<Value = String> {
    let rule = rule().prop_map(|rule| format!("rule {rule}"));
    let inside =
        (prop::option::weighted(0.2, rule), prop::collection::vec(pair(), 1..4).prop_map(words));
    inside
        .prop_map(move |(rule, pairs)| words(vec![keyword.into(), rule.unwrap_or_default(), pairs]))
}

fn operation() -> impl Strategy<Value = String> {
    let name = word(&["monitor", "start", "stop", "promote"]);
    let interval = word(&["interval=10s", "interval=0", "interval=1m"]);
    let attrs = many(word(&["timeout=5s", "role=Master", "on-fail=stop"]), 2);
    let level = word(&["", "", "OCF_CHECK_LEVEL=10"]);
    (name, interval, attrs, level).prop_map(|(name, interval, attrs, level)| {
        words(vec!["op".into(), name, interval, attrs, level])
    })
}

fn bodies() -> impl Strategy<Value = String> {
    let description = word(&["", "", "description=\"x y\""]);
    let (params, meta) = (maybe(set("params")), maybe(set("meta")));
    (description, params, meta, many(operation(), 2))
        .prop_map(|(text, params, meta, ops)| words(vec![text, params, meta, ops]))
}

const RESOURCES: &[&str] = &["p1", "p2", "p3", "p4", "g1", "c1"];

fn rsc() -> impl Strategy<Value = String> {
    word(RESOURCES)
}

fn members() -> impl Strategy<Value = String> {
    let plain = some(word(&["p1", "p2", "p3", "p4"]), 3);
    prop_oneof![
        plain.clone(),
        plain.clone().prop_map(|set| format!("( {set} )")),
        plain.prop_map(|set| format!("[ {set} ]")),
    ]
}

fn constraint() -> impl Strategy<Value = String> {
    let id = word(&["k1", "k2", "k3", "k4"]);
    let location = prop_oneof![
        (score(), word(&["n1", "n2"])).prop_map(|(score, node)| format!("{score} {node}")),
        prop::collection::vec(rule().prop_map(|rule| format!("rule {rule}")), 1..3).prop_map(words),
    ];
    let role = word(&["", ":Master", ":Started", ":Stopped"]);
    let action = word(&["", ":start", ":promote"]);
    let kind = word(&["Mandatory:", "Optional:", "Serialize:", "inf:"]);
    let tail = word(&["", "symmetrical=false"]);
    prop_oneof![
        (id.clone(), rsc(), location).prop_map(|(id, rsc, to)| format!("location {id} {rsc} {to}")),
        (id.clone(), score(), rsc(), role.clone(), rsc(), role.clone())
            .prop_map(|(id, score, a, b, c, d)| format!("colocation {id} {score} {a}{b} {c}{d}")),
        (id.clone(), score(), prop::collection::vec(members(), 2..4))
            .prop_map(|(id, score, sets)| format!("colocation {id} {score} {}", sets.join(" "))),
        (id.clone(), kind, rsc(), action.clone(), rsc(), action, tail).prop_map(
            |(id, kind, a, b, c, d, tail)| format!("order {id} {kind} {a}{b} {c}{d} {tail}")
        ),
        (id, rsc(), role, word(&["", "loss-policy=fence"]))
            .prop_map(|(id, rsc, role, loss)| format!("rsc_ticket {id} T: {rsc}{role} {loss}")),
    ]
}

fn other() -> impl Strategy<Value = String> {
    let rights = some(
        word(&["read xpath:\"//x\"", "write type:primitive", "deny ref:p1", "read attr:id"]),
        3,
    );
    prop_oneof![
        (word(&["n1", "n2", "n3"]), set("attributes")).prop_map(|(n, s)| format!("node {n} {s}")),
        (
            word(&["property", "rsc_defaults", "op_defaults"]),
            prop::collection::vec(pair(), 1..4).prop_map(words)
        )
            .prop_map(|(keyword, pairs)| format!("{keyword} {pairs}")),
        word(&["fencing_topology p1 p2", "fencing_topology n1: p1 p2,p3 n2: p4"]),
        rights.prop_map(|rights| format!("role r1 {rights}")),
        word(&["acl_target u1 r1", "acl_group u2 r1", "tag t1 p1 p2", "tag t2 g1"]),
        (maybe(set("attributes")), word(&["", "select nodes", "select nodes fencing"]))
            .prop_map(|(set, select)| format!("alert al1 \"/x y\" {set} {select} to \"/a b\"")),
    ]
}

/// Resources first, then what names them. Some lines are refused, because what they name is
/// already used otherwise; the rest makes a configuration.
pub(crate) fn lines() -> impl Strategy<Value = Vec<String>> {
    let agent = word(&["Dummy", "ocf:heartbeat:Dummy", "lsb:x", "stonith:null", "@m1"]);
    let primitives = prop::collection::vec((agent, bodies()), 4).prop_map(|all| {
        let numbered = all.into_iter().enumerate();
        numbered
            .map(|(at, (agent, body))| format!("primitive p{} {agent} {body}", at + 1))
            .collect()
    });
    let template =
        maybe(set("params")).prop_map(|params| format!("rsc_template m1 Dummy {params}"));
    let group = maybe(set("meta")).prop_map(|meta| format!("group g1 p1 p2 {meta}"));
    let clone = (word(&["clone c1", "ms c1"]), word(&["g1", "p3"]), maybe(set("meta")))
        .prop_map(|(head, rsc, meta)| format!("{head} {rsc} {meta}"));
    let rest = prop::collection::vec(prop_oneof![constraint(), other()], 0..4);
    (template, primitives, group, clone, rest).prop_map(
        |(template, primitives, group, clone, rest): (_, Vec<String>, _, _, _)| {
            let nodes = ["node n1", "node n2"].map(str::to_owned);
            let resources = std::iter::once(template).chain(primitives).chain([group, clone]);
            nodes.into_iter().chain(resources).chain(rest).collect()
        },
    )
}
