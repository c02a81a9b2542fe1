//! What `crm demo` can be told.

/// Which engine carries the cluster's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Engine {
    /// The embedded one.
    Link,
    /// A real corosync on each node; needs root, namespaces and corosync.
    Corosync,
}

/// How the demo runs.
#[derive(Debug, Clone, clap::Parser)]
#[command(name = "crm demo", about = "Run the two-node walkthrough on a cluster made for it")]
pub struct Options {
    /// Leave the cluster up afterwards, and say how to use and stop it
    #[arg(long)]
    pub keep: bool,
    /// Stop a cluster that --keep left up
    #[arg(long, value_name = "DIR")]
    pub stop: Option<std::path::PathBuf>,
    /// Use loopback addresses and stand-in agents even where namespaces are possible
    #[arg(long)]
    pub loopback: bool,
    /// Token time in milliseconds: how long a node may be silent
    #[arg(long, default_value_t = 1000, value_name = "MS")]
    pub token: u32,
    /// What carries the cluster's messages
    #[arg(long, value_enum, default_value = "link")]
    pub engine: Engine,
    /// Crash and bring back the node that runs the service this many times, and print the median
    /// outage
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub crashes: u32,
}
