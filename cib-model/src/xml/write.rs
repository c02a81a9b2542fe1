//! Writes a tree exactly as Pacemaker does.
//!
//! **Source:** pacemaker `lib/common/xml_io.c`, `pcmk__xml_string()`.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::tree::{Child, ElementRef, Tree};

/// How special characters are escaped.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Dialect {
    /// Pacemaker up to 2.1.7: `'` as `&apos;`, line ends as the two characters `\n`
    /// or `\r`, tab as four blanks (these lose information).
    Pcmk2,
    /// Pacemaker from 2.1.8: newline and tab as character references.
    #[default]
    Pcmk3,
}

/// How elements are laid out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Layout {
    /// One element a line, two blanks a level, a newline at the end.
    #[default]
    Pretty,
    /// Everything on one line, no newline.
    Compact,
}

/// Writes the whole tree, without an XML declaration.
pub fn write(tree: &Tree, layout: Layout, dialect: Dialect) -> String {
    let out = String::with_capacity(tree.expected_bytes());
    let mut writer = Writer { out, layout, dialect, keep: &|_| true, take: None };
    writer.element(tree.root(), 0);
    writer.out
}

/// Writes as [`write()`], the root with these attributes set, and hands the text out in pieces of some
/// ten thousand bytes, so that it never stands in memory as a whole.
pub fn write_in_pieces(
    tree: &Tree,
    root_attrs: &[(&str, String)],
    layout: Layout,
    dialect: Dialect,
    take: &mut dyn FnMut(&str),
) {
    let out = String::with_capacity(2 * PIECE_BYTES);
    let mut writer = Writer { out, layout, dialect, keep: &|_| true, take: Some(take) };
    let set = |name: &str| root_attrs.iter().find(|(set, _)| *set == name);
    let own = tree.root().attrs().map(|(name, value)| match set(name) {
        Some((_, value)) => (name, value.as_str()),
        None => (name, value),
    });
    let new = root_attrs.iter().filter(|(name, _)| tree.root().attr(name).is_none());
    let new = new.map(|(name, value)| (*name, value.as_str()));
    writer.element_with(tree.root(), own.chain(new), 0);
    writer.hand_out(0);
}

/// A piece is handed out at the first end of an element after so many bytes.
const PIECE_BYTES: usize = 32 * 1024;

/// Writes one element and all below it, indented as if it were a root.
pub fn write_element(element: ElementRef<'_>, layout: Layout, dialect: Dialect) -> String {
    write_filtered(element, layout, dialect, &|_| true)
}

/// Writes as [`write_element`], but only the attributes whose name `keep` accepts.
pub fn write_filtered(
    element: ElementRef<'_>,
    layout: Layout,
    dialect: Dialect,
    keep: &dyn Fn(&str) -> bool,
) -> String {
    let mut writer = Writer { out: String::new(), layout, dialect, keep, take: None };
    writer.element(element, 0);
    writer.out
}

/// Returns a comment's text as it can stand in XML: two dashes would end it.
fn comment(text: &str) -> Cow<'_, str> {
    if !text.contains("--") && !text.ends_with('-') {
        return Cow::Borrowed(text);
    }
    let mut apart = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if c == '-' && apart.ends_with('-') {
            apart.push(' ');
        }
        apart.push(c);
    }
    if apart.ends_with('-') {
        apart.push(' ');
    }
    Cow::Owned(apart)
}

struct Writer<'k> {
    out: String,
    layout: Layout,
    dialect: Dialect,
    keep: &'k dyn Fn(&str) -> bool,
    /// Who gets the text in pieces; `None` where it is returned whole.
    take: Option<&'k mut dyn FnMut(&str)>,
}

impl Writer<'_> {
    /// Hands out what is written, where it is longer than that.
    fn hand_out(&mut self, bytes: usize) {
        if let Some(take) = &mut self.take
            && self.out.len() > bytes
        {
            take(&self.out);
            self.out.clear();
        }
    }

    fn element(&mut self, element: ElementRef<'_>, depth: usize) {
        let keep = self.keep;
        self.element_with(element, element.attrs().filter(|(name, _)| keep(name)), depth);
    }

    /// Writes an element, with these attributes instead of its own.
    fn element_with<'a>(
        &mut self,
        element: ElementRef<'_>,
        attrs: impl Iterator<Item = (&'a str, &'a str)>,
        depth: usize,
    ) {
        self.indent(depth);
        self.out.push('<');
        self.out.push_str(element.name());
        for (name, value) in attrs {
            self.out.push(' ');
            self.out.push_str(name);
            self.out.push_str("=\"");
            push_attr_value(&mut self.out, value, self.dialect);
            self.out.push('"');
        }
        if element.is_empty() {
            self.out.push_str("/>");
        } else {
            self.out.push('>');
            self.end_line();
            for child in element.all_children() {
                self.child(child, depth + 1);
            }
            self.indent(depth);
            self.out.push_str("</");
            self.out.push_str(element.name());
            self.out.push('>');
        }
        self.end_line();
        self.hand_out(PIECE_BYTES);
    }

    fn child(&mut self, child: Child<'_>, depth: usize) {
        let text = match child {
            Child::Element(element) => return self.element(element, depth),
            Child::Text(text) => {
                text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
            }
            Child::Comment(text) => format!("<!--{}-->", comment(text)),
            Child::CData(text) => format!("<![CDATA[{text}]]>"),
        };
        self.indent(depth);
        self.out.push_str(&text);
        self.end_line();
    }

    fn indent(&mut self, depth: usize) {
        if self.layout == Layout::Pretty {
            for _ in 0..depth {
                self.out.push_str("  ");
            }
        }
    }

    fn end_line(&mut self) {
        if self.layout == Layout::Pretty {
            self.out.push('\n');
        }
    }
}

/// Bytes that stand in an attribute value as they are, in either dialect.
const PLAIN: [bool; 256] = {
    let mut plain = [true; 256];
    let mut at = 0;
    while at < 0x20 {
        plain[at] = false;
        at += 1;
    }
    plain[0x7f] = false;
    plain[b'<' as usize] = false;
    plain[b'>' as usize] = false;
    plain[b'&' as usize] = false;
    plain[b'"' as usize] = false;
    plain[b'\'' as usize] = false;
    plain
};

/// Appends an attribute value, escaped.
pub(super) fn push_attr_value(out: &mut String, value: &str, dialect: Dialect) {
    if value.bytes().all(|byte| PLAIN[usize::from(byte)]) {
        out.push_str(value);
        return;
    }
    for c in value.chars() {
        match (c, dialect) {
            ('<', _) => out.push_str("&lt;"),
            ('>', _) => out.push_str("&gt;"),
            ('&', _) => out.push_str("&amp;"),
            ('"', _) => out.push_str("&quot;"),
            ('\'', Dialect::Pcmk2) => out.push_str("&apos;"),
            ('\n', Dialect::Pcmk2) => out.push_str("\\n"),
            ('\r', Dialect::Pcmk2) => out.push_str("\\r"),
            ('\t', Dialect::Pcmk2) => out.push_str("    "),
            (c, Dialect::Pcmk3) if c.is_ascii_control() => {
                let _ = write!(out, "&#x{:02X};", c as u32);
            }
            (c, _) => out.push(c),
        }
    }
}
