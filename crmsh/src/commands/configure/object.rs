//! The verbs that define objects: each hands its words to the language.

use crm_syntax::ast::Object;
use crm_syntax::kind::ObjectKind;
use crm_syntax::schema::Schema;
use crm_syntax::style::{Release, Style};
use crm_syntax::text::{Mode, parse_command};

use super::advise::{self, Wanted};
use super::change::line_of;
use crate::commands::Invocation;
use crate::diag::{COMMAND, Source};
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Complete, Skill};
use crate::session::told;
use crate::shell::Shell;

const OBJECT: Command = Command {
    signature: "[args ...]",
    skill: Skill::Administrator,
    complete: &[Complete::Language],
    run: define,
    ..Command::BASE
};

/// `configure node`
pub(super) const NODE: Command = Command {
    name: "node",
    usage: "node [<id>:] <uname>[:<type>]\n  [attributes <param>=<value> [<param>=<value>...]]\n  \
            [utilization <param>=<value> [<param>=<value>...]]",
    summary: "Define a node, or set its attributes",
    ..OBJECT
};

/// `configure primitive`
pub(super) const PRIMITIVE: Command = Command {
    name: "primitive",
    aliases: &["resource"],
    usage: "primitive <rsc> {[<class>:[<provider>:]]<type>|@<template>}\n  [description=<text>]\n  \
            [[params] <param>=<value> ...]\n  [meta <attribute>=<value> ...]\n  \
            [utilization <attribute>=<value> ...]\n  [operations <id_spec>]\n  \
            [op <name> [<attribute>=<value> ...]\n    [[op_params] <param>=<value> ...]\n    \
            [op_meta <attribute>=<value> ...] ...]",
    summary: "Define a resource",
    help: "A resource has an id, an agent (class:provider:type; `ocf:heartbeat` may be left out),\n\
           parameters, meta attributes and operations.\n\nExample:\n\n    \
           primitive vip ocf:heartbeat:IPaddr2 \\\n        params ip=192.0.2.10 cidr_netmask=24 \\\n        \
           op monitor interval=30s",
    ..OBJECT
};

/// `configure group`
pub(super) const GROUP: Command = Command {
    name: "group",
    usage: "group <name> <rsc> [<rsc>...]\n  [params <param>=<value> ...]\n  [meta <attribute>=<value> ...]",
    summary: "Define a group: resources that run together, in order",
    ..OBJECT
};

/// `configure clone`
pub(super) const CLONE: Command = Command {
    name: "clone",
    usage: "clone <name> <rsc>\n  [params <param>=<value> ...]\n  [meta <attribute>=<value> ...]",
    summary: "Define a clone: a resource that runs on several nodes",
    ..OBJECT
};

/// `configure ms`
pub(super) const MS: Command = Command {
    name: "ms",
    aliases: &["master"],
    usage: "ms <name> <rsc>\n  [params <param>=<value> ...]\n  [meta <attribute>=<value> ...]",
    summary: "Define a promotable clone, in the old spelling",
    run: define_ms,
    ..OBJECT
};

/// `configure bundle`
pub(super) const BUNDLE: Command = Command {
    name: "bundle",
    usage: "bundle <id> {docker|podman} <option>=<value> ...\n  \
            [network <option>=<value> ... [port-mapping <option>=<value> ...]]\n  \
            [storage [storage-mapping <option>=<value> ...]]\n  [primitive <rsc>]\n  \
            [meta <attribute>=<value> ...]",
    summary: "Define a bundle: containers that the cluster runs",
    ..OBJECT
};

/// `configure rsc_template`
pub(super) const RSC_TEMPLATE: Command = Command {
    name: "rsc_template",
    usage: "rsc_template <name> [<class>:[<provider>:]]<type>\n  [params ...] [meta ...] \
            [utilization ...] [op ...]",
    summary: "Define a template for primitives",
    ..OBJECT
};

/// `configure location`
pub(super) const LOCATION: Command = Command {
    name: "location",
    usage: "location <id> <rsc> [<attribute>=<value> ...] {<score>: <node>|<rules>}\n\n  \
            rules :: rule [$id=<id>] [role=<role>] <score>: <expression> [rule ...]\n  \
            expression :: <attribute> [type:]{lt|gt|lte|gte|eq|ne} <value>\n             \
            | {defined|not_defined} <attribute> | date ...\n             \
            joined by all `and` or all `or`",
    summary: "Say where a resource prefers to run, or may not",
    ..OBJECT
};

/// `configure colocation`
pub(super) const COLOCATION: Command = Command {
    name: "colocation",
    aliases: &["collocation"],
    usage: "colocation <id> <score>: <rsc>[:<role>] <with-rsc>[:<role>] ...\n  [node-attribute=<attr>]",
    summary: "Say which resources run together, or apart",
    ..OBJECT
};

/// `configure order`
pub(super) const ORDER: Command = Command {
    name: "order",
    usage: "order <id> [{<kind>|<score>}:] <first>[:<action>] <then>[:<action>] ...\n  \
            [symmetrical=<bool>]",
    summary: "Say in which order resources start and stop",
    ..OBJECT
};

