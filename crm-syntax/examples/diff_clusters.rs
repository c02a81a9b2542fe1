//! Shows how two clusters differ, object by object: `diff_clusters OLD.xml NEW.xml`.
//! `-` is only in the first, `+` only in the second.

#![expect(clippy::disallowed_methods, reason = "the library reads no file, a program does")]
#![expect(clippy::print_stdout, reason = "the difference is what the program is for")]

use std::collections::BTreeMap;
use std::error::Error;

use cib_model::Cib;
use crm_syntax::style::Style;
use crm_syntax::{Filter, list, show};

/// Returns every object in the crm language, on one line, by its kind and id.
fn objects(path: &str) -> Result<BTreeMap<(u8, String), String>, Box<dyn Error>> {
    let cib = Cib::read(&std::fs::read_to_string(path)?)?;
    let mut texts = BTreeMap::new();
    for entry in list(&cib) {
        let filter =
            Filter { flat: true, ..Filter::default() }.with_words(std::slice::from_ref(&entry.id));
        let text = show(&cib, Style::Modern, &filter).map_err(|found| found.message)?;
        texts.insert((entry.kind.rank(Style::Modern), entry.id), text.trim_end().to_owned());
    }
    Ok(texts)
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [old, new] = args.as_slice() else {
        return Err("usage: diff_clusters OLD.xml NEW.xml".into());
    };
    let (old, new) = (objects(old)?, objects(new)?);
    let ids: std::collections::BTreeSet<_> = old.keys().chain(new.keys()).collect();
    for id in ids {
        let (before, after) = (old.get(id), new.get(id));
        if before != after {
            before.into_iter().for_each(|text| println!("- {text}"));
            after.into_iter().for_each(|text| println!("+ {text}"));
        }
    }
    Ok(())
}
