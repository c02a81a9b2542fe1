//! Clone notifications: what instances are told before and after their siblings' actions.
//!
//! **Source:** pacemaker `lib/pengine/pe_notif.c`, `lib/pengine/clone.c`.

use rustc_hash::FxHashMap;

use super::ensure::Need;
use super::graph::{ActionFlags as F, ActionIdx};
use super::key::{ActionKey, NotifyType, Task};
use crate::facts::{NodeFlags, Role, RscFlags};
use crate::index::{NodeIdx, RscIdx};
use crate::plan::Plan;
use crate::relations::RelationFlags as R;
use crate::scores::INFINITY;
use crate::state::When;

/// The pseudo-actions of notifications about one kind of action.
#[derive(Clone, Copy, Debug)]
pub(super) struct Notification {
    about: Task,
    before: Option<(ActionIdx, ActionIdx)>,
    after: Option<(ActionIdx, ActionIdx)>,
}

/// Notifications of each clone, by what they are about.
pub(super) type Notifications = FxHashMap<(RscIdx, Task), Notification>;

/// A resource and its node, where it has one.
type Entry = (RscIdx, Option<NodeIdx>);

/// What notifications tell: who is what, and what is about to change.
#[derive(Default)]
struct Told {
    start: Vec<Entry>,
    stop: Vec<Entry>,
    promote: Vec<Entry>,
    demote: Vec<Entry>,
    active: Vec<Entry>,
    inactive: Vec<Entry>,
    promoted: Vec<Entry>,
    unpromoted: Vec<Entry>,
    keys: Vec<(&'static str, String)>,
}

impl Plan {
    /// Makes the pseudo-actions of a clone's notifications about starts and stops.
    ///
    /// # Source
    /// `pe__create_clone_notif_pseudo_ops()`
    pub(crate) fn create_clone_notifications(
        &mut self,
        rsc: RscIdx,
        start: (ActionIdx, ActionIdx),
        stop: (ActionIdx, ActionIdx),
    ) {
        if !self.rsc_has(rsc, RscFlags::NOTIFY) {
            return;
        }
        self.remember_notification(rsc, Task::Start, start);
        if self.remember_notification(rsc, Task::Stop, stop) {
            self.order_notifications(rsc, Task::Stop, Task::Start);
        }
    }

    /// Makes the pseudo-actions of a clone's notifications about promotions or demotions.
    ///
    /// # Source
    /// `pe__create_promotable_pseudo_ops()`
    pub(crate) fn create_promotion_notification(
        &mut self,
        rsc: RscIdx,
        task: Task,
        actions: (ActionIdx, ActionIdx),
    ) {
        if !self.rsc_has(rsc, RscFlags::NOTIFY) {
            return;
        }
        if self.remember_notification(rsc, task, actions) && task == Task::Demote {
            self.order_notifications(rsc, Task::Stop, Task::Promote);
            self.order_notifications(rsc, Task::Start, Task::Promote);
            self.order_notifications(rsc, Task::Demote, Task::Promote);
            self.order_notifications(rsc, Task::Demote, Task::Start);
            self.order_notifications(rsc, Task::Demote, Task::Stop);
        }
    }

    /// Returns true where the notification is new.
    fn remember_notification(
        &mut self,
        rsc: RscIdx,
        task: Task,
        (action, complete): (ActionIdx, ActionIdx),
    ) -> bool {
        if self.actions.notifications.contains_key(&(rsc, task)) {
            return false;
        }
        let new = self.new_notification(rsc, task, Some(action), Some(complete));
        self.actions.notifications.insert((rsc, task), new);
        true
    }

    /// Orders the end of notifications about `first` before those about `then` begin.
    fn order_notifications(&mut self, rsc: RscIdx, first: Task, then: Task) {
        let known = &self.actions.notifications;
        let end = known.get(&(rsc, first)).and_then(|n| n.after).map(|(_, done)| done);
        let begin = known.get(&(rsc, then)).and_then(|n| n.before).map(|(pre, _)| pre);
        if let (Some(end), Some(begin)) = (end, begin) {
            self.actions.order(end, begin, R::ORDERED);
        }
    }

    fn notify_pseudo(
        &mut self,
        rsc: RscIdx,
        about: ActionIdx,
        task: Task,
        kind: NotifyType,
    ) -> ActionIdx {
        let (about_task, optional) =
            (self.actions[about].task, self.actions[about].is(F::OPTIONAL));
        let key = ActionKey::notify(kind, about_task);
        let action = self.ensure_action(rsc, key, task, None, Need::optional_if(optional));
        let name: Box<str> = self.actions.task_names.name(about_task).into();
        let state = &mut self.actions[action];
        state.flags |= F::PSEUDO;
        state.meta.set("notify_key_type", kind.as_str());
        state.meta.set("notify_key_operation", name);
        action
    }

