//! The crm shell as a library.
