//! What workers prepare one by one, put together to the groups that a device is given.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Groups of so many items each, which arrive in any order and from several threads.
#[derive(Debug)]
pub(crate) struct Groups<P> {
    sizes: Vec<usize>,
    waiting: Mutex<BTreeMap<usize, Vec<(usize, P)>>>,
}

/// Where an item belongs: to which group, and its place there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seat {
    pub(crate) group: usize,
    pub(crate) place: usize,
}

impl<P> Groups<P> {
    /// So many items in groups of `size`, the last one of what is left; and each item's seat.
    pub(crate) fn alike(items: usize, size: usize) -> (Self, Vec<Seat>) {
        let size = size.max(1);
        let firsts = (0..items).step_by(size);
        Self::of(firsts.map(|first| size.min(items - first)).collect())
    }

    /// Groups of these sizes, and the seats in them.
    pub(crate) fn of(sizes: Vec<usize>) -> (Self, Vec<Seat>) {
        let groups = sizes.iter().enumerate();
        let seats =
            groups.flat_map(|(group, &size)| (0..size).map(move |place| Seat { group, place }));
        let seats = seats.collect();
        let waiting = Mutex::default();
        (Self { sizes, waiting }, seats)
    }

    /// Takes an item in. Where it is the last one of its group, that is handed over in the order of its places: no other
    /// item of the group will have it.
    pub(crate) fn join(&self, seat: Seat, item: P) -> Option<Vec<P>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let group = waiting.entry(seat.group).or_default();
        group.push((seat.place, item));
        if group.len() < self.sizes[seat.group] {
            return None;
        }
        let mut whole = waiting.remove(&seat.group)?;
        drop(waiting);
        whole.sort_by_key(|(place, _)| *place);
        Some(whole.into_iter().map(|(_, item)| item).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_to_come_has_the_group_in_order() {
        let (groups, seats) = Groups::alike(5, 2);
        let arrived = [3, 0, 4, 2, 1].map(|item| groups.join(seats[item], item));
        let expected = [
            None,
            None,
            Some(vec![4]),
            Some(vec![2, 3]),
            Some(vec![0, 1]),
        ];
        assert_eq!(arrived, expected);
        assert!(Groups::<usize>::alike(0, 3).1.is_empty());
        let (groups, seats) = Groups::of(vec![1, 2]);
        assert_eq!(groups.join(seats[0], 'a'), Some(vec!['a']));
        assert_eq!(groups.join(seats[2], 'c'), None);
        assert_eq!(groups.join(seats[1], 'b'), Some(vec!['b', 'c']));
    }
}
