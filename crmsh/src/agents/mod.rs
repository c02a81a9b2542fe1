//! Resource agents of this machine: where they are, and what they say of themselves.
//!
//! Everything here is optional: without agents, commands work and say what could not be looked up.
//!
//! **Source:** pacemaker `lib/services/{services_ocf,services_lsb,systemd}.c` for the places.

pub mod metadata;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cluster_link::executor::AgentSpec;
use cluster_link::io::agent::AgentPaths;
use cluster_link::io::{agent_lsb, agent_systemd};
use crm_syntax::agents::AgentLookup;

use self::metadata::Metadata;

/// Program of cluster-glue that knows its fencing plugins, `external/…` among them.
const STONITH: &str = "/usr/sbin/stonith";

/// The agents of this machine.
#[derive(Clone, Debug)]
pub struct Agents {
    ocf_root: PathBuf,
}

impl Agents {
    /// Looks in `OCF_ROOT`, by default in the configured folder.
    pub fn new(configured: &str) -> Agents {
        let root = std::env::var_os("OCF_ROOT").filter(|r| !r.is_empty());
        Agents { ocf_root: root.map_or_else(|| PathBuf::from(configured), PathBuf::from) }
    }

    /// Returns the classes that this machine has agents of.
    pub fn classes(&self) -> Vec<&'static str> {
        ["lsb", "ocf", "service", "stonith", "systemd"]
            .into_iter()
            .filter(|class| match *class {
                "systemd" => Path::new("/run/systemd/system").is_dir(),
                _ => true,
            })
            .collect()
    }

    /// Returns the OCF providers, sorted.
    pub fn ocf_providers(&self) -> Vec<String> {
        names(&self.ocf_root.join("resource.d"), |entry| entry.path().is_dir())
    }

    /// Returns the agents of a class, of one provider where it is given, sorted.
    pub fn list(&self, class: &str, provider: Option<&str>) -> Vec<String> {
        let mut found = match class {
            "ocf" => {
                let providers = match provider {
                    Some(one) => vec![one.to_owned()],
                    None => self.ocf_providers(),
                };
                let folder =
                    |p: &String| names(&self.ocf_root.join("resource.d").join(p), is_agent);
                providers.iter().flat_map(folder).collect()
            }
            "lsb" => names(Path::new("/etc/init.d"), is_agent),
            "stonith" => Agents::fence_agents(),
            "systemd" => systemd_units(),
            "service" => [names(Path::new("/etc/init.d"), is_agent), systemd_units()].concat(),
            _ => Vec::new(),
        };
        found.sort_by_key(|n| n.to_lowercase());
        found.dedup();
        found
    }

    /// Fencing agents: programs of their own, and the plugins that `stonith` knows.
    fn fence_agents() -> Vec<String> {
        let mut found: Vec<String> = ["/usr/sbin", "/sbin"]
            .into_iter()
            .flat_map(|dir| names(Path::new(dir), is_agent))
            .filter(|n| n.starts_with("fence_") && n != "fence_ack_manual")
            .collect();
        let plugins = Agents::answer(Command::new(STONITH).arg("-L")).unwrap_or_default();
        found.extend(plugins.lines().map(str::to_owned));
        found
    }

    /// Returns the program of an agent, where this machine has it.
    pub fn program(&self, class: &str, provider: Option<&str>, kind: &str) -> Option<PathBuf> {
        // A name leads nowhere but into its folder.
        let leads_out = |name: &str| name.contains('/') || name == "..";
        if [provider, Some(kind)].into_iter().flatten().any(leads_out) {
            return None;
        }
        let path = match class {
            "ocf" => self.ocf_root.join("resource.d").join(provider?).join(kind),
            "lsb" => Path::new("/etc/init.d").join(kind),
            "stonith" if kind.starts_with("fence_") => Path::new("/usr/sbin").join(kind),
            _ => return None,
        };
        path.is_file().then_some(path)
    }

    /// Tells whether an agent is there; `None` where that cannot be known without asking others.
    pub fn exists(&self, class: &str, provider: Option<&str>, kind: &str) -> Option<bool> {
        match class {
            "ocf" | "lsb" => Some(self.program(class, provider, kind).is_some()),
            "stonith" if kind.starts_with("fence_") => {
                Some(self.program(class, provider, kind).is_some())
            }
            "systemd" => Some(unit_exists(kind)),
            "service" => Some(self.program("lsb", None, kind).is_some() || unit_exists(kind)),
            _ => None,
        }
    }

    /// Returns what an agent says of itself, as XML; of a service what Pacemaker says of it.
    pub fn metadata(&self, class: &str, provider: Option<&str>, kind: &str) -> Option<String> {
        let program = self.program(class, provider, kind);
        let text = match class {
            "ocf" => Agents::answer(
                Command::new(program?).env("OCF_ROOT", &self.ocf_root).arg("meta-data"),
            ),
            "stonith" => match program {
                Some(program) => Agents::answer(Command::new(program).args(["-o", "metadata"])),
                // Of a plugin that is not there it says that there is no list of parameters.
                None => Agents::answer(Command::new(STONITH).args(["-m", "-t", kind]))
                    .filter(|text| text.contains("<parameters")),
            },
            "lsb" => {
                let (class, kind) = (class.to_owned(), program.map(|_| kind.to_owned())?);
                let agent = AgentSpec { class, provider: None, kind };
                agent_lsb::metadata(&agent, &AgentPaths::default()).ok()
            }
            "systemd" => unit_exists(kind).then(|| agent_systemd::metadata(kind)),
            "service" => {
                return self
                    .metadata("lsb", None, kind)
                    .or_else(|| self.metadata("systemd", None, kind));
            }
            _ => None,
        };
        text.filter(|text| text.contains("<resource-agent"))
    }

    /// Returns what a program prints; `None` where it fails or is not there.
    fn answer(command: &mut Command) -> Option<String> {
        let output = command.stdin(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

impl Agents {
    /// Returns what an agent says of itself, as values.
    pub fn described(&self, class: &str, provider: Option<&str>, kind: &str) -> Option<Metadata> {
        Metadata::read(&self.metadata(class, provider, kind)?)
    }

    /// Returns class, provider and type of `[CLASS:[PROVIDER:]]TYPE`, as the configure language
    /// reads it: `heartbeat` before `pacemaker` before all others.
    pub fn resolve(&self, name: &str) -> (String, Option<String>, String) {
        let parts: Vec<&str> = name.split(':').collect();
        let owned = |text: &str| text.to_owned();
        match parts.as_slice() {
            [class, provider, kind] => (owned(class), Some(owned(provider)), owned(kind)),
            [class, kind] if *class != "ocf" => (owned(class), None, owned(kind)),
            [kind] if kind.starts_with("fence_") => (owned("stonith"), None, owned(kind)),
            parts => {
                let kind = parts.last().copied().unwrap_or_default();
                let mut providers = self.providers(kind);
                let rank = |p: &String| match p.as_str() {
                    "heartbeat" => 0,
                    "pacemaker" => 1,
                    _ => 2,
                };
                providers.sort_by_key(rank);
                let provider = providers.into_iter().next().unwrap_or_else(|| owned("heartbeat"));
                (owned("ocf"), Some(provider), owned(kind))
            }
        }
    }
}

impl AgentLookup for Agents {
    fn providers(&self, agent_type: &str) -> Vec<String> {
        let has = |p: &String| self.program("ocf", Some(p), agent_type).is_some();
        self.ocf_providers().into_iter().filter(has).collect()
    }
}

fn is_agent(entry: &fs::DirEntry) -> bool {
    use std::os::unix::fs::PermissionsExt;
    !entry.file_name().to_string_lossy().starts_with('.')
        && fs::metadata(entry.path())
            .is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

fn names(dir: &Path, keep: impl Fn(&fs::DirEntry) -> bool) -> Vec<String> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let mut found: Vec<String> = entries
        .filter_map(Result::ok)
        .filter(|e| keep(e))
        .filter_map(|e| e.file_name().into_string().ok())
        .collect();
    found.sort();
    found
}

const UNIT_DIRS: [&str; 4] = [
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];

fn systemd_units() -> Vec<String> {
    UNIT_DIRS
        .into_iter()
        .flat_map(|dir| names(Path::new(dir), |_| true))
        .filter_map(|n| n.strip_suffix(".service").map(str::to_owned))
        .collect()
}

fn unit_exists(name: &str) -> bool {
    let file = if name.contains('.') && !name.ends_with(".service") {
        name.to_owned()
    } else {
        format!("{}.service", name.trim_end_matches(".service"))
    };
    // An instance `x@y.service` exists where its template does.
    let template = file.split_once('@').map(|(stem, _)| format!("{stem}@.service"));
    UNIT_DIRS.iter().any(|dir| {
        Path::new(dir).join(&file).exists()
            || template.as_ref().is_some_and(|t| Path::new(dir).join(t).exists())
    })
}
