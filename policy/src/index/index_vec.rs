//! Typed indices: a `NodeIdx` can never index the resource table.

use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

/// A dense `u32` handle into one table.
pub trait Idx: Copy + Eq + Ord + std::hash::Hash + std::fmt::Debug + 'static {
    /// Builds the handle of position `i`.
    ///
    /// # Panics
    /// Past `u32::MAX - 1`.
    fn new(i: usize) -> Self;

    /// Returns the position in the table, from 0.
    fn index(self) -> usize;
}

/// Declares one handle type; `Option` of it takes no more room than itself.
#[macro_export]
macro_rules! define_idx {
    ($(#[$m:meta])* $v:vis struct $name:ident;) => {
        $(#[$m])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $v struct $name(std::num::NonZeroU32);

        impl $crate::index::Idx for $name {
            fn new(i: usize) -> Self {
                let raw = u32::try_from(i).ok().and_then(|i| i.checked_add(1));
                Self(raw.and_then(std::num::NonZeroU32::new).expect("a table has under 2^32 rows"))
            }

            fn index(self) -> usize {
                self.0.get() as usize - 1
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0.get() - 1)
            }
        }
    };
}

/// A `Vec<T>` that only its own handle type can index.
#[derive(Clone, Debug)]
pub struct IndexVec<I, T> {
    raw: Vec<T>,
    marker: PhantomData<fn(I)>,
}

impl<I: Idx, T> Default for IndexVec<I, T> {
    fn default() -> Self {
        Self { raw: Vec::new(), marker: PhantomData }
    }
}

impl<I: Idx, T> IndexVec<I, T> {
    /// Makes an empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a table of `n` copies of `value`.
    pub fn filled(value: T, n: usize) -> Self
    where
        T: Clone,
    {
        Self { raw: vec![value; n], marker: PhantomData }
    }

    /// Makes room for `more` rows.
    pub fn reserve(&mut self, more: usize) {
        self.raw.reserve_exact(more);
    }

    /// Appends a row and returns its handle.
    pub fn push(&mut self, value: T) -> I {
        self.raw.push(value);
        I::new(self.raw.len() - 1)
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.raw.len()
    }

    /// Returns true where there is no row.
    pub fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// Returns the handles in creation order. Borrows nothing: rows may be added meanwhile, and
    /// are not visited.
    pub fn indices(&self) -> impl DoubleEndedIterator<Item = I> + ExactSizeIterator + use<I, T> {
        (0..self.raw.len()).map(I::new)
    }

    /// Returns the rows in creation order.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.raw.iter()
    }

    /// Returns the rows in creation order, for change.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, T> {
        self.raw.iter_mut()
    }

    /// Returns handles and rows in creation order.
    pub fn iter_enumerated(&self) -> impl DoubleEndedIterator<Item = (I, &T)> {
        self.raw.iter().enumerate().map(|(i, value)| (I::new(i), value))
    }

    /// Returns the row of `idx`, or `None` past the end.
    pub fn get(&self, idx: I) -> Option<&T> {
        self.raw.get(idx.index())
    }
}

impl<'a, I: Idx, T> IntoIterator for &'a IndexVec<I, T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, I: Idx, T> IntoIterator for &'a mut IndexVec<I, T> {
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl<I: Idx, T> Index<I> for IndexVec<I, T> {
    type Output = T;

    fn index(&self, idx: I) -> &T {
        &self.raw[idx.index()]
    }
}

impl<I: Idx, T> IndexMut<I> for IndexVec<I, T> {
    fn index_mut(&mut self, idx: I) -> &mut T {
        &mut self.raw[idx.index()]
    }
}
