//! The agents that the demo brings along.
//!
//! `lsb:asterisk` is always ours (the demo has no telephone exchange); `ocf:heartbeat:IPaddr2` is
//! the real one in namespaces, and a stand-in on loopback, where every 127.x address answers.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::{Result, machine};

/// Writes the init script for the service; returns the folder it is in.
pub(super) fn write_init_script(work: &Path, program: &Path, bind: &str) -> Result<PathBuf> {
    let dir = work.join("init.d");
    let script =
        INIT_SCRIPT.replace("@PROGRAM@", &program.display().to_string()).replace("@BIND@", bind);
    write_executable(&dir.join("asterisk"), &script)?;
    Ok(dir)
}

/// Writes the stand-in for `IPaddr2`; returns the OCF root it is in.
pub(super) fn write_stand_ins(work: &Path) -> Result<PathBuf> {
    let root = work.join("ocf");
    write_executable(&root.join("resource.d/heartbeat/IPaddr2"), STAND_IN_ADDRESS)?;
    Ok(root)
}

fn write_executable(path: &Path, text: &str) -> Result<()> {
    let fail = || machine(format!("writing {}", path.display()));
    fs::create_dir_all(path.parent().unwrap_or(path)).map_err(fail())?;
    fs::write(path, text).map_err(fail())?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).map_err(fail())
}

/// `CRM_DEMO_NODE_DIR` and `CRM_DEMO_NODE` come from the node's daemon.
const INIT_SCRIPT: &str = r#"#!/bin/sh
### BEGIN INIT INFO
# Provides:          asterisk
# Required-Start:    $network
# Required-Stop:     $network
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: the demo's service
### END INIT INFO
pid_file="$CRM_DEMO_NODE_DIR/asterisk.pid"
alive() { [ -s "$pid_file" ] && kill -0 "$(cat "$pid_file")" 2>/dev/null; }
case "$1" in
start)
    alive && exit 0
    setsid "@PROGRAM@" tool demo-service "@BIND@" "$CRM_DEMO_NODE" </dev/null >/dev/null 2>&1 &
    echo $! >"$pid_file"
    ;;
stop)
    alive && kill "$(cat "$pid_file")"
    rm -f "$pid_file"
    ;;
status)
    alive && exit 0
    [ -s "$pid_file" ] && exit 1
    exit 3
    ;;
*)
    echo "usage: $0 start|stop|status"
    exit 2
    ;;
esac
exit 0
"#;

/// Keeps the address as a file of the node: on loopback there is no interface to put it on.
const STAND_IN_ADDRESS: &str = r#"#!/bin/sh
state="$CRM_DEMO_NODE_DIR/address-$OCF_RESOURCE_INSTANCE"
case "$1" in
start) echo "$OCF_RESKEY_ip" >"$state" ;;
stop) rm -f "$state" ;;
monitor) [ -e "$state" ] || exit 7 ;;
validate-all)
    [ -n "$OCF_RESKEY_ip" ] && exit 0
    echo "ocf-exit-reason:the parameter ip is missing" >&2
    exit 6
    ;;
meta-data)
    cat <<END
<?xml version="1.0"?>
<resource-agent name="IPaddr2" version="1.0">
<version>1.1</version>
<longdesc lang="en">Stands in for the address agent where no address can be added.</longdesc>
<shortdesc lang="en">Stand-in for a virtual address</shortdesc>
<parameters>
<parameter name="ip" unique="1" required="1"><longdesc lang="en">The address.</longdesc>
<shortdesc lang="en">Address</shortdesc><content type="string"/></parameter>
<parameter name="cidr_netmask"><longdesc lang="en">The prefix length.</longdesc>
<shortdesc lang="en">Prefix length</shortdesc><content type="string"/></parameter>
</parameters>
<actions>
<action name="start" timeout="20s"/><action name="stop" timeout="20s"/>
<action name="monitor" timeout="20s" interval="10s" depth="0"/>
<action name="meta-data" timeout="5s"/><action name="validate-all" timeout="20s"/>
</actions>
</resource-agent>
END
    ;;
*) exit 3 ;;
esac
exit 0
"#;
