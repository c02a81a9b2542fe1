//! The group engine over two real corosync daemons, each in a network namespace of its own.
//!
//! Needs root, corosync and iproute2. Each member is this test binary again, started inside its node; it
//! takes commands on standard input and tells events on standard output.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a failure of the set-up is a failure of the test")]
#![expect(clippy::print_stdout, reason = "members tell their events on standard output")]

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use cluster_link::group::corosync::{CorosyncError, CorosyncGroup, CorosyncOptions};
use cluster_link::group::{Event, Group, View};
use conformance::prerequisite;

/// Marks this binary as a member; the value is its name.
const MEMBER: &str = "COROSYNC_GROUP_MEMBER";

/// Longest wait for something that must happen.
const PATIENCE: Duration = Duration::from_mins(1);

#[test]
fn two_corosyncs_carry_a_group() {
    if let Some(name) = std::env::var_os(MEMBER) {
        return member(&name.to_string_lossy());
    }
    if !prerequisite::root() || !prerequisite::programs(&["corosync", "ip", "unshare", "mount"]) {
        return;
    }
    let lab = Lab::new();
    let mut one = Node::start(&lab, 1);
    let mut two = Node::start(&lab, 2);

    let whole = one.expect("view", "members=1:n1,2:n2");
    assert_eq!(view_id(&two.expect("view", "members=1:n1,2:n2")), view_id(&whole));
    one.expect("quorum", "quorate=true expected=2 total=2 quorum=2");

    one.say("submit alpha");
    two.say("submit beta");
    one.say("submit gamma");
    let order = [one.expect("deliver", ""), one.expect("deliver", ""), one.expect("deliver", "")];
    for line in &order {
        assert_eq!(two.expect("deliver", ""), *line, "one order on all members");
    }
    assert!(order.iter().any(|line| line.ends_with("from=2 beta")), "{order:?}");

    one.say("send 2 quietly");
    two.expect("direct", "from=1 quietly");
    two.say("submit-large 3000000");
    one.expect("deliver", "from=2 3000000 bytes");

    lab.link(1, "down");
    let alone = one.expect("view", "members=1:n1 ");
    assert!(alone.contains("left=2:Lost"), "{alone}");
    two.expect("view", "members=2:n2 ");
    one.expect("quorum", "quorate=false expected=2 total=1 quorum=2");
    lab.link(1, "up");
    let healed = one.expect("view", "members=1:n1,2:n2");
    assert_eq!(view_id(&two.expect("view", "members=1:n1,2:n2")), view_id(&healed));
    assert!(epoch(&healed) > epoch(&alone) && epoch(&alone) > epoch(&whole));
    assert!(healed.contains("with_me=1 "), "{healed}");
    one.say("submit after");
    two.expect("deliver", "from=1 after");

    two.say("leave");
    let left = one.expect("view", "members=1:n1 ");
    assert!(left.contains("left=2:Left"), "{left}");

    one.kill_corosync(&lab);
    one.expect("notice", "the connection to corosync is lost");
    one.expect("end", "");
}

#[test]
fn without_a_daemon_the_reason_is_told() {
    if std::env::var_os(MEMBER).is_some()
        || !prerequisite::root()
        || !prerequisite::programs(&["corosync", "unshare"])
    {
        return;
    }
    // A namespace without any corosync: this test must not find one of the machine.
    let mut member = Command::new("unshare");
    member.arg("-n").args(member_command()).env(MEMBER, "once").stdin(Stdio::null());
    let output = member.output().unwrap();
    let output = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.contains(">> refused corosync is not running"), "{output}");
}

fn view_id(line: &str) -> &str {
    line.split_whitespace().find(|word| word.starts_with("id=")).unwrap()
}

fn epoch(line: &str) -> u64 {
    view_id(line)[3..].split('.').next().unwrap().parse().unwrap()
}

/// A bridge, and a folder for the nodes' files.
struct Lab {
    prefix: String,
    folder: tempfile::TempDir,
}

