//! A client's operation on the CIB.

use cib_model::xml::Tree;

use super::apply::{Applied, ApplyError, Change, parse, stamp_config};
use super::request::{CibOp, CibOperation, Origin};
use super::version::CibVersion;

/// Executes a client's operation.
///
/// # Errors
/// [`ApplyError`]; the CIB is unchanged.
pub(super) fn execute(
    cib: &mut Tree,
    wanted: &CibOperation,
    origin: &Origin,
) -> Result<Applied, ApplyError> {
    check_version(cib, wanted)?;
    match wanted.op {
        CibOp::Bump => {
            stamp_config(cib, origin);
            Ok(Applied { config: true, change: Change::Configuration })
        }
        CibOp::Replace if wanted.section.is_none() => replace_all(cib, &wanted.xml, origin),
        other => Err(ApplyError::Invalid(format!("operation {other:?}"))),
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

fn replace_all(cib: &mut Tree, xml: &str, origin: &Origin) -> Result<Applied, ApplyError> {
    let new = parse(xml)?;
    let (old, given) = (CibVersion::of(cib), CibVersion::of(&new));
    if given < old {
        return Err(ApplyError::Old(format!("{given} < {old}")));
    }
    *cib = new;
    stamp_config(cib, origin);
    Ok(Applied { config: true, change: Change::Configuration })
}
