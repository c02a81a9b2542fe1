//! A set of handles, one bit each.

use std::marker::PhantomData;

use super::Idx;

/// A set of `I`; grows as needed, visits in index order.
#[derive(Clone, Debug)]
pub struct BitSet<I> {
    words: Vec<u64>,
    marker: PhantomData<fn(I)>,
}

impl<I> Default for BitSet<I> {
    fn default() -> Self {
        Self { words: Vec::new(), marker: PhantomData }
    }
}

impl<I: Idx> BitSet<I> {
    /// Adds `idx`; returns true where it was not there yet.
    pub fn insert(&mut self, idx: I) -> bool {
        let (word, bit) = (idx.index() / 64, 1_u64 << (idx.index() % 64));
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        let fresh = self.words[word] & bit == 0;
        self.words[word] |= bit;
        fresh
    }

    /// Removes `idx`.
    pub fn remove(&mut self, idx: I) {
        if let Some(word) = self.words.get_mut(idx.index() / 64) {
            *word &= !(1_u64 << (idx.index() % 64));
        }
    }

    /// Returns true where `idx` is in the set.
    pub fn contains(&self, idx: I) -> bool {
        self.words.get(idx.index() / 64).is_some_and(|w| w & (1_u64 << (idx.index() % 64)) != 0)
    }

    /// Returns true where nothing is in the set.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|w| *w == 0)
    }

    /// Returns the members in index order.
    pub fn iter(&self) -> impl Iterator<Item = I> + '_ {
        (0..self.words.len() * 64).map(I::new).filter(|i| self.contains(*i))
    }
}
