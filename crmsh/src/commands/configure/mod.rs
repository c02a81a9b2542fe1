//! The `configure` level: the configuration as text.
//!
//! **Source:** crmsh `ui_configure.py`.

mod advise;
mod change;
mod commit;
mod edit;
mod file;
mod graph;
mod member;
mod object;
mod property;
mod schema;
mod set;
mod show;
mod simulate;

use crate::exit::{Failure, Outcome};
use crate::registry::Level;
use crate::shell::Shell;

/// The level.
pub static LEVEL: Level = Level {
    name: "configure",
    summary: "Change the configuration",
    help: "Objects are defined, shown and changed as text, one object a line. In the shell nothing\n\
           reaches the cluster before `commit`; a single command line commits when it is done.",
    commands: &[
        &object::ACL_GROUP,
        &object::ACL_TARGET,
        &object::ALERT,
        &object::BUNDLE,
        &object::CLONE,
        &object::COLOCATION,
        &commit::COMMIT,
        &member::DELETE,
        &edit::EDIT,
        &member::ERASE,
        &object::FENCING_TOPOLOGY,
        &edit::FILTER,
        &property::GET_PROPERTY,
        &graph::GRAPH,
        &object::GROUP,
        &file::LOAD,
        &object::LOCATION,
        &member::MODGROUP,
        &object::MONITOR,
        &object::MS,
        &object::NODE,
        &object::OP_DEFAULTS,
        &object::ORDER,
        &object::PRIMITIVE,
        &property::PROPERTY,
        &simulate::PTEST,
        &commit::REFRESH,
        &member::RENAME,
        &object::ROLE,
        &object::RSC_DEFAULTS,
        &object::RSC_TEMPLATE,
        &object::RSC_TICKET,
        &file::SAVE,
        &schema::SCHEMA,
        &set::SET,
        &show::SHOW,
        &object::TAG,
        &schema::UPGRADE,
        &object::USER,
        &commit::VERIFY,
        &object::XML,
        &show::OBJECTS,
        &show::REGTEST,
        &show::TEST,
    ],
    levels: &[&super::cib::LEVEL, &super::ra::LEVEL, &super::template::LEVEL],
    enter: Some(enter),
    leave: Some(Shell::leave_configure),
};

fn enter(shell: &mut Shell) -> Outcome {
    match shell.session.load_or_begin() {
        Ok(None) => Ok(()),
        Ok(Some(path)) => {
            let remark = "does not exist; it is made when a change is committed";
            shell.console.warning(format!("{path} {remark}"));
            Ok(())
        }
        Err(error) => {
            shell.console.error(error.to_string());
            shell.console.error("configure: Missing requirements");
            Err(Failure::Told)
        }
    }
}
