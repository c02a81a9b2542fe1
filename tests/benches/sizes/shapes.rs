//! The shapes: how an input of about so many bytes is made, and what reads it.

/// A CIB with nothing in it.
pub(crate) const EMPTY: &str = r#"<cib crm_feature_set="3.16.2" validate-with="pacemaker-3.8" epoch="1" num_updates="0" admin_epoch="0"><configuration><crm_config/><nodes/><resources/><constraints/></configuration><status/></cib>"#;

/// One shape of input, and the command that reads it.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    /// The command's arguments; the input is the file `input`, an empty CIB `old.xml`.
    pub(crate) words: &'static [&'static str],
    /// The input is the CIB that the command works on.
    pub(crate) is_cib: bool,
    /// Makes an input of about that many bytes.
    pub(crate) make: fn(usize) -> String,
}

const fn text(name: &'static str, make: fn(usize) -> String) -> Shape {
    Shape { name, words: &["configure", "load", "update", "input"], is_cib: false, make }
}

const fn cib(
    name: &'static str,
    words: &'static [&'static str],
    make: fn(usize) -> String,
) -> Shape {
    Shape { name, words, is_cib: true, make }
}

const fn file(
    name: &'static str,
    words: &'static [&'static str],
    make: fn(usize) -> String,
) -> Shape {
    Shape { name, words, is_cib: false, make }
}

/// Returns `head`, then parts until there are `size` bytes, then `tail`.
fn filled(size: usize, head: &str, part: fn(usize) -> String, tail: &str) -> String {
    let mut all = String::with_capacity(size + 256);
    all.push_str(head);
    for number in 0.. {
        if all.len() >= size {
            break;
        }
        all.push_str(&part(number));
    }
    all + tail
}

fn repeated(size: usize, head: &str, part: &str, tail: &str) -> String {
    head.to_owned() + &part.repeat(size / part.len()) + tail
}

/// Puts what a section holds into a CIB.
fn in_cib(section: &str, content: &str) -> String {
    EMPTY.replace(&format!("<{section}/>"), &format!("<{section}>{content}</{section}>"))
}

