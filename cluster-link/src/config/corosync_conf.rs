//! The lines of corosync.conf: sections, settings and comments in their order.
//!
//! There are three forms of lines, `name {`, `key: value` and `}`; a comment is a line of its own.
//!
//! **Source:** corosync `exec/coroparse.c` `parse_section()`.
//! **Differs:** comments and empty lines are kept, so that a file can be changed and written back.

use std::fmt;

/// Longest line that corosync reads, bytes.
const LINE_MAX: usize = 510;

/// Longest `section.key` that corosync stores, bytes.
const PATH_MAX: usize = 254;

/// Deepest nesting that we read (corosync's own files use three).
const DEPTH_MAX: usize = 32;

/// One line or section.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Item {
    /// `name { … }`
    Section(Section),
    /// `key: value`
    Setting(Setting),
    /// `# …`, without the blanks around it.
    Comment(String),
    /// An empty line.
    Blank,
}

/// `name { … }`
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Section {
    /// Its name.
    pub name: String,
    /// Line of its head, from 1; 0 where it was not read from a file.
    pub line: usize,
    /// What is in it.
    pub items: Vec<Item>,
}

/// `key: value`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Setting {
    /// The key.
    pub key: String,
    /// The value; may be empty.
    pub value: String,
    /// Its line, from 1; 0 where it was not read from a file.
    pub line: usize,
}

/// A whole file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Document {
    /// The top level; its name is empty.
    pub root: Section,
}

/// Why a file cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("parser error: {file}:{line}: {kind}")]
pub struct ParseError {
    /// File name as given.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub kind: ParseErrorKind,
}

/// What can be wrong with a line; the texts are corosync's.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ParseErrorKind {
    /// More than 510 bytes.
    #[error("Line too long")]
    LineTooLong,
    /// `{` without a name.
    #[error("Missing section name before opening bracket '{{'")]
    MissingSectionName,
    /// Something after `{`.
    #[error("Extra characters after opening bracket '{{'")]
    ExtraAfterOpening,
    /// Something beside `}`.
    #[error("Extra characters before or after closing bracket '}}'")]
    ExtraAroundClosing,
    /// `:` without a key.
    #[error("Key name can't be empty")]
    EmptyKey,
    /// `section.key` is too long to be stored.
    #[error("New key makes total cmap path too long")]
    KeyTooLong,
    /// The section's name is too long, or it is nested too deeply.
    #[error("Start of section makes total cmap path too long")]
    SectionTooLong,
    /// `}` without `{`.
    #[error("Unexpected closing brace")]
    UnexpectedClosing,
    /// The file ends within a section.
    #[error("Missing closing brace")]
    MissingClosing,
    /// None of the three forms.
    #[error("Line is not opening or closing section or key value")]
    NotALine,
    /// A setting's value is not what its key wants.
    #[error("{0}")]
    Value(String),
}

impl Document {
    /// Reads a file. `file` is only used in messages.
    ///
    /// # Errors
    /// The first line that corosync would refuse.
    pub fn parse(text: &str, file: &str) -> Result<Self, ParseError> {
        let fail = |line, kind| ParseError { file: file.to_owned(), line, kind };
        let mut open: Vec<Section> = vec![Section::default()];
        let mut path_len = 0;
        let mut count = 0;
        for (at, line) in text.lines().enumerate() {
            count = at + 1;
            let item = read_line(line).map_err(|kind| fail(count, kind))?;
            let Some(top) = open.last_mut() else { break };
            match item {
                Line::Blank => top.items.push(Item::Blank),
                Line::Comment(comment) => top.items.push(Item::Comment(comment.to_owned())),
                Line::Setting(key, value) => {
                    if path_len + key.len() > PATH_MAX {
                        return Err(fail(count, ParseErrorKind::KeyTooLong));
                    }
                    let (key, value) = (key.to_owned(), value.to_owned());
                    top.items.push(Item::Setting(Setting { key, value, line: count }));
                }
                Line::Open(name) => {
                    path_len += name.len() + 1;
                    if path_len > PATH_MAX || open.len() > DEPTH_MAX {
                        return Err(fail(count, ParseErrorKind::SectionTooLong));
                    }
                    open.push(Section { name: name.to_owned(), line: count, items: Vec::new() });
                }
                Line::Close => {
                    let closed = if open.len() > 1 { open.pop() } else { None };
                    let Some((closed, parent)) = closed.zip(open.last_mut()) else {
                        return Err(fail(count, ParseErrorKind::UnexpectedClosing));
                    };
                    path_len -= closed.name.len() + 1;
                    parent.items.push(Item::Section(closed));
                }
            }
        }
        if open.len() > 1 {
            return Err(fail(count, ParseErrorKind::MissingClosing));
        }
        Ok(Self { root: open.pop().unwrap_or_default() })
    }

