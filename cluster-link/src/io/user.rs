//! Who is behind a socket: names of users and groups, and who may talk to the daemon.
//!
//! **Source:** pacemaker `lib/common/ipc_server.c`, `pcmk__new_client()`: root, the cluster's user
//! and members of the group `haclient`.

/// The group whose members may manage the cluster.
const GROUP: &str = "haclient";
/// The user that cluster daemons run as.
const USER: &str = "hacluster";

/// Who asks through the socket.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Peer {
    /// The user's name; the number where the system knows none.
    pub user: String,
    /// Names of the user's groups.
    pub groups: Vec<String>,
    /// It is root, the cluster's user, or the one that the daemon runs as.
    pub privileged: bool,
}

/// Returns who asks, where that user may talk to the daemon.
pub(super) fn permitted(uid: u32, gid: u32) -> Option<Peer> {
    let own = rustix::process::geteuid().as_raw();
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let group = std::fs::read_to_string("/etc/group").unwrap_or_default();
    let name = user_name(&passwd, uid).unwrap_or_else(|| uid.to_string());
    let privileged = uid == 0 || uid == own || name == USER;
    let groups = groups_of(&group, &name, gid);
    (privileged || groups.iter().any(|group| group == GROUP)).then_some(Peer {
        user: name,
        groups,
        privileged,
    })
}

/// Finds a user's name in the text of `/etc/passwd`.
fn user_name(passwd: &str, uid: u32) -> Option<String> {
    let uid = uid.to_string();
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid).then(|| name.to_owned())
    })
}

/// Returns the groups of a user (primary group `gid`), by the text of `/etc/group`.
fn groups_of(groups: &str, user: &str, gid: u32) -> Vec<String> {
    let holds = |line: &str| {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, id, members] = fields.as_slice() else { return None };
        let is_in = *id == gid.to_string() || members.split(',').any(|m| m == user);
        is_in.then(|| (*name).to_owned())
    };
    groups.lines().filter_map(holds).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn membership_is_by_primary_group_or_by_list() {
        let groups = "root:x:0:\nhaclient:x:118:alice,bob\n";
        assert_eq!(groups_of(groups, "bob", 1000), ["haclient"]);
        assert_eq!(groups_of(groups, "carol", 118), ["haclient"]);
        assert!(groups_of(groups, "ali", 1000).is_empty());
        assert_eq!(user_name("root:x:0:0:root:/root:/bin/sh\n", 0).as_deref(), Some("root"));
    }
}
