//! Who is behind a socket: names of users, and who may talk to the daemon.
//!
//! **Source:** pacemaker `lib/common/ipc_server.c`, `pcmk__new_client()`: root, the cluster's user
//! and members of the group `haclient`.

/// The group whose members may manage the cluster.
const GROUP: &str = "haclient";
/// The user that cluster daemons run as.
const USER: &str = "hacluster";

/// Returns the user's name where the user may talk to the daemon.
pub(super) fn permitted(uid: u32, gid: u32) -> Option<String> {
    let own = rustix::process::geteuid().as_raw();
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let group = std::fs::read_to_string("/etc/group").unwrap_or_default();
    let name = user_name(&passwd, uid).unwrap_or_else(|| uid.to_string());
    let allowed = uid == 0 || uid == own || name == USER || is_member(&group, GROUP, &name, gid);
    allowed.then_some(name)
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

/// Returns whether a user (primary group `gid`) belongs to `group`, by the text of `/etc/group`.
fn is_member(groups: &str, group: &str, user: &str, gid: u32) -> bool {
    groups.lines().any(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, id, members] = fields.as_slice() else { return false };
        *name == group && (*id == gid.to_string() || members.split(',').any(|m| m == user))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn membership_is_by_primary_group_or_by_list() {
        let groups = "root:x:0:\nhaclient:x:118:alice,bob\n";
        assert!(is_member(groups, "haclient", "bob", 1000));
        assert!(is_member(groups, "haclient", "carol", 118));
        assert!(!is_member(groups, "haclient", "ali", 1000));
        assert_eq!(user_name("root:x:0:0:root:/root:/bin/sh\n", 0).as_deref(), Some("root"));
    }
}
