//! The `crm` binary: one program under many names.

use std::process::ExitCode;

fn main() -> ExitCode {
    crmsh::run::main()
}