/// `configure rsc_ticket`
pub(super) const RSC_TICKET: Command = Command {
    name: "rsc_ticket",
    usage: "rsc_ticket <id> <ticket>: <rsc>[:<role>] ...\n  [loss-policy={stop|demote|fence|freeze}]",
    summary: "Say which resources need a ticket",
    ..OBJECT
};

/// `configure rsc_defaults`
pub(super) const RSC_DEFAULTS: Command = Command {
    name: "rsc_defaults",
    usage: "rsc_defaults [<set_id>:] [rule ...] <option>=<value> ...",
    summary: "Set defaults for the meta attributes of resources",
    ..OBJECT
};

/// `configure op_defaults`
pub(super) const OP_DEFAULTS: Command = Command {
    name: "op_defaults",
    usage: "op_defaults [<set_id>:] [rule ...] <option>=<value> ...",
    summary: "Set defaults for operations",
    ..OBJECT
};

/// `configure fencing_topology`
pub(super) const FENCING_TOPOLOGY: Command = Command {
    name: "fencing_topology",
    usage: "fencing_topology [{<node>|attr:<a>=<v>|pattern:<re>}:] <device>[,<device>...] ...",
    summary: "Say which fencing devices to try in which order",
    ..OBJECT
};

/// `configure role`
pub(super) const ROLE: Command = Command {
    name: "role",
    usage: "role <id> {read|write|deny} <what> ...\n\n  \
            what :: xpath:<xpath> | ref:<id> | type:<element> [attr:<name>] | <shortcut>",
    summary: "Define an ACL role",
    skill: Skill::Expert,
    ..OBJECT
};

/// `configure user`
pub(super) const USER: Command = Command {
    name: "user",
    usage: "user <id> {role:<role> ...|<rights>}",
    summary: "Define an ACL user of schemas before 2.0",
    skill: Skill::Expert,
    ..OBJECT
};

/// `configure acl_target`
pub(super) const ACL_TARGET: Command = Command {
    name: "acl_target",
    usage: "acl_target <user> <role> [<role>...]",
    summary: "Give ACL roles to a user",
    skill: Skill::Expert,
    ..OBJECT
};

/// `configure acl_group`
pub(super) const ACL_GROUP: Command = Command {
    name: "acl_group",
    usage: "acl_group <group> <role> [<role>...]",
    summary: "Give ACL roles to a group of users",
    skill: Skill::Expert,
    ..OBJECT
};

/// `configure tag`
pub(super) const TAG: Command = Command {
    name: "tag",
    usage: "tag <name> <id> [<id>...]",
    summary: "Define a tag: a name for several objects",
    ..OBJECT
};

/// `configure alert`
pub(super) const ALERT: Command = Command {
    name: "alert",
    usage: "alert <id> <path> [attributes ...] [meta ...] [select ...]\n  [to { <recipient> ... }]",
    summary: "Define an alert: a program that is told of events",
    ..OBJECT
};

/// `configure monitor`
pub(super) const MONITOR: Command = Command {
    name: "monitor",
    usage: "monitor <rsc>[:<role>] <interval>[:<timeout>]",
    summary: "Add a monitor operation to a resource",
    ..OBJECT
};

/// `configure xml`
pub(super) const XML: Command =
    Command { name: "xml", usage: "xml <element>", summary: "Define an object as XML", ..OBJECT };

/// Defines a promotable clone in its old spelling.
fn define_ms(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    if shell.style()? == Style::Modern {
        let meta = if call.args.iter().any(|a| a == "meta") { "" } else { " meta" };
        let advice = format!("{}{meta} promotable=true", call.args.join(" "));
        shell.console.warning(format!("\"ms\" is deprecated. Please use \"clone {advice}\""));
    }
    define(shell, call)
}

/// Defines the object that a call's words say.
pub(super) fn define(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    if shell.style()? == Style::Modern
        && let Some(kind) = ObjectKind::from_keyword(call.command.name)
        && !Schema::named(shell.session.cib().map_err(told)?.schema()).has_kind(kind)
    {
        let name = call.command.name;
        return Err(Failure::plain(format!("{name} not supported by the RNG schema")));
    }
    let mut words = vec![call.command.name];
    words.extend(call.args.iter().map(String::as_str));
    // crmsh accepts `id=NAME` for the id.
    if let Some(id) = words.get_mut(1)
        && let Some(rest) = id.strip_prefix("id=")
    {
        *id = rest;
    }
    let line = line_of(&words);
    let source = Source { name: COMMAND, text: &line };
    let mut parsed = parse_command(&line);
    if !parsed.diagnostics.is_empty() {
        shell.report(&parsed.diagnostics, source);
        return Err(Failure::Told);
    }
    for statement in &mut parsed.statements {
        let advised = shell.style()? == Style::Modern && shell.release() == Release::Five;
        if advised {
            let wanted = Wanted {
                resource_agents: shell.config.is_true("core.has_ra_advised_op"),
                fence_agents: shell.config.is_true("core.has_fa_advised_op"),
            };
            advise::complete(&mut statement.object, &shell.agents(), wanted);
        }
        shell.edit_cib(Mode::Create, source, |editor| editor.apply(statement))?;
        if let Object::Clone(clone) = &statement.object
            && advised
        {
            let agents = shell.agents();
            shell.edit_tree(|cib| {
                advise::complete_clone(cib, &clone.id, &agents);
                Ok(())
            })?;
        }
    }
    Ok(())
}
