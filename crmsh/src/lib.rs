//! The crm shell as a library.

pub mod demo;
