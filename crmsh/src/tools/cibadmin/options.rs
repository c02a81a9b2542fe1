//! The command line of `cibadmin`.

use std::path::PathBuf;

use clap::Parser;

use super::super::reply::Common;

/// Query and change the CIB
#[derive(Parser, Clone, Debug, Default)]
#[command(name = "cibadmin", disable_version_flag = true)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the reference")]
pub(super) struct Options {
    #[command(flatten)]
    pub(super) common: Common,
    /// Print the CIB, or a part of it; what is done where nothing else is asked for
    #[arg(short = 'Q', long)]
    pub(super) query: bool,
    /// Add an element
    #[arg(short = 'C', long)]
    pub(super) create: bool,
    /// Merge an element into the CIB
    #[arg(short = 'M', long)]
    pub(super) modify: bool,
    /// Put an element in the place of another
    #[arg(short = 'R', long)]
    pub(super) replace: bool,
    /// Delete the first element that matches
    #[arg(short = 'D', long)]
    pub(super) delete: bool,
    /// Delete all elements that match, with --xpath
    #[arg(short = 'd', long)]
    pub(super) delete_all: bool,
    /// Apply a patch
    #[arg(short = 'P', long)]
    pub(super) patch: bool,
    /// Raise the epoch
    #[arg(short = 'B', long)]
    pub(super) bump: bool,
    /// Empty the CIB
    #[arg(short = 'E', long)]
    pub(super) erase: bool,
    /// Bring the CIB to the latest schema; needs --force
    #[arg(short = 'u', long)]
    pub(super) upgrade: bool,
    /// Print an empty CIB; without a schema's name the newest is used
    #[arg(short = 'a', long, value_name = "SCHEMA", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "")]
    pub(super) empty: Option<String>,
    /// Print the digest of the input as it would be on disk
    #[arg(short = '5', long)]
    pub(super) md5_sum: bool,
    /// Print the digest by which nodes compare the input
    #[arg(short = '6', long)]
    pub(super) md5_sum_versioned: bool,
    /// The part to work on
    #[arg(short = 'o', long, value_name = "SECTION")]
    pub(super) scope: Option<String>,
    /// The elements to work on, by XPath
    #[arg(short = 'A', long, value_name = "PATH")]
    pub(super) xpath: Option<String>,
    /// Show what the user may do with each element of the CIB, with --query and --user: as text,
    /// in color, by namespace, or auto (in color on a terminal, as text elsewhere)
    #[arg(short = 'S', long, value_name = "HOW", num_args = 0..=1)]
    #[arg(default_missing_value = "auto")]
    pub(super) show_access: Option<String>,
    /// Leave children out of what is printed
    #[arg(short = 'n', long)]
    pub(super) no_children: bool,
    /// Print the paths of what matches instead of it
    #[arg(short = 'e', long)]
    pub(super) node_path: bool,
    /// The input as an argument
    #[arg(short = 'X', long, value_name = "XML")]
    pub(super) xml_text: Option<String>,
    /// The input in a file
    #[arg(short = 'x', long, value_name = "FILE")]
    pub(super) xml_file: Option<PathBuf>,
    /// The input on stdin
    #[arg(short = 'p', long)]
    pub(super) xml_pipe: bool,
    /// Create what --modify does not find
    #[arg(short = 'c', long)]
    pub(super) allow_create: bool,
    /// Compute values such as `attr++`, with --modify; always done
    #[arg(long)]
    pub(super) score: bool,
    /// The user whose rights count
    #[arg(short = 'U', long, value_name = "NAME")]
    pub(super) user: Option<String>,
    /// Ask this node alone; no effect here
    #[arg(short = 'l', long)]
    local: bool,
    /// Go on where it is dangerous
    #[arg(short = 'f', long)]
    pub(super) force: bool,
    /// Wait for the answer; no effect here
    #[arg(short = 's', long)]
    sync_call: bool,
    /// Seconds to wait for the answer; no effect here
    #[arg(short = 't', long, value_name = "SECONDS")]
    timeout: Option<String>,
    /// The node to ask; no effect here
    #[arg(short = 'N', long, value_name = "NODE")]
    node: Option<String>,
}
