//! Makes CIBs of any size that the installed Pacemaker reads too (schema 3.9).

use std::fmt::Write as _;

/// What a CIB is made of. `n` is the number of primitives, `m` the number of nodes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// Nothing is known: everything is probed and started.
    Start,
    /// Everything runs, nothing is to be done.
    Steady,
    /// As steady, but the first node is lost and must be fenced.
    Fail,
    /// Groups of five, a tenth clones, orderings, colocations and locations between them.
    Mixed,
    /// One unique clone of `n` instances.
    Instances,
    /// `n` over `m` anonymous, interleaved clones, each ordered after and colocated with the last.
    Clones,
    /// Groups of 200 members.
    Groups,
    /// Each primitive colocated with the one before: one chain.
    Chain,
    /// Each primitive needs one of a tenth as many tickets.
    Tickets,
    /// Ordering and colocation sets of ten primitives.
    Sets,
    /// Locations by rules over node attributes and dates.
    Rules,
    /// A tenth as many primitives, ten recurring operations and a failure of each in the history.
    History,
}

impl Kind {
    /// All kinds with their names.
    pub(crate) const ALL: [(&str, Kind); 12] = [
        ("start", Kind::Start),
        ("steady", Kind::Steady),
        ("fail", Kind::Fail),
        ("mixed", Kind::Mixed),
        ("instances", Kind::Instances),
        ("clones", Kind::Clones),
        ("groups", Kind::Groups),
        ("chain", Kind::Chain),
        ("tickets", Kind::Tickets),
        ("sets", Kind::Sets),
        ("rules", Kind::Rules),
        ("history", Kind::History),
    ];

    /// Returns the kind called `name`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }

    /// Returns the name.
    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

/// Returns a CIB of this kind.
pub(crate) fn cib(kind: Kind, n: usize, m: usize) -> String {
    let mut resources = String::new();
    let mut constraints = String::new();
    if kind == Kind::Fail {
        resources.push_str(
            "<primitive id=\"Fencing\" class=\"stonith\" type=\"fence_xvm\"><operations>\
             <op id=\"f-mon\" name=\"monitor\" interval=\"120s\"/></operations></primitive>\n",
        );
    }
    match kind {
        Kind::Start | Kind::Steady | Kind::Fail => primitives(&mut resources, 0..n),
        Kind::Mixed => mixed(&mut resources, &mut constraints, n, m),
        Kind::Instances => instances(&mut resources, n, m),
        Kind::Clones => clones(&mut resources, &mut constraints, n / m),
        Kind::Groups => groups(&mut resources, n),
        Kind::Chain | Kind::Tickets | Kind::Sets | Kind::Rules => {
            primitives(&mut resources, 0..n);
            constrained(&mut constraints, kind, n);
        }
        Kind::History => recurring(&mut resources, n / 10),
    }
    let fencing = kind == Kind::Fail;
    let mut out = format!(
        "<cib crm_feature_set=\"3.16.1\" validate-with=\"pacemaker-3.9\" epoch=\"1\" \
         num_updates=\"0\" admin_epoch=\"0\" have-quorum=\"1\" dc-uuid=\"1\" \
         execution-date=\"1700000000\">\n<configuration><crm_config>\
         <cluster_property_set id=\"cib-bootstrap-options\">\
         <nvpair id=\"opt1\" name=\"stonith-enabled\" value=\"{fencing}\"/>\
         <nvpair id=\"opt2\" name=\"no-quorum-policy\" value=\"ignore\"/>\
         </cluster_property_set></crm_config>\n<nodes>\n"
    );
    for node in 1..=m {
        let _ = writeln!(
            out,
            "<node id=\"{node}\" uname=\"node{node}\"><instance_attributes id=\"n{node}-a\">\
             <nvpair id=\"n{node}-a-r\" name=\"rack\" value=\"{}\"/></instance_attributes></node>",
            node % 4
        );
    }
    let _ = write!(
        out,
        "</nodes>\n<resources>\n{resources}</resources>\n<constraints>\n{constraints}\
         </constraints></configuration>\n<status>\n"
    );
    status(&mut out, kind, n, m);
    out.push_str("</status></cib>\n");
    out
}

fn primitives(out: &mut String, range: std::ops::Range<usize>) {
    for i in range {
        let _ = writeln!(
            out,
            "<primitive id=\"rsc{i}\" class=\"ocf\" provider=\"pacemaker\" type=\"Dummy\">\
             <operations><op id=\"rsc{i}-mon\" name=\"monitor\" interval=\"10s\" timeout=\"20s\"/>\
             </operations></primitive>"
        );
    }
}

fn mixed(resources: &mut String, constraints: &mut String, n: usize, m: usize) {
    let mut tops = Vec::new();
    let mut i = 0;
    while i < n {
        let members = if (i / 10) % 10 == 0 { 1 } else { 5.min(n - i) };
        let (element, id) = if members == 1 && (i / 10) % 10 == 0 {
            ("clone", format!("cl{i}"))
        } else {
            ("group", format!("grp{i}"))
        };
        let _ = write!(resources, "<{element} id=\"{id}\">");
        if element == "clone" {
            let _ = write!(
                resources,
                "<meta_attributes id=\"{id}-m\">\
                 <nvpair id=\"{id}-il\" name=\"interleave\" value=\"true\"/></meta_attributes>"
            );
        }
        primitives(resources, i..i + members);
        let _ = writeln!(resources, "</{element}>");
        tops.push(id);
        i += members;
    }
    for (k, pair) in (1..).zip(tops.windows(2)) {
        let (first, then) = (&pair[0], &pair[1]);
        if k % 2 == 0 {
            let _ =
                writeln!(constraints, "<rsc_order id=\"o{k}\" first=\"{first}\" then=\"{then}\"/>");
        }
        if k % 4 == 0 {
            let score = if k % 8 == 0 { "INFINITY" } else { "100" };
            let _ = writeln!(
                constraints,
                "<rsc_colocation id=\"c{k}\" rsc=\"{then}\" with-rsc=\"{first}\" score=\"{score}\"/>"
            );
        }
        if k % 3 == 0 {
            let node = k % m + 1;
            let _ = writeln!(
                constraints,
                "<rsc_location id=\"l{k}\" rsc=\"{then}\" node=\"node{node}\" score=\"50\"/>"
            );
        }
    }
}

fn instances(out: &mut String, n: usize, m: usize) {
    let per_node = n.div_ceil(m);
    let _ = write!(
        out,
        "<clone id=\"cl\"><meta_attributes id=\"cl-m\">\
         <nvpair id=\"cl-u\" name=\"globally-unique\" value=\"true\"/>\
         <nvpair id=\"cl-x\" name=\"clone-max\" value=\"{n}\"/>\
         <nvpair id=\"cl-n\" name=\"clone-node-max\" value=\"{per_node}\"/></meta_attributes>"
    );
    primitives(out, 0..1);
    out.push_str("</clone>\n");
}

fn clones(resources: &mut String, constraints: &mut String, count: usize) {
    for i in 0..count {
        let _ = write!(
            resources,
            "<clone id=\"cl{i}\"><meta_attributes id=\"cl{i}-m\">\
             <nvpair id=\"cl{i}-il\" name=\"interleave\" value=\"true\"/></meta_attributes>"
        );
        primitives(resources, i..i + 1);
        resources.push_str("</clone>\n");
        let Some(last) = i.checked_sub(1) else { continue };
        let _ = writeln!(
            constraints,
            "<rsc_order id=\"o{i}\" first=\"cl{last}\" then=\"cl{i}\"/>\
             <rsc_colocation id=\"c{i}\" rsc=\"cl{i}\" with-rsc=\"cl{last}\" score=\"INFINITY\"/>"
        );
    }
}

fn groups(out: &mut String, n: usize) {
    const MEMBERS: usize = 200;
    for first in (0..n).step_by(MEMBERS) {
        let _ = write!(out, "<group id=\"grp{first}\">");
        primitives(out, first..n.min(first + MEMBERS));
        out.push_str("</group>\n");
    }
}

fn constrained(out: &mut String, kind: Kind, n: usize) {
    for i in 0..n {
        let _ = match kind {
            Kind::Chain if i > 0 => writeln!(
                out,
                "<rsc_colocation id=\"c{i}\" rsc=\"rsc{i}\" with-rsc=\"rsc{}\" score=\"INFINITY\"/>",
                i - 1
            ),
            Kind::Tickets => writeln!(
                out,
                "<rsc_ticket id=\"t{i}\" rsc=\"rsc{i}\" ticket=\"ticket{}\" loss-policy=\"stop\"/>",
                i / 10
            ),
            Kind::Sets if i % 10 == 9 => {
                let members: String =
                    (i - 9..=i).map(|k| format!("<resource_ref id=\"rsc{k}\"/>")).collect();
                writeln!(
                    out,
                    "<rsc_order id=\"so{i}\"><resource_set id=\"so{i}-s\">{members}</resource_set>\
                     </rsc_order><rsc_colocation id=\"sc{i}\" score=\"INFINITY\">\
                     <resource_set id=\"sc{i}-s\">{members}</resource_set></rsc_colocation>"
                )
            }
            Kind::Rules => writeln!(
                out,
                "<rsc_location id=\"l{i}\" rsc=\"rsc{i}\"><rule id=\"l{i}-r\" score=\"100\">\
                 <expression id=\"l{i}-e\" attribute=\"rack\" operation=\"eq\" value=\"{}\"/>\
                 <date_expression id=\"l{i}-d\" operation=\"gt\" start=\"2020-01-01\"/></rule>\
                 </rsc_location>",
                i % 4
            ),
            _ => Ok(()),
        };
    }
}

const RECURRING: usize = 10;

fn recurring(out: &mut String, count: usize) {
    for i in 0..count {
        let _ = write!(
            out,
            "<primitive id=\"rsc{i}\" class=\"ocf\" provider=\"pacemaker\" type=\"Dummy\"><operations>"
        );
        for k in 1..=RECURRING {
            let _ =
                write!(out, "<op id=\"rsc{i}-m{k}\" name=\"monitor\" interval=\"{}s\"/>", 10 * k);
        }
        out.push_str("</operations></primitive>\n");
    }
}

fn status(out: &mut String, kind: Kind, n: usize, m: usize) {
    let known = matches!(kind, Kind::Steady | Kind::Fail | Kind::History);
    let count = if kind == Kind::History { n / 10 } else { n };
    for node in 1..=m {
        let down = kind == Kind::Fail && node == 1;
        let (in_ccm, crmd, join) =
            if down { ("false", "offline", "down") } else { ("true", "online", "member") };
        let _ = writeln!(
            out,
            "<node_state id=\"{node}\" uname=\"node{node}\" in_ccm=\"{in_ccm}\" crmd=\"{crmd}\" \
             join=\"{join}\" expected=\"member\">"
        );
        if known {
            let _ = writeln!(out, "<lrm id=\"{node}\"><lrm_resources>");
            for i in 0..count {
                history(out, kind, i, node, i % m + 1 == node);
            }
            out.push_str("</lrm_resources></lrm>\n");
        }
        out.push_str("</node_state>\n");
    }
}

fn history(out: &mut String, kind: Kind, i: usize, node: usize, runs: bool) {
    let _ = writeln!(
        out,
        "<lrm_resource id=\"rsc{i}\" class=\"ocf\" provider=\"pacemaker\" type=\"Dummy\">"
    );
    let mut call = 20 * i + 1;
    let mut op = |id: &str, task: &str, interval_ms: usize, expected: u8, rc: u8| {
        let key = format!("{i}:1:{expected}:aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa");
        let digest = if interval_ms == 0 {
            "f2317cad3d54cec5d7d7aa7d0bf35cf8"
        } else {
            "4811cef7f7f94e3a35a70be7916cb2fd"
        };
        let _ = writeln!(
            out,
            "<lrm_rsc_op id=\"rsc{i}_{id}\" operation_key=\"rsc{i}_{task}_{interval_ms}\" \
             operation=\"{task}\" crm_feature_set=\"3.16.1\" transition-key=\"{key}\" \
             transition-magic=\"0:{rc};{key}\" call-id=\"{call}\" rc-code=\"{rc}\" op-status=\"0\" \
             interval=\"{interval_ms}\" op-digest=\"{digest}\" on_node=\"node{node}\"/>"
        );
        call += 1;
    };
    if !runs {
        op("last_0", "monitor", 0, 7, 7);
    } else if kind == Kind::History {
        op("last_0", "start", 0, 0, 0);
        for k in 1..=RECURRING {
            op(&format!("monitor_{}", 10_000 * k), "monitor", 10_000 * k, 0, 0);
        }
        op("last_failure_0", "monitor", 10_000, 0, 7);
    } else {
        op("last_0", "start", 0, 0, 0);
        op("monitor_10000", "monitor", 10_000, 0, 0);
    }
    out.push_str("</lrm_resource>\n");
}