fn primitives(size: usize) -> String {
    in_cib(
        "resources",
        &filled(size, "", |n| format!(r#"<primitive id="p{n}" class="ocf" type="x"/>"#), ""),
    )
}

fn pairs(size: usize) -> String {
    let head = r#"<primitive id="p" class="ocf" provider="heartbeat" type="Dummy"><instance_attributes id="i">"#;
    let part = |n| format!(r#"<nvpair id="n{n}" name="n{n}" value="v"/>"#);
    in_cib("resources", &filled(size, head, part, "</instance_attributes></primitive>"))
}

fn rules(size: usize) -> String {
    let part = |n| format!(r#"<expression id="e{n}" attribute="a" operation="eq" value="{n}"/>"#);
    let rule = filled(size, r#"<rule id="r" score="1">"#, part, "</rule>");
    in_cib("constraints", &format!(r#"<rsc_location id="l" rsc="p">{rule}</rsc_location>"#))
}

/// Rules 200 deep, one in another.
fn nested_rules(size: usize) -> String {
    let part = |n| {
        let open: String = (0..200).map(|d| format!(r#"<rule id="r{n}-{d}" score="1">"#)).collect();
        let inner = format!(r#"<expression id="e{n}" attribute="a" operation="eq" value="1"/>"#);
        format!(
            r#"<rsc_location id="l{n}" rsc="p">{open}{inner}{}</rsc_location>"#,
            "</rule>".repeat(200)
        )
    };
    in_cib("constraints", &filled(size, "", part, ""))
}

/// Permissions of one user, each for the part of the CIB that `path` names.
fn permissions(size: usize, path: fn(usize) -> String) -> String {
    let mut all = String::from(r#"<acls><acl_target id="u">"#);
    for number in 0.. {
        if all.len() >= size {
            break;
        }
        let path = path(number);
        all.push_str(&format!(r#"<acl_permission id="y{number}" kind="read" xpath="{path}"/>"#));
    }
    let on = r#"<cluster_property_set id="o"><nvpair id="x" name="enable-acl" value="true"/></cluster_property_set>"#;
    in_cib("crm_config", on)
        .replace("</configuration>", &format!("{all}</acl_target></acls></configuration>"))
}

/// A user who sees everything but one kind of element, of which there are many.
fn denied_pairs(size: usize) -> String {
    let acls = r#"<acls><acl_target id="u"><acl_permission id="y" kind="read" xpath="/cib"/><acl_permission id="z" kind="deny" xpath="//nvpair[@name!='enable-acl']"/></acl_target></acls>"#;
    let on = r#"<crm_config><cluster_property_set id="o"><nvpair id="x" name="enable-acl" value="true"/></cluster_property_set></crm_config>"#;
    let all = pairs(size).replace("<crm_config/>", on);
    all.replace("</configuration>", &format!("{acls}</configuration>"))
}

fn patch(changes: &str) -> String {
    format!(
        r#"<diff format="2"><version><source admin_epoch="0" epoch="1" num_updates="0"/><target admin_epoch="0" epoch="2" num_updates="0"/></version>{changes}</diff>"#
    )
}

fn creations(size: usize) -> String {
    let part = |n| {
        format!(
            r#"<change operation="create" path="/cib/configuration/resources" position="0"><primitive id="p{n}"/></change>"#
        )
    };
    patch(&filled(size, "", part, ""))
}

const DUMMY: &str = "primitive p ocf:heartbeat:Dummy\n";
const QUERY: &[&str] = &["tool", "cibadmin", "-Q"];
const QUERY_AS_USER: &[&str] = &["tool", "cibadmin", "-Q", "-U", "u"];
const VERIFY: &[&str] = &["tool", "crm_verify", "-x", "input"];
const SHOW: &[&str] = &["configure", "show"];
const CHECK: &[&str] = &["configure", "verify", "full"];
const MONITOR: &[&str] = &["tool", "crm_mon", "-1"];
const SIMULATE: &[&str] = &["tool", "crm_simulate", "-S", "-x", "input"];
const PATCH: &[&str] = &["tool", "crm_diff", "-o", "old.xml", "-p", "input"];
const DIFF: &[&str] = &["tool", "crm_diff", "-o", "old.xml", "-n", "input"];
const COROSYNC: &[&str] = &["corosync", "get", "totem.version"];

/// All shapes, in the order of the table.
pub(crate) const SHAPES: &[Shape] = &[
    text("text: short lines", |s| {
        filled(s, "", |n| format!("primitive p{n} ocf:heartbeat:Dummy\n"), "")
    }),
    text("text: one line of parameters", |s| {
        filled(s, "primitive p ocf:heartbeat:Dummy params ", |n| format!("a{n}=value "), "\n")
    }),
    text("text: words alone", |s| {
        filled(s, "primitive p ocf:heartbeat:Dummy params ", |n| format!("a{n} "), "\n")
    }),
    text("text: continued lines", |s| {
        repeated(s, "primitive p ocf:heartbeat:Dummy params ", "a=b \\\n", "\n")
    }),
    text("text: a group of missing members", |s| filled(s, "group g ", |n| format!("p{n} "), "\n")),
    text("text: sets of missing resources", |s| {
        filled(s, "order o Mandatory: ", |n| format!("( a{n} b{n} ) "), "\n")
    }),
    text("text: locations", |s| filled(s, DUMMY, |n| format!("location l{n} p 100: n1\n"), "")),
    text("text: a rule of many", |s| {
        filled(
            s,
            "primitive p ocf:heartbeat:Dummy\nlocation l p rule 100: ",
            |n| format!("a{n} eq b and "),
            "x eq y\n",
        )
    }),
    text("text: brackets in a rule", |s| {
        repeated(
            s,
            "primitive p ocf:heartbeat:Dummy\nlocation l p rule 100: ",
            "( ",
            "#uname eq a\n",
        )
    }),
    text("text: brackets in an order", |s| repeated(s, "order o Mandatory: ", "( ", "a\n")),
    text("text: one value", |s| {
        repeated(s, "primitive p ocf:heartbeat:Dummy params a=\"", "x y ", "\"\n")
    }),
    text("text: a quote without end", |s| {
        repeated(s, "primitive p ocf:heartbeat:Dummy params a=\"", "x y\n", "\n")
    }),
    text("text: xml, 70,000 deep a MB", |s| {
        format!("xml {}{}\n", "<a>".repeat(s / 7), "</a>".repeat(s / 7))
    }),
    text("text: comments", |s| repeated(s, "", "# comment\n", "")),
    text("text: carriage returns alone", |s| {
        repeated(s, "", "primitive p ocf:heartbeat:Dummy\r", "")
    }),
    text("text: NULs", |s| repeated(s, "", "\0", "")),
    text("text: no statements", |s| repeated(s, "", "foo bar\n", "")),
    text("text: one id again and again", |s| repeated(s, "", DUMMY, "")),
    cib("XML: deep", QUERY, |s| "<a>".repeat(s / 7) + &"</a>".repeat(s / 7)),
    cib("XML: attributes of one element", QUERY, |s| {
        filled(s, "<cib ", |n| format!("a{n}=\"v\" "), "/>")
    }),
    cib("XML: one attribute", QUERY, |s| repeated(s, "<cib x=\"", "v", "\"/>")),
    cib("XML: references to characters", QUERY, |s| repeated(s, "<cib x=\"", "&lt;", "\"/>")),
    cib("XML: comments", QUERY, |s| in_cib("resources", &repeated(s, "", "<!-- x -->", ""))),
    cib("XML: elements, no end", QUERY, |s| repeated(s, "<cib>", "<a/>", "")),
    cib("XML: elements without id", QUERY, |s| {
        in_cib("resources", &repeated(s, "", "<primitive/>", ""))
    }),
    cib("XML: primitives (cibadmin -Q)", QUERY, primitives),
    cib("XML: primitives (crm_verify)", VERIFY, primitives),
    cib("XML: primitives (configure show)", SHOW, primitives),
    cib("XML: primitives (crm_mon)", MONITOR, primitives),
    cib("XML: one id again and again (crm_mon)", MONITOR, |s| {
        in_cib("resources", &repeated(s, "", "<primitive id=\"p\"/>", ""))
    }),
    cib("XML: nodes of one name (verify full)", CHECK, |s| {
        let locations = filled(
            s / 2,
            "<constraints>",
            |n| format!(r#"<rsc_location id="l{n}" rsc="x" node="n" score="1"/>"#),
            "</constraints>",
        );
        let nodes = repeated(s / 2, "", r#"<node id="x"/>"#, "");
        in_cib("nodes", &nodes).replace("<constraints/>", &locations)
    }),
    cib("XML: references among namesakes (verify full)", CHECK, |s| {
        let part = |n| {
            format!(
                r#"<primitive id="p{n}" class="lsb" type="x"><instance_attributes id="x"/><meta_attributes id-ref="x"/></primitive>"#
            )
        };
        in_cib("resources", &filled(s, "", part, ""))
    }),
    cib("XML: pairs (configure show)", SHOW, pairs),
    cib("XML: pairs (crm_verify)", VERIFY, pairs),
    cib("rights: one XPath", QUERY_AS_USER, |s| {
        permissions(s, |n| if n == 0 { "/cib".repeat(250_000) } else { "/cib".to_owned() })
    }),
    cib("rights: permissions", QUERY_AS_USER, |s| permissions(s, |n| format!("//x{n}"))),
    cib("rights: pairs denied", QUERY_AS_USER, denied_pairs),
    cib("rule: expressions (crm_simulate)", SIMULATE, rules),
    cib("rule: 200 deep (crm_simulate)", SIMULATE, nested_rules),
    cib("rule: 200 deep (configure show)", SHOW, nested_rules),
    file("patch: creations at one place", PATCH, creations),
    file("diff: all new", DIFF, primitives),
    file("corosync.conf: deep sections", COROSYNC, |s| {
        repeated(s, "totem {\n version: 2\n", "a {\n", "")
    }),
    file("corosync.conf: one value", COROSYNC, |s| {
        repeated(s, "totem {\n version: 2\n name: ", "x", "\n}\n")
    }),
    file("corosync.conf: lines", COROSYNC, |s| {
        repeated(s, "totem {\n version: 2\n}\n", "# x\n", "")
    }),
    file("corosync.conf: nodes", COROSYNC, |s| {
        filled(
            s,
            "totem {\n version: 2\n}\nnodelist {\n",
            |n| format!(" node {{\n nodeid: {n}\n }}\n"),
            "}\n",
        )
    }),
];
