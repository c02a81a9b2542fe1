//! GLib's list algorithms, where their order shows in the result.

mod list_sort;

pub use list_sort::{insert_sorted, list_sort};