impl Lab {
    fn new() -> Self {
        let prefix = format!("exec-{}", std::process::id());
        let folder = tempfile::tempdir().unwrap();
        let lab = Self { prefix, folder };
        let switch = lab.name("sw");
        run(&["ip", "netns", "add", &switch]);
        run(&["ip", "-n", &switch, "link", "add", "br0", "type", "bridge", "forward_delay", "0"]);
        run(&["ip", "-n", &switch, "link", "set", "br0", "up"]);
        for node in [1, 2] {
            let (netns, port) = (lab.name(&format!("n{node}")), format!("e{node}"));
            let address = format!("10.77.0.{node}/24");
            run(&["ip", "netns", "add", &netns]);
            run(&[
                "ip", "link", "add", &port, "netns", &switch, "type", "veth", "peer", "name",
                "eth0", "netns", &netns,
            ]);
            run(&["ip", "-n", &switch, "link", "set", &port, "master", "br0", "up"]);
            run(&["ip", "-n", &netns, "link", "set", "eth0", "up"]);
            run(&["ip", "-n", &netns, "link", "set", "lo", "up"]);
            run(&["ip", "-n", &netns, "addr", "add", &address, "dev", "eth0"]);
        }
        std::fs::write(lab.file("corosync.conf"), configuration()).unwrap();
        lab
    }

    fn name(&self, what: &str) -> String {
        format!("{}-{what}", self.prefix)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Plugs or unplugs a node's cable.
    fn link(&self, node: u32, state: &str) {
        run(&["ip", "-n", &self.name("sw"), "link", "set", &format!("e{node}"), state]);
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        for what in ["n1", "n2", "sw"] {
            if let Ok(pid) = std::fs::read_to_string(self.file(&format!("{what}.pid"))) {
                let _ =
                    Command::new("kill").args(["-9", pid.trim()]).stderr(Stdio::null()).status();
            }
            let _ = Command::new("ip").args(["netns", "del", &self.name(what)]).status();
        }
    }
}

fn configuration() -> String {
    let node = |id: u32| {
        format!(
            "  node {{\n    nodeid: {id}\n    name: n{id}\n    ring0_addr: 10.77.0.{id}\n  }}\n"
        )
    };
    format!(
        "totem {{\n  version: 2\n  cluster_name: exec\n  transport: udpu\n  token: 1000\n}}\n\
         nodelist {{\n{}{}}}\nquorum {{\n  provider: corosync_votequorum\n}}\n\
         logging {{\n  to_stderr: yes\n  to_syslog: no\n}}\n",
        node(1),
        node(2)
    )
}

fn run(command: &[&str]) {
    let status = Command::new(command[0]).args(&command[1..]).status().unwrap();
    assert!(status.success(), "{command:?}");
}

/// This binary as a member: the same test, told so by its environment.
fn member_command() -> Vec<String> {
    let this = std::env::current_exe().unwrap().display().to_string();
    let test = "two_corosyncs_carry_a_group";
    [this.as_str(), "--exact", test, "--nocapture"].map(str::to_owned).to_vec()
}

/// One node: a corosync and a member of the group.
struct Node {
    name: String,
    child: Child,
    commands: ChildStdin,
    lines: mpsc::Receiver<String>,
    seen: Vec<String>,
}

impl Node {
    fn start(lab: &Lab, number: u32) -> Self {
        let name = format!("n{number}");
        let script = format!(
            "mount --make-rprivate / && for d in /run /var/lib/corosync /dev/shm; do \
             mount -t tmpfs none $d; done; corosync -f -c {conf} > {log} 2>&1 < /dev/null & \
             echo $! > {pid}; exec \"$@\"",
            conf = lab.file("corosync.conf").display(),
            log = lab.file(&format!("{name}.log")).display(),
            pid = lab.file(&format!("{name}.pid")).display(),
        );
        let mut child = Command::new("ip")
            .args(["netns", "exec", &lab.name(&name)])
            .args(["unshare", "-m", "sh", "-c", &script, "sh"])
            .args(member_command())
            .env(MEMBER, &name)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let commands = child.stdin.take().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                // The test harness begins its own line, and the first of ours comes after it.
                if let Some((_, line)) = line.split_once(">> ") {
                    let _ = sender.send(line.to_owned());
                }
            }
        });
        Self { name, child, commands, lines, seen: Vec::new() }
    }

    fn say(&mut self, command: &str) {
        writeln!(self.commands, "{command}").unwrap();
    }

    /// Waits for an event of this kind that has this text in it; others are passed over.
    fn expect(&mut self, kind: &str, text: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let rest = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(rest) else {
                panic!("{}: no {kind} with \"{text}\" after {:#?}", self.name, self.seen);
            };
            self.seen.push(line.clone());
            let (found, rest) = line.split_once(' ').unwrap_or((&line, ""));
            if found == kind && rest.contains(text) {
                return rest.to_owned();
            }
        }
    }

    fn kill_corosync(&self, lab: &Lab) {
        let pid = std::fs::read_to_string(lab.file(&format!("{}.pid", self.name))).unwrap();
        run(&["kill", "-9", pid.trim()]);
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A member: commands in, events out.
fn member(name: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        match connect(name).await {
            Ok(group) => talk(group).await,
            Err(error) => println!(">> refused {error}"),
        }
    });
}