    /// # Source
    /// `pe__action_notif_pseudo_ops()`
    fn new_notification(
        &mut self,
        rsc: RscIdx,
        about: Task,
        action: Option<ActionIdx>,
        complete: Option<ActionIdx>,
    ) -> Notification {
        let mut new = Notification { about, before: None, after: None };
        let name = about.known_name().unwrap_or_default();
        if let Some(action) = action {
            let pre = self.notify_pseudo(rsc, action, Task::Notify, NotifyType::Pre);
            self.describe(pre, "pre", name);
            self.actions[pre].flags |= F::RUNNABLE;
            let done = self.notify_pseudo(rsc, action, Task::Notified, NotifyType::ConfirmedPre);
            self.describe(done, "pre", name);
            self.actions[done].flags |= F::RUNNABLE;
            self.actions.order(pre, done, R::ORDERED);
            self.actions.order(done, action, R::ORDERED);
            new.before = Some((pre, done));
        }
        if let Some(complete) = complete {
            let runnable = self.actions[complete].is(F::RUNNABLE);
            let post = self.notify_pseudo(rsc, complete, Task::Notify, NotifyType::Post);
            let done = self.notify_pseudo(rsc, complete, Task::Notified, NotifyType::ConfirmedPost);
            for pseudo in [post, done] {
                self.actions[pseudo].priority = INFINITY;
                self.actions[pseudo].flags.set(F::RUNNABLE, runnable);
                self.describe(pseudo, "post", name);
            }
            self.actions.order(complete, post, R::FIRST_IMPLIES_THEN);
            self.actions.order(post, done, R::FIRST_IMPLIES_THEN);
            new.after = Some((post, done));
        }
        if let (Some((_, pre_done)), Some((post, _))) = (new.before, new.after) {
            self.actions.order(pre_done, post, R::ORDERED);
        }
        new
    }

    fn describe(&mut self, action: ActionIdx, kind: &str, about: &str) {
        self.actions[action].meta.set("notify_type", kind);
        self.actions[action].meta.set("notify_operation", about);
    }

    /// Makes the notifications themselves, now that it is known what happens.
    ///
    /// # Source
    /// `pe__create_clone_notifications()`
    pub(crate) fn create_notifications(&mut self, rsc: RscIdx) {
        for task in [Task::Start, Task::Stop, Task::Promote, Task::Demote] {
            let Some(&notification) = self.actions.notifications.get(&(rsc, task)) else {
                continue;
            };
            let mut told = Told::default();
            self.collect(rsc, true, &mut told);
            self.add_keys(rsc, notification, &mut told);
            self.create_notify_actions(rsc, notification, &told);
        }
    }

    /// Tells a clone's instances of a stop that fencing implies.
    ///
    /// # Source
    /// `pe__order_notifs_after_fencing()`
    pub(super) fn order_notifications_after_fencing(
        &mut self,
        stop: ActionIdx,
        rsc: RscIdx,
        fencing: ActionIdx,
    ) {
        let notification = self.new_notification(rsc, Task::Stop, None, Some(fencing));
        let mut told = Told::default();
        self.collect(rsc, false, &mut told);
        let node = self.actions[stop].node;
        let node = node.map_or("", |n| &*self.facts.nodes[n].name).to_owned();
        told.keys.push(("notify_stop_resource", self.facts.rscs[rsc].id.to_string()));
        told.keys.push(("notify_stop_uname", node));
        let top = self.facts.top_below_bundle(rsc);
        self.create_notify_actions(top, notification, &told);
    }

    /// # Source
    /// `collect_resource_data()`
    fn collect(&self, rsc: RscIdx, activity: bool, told: &mut Told) {
        let state = &self.rscs[rsc];
        if !state.children.is_empty() {
            for &child in &state.children {
                self.collect(child, activity, told);
            }
            return;
        }
        let entry = (rsc, state.active.first().copied());
        match state.orig_role {
            Role::Stopped => told.inactive.push(entry),
            Role::Started => told.active.push(entry),
            Role::Unpromoted => {
                told.unpromoted.push(entry);
                told.active.push(entry);
            }
            Role::Promoted => {
                told.promoted.push(entry);
                told.active.push(entry);
            }
            Role::Unknown => {}
        }
        if !activity {
            return;
        }
        for &action in self.actions.of_rsc(rsc).iter().rev() {
            let action = &self.actions[action];
            let Some(node) = action.node.filter(|_| !action.is(F::OPTIONAL)) else { continue };
            let implied_stop = action.task == Task::Stop && self.nodes[node].unclean;
            if !implied_stop && !action.is(F::RUNNABLE) {
                continue;
            }
            let entry = (rsc, Some(node));
            match action.task {
                Task::Start => told.start.push(entry),
                Task::Stop => told.stop.push(entry),
                Task::Promote => told.promote.push(entry),
                Task::Demote => told.demote.push(entry),
                _ => {}
            }
        }
    }

