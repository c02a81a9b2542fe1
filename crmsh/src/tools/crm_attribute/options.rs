//! The command line of `crm_attribute`.

use clap::Parser;

use super::super::reply::Common;

/// Query and change cluster options and attributes of nodes
#[derive(Parser, Clone, Debug, Default)]
#[command(args_override_self = true, name = "crm_attribute", disable_version_flag = true)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the reference")]
pub(super) struct Options {
    #[command(flatten)]
    pub(super) common: Common,
    /// Print the value alone
    #[arg(short = 'q', short_alias = 'Q', long)]
    pub(super) quiet: bool,
    /// The option or attribute; a query without it prints all
    #[arg(
        short = 'n',
        long,
        alias = "attr-name",
        value_name = "NAME",
        overrides_with = "promotion"
    )]
    pub(super) name: Option<String>,
    /// All attributes whose names match this regular expression
    #[arg(short = 'P', long, value_name = "PATTERN")]
    pub(super) pattern: Option<String>,
    /// The promotion score of a resource; without one of that which the environment names
    #[arg(short = 'p', long, value_name = "RESOURCE", num_args = 0..=1)]
    #[arg(default_missing_value = "", overrides_with = "name")]
    pub(super) promotion: Option<String>,
    /// The pair with this id
    #[arg(short = 'i', long, alias = "attr-id", value_name = "ID")]
    pub(super) id: Option<String>,
    /// The set with this id
    #[arg(short = 's', long, value_name = "ID")]
    pub(super) set_name: Option<String>,
    /// Print the value; what is done where nothing else is asked for
    #[arg(short = 'G', long, alias = "get-value", overrides_with_all = ["delete", "update", "list"])]
    pub(super) query: bool,
    /// Set the value
    #[arg(
        short = 'v',
        long,
        alias = "attr-value",
        value_name = "VALUE",
        allow_hyphen_values = true
    )]
    #[arg(overrides_with_all = ["delete", "query", "list"])]
    pub(super) update: Option<String>,
    /// Take the option or attribute away
    #[arg(short = 'D', long, alias = "delete-attr", overrides_with_all = ["query", "update", "list"])]
    pub(super) delete: bool,
    /// List the options there are of a type; there is one: cluster
    #[arg(short = 'L', long = "list-options", value_name = "TYPE", overrides_with_all = ["query", "update", "delete"])]
    pub(super) list: Option<String>,
    /// List advanced and deprecated options too
    #[arg(short = 'a', long)]
    pub(super) all: bool,
    /// The value to print where there is none
    #[arg(short = 'd', long, value_name = "VALUE", allow_hyphen_values = true)]
    pub(super) default: Option<String>,
    /// How long an attribute of a node lasts: forever, or until its next reboot
    #[arg(short = 'l', long, value_name = "LIFETIME", overrides_with = "kind")]
    pub(super) lifetime: Option<String>,
    /// The part of the CIB: `crm_config`, `nodes`, `status`, `rsc_defaults`, `op_defaults`, `tickets`
    #[arg(short = 't', long = "type", value_name = "SECTION", overrides_with = "lifetime")]
    pub(super) kind: Option<String>,
    /// The node whose attribute it is
    #[arg(short = 'N', short_alias = 'U', long, alias = "node-uname", value_name = "NODE")]
    pub(super) node: Option<String>,
    /// What the node offers to resources
    #[arg(short = 'z', long)]
    pub(super) utilization: bool,
    /// Compute values such as `value++`; always done
    #[arg(long)]
    score: bool,
    /// What to wait for: no, local, cluster; the answer always comes when it is done
    #[arg(short = 'W', long, value_name = "UNTIL", value_parser = ["no", "local", "cluster"])]
    wait: Option<String>,
}
