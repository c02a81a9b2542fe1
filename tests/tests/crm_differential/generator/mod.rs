//! Random statements over the whole configure language.
//!
//! Most are right; some name what is not there, some are right but odd, and some have a word
//! dropped, doubled, moved or replaced. Words are quoted in every way that crm reads.

mod constraint;
mod layout;
mod other;
mod part;
mod quote;
mod resource;
mod words;

use crate::dice::Dice;

pub(crate) use self::layout::file;
use self::quote::word;
use self::words::{NOISE, VALUES};

/// The configuration that statements speak about.
pub(crate) struct Generator {
    dice: Dice,
    count: usize,
    free: Vec<String>,
    resources: Vec<String>,
    /// Whether words of statements are spoilt now and then.
    spoils: bool,
    /// Whether ids of objects that exist are used again now and then.
    repeats: bool,
    made: Vec<String>,
    /// Whether the statements are for a text: every operation has its interval first, XML has no
    /// quotes around it.
    is_text: bool,
}

impl Generator {
    /// Makes a generator. `wild` lets it make mistakes.
    pub(crate) fn new(seed: u64, wild: bool) -> Self {
        Generator {
            dice: Dice::new(seed),
            count: 0,
            free: Vec::new(),
            resources: Vec::new(),
            spoils: wild,
            repeats: wild,
            made: Vec::new(),
            is_text: false,
        }
    }

    /// Makes statements for a text: every operation has its interval first, XML has no quotes
    /// around it.
    pub(crate) fn for_a_text(mut self) -> Self {
        self.is_text = true;
        self
    }

    /// Makes `count` statements, resources first.
    pub(crate) fn statements(&mut self, count: usize) -> Vec<String> {
        let mut lines = vec!["rsc_template t1 Dummy params a=b op monitor interval=9".to_owned()];
        for _ in 0..count / 3 {
            lines.push(self.primitive());
        }
        while lines.len() < count {
            let line = self.statement();
            lines.push(if self.spoils && self.dice.once_in(7) { self.spoil(&line) } else { line });
        }
        lines
    }

    fn statement(&mut self) -> String {
        match self.dice.roll(25) {
            24 => self.xml(),
            0 => self.node(),
            1 => self.template(),
            2 | 3 => self.group(),
            4 => self.clone_resource(),
            5 => self.bundle(),
            6..=9 => self.location(),
            10..=12 => self.colocation(),
            13..=15 => self.order(),
            16 => self.ticket(),
            17 => self.property(),
            18 => self.fencing(),
            19 => self.role(),
            20 => self.principal(),
            21 => self.tag(),
            22 => self.alert(),
            _ => self.monitor(),
        }
    }

    fn id(&mut self, prefix: &str) -> String {
        if self.repeats && !self.made.is_empty() && self.dice.once_in(25) {
            return self.dice.draw(&self.made.clone());
        }
        self.count += 1;
        let mut id = format!("{prefix}{}", self.count);
        if self.dice.once_in(9) {
            id.push_str(self.dice.pick(&["-x", ".y", "_z", "-Instance_attributes"]));
        }
        if self.spoils && self.dice.once_in(60) {
            id = self.dice.pick(&["1a", "a b", "-a", "a:b", "a/b", "a+b", "$a", "#b"]).to_owned();
        }
        self.made.push(id.clone());
        let id = word(&mut self.dice, &id);
        if self.spoils && self.dice.once_in(50) { format!("id={id}") } else { id }
    }

    fn rsc(&mut self) -> String {
        if self.spoils && self.dice.once_in(40) {
            return "nowhere".to_owned();
        }
        if self.resources.is_empty() { "p1".to_owned() } else { self.dice.draw(&self.resources) }
    }

    fn value(&mut self) -> String {
        self.dice.pick(VALUES).to_owned()
    }

    /// Adds one of a list.
    fn add(&mut self, words: &mut Vec<String>, list: &[&str]) {
        words.push(self.dice.pick(list).to_owned());
    }

    /// Spoils a word of a statement.
    fn spoil(&mut self, line: &str) -> String {
        let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        if words.len() < 2 {
            return line.to_owned();
        }
        let at = 1 + self.dice.roll(words.len() - 1);
        match self.dice.roll(5) {
            0 => {
                words.remove(at);
            }
            1 => words.insert(at, words[at].clone()),
            2 => words.truncate(at.max(1)),
            3 => words.insert(at, self.dice.pick(NOISE).to_owned()),
            _ => words[at] = self.dice.pick(NOISE).to_owned(),
        }
        words.join(" ")
    }
}
