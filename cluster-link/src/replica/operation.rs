//! A client's operation on the CIB.

use cib_model::acl::Access;
use cib_model::operation::{self, Author, OperationError, ReplaceVersions, Target};
use cib_model::patchset::Patchset;
use cib_model::validate::SchemaVersion;
use cib_model::xml::{Dialect, Tree, XmlId, select};
use cib_model::{Cib, Section};

use super::apply::{Applied, ApplyError, Change, parse};
use super::request::{CibOp, CibOperation, Origin};
use super::version::CibVersion;

/// Executes a client's operation with the user's rights, where they are limited.
///
/// # Errors
/// [`ApplyError`]; the CIB is unchanged.
pub(super) fn execute(
    cib: &mut Tree,
    wanted: &CibOperation,
    origin: &Origin,
    access: Option<&Access>,
) -> Result<Applied, ApplyError> {
    check_version(cib, wanted)?;
    let invalid = |text: &str| ApplyError::Invalid(text.to_owned());
    let matches = matches(cib, wanted)?;
    let target = target(wanted, &matches)?;
    let removes_matches = wanted.op == CibOp::Delete && wanted.xpath && wanted.xml.is_empty();
    let needs_input = !matches!(wanted.op, CibOp::Bump | CibOp::Erase | CibOp::Upgrade);
    let needs_input = needs_input && !removes_matches;
    let input = if needs_input { Some(parse(&wanted.xml)?) } else { None };
    let root = || input.as_ref().map(Tree::root).ok_or_else(|| invalid("no element given"));
    let patchset = match wanted.op {
        CibOp::Patch => Some(patchset(&wanted.xml)?),
        _ => None,
    };
    let operation = match wanted.op {
        CibOp::Create => operation::Operation::Create(root()?),
        CibOp::Modify => operation::Operation::Modify {
            input: root()?,
            can_create: wanted.can_create,
            score_update: true,
        },
        CibOp::Delete if removes_matches => operation::Operation::DeleteMatches,
        CibOp::Delete => operation::Operation::Delete(root()?),
        CibOp::Replace => {
            operation::Operation::Replace { input: root()?, versions: ReplaceVersions::Managed }
        }
        CibOp::Patch => match &patchset {
            Some(patchset) => operation::Operation::Patch(patchset),
            None => return Err(invalid("no patch given")),
        },
        CibOp::Bump => operation::Operation::Bump,
        CibOp::Erase => operation::Operation::Erase,
        CibOp::Upgrade => operation::Operation::Upgrade(SchemaVersion::LATEST),
    };
    perform(cib, operation, target, origin, access)
}

fn perform(
    cib: &mut Tree,
    operation: operation::Operation<'_>,
    target: Target<'_>,
    origin: &Origin,
    access: Option<&Access>,
) -> Result<Applied, ApplyError> {
    let some = |text: &'_ str| (!text.is_empty()).then(|| text.to_owned());
    let (node, client) = (some(&origin.node), some(&origin.client));
    let (user, now) = (some(&origin.user), some(&origin.time_text));
    let author = Author {
        origin: node.as_deref(),
        client: client.as_deref(),
        user: user.as_deref(),
        now: now.as_deref(),
        access,
    };
    let whole = std::mem::replace(cib, Tree::new("cib"));
    let mut whole = match Cib::from_tree(whole) {
        Ok(whole) => whole,
        Err(tree) => {
            *cib = tree;
            return Err(ApplyError::Invalid("the CIB is no CIB".to_owned()));
        }
    };
    let result = operation::perform(&mut whole, operation, target, &author, Dialect::Pcmk3);
    *cib = whole.into_tree();
    let outcome = result.map_err(refused)?;
    let Some(patchset) = outcome.patchset else {
        return Ok(Applied { config: outcome.write_to_disk, change: Change::Nothing });
    };
    let change = if outcome.config_changed {
        Change::Configuration
    } else if patchset.touches("/cib/status/tickets") {
        Change::Ticket
    } else {
        Change::Status
    };
    Ok(Applied { config: outcome.write_to_disk, change })
}

/// Returns what the operation's XPath selects, in document order; nothing where it has none.
fn matches(cib: &Tree, wanted: &CibOperation) -> Result<Vec<XmlId>, ApplyError> {
    let path = wanted.section.as_deref().filter(|_| wanted.xpath);
    let Some(path) = path else { return Ok(Vec::new()) };
    select(cib, path).map_err(|error| ApplyError::Invalid(error.to_string()))
}

fn target<'a>(wanted: &CibOperation, matches: &'a [XmlId]) -> Result<Target<'a>, ApplyError> {
    if wanted.xpath {
        return Ok(Target::Matches { ids: matches, multiple: wanted.multiple });
    }
    match wanted.section.as_deref() {
        None | Some("" | "cib" | "all") => Ok(Target::Whole),
        Some(name) => Section::named(name)
            .map(Target::Section)
            .ok_or_else(|| ApplyError::NoSuchObject(format!("section {name}"))),
    }
}

fn patchset(xml: &str) -> Result<Patchset, ApplyError> {
    Patchset::read(xml).map_err(|e| ApplyError::Invalid(e.to_string()))
}

fn refused(error: OperationError) -> ApplyError {
    let reasons = error.reasons().join("; ");
    match error {
        OperationError::NotFound => ApplyError::NoSuchObject("what the request names".to_owned()),
        OperationError::Exists { object_type, id } => {
            ApplyError::Exists(format!("{object_type} {}", id.unwrap_or_default()))
        }
        OperationError::OldData => ApplyError::Old("see its epoch".to_owned()),
        OperationError::Invalid => ApplyError::Invalid("it makes no sense".to_owned()),
        OperationError::Denied(_) => ApplyError::Denied(reasons),
        OperationError::Patch(e) => ApplyError::Patch(e.to_string()),
        OperationError::UnknownSchema => ApplyError::Schema(error.to_string()),
        OperationError::NotConforming(_)
        | OperationError::NotValid(_)
        | OperationError::Transform(_) => ApplyError::Schema(reasons),
    }
}

fn check_version(cib: &Tree, wanted: &CibOperation) -> Result<(), ApplyError> {
    let Some((admin_epoch, epoch)) = wanted.expect else { return Ok(()) };
    let version = CibVersion::of(cib);
    if (version.admin_epoch, version.epoch) == (admin_epoch, epoch) {
        return Ok(());
    }
    Err(ApplyError::Changed {
        expected: format!("{admin_epoch}.{epoch}"),
        found: format!("{}.{}", version.admin_epoch, version.epoch),
    })
}
