//! Where the demo's machines live: in network namespaces, or on loopback addresses.

use std::path::Path;
use std::process::Command;

use super::Result;
use super::namespace::Namespaces;

/// Last part of the floating address.
const FLOATING: u8 = 49;
/// Last part of the client's address.
const CLIENT: u8 = 9;
/// Where the demo's service listens.
const SERVICE_PORT: u16 = 5060;

/// Where the nodes and the client are.
#[derive(Debug, Clone)]
pub(super) enum Place {
    /// Each node has its own network; real addresses move between them.
    Namespaces(Namespaces),
    /// All nodes share this machine's loopback network.
    Loopback {
        /// The first three parts of the demo's addresses.
        network: String,
    },
}

impl Place {
    /// Chooses namespaces where they are possible and wanted, and makes the common parts.
    pub(super) fn prepare(loopback: bool) -> Result<Self> {
        let pid = std::process::id();
        if loopback || !Namespaces::possible() {
            return Ok(Place::Loopback {
                network: format!("127.{}.{}", 64 + pid % 64, pid / 64 % 256),
            });
        }
        let spaces = Namespaces::create(format!("crmdemo{pid}"))?;
        let place = Place::Namespaces(spaces.clone());
        spaces.add_host("client", CLIENT, &place.address(CLIENT))?;
        Ok(place)
    }

    /// Returns what a reader should know of the place, in one sentence or two.
    pub(super) fn describe(&self) -> String {
        match self {
            Place::Namespaces(_) => "Each node is a network namespace of its own, with the real \
                 ocf:heartbeat:IPaddr2; lsb:asterisk is a small stand-in service."
                .to_owned(),
            Place::Loopback { .. } => "The nodes are processes on loopback addresses. Stand-in agents \
                 serve as ocf:heartbeat:IPaddr2 and lsb:asterisk: namespaces need root, iproute2 and \
                 resource-agents."
                .to_owned(),
        }
    }

    /// Returns true where agents have to be stand-ins.
    pub(super) fn needs_stand_ins(&self) -> bool {
        matches!(self, Place::Loopback { .. })
    }

    /// Returns the address that ends in `host`.
    pub(super) fn address(&self, host: u8) -> String {
        match self {
            Place::Namespaces(_) => format!("10.77.0.{host}"),
            Place::Loopback { network } => format!("{network}.{host}"),
        }
    }

    /// Returns the address that moves with the service.
    pub(super) fn floating(&self) -> String {
        self.address(FLOATING)
    }

    /// Returns where the service listens on a node.
    pub(super) fn service_bind(&self) -> String {
        match self {
            Place::Namespaces(_) => format!("0.0.0.0:{SERVICE_PORT}"),
            Place::Loopback { .. } => self.service(),
        }
    }

    /// Returns where a client finds the service.
    pub(super) fn service(&self) -> String {
        format!("{}:{SERVICE_PORT}", self.floating())
    }

    /// Makes a machine with an address.
    pub(super) fn add_host(&self, name: &str, number: u8) -> Result<()> {
        match self {
            Place::Namespaces(spaces) => spaces.add_host(name, number, &self.address(number)),
            Place::Loopback { .. } => Ok(()),
        }
    }

    /// Takes a machine's network away.
    pub(super) fn remove_host(&self, name: &str, number: u8) {
        if let Place::Namespaces(spaces) = self {
            spaces.remove_host(name, number);
        }
    }

    /// Returns a command that runs `program` on a machine.
    pub(super) fn command(&self, host: &str, program: &Path) -> Command {
        match self {
            Place::Namespaces(spaces) => {
                let mut command = Command::new("ip");
                command.args(["netns", "exec", &spaces.name(host)]).arg(program);
                command
            }
            Place::Loopback { .. } => Command::new(program),
        }
    }

    /// Removes what `prepare` and `add_host` made.
    pub(super) fn remove(&self) {
        if let Place::Namespaces(spaces) = self {
            spaces.remove_all();
        }
    }
}
