//! The crm configure language: text to CIB and back, in two dialects.
//!
//! [`Style::Classic`](style::Style) is crmsh 1.2.6, [`Style::Modern`](style::Style) is crmsh
//! 4.4.1: each is byte-exact in what it prints and in the XML it makes. Both spellings are always
//! accepted on input.
//!
//! What this crate is not: it prints nothing, knows no cluster, no process, no file, no clock. It
//! asks about resource agents through [`agents::AgentLookup`]. Parsing never fails; what cannot be
//! read is a [`diag::Diagnostic`] that carries crm's own sentence.
//!
//! ```
//! use cib_model::cib::Cib;
//! use crm_syntax::agents::NoAgents;
//! use crm_syntax::style::Style;
//! use crm_syntax::{Editor, Filter, LoadMethod, Options, show};
//!
//! let mut cib = Cib::empty();
//! let options = Options::new(Style::Modern, &NoAgents);
//! let text = "primitive ip IPaddr2 params ip=10.0.0.1 op monitor interval=30s";
//! Editor::new(&mut cib, &options).load(text, LoadMethod::Update).unwrap();
//! let shown = show(&cib, Style::Modern, &Filter::default()).unwrap();
//! assert_eq!(shown, "primitive ip IPaddr2 \\\n\tparams ip=10.0.0.1 \\\n\top monitor interval=30s\n");
//! ```
//!
//! Map, in reading order: `token`, `lexer` (words), `error`, `grammar` (nom parsers over words),
//! `ast` (the tree), `text` (the entrance: [`text::parse`]), `expect` (what may follow); `style`,
//! `schema`, `agents`, `kind` (what depends on what), `objects` (all of them); `lower` (tree to XML), `raise` (XML to tree),
//! `print` (tree to text), `representable` (what text can express); `edit` ([`Editor`]: create,
//! load, delete, rename, modgroup), `show` (the listing, filters, object list).

#![forbid(unsafe_code)]
pub mod token;

pub mod lexer;

mod error;

mod grammar;

pub mod ast;

pub mod text;

pub mod expect;

pub mod diag;

mod lint;

pub mod style;

pub mod schema;

pub mod agents;

pub mod kind;

mod objects;

mod glob;

mod lower;

mod raise;

mod print;

mod representable;

mod edit;

mod show;

pub use edit::{EditIndex, Editor, LoadMethod, Options, Outcome, Position, apply, element};
pub use show::{Filter, ObjectEntry, list, select, show, show_xml};
