//! Constraints.

use super::nvset::Rule;
use super::part::{element, one_of};

one_of! {
    /// A constraint.
    Constraint {
        /// Where a resource runs.
        Location(Location) = "rsc_location";
        /// Which resources run together or apart.
        Colocation(Colocation) = "rsc_colocation";
        /// Which action comes first.
        Order(Order) = "rsc_order";
        /// What runs only while a ticket is granted.
        Ticket(TicketConstraint) = "rsc_ticket";
    }
}

element! {
    /// Where a resource runs.
    Location = "rsc_location" {
        must {
            /// Its id.
            id = "id";
        }
        may {
            /// The resource.
            rsc = "rsc";
            /// A regular expression of resources.
            rsc_pattern = "rsc-pattern";
            /// The role it is for.
            role = "role";
            /// The node.
            node = "node";
            /// How much the node is preferred.
            score = "score";
            /// Where the resource is looked for: `always`, `never`, `exclusive`.
            resource_discovery = "resource-discovery";
        }
        many {
            /// Sets of resources.
            resource_set: ResourceSet = "resource_set";
            /// Rules that choose nodes.
            rule: Rule = "rule";
        }
        one {
            /// When it counts; gone in schema 4.0.
            lifetime: Lifetime = "lifetime";
        }
    }
}

element! {
    /// When a constraint counts.
    Lifetime = "lifetime" {
        must {}
        may {}
        many {
            /// The rules.
            rule: Rule = "rule";
        }
        one {}
    }
}

element! {
    /// A set of resources in a constraint.
    ResourceSet = "resource_set" {
        must {}
        may {
            /// Its id; missing where it is a reference.
            id = "id";
            /// The set it stands for.
            id_ref = "id-ref";
            /// Whether the members have an order.
            sequential = "sequential";
            /// Whether all members are needed.
            require_all = "require-all";
            /// `group` or `listed`.
            ordering = "ordering";
            /// The action it is about.
            action = "action";
            /// The role it is about.
            role = "role";
            /// The score.
            score = "score";
            /// The kind of order.
            kind = "kind";
        }
        many {
            /// The members.
            resource_ref: ResourceRef = "resource_ref";
        }
        one {}
    }
}

element! {
    /// A member of a set.
    ResourceRef = "resource_ref" {
        must {
            /// The resource.
            id = "id";
        }
        may {}
        many {}
        one {}
    }
}

element! {
    /// Which resources run together or apart.
    Colocation = "rsc_colocation" {
        must {
            /// Its id.
            id = "id";
        }
        may {
            /// The score.
            score = "score";
            /// The node attribute that says what it is worth; old.
            score_attribute = "score-attribute";
            /// Another such; old.
            score_attribute_mangle = "score-attribute-mangle";
            /// The resource that depends.
            rsc = "rsc";
            /// The resource it depends on.
            with_rsc = "with-rsc";
            /// The role of the first.
            rsc_role = "rsc-role";
            /// The role of the second.
            with_rsc_role = "with-rsc-role";
            /// The instance of the first; in development schemas only.
            rsc_instance = "rsc-instance";
            /// The instance of the second; in development schemas only.
            with_rsc_instance = "with-rsc-instance";
            /// The node attribute that must be the same; by default the name.
            node_attribute = "node-attribute";
            /// Whether the dependent resource has a say in where the other runs.
            influence = "influence";
        }
        many {
            /// Sets of resources.
            resource_set: ResourceSet = "resource_set";
        }
        one {
            /// When it counts; gone in schema 4.0.
            lifetime: Lifetime = "lifetime";
        }
    }
}

element! {
    /// Which action comes first.
    Order = "rsc_order" {
        must {
            /// Its id.
            id = "id";
        }
        may {
            /// The resource that comes first.
            first = "first";
            /// The resource that follows.
            then = "then";
            /// The action of the first.
            first_action = "first-action";
            /// The action of the second.
            then_action = "then-action";
            /// The instance of the first; in development schemas only.
            first_instance = "first-instance";
            /// The instance of the second; in development schemas only.
            then_instance = "then-instance";
            /// `Optional`, `Mandatory`, `Serialize`.
            kind = "kind";
            /// The older form of `kind`.
            score = "score";
            /// Whether the reverse holds for stopping.
            symmetrical = "symmetrical";
            /// Whether all of a clone is needed.
            require_all = "require-all";
        }
        many {
            /// Sets of resources.
            resource_set: ResourceSet = "resource_set";
        }
        one {
            /// When it counts; gone in schema 4.0.
            lifetime: Lifetime = "lifetime";
        }
    }
}

element! {
    /// What runs only while a ticket is granted.
    TicketConstraint = "rsc_ticket" {
        must {
            /// Its id.
            id = "id";
            /// The ticket.
            ticket = "ticket";
        }
        may {
            /// The resource.
            rsc = "rsc";
            /// Its role.
            rsc_role = "rsc-role";
            /// What happens when the ticket goes.
            loss_policy = "loss-policy";
        }
        many {
            /// Sets of resources.
            resource_set: ResourceSet = "resource_set";
        }
        one {}
    }
}
