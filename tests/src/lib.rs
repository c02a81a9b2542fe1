//! Shared pieces of the conformance tests: where the reference data is, how output is compared.
