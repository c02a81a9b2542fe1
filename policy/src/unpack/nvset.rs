//! Blocks of name-value pairs, with their rules and precedence.
//!
//! **Source:** pacemaker `lib/common/nvpair.c` (`pcmk__unpack_nvpair_blocks()`).

use std::cmp::Ordering;

use cib_model::score::Score;
use cib_model::xml::ElementRef;

use super::rule::{self, RuleInput};
use crate::facts::AttrMap;
use crate::glib::list_sort;

/// Adds the pairs of all blocks called `name` below `parent` to `values`; a name that has a value
/// keeps it. Returns when a rule's answer changes next, epoch seconds.
///
/// # Order
/// The block with id `first_id`, then by falling score, then the last in document order; in a block
/// the first pair of a name wins.
pub(crate) fn unpack(
    parent: ElementRef<'_>,
    name: &str,
    input: &RuleInput<'_>,
    first_id: Option<&str>,
    values: &mut AttrMap,
) -> Option<i64> {
    let mut blocks: Vec<(ElementRef<'_>, i32)> = parent
        .children_named(name)
        .rev()
        .map(|b| (b, b.attr("score").and_then(|s| Score::parse(s).ok()).map_or(0, Score::value)))
        .collect();
    if blocks.is_empty() {
        return None;
    }
    list_sort(&mut blocks, &mut |a, b| {
        let is_first = |e: ElementRef<'_>| first_id.is_some() && e.id() == first_id;
        match (is_first(a.0), is_first(b.0)) {
            (true, _) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => b.1.cmp(&a.1),
        }
    });
    let mut next_change = None;
    for (block, _) in blocks {
        if let Some(rule) = block.child("rule") {
            let answer = rule::evaluate(rule, input, &mut next_change);
            if !answer {
                continue;
            }
        }
        let pairs = block.children().next().filter(|c| c.name() == "attributes").unwrap_or(block);
        for pair in pairs.children_named("nvpair") {
            let (Some(name), Some(value)) = (pair.attr("name"), pair.attr("value")) else {
                continue;
            };
            if value.eq_ignore_ascii_case("#default") {
                values.remove(name);
            } else {
                values.set_default(name, value);
            }
        }
    }
    next_change
}
