//! The `crm` binary: one program under many names.

use std::process::ExitCode;

/// A CIB is many small pieces: a fifth of a command's time went into the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    crmsh::run::main()
}