    /// Returns names of resources and their nodes, sorted by resource id and node id.
    ///
    /// # Source
    /// `notify_entries_to_strings()`
    fn entry_texts(&self, entries: &[Entry], with_nodes: bool) -> (String, String) {
        let mut sorted: Vec<(&str, Option<&str>, Option<&str>)> = entries
            .iter()
            .rev()
            .map(|(rsc, node)| {
                let node = node.map(|n| &self.facts.nodes[n]);
                (&*self.facts.rscs[*rsc].id, node.map(|n| &*n.id), node.map(|n| &*n.name))
            })
            .collect();
        sorted.sort_by_key(|(rsc, id, _)| (*rsc, id.is_none(), *id));
        let (mut rscs, mut nodes, mut last) = (Vec::new(), Vec::new(), None);
        for (rsc, _, node) in sorted {
            if (with_nodes && node.is_none()) || last == Some(rsc) {
                continue;
            }
            last = Some(rsc);
            rscs.push(rsc);
            nodes.extend(node);
        }
        (words(&rscs), words(&nodes))
    }

    /// # Source
    /// `add_notif_keys()`
    fn add_keys(&mut self, rsc: RscIdx, notification: Notification, told: &mut Told) {
        let lists: [(&[Entry], [&'static str; 2], Option<Task>); 8] = [
            (&told.stop, ["notify_stop_resource", "notify_stop_uname"], Some(Task::Stop)),
            (&told.start, ["notify_start_resource", "notify_start_uname"], Some(Task::Start)),
            (&told.demote, ["notify_demote_resource", "notify_demote_uname"], Some(Task::Demote)),
            (
                &told.promote,
                ["notify_promote_resource", "notify_promote_uname"],
                Some(Task::Promote),
            ),
            (&told.active, ["notify_active_resource", "notify_active_uname"], None),
            (&told.unpromoted, ["notify_unpromoted_resource", "notify_unpromoted_uname"], None),
            (&told.promoted, ["notify_promoted_resource", "notify_promoted_uname"], None),
            (&told.inactive, ["notify_inactive_resource", ""], None),
        ];
        let mut keys = Vec::new();
        let mut required = false;
        for (entries, names, task) in lists {
            let (rscs, nodes) = self.entry_texts(entries, !names[1].is_empty());
            required |= !entries.is_empty() && task == Some(notification.about);
            let legacy = match names[0] {
                "notify_unpromoted_resource" => {
                    Some(["notify_slave_resource", "notify_slave_uname"])
                }
                "notify_promoted_resource" => {
                    Some(["notify_master_resource", "notify_master_uname"])
                }
                _ => None,
            };
            for [rsc_name, node_name] in legacy.into_iter().chain([names]) {
                keys.push((rsc_name, rscs.clone()));
                if !node_name.is_empty() {
                    keys.push((node_name, nodes.clone()));
                }
            }
        }
        // The allowed nodes of the resource itself are told as available.
        let allowed = rsc;
        let order = &self.facts.node_order;
        let available: Vec<NodeIdx> =
            order.iter().copied().filter(|n| self.scores.allowed[allowed].contains(*n)).collect();
        keys.push(("notify_available_uname", self.node_names(&available, false)));
        if self.facts.rscs[rsc].meta.get("container-attribute-target") == Some("host") {
            keys.push(("notify_all_hosts", self.node_names(order, true)));
        }
        keys.push(("notify_all_uname", self.node_names(order, false)));
        told.keys = keys;
        if required {
            let pairs = notification.before.into_iter().chain(notification.after);
            for action in pairs.flat_map(|(a, b)| [a, b]) {
                self.actions[action].flags.remove(F::OPTIONAL);
            }
        }
    }

    fn node_names(&self, nodes: &[NodeIdx], as_hosts: bool) -> String {
        let name = |node: &NodeIdx| {
            let host = self
                .guest_launcher(*node)
                .filter(|_| as_hosts)
                .and_then(|launcher| self.current_node(launcher));
            &*self.facts.nodes[host.unwrap_or(*node)].name
        };
        words(&nodes.iter().map(name).collect::<Vec<_>>())
    }

    /// # Source
    /// `create_notify_actions()`
    fn create_notify_actions(&mut self, rsc: RscIdx, notification: Notification, told: &Told) {
        if !self.rscs[rsc].children.is_empty() {
            for child in self.rscs[rsc].children.clone() {
                self.create_notify_actions(child, notification, told);
            }
            return;
        }
        let about = notification.about;
        for &action in &self.actions.of_rsc(rsc).to_vec() {
            let state = &mut self.actions[action];
            let acts =
                matches!(state.task, Task::Start | Task::Stop | Task::Promote | Task::Demote);
            if acts && !state.is(F::OPTIONAL) && state.node.is_some() {
                for (name, value) in &told.keys {
                    state.meta.set(*name, value.as_str());
                }
            }
        }
        let nothing = match about {
            Task::Start => told.start.is_empty(),
            Task::Promote => told.promote.is_empty(),
            Task::Demote => told.demote.is_empty(),
            _ => false,
        };
        if nothing {
            return;
        }
        if self.rscs[rsc].orig_role != Role::Stopped && matches!(about, Task::Stop | Task::Demote) {
            self.notify_where_active(rsc, notification, told);
        }
        if self.rscs[rsc].next_role != Role::Stopped && matches!(about, Task::Start | Task::Promote)
        {
            self.notify_where_assigned(rsc, notification, told);
        }
    }

    fn notify_where_active(&mut self, rsc: RscIdx, notification: Notification, told: &Told) {
        let stop = self.actions.find_task(rsc, Task::Stop, None);
        for node in self.rscs[rsc].active.clone() {
            let is_gone = self.nodes[node].unclean || self.nodes[node].has(NodeFlags::REMOTE_RESET);
            if is_gone && stop.is_some_and(|stop| self.actions[stop].is(F::PSEUDO)) {
                continue;
            }
            self.new_notify(rsc, node, notification.before, told);
            if notification.about == Task::Demote
                || stop.is_none_or(|stop| self.actions[stop].is(F::OPTIONAL))
            {
                self.new_post_notify(rsc, node, notification, told);
            }
        }
    }

    fn notify_where_assigned(&mut self, rsc: RscIdx, notification: Notification, told: &Told) {
        let start = self.actions.find_task(rsc, Task::Start, None);
        let connection = start
            .and_then(|start| self.actions[start].node)
            .and_then(|node| self.facts.nodes[node].remote)
            .and_then(|remote| self.actions.find_task(remote, Task::Start, None));
        if connection.is_some_and(|connection| !self.actions[connection].is(F::RUNNABLE)) {
            return;
        }
        let Some(node) = self.location(rsc, When::Next) else { return };
        if notification.about != Task::Start
            || start.is_none_or(|start| self.actions[start].is(F::OPTIONAL))
        {
            self.new_notify(rsc, node, notification.before, told);
        }
        self.new_post_notify(rsc, node, notification, told);
    }

    /// # Source
    /// `new_notify_action()`
    fn new_notify(
        &mut self,
        rsc: RscIdx,
        node: NodeIdx,
        pair: Option<(ActionIdx, ActionIdx)>,
        told: &Told,
    ) -> Option<ActionIdx> {
        let (op, done) = pair?;
        if !self.nodes[node].online || !self.actions[op].is(F::RUNNABLE) {
            return None;
        }
        let meta = self.actions[op].meta.clone();
        let kind = match meta.get("notify_type") {
            Some("pre") => NotifyType::Pre,
            _ => NotifyType::Post,
        };
        let about = meta.get("notify_operation").and_then(Task::known)?;
        let need = Need::optional_if(self.actions[op].is(F::OPTIONAL));
        let task = self.actions[op].task;
        let key = ActionKey::notify(kind, about);
        let notify = self.ensure_action(rsc, key, task, Some(node), need);
        let state = &mut self.actions[notify];
        for (name, value) in meta.iter() {
            if state.meta.get(name).is_none() {
                state.meta.set(name.to_owned(), value);
            }
        }
        for (name, value) in &told.keys {
            state.meta.set(*name, value.as_str());
        }
        self.actions.order(op, notify, R::ORDERED);
        self.actions.order(notify, done, R::ORDERED);
        Some(notify)
    }

    /// # Source
    /// `new_post_notify_action()`
    fn new_post_notify(
        &mut self,
        rsc: RscIdx,
        node: NodeIdx,
        notification: Notification,
        told: &Told,
    ) {
        if let Some(notify) = self.new_notify(rsc, node, notification.after, told) {
            self.actions[notify].priority = INFINITY;
        }
        let Some((_, done)) = notification.after else { return };
        let actions: Vec<ActionIdx> = self.actions.of_rsc(rsc).iter().rev().copied().collect();
        for action in actions {
            let state = &self.actions[action];
            if state.task != Task::Cancel
                && state.meta.get("interval").is_some_and(|interval| interval != "0")
            {
                self.actions.order(done, action, R::ORDERED);
            }
        }
    }
}

/// Returns the words with a blank between; one blank for none.
fn words(list: &[&str]) -> String {
    if list.is_empty() { " ".to_owned() } else { list.join(" ") }
}
