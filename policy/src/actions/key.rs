//! What an action is called: tasks, keys, and their texts.
//!
//! **Source:** pacemaker `lib/common/actions.c` (`pcmk__op_key()`, `pcmk__notify_key()`,
//! `parse_op_key()`), `include/crm/common/actions.h`.
//! **Differs:** keys are typed; the text `RSC_TASK_INTERVAL` is made only where it is printed.

/// What is done. The completion of a collective's action is a task of its own (`start`,
/// `running`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Task {
    /// `start`
    Start,
    /// `running`: every start of a collective's members is complete.
    Running,
    /// `stop`
    Stop,
    /// `stopped`
    Stopped,
    /// `promote`
    Promote,
    /// `promoted`
    Promoted,
    /// `demote`
    Demote,
    /// `demoted`
    Demoted,
    /// `monitor`; a probe where the interval is 0.
    Monitor,
    /// `notify`
    Notify,
    /// `notified`
    Notified,
    /// `migrate_to`
    MigrateTo,
    /// `migrate_from`
    MigrateFrom,
    /// `reload`, of old agents.
    Reload,
    /// `reload-agent`
    ReloadAgent,
    /// `cancel` of a recurring action; its key is the key of the action cancelled.
    Cancel,
    /// `delete` of a resource's history on its node.
    Delete,
    /// `lrm_delete` of a resource's history in the CIB.
    LrmDelete,
    /// `clear_failcount`
    ClearFailcount,
    /// `stonith`: fencing or unfencing.
    Fence,
    /// `do_shutdown`
    Shutdown,
    /// `maintenance_nodes`
    MaintenanceNodes,
    /// Any other name: pseudo-actions of the cluster, and an agent's own actions.
    Other(OtherTask),
}

/// A task's name that is not known in advance; interned in [`TaskNames`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct OtherTask(u32);

const KNOWN: [(Task, &str); 22] = [
    (Task::Start, "start"),
    (Task::Running, "running"),
    (Task::Stop, "stop"),
    (Task::Stopped, "stopped"),
    (Task::Promote, "promote"),
    (Task::Promoted, "promoted"),
    (Task::Demote, "demote"),
    (Task::Demoted, "demoted"),
    (Task::Monitor, "monitor"),
    (Task::Notify, "notify"),
    (Task::Notified, "notified"),
    (Task::MigrateTo, "migrate_to"),
    (Task::MigrateFrom, "migrate_from"),
    (Task::Reload, "reload"),
    (Task::ReloadAgent, "reload-agent"),
    (Task::Cancel, "cancel"),
    (Task::Delete, "delete"),
    (Task::LrmDelete, "lrm_delete"),
    (Task::ClearFailcount, "clear_failcount"),
    (Task::Fence, "stonith"),
    (Task::Shutdown, "do_shutdown"),
    (Task::MaintenanceNodes, "maintenance_nodes"),
];

impl Task {
    /// Returns the known task called `name`, or `None` for a name not known in advance.
    pub fn known(name: &str) -> Option<Self> {
        KNOWN.iter().find(|(_, n)| *n == name).map(|(task, _)| *task)
    }

    /// Returns the name, or `None` for names not known in advance (see [`TaskNames::name`]).
    pub fn known_name(self) -> Option<&'static str> {
        KNOWN.iter().find(|(task, _)| *task == self).map(|(_, name)| *name)
    }

    /// Returns the task that says this one is complete for a whole collective, where there is
    /// one; a completion returns itself.
    pub fn completion(self) -> Option<Self> {
        Some(match self {
            Self::Start | Self::Running => Self::Running,
            Self::Stop | Self::Stopped => Self::Stopped,
            Self::Promote | Self::Promoted => Self::Promoted,
            Self::Demote | Self::Demoted => Self::Demoted,
            Self::Notify | Self::Notified => Self::Notified,
            _ => return None,
        })
    }

    /// Returns the task whose completion this is; any other task returns itself.
    ///
    /// **Source:** `get_complex_task()` for primitives.
    #[must_use]
    pub fn atomic(self) -> Self {
        match self {
            Self::Running => Self::Start,
            Self::Stopped => Self::Stop,
            Self::Promoted => Self::Promote,
            Self::Demoted => Self::Demote,
            other => other,
        }
    }

    /// Returns true for tasks that bring a resource up: start, promote, migrate_from.
    pub fn is_up(self) -> bool {
        matches!(self, Self::Start | Self::Promote | Self::MigrateFrom)
    }

    /// Returns the task that undoes this one, for symmetrical orderings.
    pub fn inverse(self) -> Option<Self> {
        Some(match self {
            Self::Start => Self::Stop,
            Self::Stop => Self::Start,
            Self::Promote => Self::Demote,
            Self::Demote => Self::Promote,
            Self::Promoted => Self::Demoted,
            Self::Demoted => Self::Promoted,
            Self::Running => Self::Stopped,
            Self::Stopped => Self::Running,
            _ => return None,
        })
    }
}