    /// Returns the value of a setting by its path, for example `totem.token`; the last one counts.
    pub fn value(&self, path: &str) -> Option<&str> {
        let (sections, key) = path.rsplit_once('.').unwrap_or(("", path));
        let found = self.sections(sections).filter_map(|section| section.setting(key)).last();
        found.map(|setting| setting.value.as_str())
    }

    /// Returns all sections of a path, for example `nodelist.node`, in the order of the file.
    pub fn sections<'a>(&'a self, path: &str) -> impl Iterator<Item = &'a Section> {
        let mut found = vec![&self.root];
        for name in path.split('.').filter(|name| !name.is_empty()) {
            found = found.iter().flat_map(|section| section.subsections(name)).collect();
        }
        found.into_iter()
    }

    /// Sets a value by its path; missing sections are appended.
    pub fn set(&mut self, path: &str, value: &str) {
        self.root.set_path(path, value);
    }
}

impl Section {
    /// Returns a setting by its key; where it is given twice, the last, which is the one that counts.
    pub fn setting(&self, key: &str) -> Option<&Setting> {
        self.settings().filter(|setting| setting.key == key).last()
    }

    /// Returns all settings in their order.
    pub fn settings(&self) -> impl Iterator<Item = &Setting> {
        self.items.iter().filter_map(|item| match item {
            Item::Setting(setting) => Some(setting),
            _ => None,
        })
    }

    /// Returns the sections of this name.
    pub fn subsections<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Section> {
        self.items.iter().filter_map(move |item| match item {
            Item::Section(section) if section.name == name => Some(section),
            _ => None,
        })
    }

    /// Sets a value in place, or appends the setting.
    pub fn set(&mut self, key: &str, value: &str) {
        let known = self.items.iter_mut().rev().find_map(|item| match item {
            Item::Setting(setting) if setting.key == key => Some(setting),
            _ => None,
        });
        match known {
            Some(setting) => value.clone_into(&mut setting.value),
            None => self.items.push(Item::Setting(Setting {
                key: key.to_owned(),
                value: value.to_owned(),
                line: 0,
            })),
        }
    }

    fn set_path(&mut self, path: &str, value: &str) {
        let Some((name, rest)) = path.split_once('.') else { return self.set(path, value) };
        let is_it = |item: &Item| matches!(item, Item::Section(section) if section.name == name);
        let at = self.items.iter().position(is_it).unwrap_or_else(|| {
            let section = Section { name: name.to_owned(), ..Section::default() };
            self.items.push(Item::Section(section));
            self.items.len() - 1
        });
        if let Some(Item::Section(section)) = self.items.get_mut(at) {
            section.set_path(rest, value);
        }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        let indent = "    ".repeat(depth);
        for item in &self.items {
            match item {
                Item::Blank => writeln!(f)?,
                Item::Comment(comment) => writeln!(f, "{indent}{comment}")?,
                Item::Setting(Setting { key, value, .. }) => {
                    writeln!(f, "{}", format!("{indent}{key}: {value}").trim_end())?;
                }
                Item::Section(section) => {
                    writeln!(f, "{indent}{} {{", section.name)?;
                    section.write(f, depth + 1)?;
                    writeln!(f, "{indent}}}")?;
                }
            }
        }
        Ok(())
    }
}

/// Writes the file, four blanks a level; comments and order are kept.
impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.write(f, 0)
    }
}

enum Line<'a> {
    Blank,
    Comment(&'a str),
    Open(&'a str),
    Setting(&'a str, &'a str),
    Close,
}

/// Reads one line. `{` decides before `:` does, so a value may hold `:` but never `{`.
fn read_line(line: &str) -> Result<Line<'_>, ParseErrorKind> {
    if line.len() > LINE_MAX {
        return Err(ParseErrorKind::LineTooLong);
    }
    // What ends in CR LF, perhaps with blanks before or between, is written back with LF alone.
    let line = trim(line.trim_end_matches([' ', '\t', '\u{a0}', '\r']));
    if line.is_empty() {
        return Ok(Line::Blank);
    }
    if line.starts_with('#') {
        return Ok(Line::Comment(line));
    }
    if let Some((name, after)) = line.split_once('{') {
        let name = trim(name.trim_end_matches([':', '{', ' ', '\t', '\u{a0}']));
        if name.is_empty() {
            return Err(ParseErrorKind::MissingSectionName);
        }
        if !trim(after).is_empty() {
            return Err(ParseErrorKind::ExtraAfterOpening);
        }
        return Ok(Line::Open(name));
    }
    if let Some((key, value)) = line.split_once(':') {
        let key = trim(key);
        return if key.is_empty() {
            Err(ParseErrorKind::EmptyKey)
        } else {
            Ok(Line::Setting(key, trim(value)))
        };
    }
    match line {
        "}" => Ok(Line::Close),
        _ if line.contains('}') => Err(ParseErrorKind::ExtraAroundClosing),
        _ => Err(ParseErrorKind::NotALine),
    }
}

fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\u{a0}'])
}
