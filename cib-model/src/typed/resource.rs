//! Nodes, resources and templates.

use super::nvset::NvSet;
use super::part::{element, one_of};

element! {
    /// A node.
    Node = "node" {
        must {
            /// Its id: with corosync a number.
            id = "id";
            /// Its name.
            uname = "uname";
        }
        may {
            /// `member` (the default), `remote`, `ping`, `normal`.
            kind = "type";
            /// What it is for.
            description = "description";
            /// Preference for it.
            score = "score";
        }
        many {
            /// Attributes that last.
            instance_attributes: NvSet = "instance_attributes";
            /// What it offers.
            utilization: NvSet = "utilization";
        }
        one {}
    }
}

one_of! {
    /// A resource or template.
    Resource {
        /// One service.
        Primitive(Primitive) = "primitive";
        /// What several primitives have in common.
        Template(Template) = "template";
        /// Primitives that run together, in order.
        Group(Group) = "group";
        /// Instances of a primitive or group.
        Clone(Clone) = "clone";
        /// A promotable clone as old schemas write it.
        Master(Clone) = "master";
        /// Containers.
        Bundle(Bundle) = "bundle";
    }
}

macro_rules! service {
    ($(#[$doc:meta])* $name:ident = $tag:literal { $($(#[$may_doc:meta])* $may:ident = $xml:literal;)* }) => {
        element! {
            $(#[$doc])*
            $name = $tag {
                must {
                    /// Its id.
                    id = "id";
                }
                may {
                    /// Class of the agent.
                    class = "class";
                    /// Provider of the agent.
                    provider = "provider";
                    /// Name of the agent.
                    kind = "type";
                    $($(#[$may_doc])* $may = $xml;)*
                    /// What it is for.
                    description = "description";
                }
                many {
                    /// Options that the cluster reads.
                    meta_attributes: NvSet = "meta_attributes";
                    /// The agent's parameters.
                    instance_attributes: NvSet = "instance_attributes";
                    /// What it needs of a node.
                    utilization: NvSet = "utilization";
                }
                one {
                    /// How it is started, watched and stopped.
                    operations: Operations = "operations";
                }
            }
        }
    };
}

service! {
    /// One service.
    Primitive = "primitive" {
        /// The template it takes its definition from.
        template = "template";
    }
}

service! {
    /// What several primitives have in common.
    Template = "template" {}
}

element! {
    /// The operations of a resource.
    Operations = "operations" {
        must {}
        may {
            /// Its id.
            id = "id";
            /// The operations it takes over.
            id_ref = "id-ref";
        }
        many {
            /// The operations.
            op: Op = "op";
        }
        one {}
    }
}

element! {
    /// One operation.
    Op = "op" {
        must {
            /// Its id.
            id = "id";
            /// `start`, `stop`, `monitor`…
            name = "name";
        }
        may {
            /// How often it is run; 0 = once.
            interval = "interval";
            /// What it is for.
            description = "description";
            /// How long after the start it is first run.
            start_delay = "start-delay";
            /// The time that intervals count from.
            interval_origin = "interval-origin";
            /// How long it may take.
            timeout = "timeout";
            /// Whether it is run.
            enabled = "enabled";
            /// Whether the cluster notes that it has begun.
            record_pending = "record-pending";
            /// The role it is for.
            role = "role";
            /// What it needs, in schemas before 3.0.
            requires = "requires";
            /// What a failure does.
            on_fail = "on-fail";
        }
        many {
            /// Options that the cluster reads.
            meta_attributes: NvSet = "meta_attributes";
            /// Parameters for this operation.
            instance_attributes: NvSet = "instance_attributes";
        }
        one {}
    }
}

element! {
    /// Primitives that run together, in order.
    Group = "group" {
        must {
            /// Its id.
            id = "id";
        }
        may {
            /// What it is for.
            description = "description";
        }
        many {
            /// Options that the cluster reads.
            meta_attributes: NvSet = "meta_attributes";
            /// Parameters of every member.
            instance_attributes: NvSet = "instance_attributes";
            /// The members, in order.
            primitive: Primitive = "primitive";
        }
        one {}
    }
}

element! {
    /// Instances of a primitive or group.
    Clone = "clone" | "master" {
        must {
            /// Its id.
            id = "id";
        }
        may {
            /// What it is for.
            description = "description";
        }
        many {
            /// Options that the cluster reads.
            meta_attributes: NvSet = "meta_attributes";
            /// Parameters of every instance.
            instance_attributes: NvSet = "instance_attributes";
        }
        one {
            /// What is cloned, if a primitive.
            primitive: Primitive = "primitive";
            /// What is cloned, if a group.
            group: Group = "group";
        }
    }
}

element! {
    /// Containers that the cluster starts, with or without a resource in them.
    Bundle = "bundle" {
        must {
            /// Its id.
            id = "id";
        }
        may {
            /// What it is for.
            description = "description";
        }
        many {
            /// Options that the cluster reads.
            meta_attributes: NvSet = "meta_attributes";
            /// Parameters of the resource inside.
            instance_attributes: NvSet = "instance_attributes";
        }
        one {
            /// Who runs the containers, and how.
            engine: Engine = "";
            /// Addresses and ports.
            network: BundleNetwork = "network";
            /// Folders.
            storage: Storage = "storage";
            /// The resource inside.
            primitive: Primitive = "primitive";
        }
    }
}

one_of! {
    /// Who runs containers.
    Engine {
        /// Docker.
        Docker(Container) = "docker";
        /// Podman.
        Podman(Container) = "podman";
        /// rkt; gone in schema 4.0.
        Rkt(Container) = "rkt";
    }
}

element! {
    /// How containers are run.
    Container = "docker" | "podman" | "rkt" {
        must {
            /// The image.
            image = "image";
        }
        may {
            /// How many there are.
            replicas = "replicas";
            /// How many of them a node may run.
            replicas_per_host = "replicas-per-host";
            /// How many may be promoted.
            promoted_max = "promoted-max";
            /// The older name of `promoted-max`.
            masters = "masters";
            /// What is run inside.
            run_command = "run-command";
            /// The engine's network.
            network = "network";
            /// More arguments of the engine.
            options = "options";
        }
        many {}
        one {}
    }
}

element! {
    /// Addresses and ports of a bundle.
    BundleNetwork = "network" {
        must {}
        may {
            /// The first address.
            ip_range_start = "ip-range-start";
            /// The port of the executor inside.
            control_port = "control-port";
            /// The interface that gets the addresses.
            host_interface = "host-interface";
            /// The length of the network's prefix.
            host_netmask = "host-netmask";
            /// Whether replicas know each other's names.
            add_host = "add-host";
        }
        many {
            /// Ports that are handed through.
            port_mapping: PortMapping = "port-mapping";
        }
        one {}
    }
}

element! {
    /// A port that is handed through.
    PortMapping = "port-mapping" {
        must {
            /// Its id.
            id = "id";
        }
        may {
            /// The port outside.
            port = "port";
            /// The port inside, where it differs.
            internal_port = "internal-port";
            /// A range of ports, the same on both sides.
            range = "range";
        }
        many {}
        one {}
    }
}

element! {
    /// Folders of a bundle.
    Storage = "storage" {
        must {}
        may {}
        many {
            /// Each folder.
            storage_mapping: StorageMapping = "storage-mapping";
        }
        one {}
    }
}

element! {
    /// A folder that is handed through.
    StorageMapping = "storage-mapping" {
        must {
            /// Its id.
            id = "id";
            /// The folder inside.
            target_dir = "target-dir";
        }
        may {
            /// The folder outside.
            source_dir = "source-dir";
            /// The folder outside that has a folder for each replica.
            source_dir_root = "source-dir-root";
            /// Options of the mount.
            options = "options";
        }
        many {}
        one {}
    }
}
