//! The service that the demo makes highly available: it answers each connection with its node's
//! name.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

/// Serves for ever.
///
/// # Errors
/// Where the address cannot be bound.
pub fn serve(address: SocketAddr, node: &str) -> std::io::Result<()> {
    let listener = TcpListener::bind(address)?;
    for stream in listener.incoming() {
        let Ok(mut stream) = stream else { continue };
        // A client that goes away is its own business.
        let _ = stream.set_read_timeout(Some(Duration::from_millis(100)));
        let _ = stream.write_all(format!("{node}\n").as_bytes());
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let _ = stream.read(&mut [0_u8; 16]);
    }
    Ok(())
}
