//! The system's users and groups, from `/etc/group` and `/etc/passwd`.

use std::fs;

/// Returns the names of the groups that hold the user. A user the system does not know is in none.
pub fn of(user: &str) -> Vec<String> {
    if user.is_empty() {
        return Vec::new();
    }
    let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
    groups_in(user, &text("/etc/passwd"), &text("/etc/group"))
}

/// Returns the name of the user who runs this program; `None` where the system knows none.
pub fn own_user() -> Option<String> {
    let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
    name_in(rustix::process::geteuid().as_raw(), &passwd)
}

fn name_in(uid: u32, passwd: &str) -> Option<String> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    })
}

fn groups_in(user: &str, passwd: &str, group: &str) -> Vec<String> {
    let field = |line: &str, at: usize| line.split(':').nth(at).unwrap_or_default().to_owned();
    let own = passwd.lines().find(|line| field(line, 0) == user).map(|line| field(line, 3));
    let holds = |line: &&str| {
        Some(field(line, 2)) == own || field(line, 3).split(',').any(|member| member == user)
    };
    group.lines().filter(holds).map(|line| field(line, 0)).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn own_group_and_memberships() {
        let passwd = "root:x:0:0::/root:/bin/sh\nann:x:7:7::/:/bin/sh\n";
        let group = "root:x:0:\nann:x:7:\nhaclient:x:9:bob,ann\nother:x:10:bob\n";
        assert_eq!(super::groups_in("ann", passwd, group), ["ann", "haclient"]);
        assert!(super::groups_in("eve", passwd, group).is_empty());
        assert_eq!(super::name_in(7, passwd).as_deref(), Some("ann"));
        assert_eq!(super::name_in(8, passwd), None);
    }
}
