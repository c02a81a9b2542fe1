//! `resource constraints`.
//!
//! **Source:** pacemaker `tools/crm_resource.c`, `--constraints`.

use cib_model::xml::ElementRef;

use crate::commands::Invocation;
use crate::exit::{Failure, Outcome};
use crate::registry::{Command, Complete};
use crate::session::told;
use crate::shell::Shell;

/// `resource constraints`
pub(super) const CONSTRAINTS: Command = Command {
    name: "constraints",
    signature: "resource",
    usage: "constraints <rsc>",
    summary: "Show the locations and colocations of a resource",
    complete: &[Complete::Resource],
    run,
    ..Command::BASE
};

fn run(shell: &mut Shell, call: &Invocation<'_>) -> Outcome {
    let rsc = call.required(0);
    let cib = shell.session.cib().map_err(told)?;
    if super::find(cib, rsc).is_none() {
        let text = format!(
            "crm_resource: {}\nError performing operation: No such object",
            super::find::missing(rsc)
        );
        shell.console.complain(&text);
        return Err(Failure::Told);
    }
    let all = || cib.constraints().into_iter().flat_map(ElementRef::children);
    let get = |e: ElementRef<'_>, n: &str| e.attr(n).unwrap_or_default().to_owned();
    let locations: String = all()
        .filter(|e| e.name() == "rsc_location" && e.attr("rsc") == Some(rsc))
        .filter(|e| e.attr("node").is_some())
        .map(|e| {
            format!(
                "  * Node {} (score={}, id={}, rsc={rsc})\n",
                get(e, "node"),
                get(e, "score"),
                get(e, "id")
            )
        })
        .collect();
    let colocated = |own: &str, other: &str| -> String {
        all()
            .filter(|e| e.name() == "rsc_colocation" && e.attr(own) == Some(rsc))
            .map(|e| {
                format!("  * {} (score={}, id={})\n", get(e, other), get(e, "score"), get(e, "id"))
            })
            .collect()
    };
    let with = colocated("rsc", "with-rsc");
    let by = colocated("with-rsc", "rsc");
    let parts: Vec<String> = [
        ("Locations:\n".to_owned(), locations),
        (format!("Resources {rsc} is colocated with:\n"), with),
        (format!("Resources colocated with {rsc}:\n"), by),
    ]
    .into_iter()
    .filter(|(_, body)| !body.is_empty())
    .map(|(head, body)| head + &body)
    .collect();
    shell.console.print(&parts.join("\n"));
    Ok(())
}
