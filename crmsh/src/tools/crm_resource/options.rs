//! The command line of `crm_resource`.

use clap::Parser;

use super::super::reply::Common;

/// Ask for resources and change them
#[derive(Parser, Clone, Debug, Default)]
#[command(args_override_self = true, name = "crm_resource", disable_version_flag = true)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the reference")]
pub(super) struct Options {
    #[command(flatten)]
    pub(super) common: Common,
    /// Print the answer alone
    #[arg(short = 'Q', long)]
    pub(super) quiet: bool,
    /// The resource
    #[arg(short = 'r', long, value_name = "ID")]
    pub(super) resource: Option<String>,
    /// The node
    #[arg(short = 'N', short_alias = 'H', long, alias = "host-uname", value_name = "NODE")]
    pub(super) node: Option<String>,
    /// List all resources and their states; what is done where nothing else is asked for
    #[arg(short = 'L', long)]
    pub(super) list: bool,
    /// List the names of all primitives and instances
    #[arg(short = 'l', long)]
    pub(super) list_raw: bool,
    /// Print a resource's XML, what its template says included
    #[arg(short = 'q', long)]
    pub(super) query_xml: bool,
    /// Print a resource's XML as it stands
    #[arg(short = 'w', long)]
    pub(super) query_xml_raw: bool,
    /// Print where a resource runs
    #[arg(short = 'W', long)]
    pub(super) locate: bool,
    /// Print a parameter of a resource
    #[arg(short = 'g', long, value_name = "NAME")]
    pub(super) get_parameter: Option<String>,
    /// Set a parameter of a resource, with --parameter-value
    #[arg(short = 'p', long, value_name = "NAME")]
    pub(super) set_parameter: Option<String>,
    /// Take a parameter away
    #[arg(short = 'd', long, value_name = "NAME")]
    pub(super) delete_parameter: Option<String>,
    /// The value of a parameter
    #[arg(short = 'v', long, value_name = "VALUE", allow_hyphen_values = true)]
    pub(super) parameter_value: Option<String>,
    /// The parameter is a meta-attribute
    #[arg(short = 'm', long, overrides_with_all = ["utilization", "element"])]
    pub(super) meta: bool,
    /// The parameter is what the resource needs of a node
    #[arg(short = 'z', long, overrides_with_all = ["meta", "element"])]
    pub(super) utilization: bool,
    /// The parameter is an attribute of the resource's XML element
    #[arg(long, overrides_with_all = ["meta", "utilization"])]
    pub(super) element: bool,
    /// The set with this id
    #[arg(short = 's', long, value_name = "ID")]
    pub(super) set_name: Option<String>,
    /// The pair with this id
    #[arg(short = 'i', long, value_name = "ID")]
    pub(super) nvpair: Option<String>,
    /// Go on where it is not clear what is meant
    #[arg(short = 'f', long)]
    pub(super) force: bool,
    /// List the standards of agents
    #[arg(long)]
    pub(super) list_standards: bool,
    /// List the providers of OCF agents
    #[arg(long)]
    pub(super) list_ocf_providers: bool,
    /// List the agents of a standard, or of a standard and provider
    #[arg(long, value_name = "STD[:PROV]")]
    pub(super) list_agents: Option<String>,
    /// Print what an agent says of itself
    #[arg(long, value_name = "STD[:PROV]:TYPE")]
    pub(super) show_metadata: Option<String>,
    /// Forget the failures of a resource, of all without one
    #[arg(short = 'C', long)]
    pub(super) cleanup: bool,
    /// Forget the whole history of a resource, of all without one
    #[arg(short = 'R', long)]
    pub(super) refresh: bool,
    /// Wait until the cluster has nothing to do
    #[arg(long)]
    pub(super) wait: bool,
    /// How long to wait
    #[arg(short = 'T', long, value_name = "INTERVAL")]
    pub(super) timeout: Option<String>,
    /// The type of a resource; no effect here
    #[arg(short = 't', long, value_name = "TYPE", hide = true)]
    resource_type: Option<String>,
    #[command(flatten)]
    pub(super) absent: Absent,
}

/// What there is in Pacemaker and not here.
#[derive(clap::Args, Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the reference")]
pub(super) struct Absent {
    #[arg(short = 'c', long, hide = true)]
    list_cts: bool,
    #[arg(short = 'O', long, hide = true)]
    list_operations: bool,
    #[arg(short = 'o', long, hide = true)]
    list_all_operations: bool,
    #[arg(long = "list-options", hide = true)]
    of_type: Option<String>,
    #[arg(long, hide = true)]
    list_ocf_alternatives: Option<String>,
    #[arg(short = 'a', long, hide = true)]
    constraints: bool,
    #[arg(short = 'A', long, hide = true)]
    stack: bool,
    #[arg(short = 'Y', long, hide = true)]
    why: bool,
    #[arg(long, hide = true)]
    validate: bool,
    #[arg(short = 'M', long = "move", hide = true)]
    relocate: bool,
    #[arg(short = 'B', long, hide = true)]
    ban: bool,
    #[arg(short = 'U', long, hide = true)]
    clear: bool,
    #[arg(short = 'D', long, hide = true)]
    delete: bool,
    #[arg(short = 'F', long, hide = true)]
    fail: bool,
    #[arg(long, hide = true)]
    restart: bool,
    #[arg(long, hide = true)]
    digests: bool,
    #[arg(long, hide = true)]
    force_demote: bool,
    #[arg(long, hide = true)]
    force_stop: bool,
    #[arg(long, hide = true)]
    force_start: bool,
    #[arg(long, hide = true)]
    force_promote: bool,
    #[arg(long, hide = true)]
    force_check: bool,
    #[arg(long, hide = true)]
    recursive: bool,
    #[arg(short = 'n', long, hide = true)]
    operation: Option<String>,
    #[arg(short = 'e', long, hide = true)]
    expired: bool,
    #[arg(short = 'u', long, hide = true)]
    lifetime: Option<String>,
    #[arg(long, hide = true)]
    promoted: bool,
}

impl Absent {
    /// Returns the option that was given though it is not here.
    pub(super) fn given(&self) -> Option<&'static str> {
        let all = [
            (self.list_cts, "list-cts"),
            (self.list_operations, "list-operations"),
            (self.list_all_operations, "list-all-operations"),
            (self.of_type.is_some(), "list-options"),
            (self.list_ocf_alternatives.is_some(), "list-ocf-alternatives"),
            (self.constraints, "constraints"),
            (self.stack, "stack"),
            (self.why, "why"),
            (self.validate, "validate"),
            (self.relocate, "move"),
            (self.ban, "ban"),
            (self.clear, "clear"),
            (self.delete, "delete"),
            (self.fail, "fail"),
            (self.restart, "restart"),
            (self.digests, "digests"),
            (self.force_demote, "force-demote"),
            (self.force_stop, "force-stop"),
            (self.force_start, "force-start"),
            (self.force_promote, "force-promote"),
            (self.force_check, "force-check"),
            (self.recursive, "recursive"),
            (self.operation.is_some(), "operation"),
            (self.expired, "expired"),
            (self.lifetime.is_some(), "lifetime"),
            (self.promoted, "promoted"),
        ];
        all.into_iter().find(|(given, _)| *given).map(|(_, name)| name)
    }
}