/// Connects as soon as the daemon is up.
async fn connect(name: &str) -> Result<CorosyncGroup, CorosyncError> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let options = CorosyncOptions {
            group: "conformance".to_owned(),
            name: name.to_owned(),
            incarnation: u64::from(std::process::id()),
            epoch: 0,
        };
        match CorosyncGroup::connect(options) {
            Err(error @ CorosyncError::Missing { .. }) => return Err(error),
            Err(error) if name == "once" || Instant::now() > deadline => return Err(error),
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            Ok(group) => return Ok(group),
        }
    }
}

async fn talk(mut group: CorosyncGroup) {
    let (sender, mut commands) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    loop {
        tokio::select! {
            event = group.next() => match event {
                Some(event) => tell(&event),
                None => break,
            },
            Some(command) = commands.recv() => {
                let (verb, rest) = command.split_once(' ').unwrap_or((&command, ""));
                match verb {
                    "submit" => drop(group.submit(rest.as_bytes().to_vec()).unwrap()),
                    "submit-large" => drop(group.submit(vec![b'x'; rest.parse().unwrap()]).unwrap()),
                    "send" => {
                        let (node, text) = rest.split_once(' ').unwrap();
                        group.send_to(node.parse().unwrap(), text.as_bytes().to_vec()).unwrap();
                    }
                    _ => return group.leave().await,
                }
            }
        }
    }
    println!(">> end");
}

fn tell(event: &Event) {
    let text = |message: &[u8]| match message.len() {
        0..=100 => String::from_utf8_lossy(message).into_owned(),
        len => format!("{len} bytes"),
    };
    match event {
        Event::View(view) => println!(">> view {}", describe(view)),
        Event::Deliver { view, from, message, .. } => {
            println!(
                ">> deliver {}.{} from={from} {}",
                view.epoch,
                view.coordinator,
                text(message)
            );
        }
        Event::Direct { from, message } => println!(">> direct from={from} {}", text(message)),
        Event::Quorum(info) => println!(
            ">> quorum quorate={} expected={} total={} quorum={}",
            info.quorate, info.expected, info.total, info.quorum
        ),
        Event::Notice(notice) => println!(">> notice {}", notice.message),
        Event::Uncertain(tickets) => println!(">> uncertain {}", tickets.len()),
    }
}

fn describe(view: &View) -> String {
    let members: Vec<_> =
        view.members.iter().map(|member| format!("{}:{}", member.node, member.name)).collect();
    let left: Vec<_> = view.left.iter().map(|(node, why)| format!("{node}:{why:?}")).collect();
    let with_me: Vec<_> = view.with_me.iter().map(ToString::to_string).collect();
    format!(
        "id={}.{} members={} with_me={} left={}",
        view.id.epoch,
        view.id.coordinator,
        members.join(","),
        with_me.join(","),
        left.join(",")
    )
}
