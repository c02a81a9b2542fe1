//! The texts of a tree, one after the other: values of attributes, character data, comments.

/// Where one text stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    start: u32,
    /// Its length, or [`ASIDE`].
    len: u32,
}

impl Part {
    /// Returns the part after [`Texts::append_all`].
    pub(super) fn moved(self, by: u32) -> Part {
        Part { start: self.start + by, len: self.len }
    }
}

/// Instead of a length: the text does not fit into the common one, and `start` is its place among
/// those that are kept by themselves.
const ASIDE: u32 = u32::MAX;

/// All texts of one tree. What is replaced by something longer stays as waste until the tree is
/// dropped.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts {
    all: String,
    /// What comes after the first 4 GB.
    aside: Vec<Box<str>>,
}

impl Texts {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Texts { all: String::with_capacity(bytes), aside: Vec::new() }
    }

    /// Returns how many bytes are stored.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Appends all texts of another tree. Returns by how much their parts are moved then; `None`, and
    /// nothing is done, where they do not fit.
    pub(super) fn append_all(&mut self, texts: &Texts) -> Option<u32> {
        let end = u32::try_from(self.all.len() + texts.all.len()).ok()?;
        let start = u32::try_from(self.all.len()).ok()?;
        if end == ASIDE || !texts.aside.is_empty() {
            return None;
        }
        self.all.push_str(&texts.all);
        Some(start)
    }

    pub(super) fn reserve(&mut self, bytes: usize) {
        self.all.reserve(bytes);
    }

    pub(super) fn shrink(&mut self) {
        self.all.shrink_to_fit();
    }

    /// Stores a text.
    pub(super) fn add(&mut self, text: &str) -> Part {
        let end = u32::try_from(self.all.len() + text.len()).ok().filter(|end| *end < ASIDE);
        let (Some(_), Ok(start), Ok(len)) =
            (end, u32::try_from(self.all.len()), u32::try_from(text.len()))
        else {
            let start = u32::try_from(self.aside.len()).expect("a CIB has under 2^32 texts");
            self.aside.push(text.into());
            return Part { start, len: ASIDE };
        };
        self.all.push_str(text);
        Part { start, len }
    }

    pub(super) fn get(&self, part: Part) -> &str {
        let start = part.start as usize;
        if part.len == ASIDE {
            return self.aside.get(start).map_or("", AsRef::as_ref);
        }
        self.all.get(start..start + part.len as usize).unwrap_or_default()
    }

    /// Stores `text` instead of another, in its place where it is as long.
    pub(super) fn replace(&mut self, part: Part, text: &str) -> Part {
        let start = part.start as usize;
        if part.len != ASIDE && part.len as usize == text.len() {
            self.all.replace_range(start..start + text.len(), text);
            return part;
        }
        self.add(text)
    }

    /// Stores a text with another after it. At no cost where it is the one that was stored last.
    pub(super) fn append(&mut self, part: Part, text: &str) -> Part {
        let is_last =
            part.len != ASIDE && part.start as usize + part.len as usize == self.all.len();
        let joined = if is_last { self.add(text) } else { part };
        if is_last && joined.len != ASIDE {
            return Part { start: part.start, len: part.len + joined.len };
        }
        self.add(&format!("{}{text}", self.get(part)))
    }
}

#[cfg(test)]
mod tests {
    use super::Texts;

    #[test]
    fn a_text_that_is_replaced_or_grows_leaves_the_others_alone() {
        let mut texts = Texts::default();
        let (a, b) = (texts.add("one"), texts.add("two"));
        let b = texts.append(b, "fold");
        let a = texts.replace(a, "1st");
        assert_eq!((texts.get(a), texts.get(b)), ("1st", "twofold"));
        let (a, b) = (texts.append(a, "!"), texts.replace(b, "2"));
        assert_eq!((texts.get(a), texts.get(b)), ("1st!", "2"));
    }
}