/// Names of the tasks that are not known in advance. Names are compared without case.
#[derive(Clone, Debug, Default)]
pub struct TaskNames {
    names: Vec<Box<str>>,
}

impl TaskNames {
    /// Returns the task called `name`, interning it where it is new.
    pub fn task(&mut self, name: &str) -> Task {
        if let Some(task) = Task::known(name) {
            return task;
        }
        let at = self.names.iter().position(|n| n.eq_ignore_ascii_case(name));
        let at = at.unwrap_or_else(|| {
            self.names.push(name.into());
            self.names.len() - 1
        });
        Task::Other(OtherTask(u32::try_from(at).unwrap_or(u32::MAX)))
    }

    /// Returns the name of `task`.
    pub fn name(&self, task: Task) -> &str {
        match task {
            Task::Other(other) => self.names.get(other.0 as usize).map_or("", |n| n),
            known => known.known_name().unwrap_or(""),
        }
    }
}

/// When a notification is sent, relative to the action it is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum NotifyType {
    /// `pre`
    Pre,
    /// `confirmed-pre`: every `pre` notification is complete.
    ConfirmedPre,
    /// `post`
    Post,
    /// `confirmed-post`: every `post` notification is complete.
    ConfirmedPost,
}

impl NotifyType {
    /// Returns the text used in keys and in `notify_type`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pre => "pre",
            Self::ConfirmedPre => "confirmed-pre",
            Self::Post => "post",
            Self::ConfirmedPost => "confirmed-post",
        }
    }
}

/// The key of a resource's action among all actions of that resource.
///
/// The text form is `RSC_TASK_INTERVAL`, or `RSC_TYPE_notify_TASK_0` for notifications. Several
/// actions with one key may exist on different nodes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ActionKey {
    /// The task; for notifications the one they are about.
    pub task: Task,
    /// For notifications, which one.
    pub notify: Option<NotifyType>,
    /// How often it recurs, ms; 0 = once.
    pub interval_ms: u32,
}

impl ActionKey {
    /// Returns the key of an action that is done once.
    pub fn once(task: Task) -> Self {
        Self { task, notify: None, interval_ms: 0 }
    }

    /// Returns the key of an action that recurs every `interval_ms`.
    pub fn recurring(task: Task, interval_ms: u32) -> Self {
        Self { task, notify: None, interval_ms }
    }

    /// Returns the key of a notification about `task`.
    pub fn notify(kind: NotifyType, task: Task) -> Self {
        Self { task, notify: Some(kind), interval_ms: 0 }
    }

    /// Returns the text form for the resource called `rsc`.
    pub fn text(self, rsc: &str, names: &TaskNames) -> String {
        let task = names.name(self.task);
        let mut text = String::with_capacity(rsc.len() + task.len() + 24);
        text.push_str(rsc);
        if let Some(kind) = self.notify {
            text.push('_');
            text.push_str(kind.as_str());
            text.push_str("_notify");
        }
        text.push('_');
        text.push_str(task);
        text.push('_');
        if self.notify.is_some() || self.interval_ms == 0 {
            text.push('0');
        } else {
            text.push_str(&self.interval_ms.to_string());
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_like_pacemakers() {
        let mut names = TaskNames::default();
        let custom = names.task("asyncmon");
        assert_eq!(custom, names.task("AsyncMon"), "names are compared without case");
        let text = |key: ActionKey| key.text("db:1", &names);
        assert_eq!(text(ActionKey::once(Task::Start)), "db:1_start_0");
        assert_eq!(text(ActionKey::recurring(Task::Monitor, 10_000)), "db:1_monitor_10000");
        assert_eq!(text(ActionKey::recurring(custom, 5)), "db:1_asyncmon_5");
        assert_eq!(
            text(ActionKey::notify(NotifyType::ConfirmedPost, Task::Running)),
            "db:1_confirmed-post_notify_running_0"
        );
    }
}
