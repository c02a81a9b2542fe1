//! Ordered XML: the tree, the reader and the byte-exact writer.

mod name;
mod read;
mod stream;
mod texts;
mod tree;
mod write;
pub mod xpath;

pub use read::{ReadError, is_char, is_name, read};
pub use stream::Stream;
pub use tree::{Child, ElementRef, Tree, XmlId};
pub use write::{Dialect, Layout, write, write_element, write_filtered, write_in_pieces};
pub use xpath::{XPath, XPathError, XPathValue, select};
