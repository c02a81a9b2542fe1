//! The `crm` binary.

fn main() {}
