//! `crm_mon`: the cluster's status.
//!
//! The layout follows the CIB's age: that of Pacemaker 1.1.10 for a CIB of that time, else that of
//! 2.1 and 3.x; `CRM_STYLE` or `--style` chooses one.
//!
//! **Source:** pacemaker `tools/crm_mon.c`.

mod sections;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;

use cib_model::Cib;
use clap::{ArgAction, Parser};
use crm_syntax::style::Style;

use self::sections::Sections;
use super::latest_schema::{Unusable, bring_up_old};
use crate::args::StyleArg;
use crate::backend::{Place, Shadows, open, read_file};
use crate::console::Console;
use crate::exit::Exit;
use crate::status::{self, Shown};
use crate::ui::clock;

/// Show the cluster's status
#[derive(Parser, Clone, Debug, Default)]
#[command(args_override_self = true, name = "crm_mon", disable_version_flag = true)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the reference")]
pub(super) struct Options {
    /// Print once and leave
    #[arg(short = '1', long)]
    one_shot: bool,
    /// Print node attributes
    #[arg(short = 'A', long = "show-node-attributes")]
    attributes: bool,
    /// Print fail counts
    #[arg(short, long)]
    failcounts: bool,
    /// Print resources that do not run too
    #[arg(short = 'r', long)]
    inactive: bool,
    /// Print resources below their nodes
    #[arg(short = 'n', long)]
    group_by_node: bool,
    /// Print the operations' history
    #[arg(short, long)]
    operations: bool,
    /// Print times with the operations
    #[arg(short, long = "timing-details")]
    timing: bool,
    /// Print details, such as node ids
    #[arg(short = 'R', long = "show-detail")]
    detail: bool,
    /// Leave the summary out
    #[arg(short = 'D', long)]
    hide_headers: bool,
    /// Print tickets
    #[arg(short = 'c', long)]
    tickets: bool,
    /// Print constraints that keep resources off nodes
    #[arg(short = 'L', long = "neg-locations")]
    bans: bool,
    /// Print one line for a monitoring system
    #[arg(short = 's', long)]
    simple_status: bool,
    /// Print XML
    #[arg(short = 'X', long)]
    as_xml: bool,
    /// Format: text, console, xml or none
    #[arg(long, value_name = "FORMAT")]
    output_as: Option<String>,
    /// Accepted; this program draws no windows
    #[arg(short = 'N', long)]
    disable_ncurses: bool,
    /// Counts per agent instead of lines
    #[arg(short = 'b', long)]
    brief: bool,
    /// Read this file instead of a cluster
    #[arg(short = 'x', long, value_name = "FILE")]
    xml_file: Option<PathBuf>,
    /// Seconds between two displays
    #[arg(short = 'i', long, default_value = "5")]
    interval: u64,
    /// Say more; no effect here
    #[arg(short = 'V', long, action = ArgAction::Count)]
    verbose: u8,
    /// Say less; no effect here
    #[arg(short = 'Q', long)]
    quiet: bool,
    /// Fencing history, 0 to 3; no effect here
    #[arg(short = 'm', long, num_args = 0..=1, value_name = "LEVEL")]
    fence_history: Vec<u8>,
    /// Sections to show besides: all, none, default, or names by commas
    #[arg(short = 'I', long, value_name = "SECTIONS")]
    include: Vec<String>,
    /// Sections to leave out: all, none, or names by commas
    #[arg(short = 'U', long, value_name = "SECTIONS")]
    exclude: Vec<String>,
    /// Show this node alone, or the nodes with this tag
    #[arg(long)]
    node: Option<String>,
    /// Show this resource alone, or the resources with this tag
    #[arg(long)]
    resource: Option<String>,
    /// Actions under way; they are always shown
    #[arg(short = 'j', long)]
    pending: bool,
    /// The layout: auto, classic or modern
    #[arg(long, value_enum)]
    style: Option<StyleArg>,
    /// Print the version and leave
    #[arg(long)]
    version: bool,
}

/// Runs the tool.
pub(super) fn run(argv: &[String], console: &mut Console) -> Exit {
    let options = match Options::try_parse_from(super::with_name("crm_mon", argv)) {
        Ok(options) => options,
        Err(error) => return super::usage(&error, console),
    };
    let sections = match sections(&options, argv) {
        Ok(sections) => sections,
        Err(text) => {
            console.complain(&format!("crm_mon: {text}"));
            return Exit::TOOL_USAGE;
        }
    };
    if options.version {
        console.print(&super::version_text());
        return Exit::OK;
    }
    let watches =
        !options.one_shot && std::io::stdout().is_terminal() && options.output_as.is_none();
    loop {
        let exit = display(&options, &sections, console, watches);
        if !watches || exit != Exit::OK {
            return exit;
        }
        console.flush();
        std::thread::park_timeout(Duration::from_secs(options.interval.max(1)));
    }
}

