//! History entries of real clusters, written again from what the executor knows.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "the captures are as they are")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use cib_model::xml::{self, Dialect, ElementRef, Layout, Tree};
use cluster_link::executor::{ActionRequest, ActionResult, AgentSpec, OpStatus};
use cluster_link::history::{self, AgentMetadata, OpDigests, Writer};
use conformance::prerequisite;

/// Meta-data of the agents in the captures, by `PROVIDER:TYPE`.
fn metadata(shared: &Path) -> BTreeMap<&'static str, AgentMetadata> {
    let agents = [
        ("rig:lab", shared.join("rig/ocf-add/lab")),
        ("pacemaker:Dummy", "/usr/lib/ocf/resource.d/pacemaker/Dummy".into()),
        ("pacemaker:Stateful", "/usr/lib/ocf/resource.d/pacemaker/Stateful".into()),
        ("heartbeat:IPaddr2", "/usr/lib/ocf/resource.d/heartbeat/IPaddr2".into()),
    ];
    agents
        .into_iter()
        .filter_map(|(name, path)| {
            let mut run = Command::new("sh");
            run.arg(path).arg("meta-data").env("OCF_ROOT", "/usr/lib/ocf");
            let output = run.output().ok().filter(|output| output.status.success())?;
            let text = String::from_utf8(output.stdout).unwrap();
            Some((name, AgentMetadata::parse(&text).unwrap()))
        })
        .collect()
}

/// The request that must have led to an entry.
fn request(cib: &Tree, resource: ElementRef<'_>, op: ElementRef<'_>) -> ActionRequest {
    let rsc = resource.id().unwrap().to_owned();
    let primitive = cib
        .root()
        .descendants()
        .find(|element| element.name() == "primitive" && element.id() == Some(&rsc))
        .unwrap();
    let params = primitive.child("instance_attributes").into_iter().flat_map(|set| {
        set.children_named("nvpair").map(|pair| {
            (pair.attr("name").unwrap().to_owned(), pair.attr("value").unwrap().to_owned())
        })
    });
    let mut params: Vec<_> = params.collect();
    params.push(("crm_feature_set".to_owned(), op.attr("crm_feature_set").unwrap().to_owned()));
    let interval_ms = op.attr("interval").unwrap().parse().unwrap();
    let timeout = primitive.descendants().find(|known| {
        known.name() == "op"
            && known.attr("name") == op.attr("operation")
            && known.attr("interval") == Some(&format!("{}s", interval_ms / 1000))
    });
    let timeout = timeout.and_then(|op| op.attr("timeout")).unwrap_or("20s");
    ActionRequest {
        rsc,
        agent: AgentSpec {
            class: resource.attr("class").unwrap().to_owned(),
            provider: resource.attr("provider").map(str::to_owned),
            kind: resource.attr("type").unwrap().to_owned(),
        },
        action: op.attr("operation").unwrap().to_owned(),
        interval_ms,
        timeout_ms: timeout.trim_end_matches('s').parse::<u32>().unwrap() * 1000,
        start_delay_ms: 0,
        params,
        meta: Vec::new(),
        transition_key: op.attr("transition-key").unwrap().to_owned(),
    }
}

/// Writes one entry again.
fn rewrite(cib: &Tree, op: ElementRef<'_>, metadata: &BTreeMap<&str, AgentMetadata>) -> String {
    let resource = op.parent().unwrap();
    let number = |name: &str| op.attr(name).unwrap().parse::<i64>().unwrap();
    let request = request(cib, resource, op);
    let agent =
        format!("{}:{}", request.agent.provider.as_deref().unwrap_or(""), request.agent.kind);
    let digests = OpDigests::of(&request, metadata.get(agent.as_str()));
    let result = ActionResult {
        request,
        call_id: number("call-id").try_into().unwrap(),
        rc: number("rc-code").try_into().unwrap(),
        op_status: OpStatus::Done,
        exit_reason: op.attr("exit-reason").unwrap().to_owned(),
        last_rc_change_s: number("last-rc-change"),
        exec_ms: number("exec-time").try_into().unwrap(),
        queue_ms: number("queue-time").try_into().unwrap(),
    };
    let writer = Writer {
        node_id: "1",
        node_name: op.attr("on_node").unwrap(),
        feature_set: "none",
        origin: op.attr("crm-debug-origin").unwrap(),
    };
    let tree = history::status_update(&result, &writer, &digests);
    let written = tree.root().descendants().find(|element| element.name() == "lrm_rsc_op").unwrap();
    xml::write_element(written, Layout::Compact, Dialect::Pcmk3)
}

#[test]
fn entries_of_real_clusters_are_written_to_the_byte() {
    let Some(shared) = prerequisite::shared("golden/pacemaker/v3-walk-cib.xml") else { return };
    let shared = shared.ancestors().nth(3).unwrap();
    let metadata = metadata(shared);
    if metadata.len() < 4 {
        prerequisite::skip("agents of pacemaker and resource-agents are not installed");
        return;
    }
    let mut written = 0;
    for file in ["walk-cib.xml", "v3-walk-cib.xml", "rich-cib.xml"] {
        let text = std::fs::read_to_string(shared.join("golden/pacemaker").join(file)).unwrap();
        let cib = xml::read(&text).unwrap();
        for op in cib.root().descendants().filter(|element| element.name() == "lrm_rsc_op") {
            let captured = xml::write_element(op, Layout::Compact, Dialect::Pcmk3);
            assert_eq!(rewrite(&cib, op, &metadata), captured, "{file}");
            written += 1;
        }
    }
    assert!(written >= 40, "{written} entries");
}
