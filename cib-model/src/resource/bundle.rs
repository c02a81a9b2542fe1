//! Bundles: containers with replicas, network and storage.

use crate::names;
use crate::resource::Primitive;
use crate::view::view;
use crate::xml::ElementRef;

view! {
    /// Replicas of a container, perhaps with a resource inside: `<bundle>`.
    Bundle(names::BUNDLE) {
        /// Returns the description.
        description = names::DESCRIPTION;
    }
}

view! {
    /// The container: `<docker>`, `<podman>` or `<rkt>`.
    Container(names::DOCKER | names::PODMAN | names::RKT) {
        /// Returns the image.
        image = names::IMAGE;
        /// Returns the number of replicas as written.
        replicas = names::REPLICAS;
        /// Returns the replicas allowed on one host, as written.
        replicas_per_host = names::REPLICAS_PER_HOST;
        /// Returns the number of promoted replicas as written.
        promoted_max = names::PROMOTED_MAX;
        /// Returns the same in its older spelling.
        masters = names::MASTERS;
        /// Returns the command run inside.
        run_command = names::RUN_COMMAND;
        /// Returns the container's network mode.
        network = names::NETWORK;
        /// Returns extra options for the container engine.
        options = names::OPTIONS;
    }
}

view! {
    /// Addresses and ports of the replicas.
    Network(names::NETWORK) {
        /// Returns the first address of the range.
        ip_range_start = names::IP_RANGE_START;
        /// Returns the port of the executor inside.
        control_port = names::CONTROL_PORT;
        /// Returns the host's interface for the addresses.
        host_interface = names::HOST_INTERFACE;
        /// Returns the addresses' netmask.
        host_netmask = names::HOST_NETMASK;
        /// Returns whether replicas know each other's names.
        add_host = names::ADD_HOST;
    }
}

view! {
    /// One forwarded port.
    PortMapping(names::PORT_MAPPING) {
        /// Returns the port outside.
        port = names::PORT;
        /// Returns the port inside.
        internal_port = names::INTERNAL_PORT;
        /// Returns a range of ports.
        range = names::RANGE;
    }
}

view! {
    /// One folder or device made visible inside.
    StorageMapping(names::STORAGE_MAPPING) {
        /// Returns the path outside.
        source_dir = names::SOURCE_DIR;
        /// Returns the path outside below which each replica has its own.
        source_dir_root = names::SOURCE_DIR_ROOT;
        /// Returns the path inside.
        target_dir = names::TARGET_DIR;
        /// Returns mount options.
        options = names::OPTIONS;
    }
}

impl<'a> Bundle<'a> {
    /// Returns the container.
    pub fn container(self) -> Option<Container<'a>> {
        self.0.children().find_map(Container::cast)
    }

    /// Returns the network.
    pub fn network(self) -> Option<Network<'a>> {
        self.0.children().find_map(Network::cast)
    }

    /// Returns the storage mappings in document order.
    pub fn storage(self) -> impl Iterator<Item = StorageMapping<'a>> {
        self.0
            .children_named(names::STORAGE)
            .flat_map(ElementRef::children)
            .filter_map(StorageMapping::cast)
    }

    /// Returns the resource that runs inside.
    pub fn primitive(self) -> Option<Primitive<'a>> {
        self.0.children().find_map(Primitive::cast)
    }
}

impl Container<'_> {
    /// Returns the container engine (`docker`, `podman`…).
    pub fn engine(&self) -> &str {
        self.0.name()
    }
}

impl<'a> Network<'a> {
    /// Returns the port mappings in document order.
    pub fn ports(self) -> impl Iterator<Item = PortMapping<'a>> {
        self.0.children().filter_map(PortMapping::cast)
    }
}
