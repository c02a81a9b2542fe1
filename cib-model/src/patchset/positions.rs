//! How many siblings before a place count: a tree of partial sums (Fenwick).

/// Places of which some no longer count.
#[derive(Debug)]
pub(super) struct Positions {
    skipped: Vec<usize>,
}

impl Positions {
    pub(super) fn new(length: usize) -> Self {
        Positions { skipped: vec![0; length + 1] }
    }

    /// Stops counting the sibling at `at`.
    pub(super) fn skip(&mut self, at: usize) {
        let mut i = at + 1;
        while let Some(sum) = self.skipped.get_mut(i) {
            *sum += 1;
            i += i & i.wrapping_neg();
        }
    }

    /// Returns how many siblings before `at` count.
    pub(super) fn before(&self, at: usize) -> usize {
        let (mut i, mut skipped) = (at, 0);
        while i > 0 {
            skipped += self.skipped.get(i).copied().unwrap_or_default();
            i &= i - 1;
        }
        at - skipped
    }

    /// Returns the place of the sibling before which `position` siblings count, itself one of them.
    pub(super) fn at(&self, position: usize) -> Option<usize> {
        let length = self.skipped.len() - 1;
        // The last place before which no more than `position` count: it counts itself.
        let (mut low, mut high) = (0, length);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.before(middle + 1) <= position { low = middle + 1 } else { high = middle }
        }
        (low < length).then_some(low)
    }
}

#[cfg(test)]
mod tests {
    use super::Positions;

    #[test]
    fn the_places_that_count_are_counted() {
        let mut positions = Positions::new(7);
        for gone in [0, 3, 4] {
            positions.skip(gone);
        }
        let found: Vec<_> = (0..5).map(|position| positions.at(position)).collect();
        assert_eq!(found, [Some(1), Some(2), Some(5), Some(6), None]);
        for (position, at) in [1, 2, 5, 6].into_iter().enumerate() {
            assert_eq!(positions.before(at), position);
        }
    }
}
