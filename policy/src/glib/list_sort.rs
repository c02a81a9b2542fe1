//! GLib's list sort and sorted insertion.
//!
//! Some of the scheduler's comparators are not transitive, so the result depends on which pairs are
//! compared. This merge sort splits and merges exactly as GLib's does; `slice::sort_by` would give
//! another order, or panic.
//!
//! **Source:** glib `glist.c`, `g_list_sort_real()`, `g_list_insert_sorted()`.

use std::cmp::Ordering;

/// Sorts `items`; equal items keep their order.
///
/// # Order
/// A list of n items is split after the first n/2 (rounded down); merging takes the left item unless
/// it compares greater.
pub fn list_sort<T: Clone>(items: &mut [T], compare: &mut impl FnMut(&T, &T) -> Ordering) {
    if items.len() < 2 {
        return;
    }
    let middle = items.len() / 2;
    list_sort(&mut items[..middle], compare);
    list_sort(&mut items[middle..], compare);
    let halves = (items[..middle].to_vec(), items[middle..].to_vec());
    let mut left = halves.0.into_iter().peekable();
    let mut right = halves.1.into_iter().peekable();
    for slot in items {
        let take_left = match (left.peek(), right.peek()) {
            (Some(a), Some(b)) => compare(a, b) != Ordering::Greater,
            (first, _) => first.is_some(),
        };
        let next = if take_left { left.next() } else { right.next() };
        if let Some(next) = next {
            *slot = next;
        }
    }
}

/// Inserts `item` into a list that is sorted, before the first item it does not compare greater than.
///
/// # Order
/// Among equals the newest comes first.
pub fn insert_sorted<T>(items: &mut Vec<T>, item: T, mut compare: impl FnMut(&T, &T) -> Ordering) {
    let at = items.partition_point(|other| compare(&item, other) == Ordering::Greater);
    items.insert(at, item);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_items_keep_their_order_and_new_equals_go_first() {
        let mut items = vec![(2, 'a'), (1, 'b'), (2, 'c'), (1, 'd'), (0, 'e')];
        list_sort(&mut items, &mut |a, b| a.0.cmp(&b.0));
        assert_eq!(items, [(0, 'e'), (1, 'b'), (1, 'd'), (2, 'a'), (2, 'c')]);
        insert_sorted(&mut items, (1, 'x'), |a, b| a.0.cmp(&b.0));
        assert_eq!(items[1], (1, 'x'));
    }

    #[test]
    fn a_comparator_that_is_not_transitive_does_no_harm() {
        let mut items: Vec<u32> = (0..61).collect();
        list_sort(&mut items, &mut |a, b| (a * 7 % 5).cmp(&(b * 11 % 3)));
        let mut seen = items.clone();
        seen.sort_unstable();
        assert_eq!(seen, (0..61).collect::<Vec<_>>());
    }
}
