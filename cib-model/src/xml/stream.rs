//! Writes XML as it is produced, without a tree: for documents that are only written.
//!
//! The text is the one that [`write`](super::write()) gives for the same tree, laid out one element
//! a line.

use std::ops::Range;

use super::write::{Dialect, push_attr_value};

/// Writes elements, one a line, two blanks a level.
///
/// Attributes belong to the element begun last and must come before its children.
#[derive(Debug, Default)]
pub struct Stream {
    out: String,
    dialect: Dialect,
    /// Elements that are open, outermost first.
    open: Vec<Open>,
}

#[derive(Debug)]
struct Open {
    /// Where the name stands in the text.
    name: Range<usize>,
    has_children: bool,
}

impl Stream {
    /// Makes an empty document; `capacity` is its expected length in bytes.
    pub fn new(dialect: Dialect, capacity: usize) -> Self {
        Stream { out: String::with_capacity(capacity), dialect, open: Vec::new() }
    }

    /// Begins an element inside the one that is open.
    pub fn begin(&mut self, name: &str) {
        if let Some(parent) = self.open.last_mut()
            && !parent.has_children
        {
            parent.has_children = true;
            self.out.push_str(">\n");
        }
        self.indent(self.open.len());
        self.out.push('<');
        let start = self.out.len();
        self.out.push_str(name);
        self.open.push(Open { name: start..self.out.len(), has_children: false });
    }

    /// Adds an attribute to the element begun last.
    pub fn attr(&mut self, name: &str, value: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        push_attr_value(&mut self.out, value, self.dialect);
        self.out.push('"');
    }

    /// Adds an attribute where it has a value.
    pub fn attr_opt(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.attr(name, value);
        }
    }

    /// Ends the element begun last that is still open.
    pub fn end(&mut self) {
        let Some(Open { name, has_children }) = self.open.pop() else { return };
        if has_children {
            self.indent(self.open.len());
            self.out.push_str("</");
            self.out.extend_from_within(name);
            self.out.push_str(">\n");
        } else {
            self.out.push_str("/>\n");
        }
    }

    /// Ends all elements and returns the text.
    pub fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.end();
        }
        self.out
    }

    fn indent(&mut self, depth: usize) {
        for _ in 0..depth {
            self.out.push_str("  ");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Stream;
    use crate::xml::{Dialect, Layout, Tree, write};

    #[test]
    fn the_text_is_that_of_the_tree() {
        let mut tree = Tree::new("a");
        let root = tree.root_id();
        tree.set_attr(root, "x", "<1> & \"2\"\n'3'");
        let child = tree.append(root, "b");
        tree.append(child, "c");
        tree.append(root, "d");
        for dialect in [Dialect::Pcmk2, Dialect::Pcmk3] {
            let mut stream = Stream::new(dialect, 0);
            stream.begin("a");
            stream.attr("x", "<1> & \"2\"\n'3'");
            stream.attr_opt("y", None);
            stream.begin("b");
            stream.begin("c");
            stream.end();
            stream.end();
            stream.begin("d");
            assert_eq!(stream.finish(), write(&tree, Layout::Pretty, dialect));
        }
    }
}
