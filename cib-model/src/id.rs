//! New ids that nothing else uses, made as crm makes them.
//!
//! **Source:** crmsh `idmgmt.py`, `new()`.

use std::collections::{BTreeMap, BTreeSet};

use crate::cib::Cib;
use crate::names;
use crate::xml::ElementRef;

/// The ids in use. An id taken out is free again.
#[derive(Clone, Debug, Default)]
pub struct IdPool {
    used: BTreeSet<Box<str>>,
    /// By candidate the number below which all are in use: a thousand parts of one object are not
    /// to be counted through a thousand times.
    from: BTreeMap<Box<str>, u32>,
}

impl IdPool {
    /// Starts with every id that the configuration defines.
    pub fn of(cib: &Cib) -> Self {
        let mut pool = IdPool::default();
        for element in cib.definitions() {
            pool.take(element.id().unwrap_or_default());
        }
        pool
    }

    /// Returns true where `id` is in use.
    pub fn is_used(&self, id: &str) -> bool {
        self.used.contains(id)
    }

    /// Marks `id` as used; returns false where it was already.
    pub fn take(&mut self, id: &str) -> bool {
        !id.is_empty() && self.used.insert(id.into())
    }

    /// Frees `id`.
    pub fn release(&mut self, id: &str) {
        self.used.remove(id);
        if let Some((candidate, number)) = id.rsplit_once('-')
            && let Ok(number) = number.parse::<u32>()
            && let Some(from) = self.from.get_mut(candidate)
        {
            *from = number.min(*from);
        }
    }

    /// Marks the ids of an element and of all below it.
    pub fn take_all(&mut self, element: ElementRef<'_>) {
        for id in element.descendants().filter_map(ElementRef::id) {
            self.take(id);
        }
    }

    /// Returns `candidate`, or the first free of `candidate-0`, `candidate-1`… and marks it.
    /// In the result `#` is replaced by `.`, which XML ids may hold.
    pub fn fresh(&mut self, candidate: &str) -> String {
        let taken = if self.is_used(candidate) {
            let from = self.from.get(candidate).copied().unwrap_or_default();
            let mut numbered = (from..=u32::MAX).map(|n| (n, format!("{candidate}-{n}")));
            let free = numbered.find(|(_, id)| !self.is_used(id));
            free.map(|(number, id)| {
                self.from.insert(candidate.into(), number);
                id
            })
        } else {
            None
        };
        let id = taken.unwrap_or_else(|| candidate.to_owned()).replace('#', ".");
        self.take(&id);
        id
    }

    /// Makes the id of a new `element` below an object called `prefix`: see [`candidate`].
    pub fn fresh_for(&mut self, element: ElementRef<'_>, prefix: &str) -> String {
        let candidate = candidate(element, prefix);
        self.fresh(&candidate)
    }
}

/// Returns the id crm would give to `element` below an object called `prefix`, used or not.
///
/// `prefix-NAME` for a pair, `prefix-NAME-INTERVAL` for an operation (the interval as written),
/// `prefix-WORD` for sets, rules and their parts, else the prefix itself. A prefix of digits
/// becomes `num-…`, but for nodes.
pub fn candidate(element: ElementRef<'_>, prefix: &str) -> String {
    let digits = !prefix.is_empty() && prefix.bytes().all(|b| b.is_ascii_digit());
    let prefix = if digits && element.name() != names::NODE {
        format!("num-{prefix}")
    } else {
        prefix.to_owned()
    };
    let name = element.attr(names::NAME).unwrap_or_default();
    match element.name() {
        names::NVPAIR => format!("{prefix}-{name}"),
        names::OP => match element.attr(names::INTERVAL).filter(|i| !i.is_empty()) {
            Some(interval) => format!("{prefix}-{name}-{interval}"),
            None => format!("{prefix}-{name}"),
        },
        names::OPERATIONS => format!("{prefix}-ops"),
        names::EXPRESSION | names::DATE_EXPRESSION => format!("{prefix}-expression"),
        word @ (names::INSTANCE_ATTRIBUTES
        | names::META_ATTRIBUTES
        | names::UTILIZATION
        | names::RULE
        | names::DURATION
        | names::DATE_SPEC
        | names::READ
        | names::WRITE
        | names::DENY) => format!("{prefix}-{word}"),
        _ => prefix,
    }
}

#[cfg(test)]
mod tests {
    use super::IdPool;
    use crate::xml::Tree;

    fn made(
        pool: &mut IdPool,
        prefix: &str,
        name: &'static str,
        attrs: &[(&'static str, &str)],
    ) -> String {
        let mut tree = Tree::new(name);
        let root = tree.root_id();
        for (name, value) in attrs {
            tree.set_attr(root, *name, *value);
        }
        pool.fresh_for(tree.root(), prefix)
    }

    #[test]
    fn an_id_that_is_free_again_is_the_first_to_be_taken() {
        let mut pool = IdPool::default();
        let made: Vec<String> = (0..5).map(|_| pool.fresh("o")).collect();
        assert_eq!(made, ["o", "o-0", "o-1", "o-2", "o-3"]);
        pool.release("o-1");
        assert_eq!([pool.fresh("o"), pool.fresh("o")], ["o-1", "o-4"]);
    }

    #[test]
    fn ids_as_crm_makes_them() {
        let mut pool = IdPool::default();
        for (prefix, name, attrs, expected) in [
            ("p", "instance_attributes", vec![], "p-instance_attributes"),
            ("p-instance_attributes", "nvpair", vec![("name", "ip")], "p-instance_attributes-ip"),
            ("p", "op", vec![("name", "monitor"), ("interval", "30s")], "p-monitor-30s"),
            ("p", "op", vec![("name", "start")], "p-start"),
            ("l5", "rule", vec![], "l5-rule"),
            ("l5", "rule", vec![], "l5-rule-0"),
            ("l5-rule-0", "expression", vec![], "l5-rule-0-expression"),
            ("fencing", "fencing-level", vec![], "fencing"),
            ("fencing", "fencing-level", vec![], "fencing-0"),
            ("1", "utilization", vec![], "num-1-utilization"),
            ("1", "node", vec![], "1"),
            ("n", "nvpair", vec![("name", "#kind")], "n-.kind"),
        ] {
            assert_eq!(made(&mut pool, prefix, name, &attrs), expected);
        }
        pool.release("l5-rule");
        assert_eq!(made(&mut pool, "l5", "rule", &[]), "l5-rule");
    }
}
