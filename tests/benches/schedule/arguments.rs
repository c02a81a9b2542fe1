//! What the bench was asked for.

use crate::generate::Kind;

/// A table that can be printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Table {
    /// Scheduling alone.
    Schedule,
    /// With simulation.
    Simulate,
    /// Ours at doubled sizes.
    Growth,
    /// Unusual configurations.
    Shapes,
    /// The reference's own cases, in one process.
    Corpus,
    /// Other tools.
    Tools,
}

const TABLES: [(&str, Table); 6] = [
    ("schedule", Table::Schedule),
    ("simulate", Table::Simulate),
    ("growth", Table::Growth),
    ("shapes", Table::Shapes),
    ("corpus", Table::Corpus),
    ("tools", Table::Tools),
];

/// The command line.
#[derive(Debug)]
pub(crate) struct Arguments {
    tables: Vec<Table>,
    kinds: Vec<Kind>,
    sizes: Vec<(usize, usize)>,
    /// Runs of each program.
    pub(crate) runs: usize,
    /// Whether runs that take the reference minutes are made.
    pub(crate) long: bool,
}

impl Arguments {
    /// Reads the command line.
    ///
    /// # Panics
    /// Where a value cannot be read.
    pub(crate) fn read(mut words: impl Iterator<Item = String>) -> Self {
        let mut arguments =
            Arguments { tables: vec![], kinds: vec![], sizes: vec![], runs: 3, long: false };
        while let Some(word) = words.next() {
            match word.as_str() {
                "--long" => arguments.long = true,
                "--runs" => {
                    let runs = words.next().and_then(|n| n.parse().ok());
                    arguments.runs = runs.expect("--runs takes a number");
                }
                "--kinds" => {
                    let list = words.next().expect("--kinds takes a list");
                    let kind = |name| Kind::named(name).expect("a kind of CIB");
                    arguments.kinds.extend(list.split(',').map(kind));
                }
                "--sizes" => {
                    let list = words.next().expect("--sizes takes a list");
                    let size = |text: &str| {
                        let (n, m) = text.split_once('x')?;
                        Some((n.parse().ok()?, m.parse().ok()?))
                    };
                    let sizes = list.split(',').map(|text| size(text).expect("a size as 1000x16"));
                    arguments.sizes.extend(sizes);
                }
                name => {
                    let table = TABLES.iter().find(|(known, _)| *known == name);
                    arguments.tables.extend(table.map(|(_, table)| *table));
                }
            }
        }
        arguments
    }

    /// Returns true where a table is asked for, or none is named.
    pub(crate) fn wants(&self, table: Table) -> bool {
        self.tables.is_empty() || self.tables.contains(&table)
    }

    /// Returns true where a kind is asked for, or none is named.
    pub(crate) fn kind(&self, kind: Kind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }

    /// Returns true where kind and size are asked for, or none is named.
    pub(crate) fn includes(&self, kind: Kind, n: usize, m: usize) -> bool {
        self.kind(kind) && (self.sizes.is_empty() || self.sizes.contains(&(n, m)))
    }
}
