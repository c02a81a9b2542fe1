//! Fencing levels, tags, access rights, alerts.

use super::nvset::NvSet;
use super::part::{element, one_of};

element! {
    /// Devices that fence a node, tried together.
    FencingLevel = "fencing-level" {
        must {
            /// Its id.
            id = "id";
            /// Its place in the order of attempts.
            index = "index";
            /// The devices, separated by commas.
            devices = "devices";
        }
        may {
            /// The node.
            target = "target";
            /// A regular expression of nodes.
            target_pattern = "target-pattern";
            /// Nodes with this attribute…
            target_attribute = "target-attribute";
            /// …at this value.
            target_value = "target-value";
        }
        many {}
        one {}
    }
}

element! {
    /// A name for several objects.
    Tag = "tag" {
        must {
            /// Its id.
            id = "id";
        }
        may {}
        many {
            /// The objects.
            obj_ref: ObjRef = "obj_ref";
        }
        one {}
    }
}

element! {
    /// An object of a tag.
    ObjRef = "obj_ref" {
        must {
            /// The object.
            id = "id";
        }
        may {}
        many {}
        one {}
    }
}

one_of! {
    /// Someone who has rights, or a set of rights.
    Acl {
        /// A set of rights.
        Role(AclRole) = "acl_role";
        /// A user.
        Target(AclTarget) = "acl_target";
        /// A group of users.
        Group(AclGroup) = "acl_group";
        /// A user, in schemas before 2.0.
        User(AclUser) = "acl_user";
    }
}

element! {
    /// A set of rights.
    AclRole = "acl_role" {
        must {
            /// Its id.
            id = "id";
        }
        may {
            /// What it is for.
            description = "description";
        }
        many {
            /// The rights.
            acl_permission: AclPermission = "acl_permission";
            /// The rights, in schemas before 2.0.
            rights: OldPermission = "";
        }
        one {}
    }
}

element! {
    /// A right.
    AclPermission = "acl_permission" {
        must {
            /// Its id.
            id = "id";
            /// `read`, `write`, `deny`.
            kind = "kind";
        }
        may {
            /// What it is about, as XPath.
            xpath = "xpath";
            /// What it is about, as id.
            reference = "reference";
            /// What it is about, as name of elements.
            object_type = "object-type";
            /// Elements with this attribute only.
            attribute = "attribute";
            /// What it is for.
            description = "description";
        }
        many {}
        one {}
    }
}

macro_rules! principal {
    ($(#[$doc:meta])* $name:ident = $tag:literal) => {
        element! {
            $(#[$doc])*
            $name = $tag {
                must {
                    /// Its id, by default its name.
                    id = "id";
                }
                may {
                    /// Its name.
                    name = "name";
                }
                many {
                    /// The roles.
                    role: RoleRef = "role";
                }
                one {}
            }
        }
    };
}

principal! {
    /// A user.
    AclTarget = "acl_target"
}

principal! {
    /// A group of users.
    AclGroup = "acl_group"
}

element! {
    /// The role of someone.
    RoleRef = "role" | "role_ref" {
        must {
            /// The role.
            id = "id";
        }
        may {}
        many {}
        one {}
    }
}

element! {
    /// A user, in schemas before 2.0.
    AclUser = "acl_user" {
        must {
            /// Their name.
            id = "id";
        }
        may {}
        many {
            /// The roles.
            role_ref: RoleRef = "role_ref";
            /// The rights.
            rights: OldPermission = "";
        }
        one {}
    }
}

one_of! {
    /// A right, in schemas before 2.0.
    OldPermission {
        /// May be read.
        Read(OldRight) = "read";
        /// May be written.
        Write(OldRight) = "write";
        /// May not even be read.
        Deny(OldRight) = "deny";
    }
}

element! {
    /// What a right is about.
    OldRight = "read" | "write" | "deny" {
        must {
            /// Its id.
            id = "id";
        }
        may {
            /// Name of elements.
            tag = "tag";
            /// Id of an element.
            reference = "ref";
            /// XPath.
            xpath = "xpath";
            /// Elements with this attribute only.
            attribute = "attribute";
        }
        many {}
        one {}
    }
}

element! {
    /// A program that is told what happens.
    Alert = "alert" {
        must {
            /// Its id.
            id = "id";
            /// The program.
            path = "path";
        }
        may {
            /// What it is for.
            description = "description";
        }
        many {
            /// Options that the cluster reads.
            meta_attributes: NvSet = "meta_attributes";
            /// What the program is given.
            instance_attributes: NvSet = "instance_attributes";
            /// Who is told.
            recipient: Recipient = "recipient";
        }
        one {
            /// What is told.
            select: Select = "select";
        }
    }
}

element! {
    /// Who is told.
    Recipient = "recipient" {
        must {
            /// Its id.
            id = "id";
            /// The address, as the program understands it.
            value = "value";
        }
        may {
            /// What it is for.
            description = "description";
        }
        many {
            /// Options that the cluster reads.
            meta_attributes: NvSet = "meta_attributes";
            /// What the program is given.
            instance_attributes: NvSet = "instance_attributes";
        }
        one {}
    }
}

element! {
    /// What is told.
    Select = "select" {
        must {}
        may {}
        many {}
        one {
            /// Changes of node attributes.
            select_attributes: SelectAttributes = "select_attributes";
            /// Fencing.
            select_fencing: Empty = "select_fencing";
            /// Nodes that come and go.
            select_nodes: Empty = "select_nodes";
            /// Actions of resources.
            select_resources: Empty = "select_resources";
        }
    }
}

element! {
    /// An element that is there or not.
    Empty {
        must {}
        may {}
        many {}
        one {}
    }
}

element! {
    /// Which node attributes.
    SelectAttributes = "select_attributes" {
        must {}
        may {}
        many {
            /// The attributes; all where empty.
            attribute: SelectAttribute = "attribute";
        }
        one {}
    }
}

element! {
    /// A node attribute.
    SelectAttribute = "attribute" {
        must {
            /// Its id.
            id = "id";
            /// Its name.
            name = "name";
        }
        may {}
        many {}
        one {}
    }
}
