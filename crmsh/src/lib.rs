//! The crm shell as a library: levels and commands, the editing session, the multi-call tools.
//!
//! One binary answers to many names (see [`run`]): `crm`, the Pacemaker tools that agents and
//! scripts call, and the daemon. Everything a person reads is printed here and nowhere else.
//!
//! Reading order: [`run`] chooses the tool, [`args`] reads the options, [`registry`] is the one
//! table of levels and commands, [`shell`] walks it line by line, [`commands`] do the work on the
//! CIB that [`session`] holds, and [`backend`] is where that CIB comes from and goes to.
//!
//! What this crate is not: it has no grammar (`crm-syntax`), no CIB semantics (`cib-model`) and no
//! scheduler (`policy`) of its own.

#![forbid(unsafe_code)]
#![expect(clippy::unnecessary_wraps, reason = "every command has the registry's signature")]
#![expect(clippy::format_push_string, reason = "text for a person, made once a command")]
#![expect(clippy::format_collect, reason = "text for a person, made once a command")]

pub mod agents;
pub mod args;
pub mod backend;
pub mod commands;
pub mod config;
pub mod console;
pub mod demo;
pub mod diag;
pub mod exit;
pub mod registry;
pub mod run;
pub mod session;
pub mod shell;
pub mod status;
pub mod tools;
pub mod ui;
