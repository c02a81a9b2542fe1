//! The two helpers of `crm demo`: the service that moves, and the client that watches it.

use std::net::SocketAddr;

use crate::console::Console;
use crate::demo;
use crate::exit::Exit;

/// `demo-service ADDRESS NODE`: answers each connection with the node's name, for ever.
pub(super) fn service(argv: &[String], console: &mut Console) -> Exit {
    let [address, node] = argv else { return usage("demo-service ADDRESS:PORT NODE", console) };
    let Some(address) = parse(address, console) else { return Exit::TOOL_USAGE };
    ended(demo::service::serve(address, node), console)
}

/// `demo-client ADDRESS`: asks for ever and writes one line for each change.
pub(super) fn client(argv: &[String], console: &mut Console) -> Exit {
    let [address] = argv else { return usage("demo-client ADDRESS:PORT", console) };
    let Some(address) = parse(address, console) else { return Exit::TOOL_USAGE };
    let watched = demo::client::watch(address, console.out());
    ended(watched, console)
}

fn parse(text: &str, console: &mut Console) -> Option<SocketAddr> {
    let parsed = text.parse().ok();
    if parsed.is_none() {
        console.complain(&format!("{text} is not an address and a port"));
    }
    parsed
}

fn usage(text: &str, console: &mut Console) -> Exit {
    console.complain(&format!("usage: {text}"));
    Exit::TOOL_USAGE
}

fn ended(outcome: std::io::Result<()>, console: &mut Console) -> Exit {
    match outcome {
        Ok(()) => Exit::OK,
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Exit::OK,
        Err(error) => {
            console.complain(&error.to_string());
            Exit::FAILED
        }
    }
}
