//! Bundles: replicas, their nodes and their parts.
//!
//! **Source:** pacemaker `lib/pengine/bundle.c` (`pe__unpack_bundle()`,
//! `create_remote_resource()`).

use std::sync::Arc;

use cib_model::xml::ElementRef;

use super::bundle_xml::ReplicaXml;
use super::nodes;
use super::resources::{Unpacker, Unusable};
use crate::facts::{BundleFacts, NodeKind, ProbeMode, ReplicaFacts, RscFlags, VariantFacts};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::scores::{Cell, MINUS_INFINITY, NodeTable};
use crate::trace::{Change, Reason};

/// Meta-attribute that says whose attributes count inside a container.
const ATTRIBUTE_TARGET: &str = "container-attribute-target";

impl Unpacker<'_> {
    pub(super) fn bundle(&mut self, rsc: RscIdx, element: ElementRef<'_>) -> Result<(), Unusable> {
        let parts = self.bundles.get(&element.xml_id()).cloned().ok_or(Unusable)?;
        let config = Arc::clone(&self.plan.facts.config);
        if parts.per_host == 1 {
            self.plan.rscs[rsc].flags -= RscFlags::UNIQUE;
        }
        let mut bundle = BundleFacts {
            promoted_max: parts.promoted_max,
            nreplicas: parts.nreplicas,
            nreplicas_per_host: parts.per_host,
            agent: parts.agent.into(),
            image: parts.image.into(),
            child: None,
            replicas: Vec::new(),
        };
        let mut children = Vec::new();
        if let Some(clone) = parts.clone.and_then(|id| config.element(id)) {
            let clone = self.resource(clone, Some(rsc), None)?;
            bundle.child = Some(clone);
            children.clone_from(&self.plan.rscs[clone].children);
            self.adopt_children(rsc, clone, &children);
        }
        let mut children = children.into_iter();
        for (replica, offset) in parts.replicas.iter().zip(0..) {
            let child = children.next();
            let facts = self.replica(rsc, replica, offset, child)?;
            bundle.replicas.push(facts);
        }
        let child = bundle.child;
        self.plan.facts.rscs[rsc].kind = VariantFacts::Bundle(Box::new(bundle));
        self.plan.rscs[rsc].children.extend(child);
        Ok(())
    }

    /// Passes on what the instances say of the bundle and its clone.
    fn adopt_children(&mut self, bundle: RscIdx, clone: RscIdx, children: &[RscIdx]) {
        let mut target = None;
        for &child in children {
            self.plan.rscs[child].flags |= RscFlags::EXCLUSIVE_PROBES;
            if self.plan.rscs[child].has(RscFlags::NOTIFY) {
                self.plan.rscs[clone].flags |= RscFlags::NOTIFY;
            }
            target = self.plan.facts.rscs[child].meta.get(ATTRIBUTE_TARGET).map(str::to_owned);
        }
        if let Some(target) = target {
            self.plan.facts.rscs[bundle].meta.set(ATTRIBUTE_TARGET, &target);
            self.plan.facts.rscs[clone].meta.set(ATTRIBUTE_TARGET, &target);
        }
    }

    fn part(&mut self, bundle: RscIdx, id: cib_model::xml::XmlId) -> Result<RscIdx, Unusable> {
        let config = Arc::clone(&self.plan.facts.config);
        let element = config.element(id).ok_or(Unusable)?;
        let part = self.resource(element, Some(bundle), None)?;
        self.plan.rscs[bundle].children.push(part);
        Ok(part)
    }

    fn replica(
        &mut self,
        bundle: RscIdx,
        replica: &ReplicaXml,
        offset: u32,
        child: Option<RscIdx>,
    ) -> Result<ReplicaFacts, Unusable> {
        let container = self.part(bundle, replica.container)?;
        self.plan.rscs[container].flags |= RscFlags::REPLICA_CONTAINER;
        let ip = replica.ip.map(|id| self.part(bundle, id)).transpose()?;
        let mut facts = ReplicaFacts {
            offset,
            ipaddr: replica.ipaddr.as_deref().map(Into::into),
            container,
            ip,
            child,
            remote: None,
            node: None,
        };
        if let (Some(child), Some(remote)) = (child, replica.remote) {
            let node = bundle_node(self.plan, &replica.node_name);
            allow_only(self.plan, child, node);
            let remote = self.part(bundle, remote)?;
            connect(self.plan, remote, container, node);
            facts.remote = Some(remote);
            facts.node = Some(node);
        }
        if let (Some(child), Some(ip)) = (child, &facts.ipaddr) {
            self.plan.facts.rscs[child].meta.set("external-ip", ip);
        }
        if let Some(child) = child {
            let utilization = std::mem::take(&mut self.plan.facts.rscs[child].utilization);
            self.plan.facts.rscs[container].utilization = utilization;
        }
        Ok(facts)
    }
}

/// Finds or makes the node that a replica's container is; nothing else may run there.
fn bundle_node(plan: &mut Plan, name: &str) -> NodeIdx {
    let node = match plan.facts.node_by_name(name) {
        Some(node) => {
            plan.facts.nodes[node].score = MINUS_INFINITY;
            node
        }
        None => nodes::create(plan, name, name, NodeKind::Remote, MINUS_INFINITY),
    };
    plan.facts.nodes[node].probe_mode = ProbeMode::Never;
    for i in 0..plan.facts.top.len() {
        let rsc = plan.facts.top[i];
        disallow(plan, rsc, node);
    }
    node
}

fn disallow(plan: &mut Plan, rsc: RscIdx, node: NodeIdx) {
    if let Some(cell) = plan.scores.allowed[rsc].get_mut(node) {
        cell.score = MINUS_INFINITY;
        cell.probe_mode = ProbeMode::Never;
        plan.trace.score(rsc, node, Change::Set(MINUS_INFINITY), Reason::Container);
    }
    for i in 0..plan.rscs[rsc].children.len() {
        let child = plan.rscs[rsc].children[i];
        disallow(plan, child, node);
    }
}

/// Lets the instance run on its own node only.
fn allow_only(plan: &mut Plan, child: RscIdx, node: NodeIdx) {
    let cell = Cell { score: 500, count: 0, probe_mode: ProbeMode::Exclusive };
    let mut table = NodeTable::default();
    table.insert(node, cell);
    plan.scores.allowed[child] = table;
    plan.trace.take_back(child, 0);
    plan.trace.score(child, node, Change::Set(cell.score), Reason::Container);
    if let Some(clone) = plan.facts.rscs[child].parent {
        plan.scores.allowed[clone].insert(node, Cell { score: MINUS_INFINITY, ..cell });
        plan.trace.score(clone, node, Change::Set(MINUS_INFINITY), Reason::Container);
    }
}

fn connect(plan: &mut Plan, remote: RscIdx, container: RscIdx, node: NodeIdx) {
    let nodes = &plan.facts.nodes;
    for (other, cell) in plan.scores.allowed[remote].iter_mut() {
        // Connections run on cluster nodes only.
        if nodes[other].kind == NodeKind::Remote {
            cell.score = MINUS_INFINITY;
            let change = Change::Set(MINUS_INFINITY);
            plan.trace.score(remote, other, change, Reason::RemoteConnection);
        }
    }
    plan.facts.nodes[node].remote = Some(remote);
    plan.facts.nodes[node].attrs.set("#kind", "container");
    plan.facts.rscs[remote].launcher = Some(container);
    plan.rscs[remote].flags |= RscFlags::REMOTE_NESTING_ALLOWED;
}