/// Applies what the short options and the lists ask for, in that order.
fn sections(options: &Options, argv: &[String]) -> Result<Sections, String> {
    let xml = options.as_xml || options.output_as.as_deref() == Some("xml");
    let mut sections = if xml { Sections::all() } else { Sections::default() };
    let asked = [
        (options.attributes, "attributes"),
        (options.failcounts, "failcounts"),
        (options.operations || options.timing, "operations"),
        (options.tickets, "tickets"),
        (options.bans, "bans"),
    ];
    for (_, name) in asked.iter().filter(|(asked, _)| *asked) {
        sections.include(name)?;
    }
    if options.hide_headers {
        sections.exclude("summary")?;
    }
    sections.apply(argv)?;
    Ok(sections)
}

fn display(options: &Options, sections: &Sections, console: &mut Console, watches: bool) -> Exit {
    let shadows = Shadows::new("/var/lib/pacemaker/cib");
    let (read, alarms) = if let Some(path) = &options.xml_file {
        (read_file(path), Vec::new())
    } else {
        let place = open(&Place::Environment, &shadows);
        (place.query(), place.alarms())
    };
    let cib = match read {
        Ok(cib) => cib,
        Err(error) => {
            console.complain(&format!("crm_mon: Connection to cluster failed: {error}"));
            return Exit::DISCONNECTED;
        }
    };
    let cib = match brought_up(options, cib) {
        Ok(cib) => cib,
        Err(lines) => {
            for line in lines {
                console.complain(&line);
            }
            console.complain(
                "crm_mon: Upgrade failed: Update does not conform to the configured schema",
            );
            return Exit::CONFIG;
        }
    };
    let text = match render(options, sections, &cib) {
        Ok(text) => text,
        Err(format) => {
            console.complain(&format!(
                "crm_mon: Error creating output format {format}: Unknown output format"
            ));
            return Exit::FAILED;
        }
    };
    if watches {
        console.print("\x1b[H\x1b[2J");
    }
    console.print(&text);
    for alarm in alarms {
        console.complain(&format!("crm_mon: {alarm}"));
    }
    Exit::OK
}

/// Says an old CIB in the words of Pacemaker 2; the layout of that time takes it as it is.
fn brought_up(options: &Options, mut cib: Cib) -> Result<Cib, Vec<String>> {
    if style(options.style, &cib) == Style::Classic {
        return Ok(cib);
    }
    match bring_up_old(&mut cib) {
        Err(Unusable::NotValid(lines)) => Err(lines),
        Err(Unusable::UnknownSchema(_)) | Ok(()) => Ok(cib),
    }
}

fn render(options: &Options, sections: &Sections, cib: &Cib) -> Result<String, String> {
    let now = clock::now();
    let format = match (&options.output_as, options.as_xml) {
        (Some(format), _) => format.as_str(),
        (None, true) => "xml",
        (None, false) => "text",
    };
    match format {
        "none" => return Ok(String::new()),
        "xml" => {
            let shown = shown(options, sections);
            let request = "crm_mon --output-as=xml";
            let frame = status::Frame { legacy: options.as_xml, request };
            return Ok(status::xml_text(cib, &shown, now, &frame));
        }
        "text" | "console" => {}
        other => return Err(other.to_owned()),
    }
    if options.simple_status {
        return Ok(status::simple_text(cib));
    }
    let shown = shown(options, sections);
    Ok(match style(options.style, cib) {
        Style::Classic => status::classic_text(cib, &shown, now),
        Style::Modern => status::modern_text(cib, &shown, now),
    })
}

fn shown(options: &Options, sections: &Sections) -> Shown {
    Shown {
        attributes: sections.has("attributes"),
        failcounts: sections.has("failcounts"),
        inactive: options.inactive,
        by_node: options.group_by_node,
        operations: sections.has("operations"),
        timing: options.timing,
        detail: options.detail,
        no_headers: !sections.has("summary"),
        no_nodes: !sections.has("nodes"),
        no_resources: !sections.has("resources"),
        no_failures: !sections.has("failures"),
        tickets: sections.has("tickets"),
        bans: sections.has("bans"),
        brief: options.brief,
        no_summary: !sections.has("summary"),
        node: options.node.clone(),
        resource: options.resource.clone(),
    }
}

/// Chooses the layout.
pub(crate) fn style(asked: Option<StyleArg>, cib: &Cib) -> Style {
    let word = std::env::var("CRM_STYLE").ok();
    let chosen = asked.or_else(|| word.as_deref().and_then(StyleArg::from_word));
    match chosen.unwrap_or_default() {
        StyleArg::Classic => Style::Classic,
        StyleArg::Modern => Style::Modern,
        StyleArg::Auto => Style::of_dc_version(status::model::property(cib, "dc-version")),
    }
}
