//! Groups of items that are being prepared, item by item and by several workers.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// All items by their numbers, group after group, and what is ready of the groups that are not yet whole.
pub(super) struct Filling<'t, T, P> {
    groups: Vec<&'t [T]>,
    /// The number of each group's first item, and of all items.
    first: Vec<usize>,
    ready: Mutex<BTreeMap<usize, Vec<(usize, P)>>>,
}

impl<'t, T, P> Filling<'t, T, P> {
    /// Nothing is ready; groups without items are left out.
    pub(super) fn new(groups: impl Iterator<Item = &'t [T]>) -> Self {
        let groups: Vec<&[T]> = groups.filter(|group| !group.is_empty()).collect();
        let mut first = vec![0];
        first.extend(groups.iter().scan(0, |items, group| {
            *items += group.len();
            Some(*items)
        }));
        Self {
            groups,
            first,
            ready: Mutex::new(BTreeMap::new()),
        }
    }

    pub(super) fn groups(&self) -> usize {
        self.groups.len()
    }

    pub(super) fn items(&self) -> usize {
        self.first.last().copied().unwrap_or(0)
    }

    /// Items of each group.
    pub(super) fn sizes(&self) -> Vec<usize> {
        self.groups.iter().map(|group| group.len()).collect()
    }

    /// Items of the largest group.
    pub(super) fn largest(&self) -> usize {
        self.groups
            .iter()
            .map(|group| group.len())
            .max()
            .unwrap_or(0)
    }

    /// The item of that number.
    pub(super) fn item(&self, number: usize) -> &'t T {
        let group = self.group_of(number);
        &self.groups[group][number - self.first[group]]
    }

    /// Takes what was made of an item; gives its group, in the items' order, where it was the last one to be ready.
    pub(super) fn put(&self, number: usize, prepared: P) -> Option<(usize, Vec<P>)> {
        let group = self.group_of(number);
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        let items = ready.entry(group).or_default();
        items.push((number, prepared));
        if items.len() < self.groups[group].len() {
            return None;
        }
        let mut items = ready.remove(&group)?;
        drop(ready);
        items.sort_by_key(|(number, _)| *number);
        Some((group, items.into_iter().map(|(_, item)| item).collect()))
    }

    fn group_of(&self, number: usize) -> usize {
        self.first.partition_point(|&first| first <= number) - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_whole_with_its_last_item_and_in_order() {
        let items: Vec<char> = "abcdef".chars().collect();
        let groups = [&items[..2], &[], &items[2..3], &items[3..]];
        let filling: Filling<'_, char, char> = Filling::new(groups.into_iter());
        assert_eq!((filling.items(), filling.groups()), (6, 3));
        assert_eq!((filling.sizes(), filling.largest()), (vec![2, 1, 3], 3));
        let put = |number: usize| filling.put(number, *filling.item(number));
        assert_eq!(put(5), None);
        assert_eq!(put(1), None);
        assert_eq!(put(2), Some((1, vec!['c'])));
        assert_eq!(put(3), None);
        assert_eq!(put(0), Some((0, vec!['a', 'b'])));
        assert_eq!(put(4), Some((2, vec!['d', 'e', 'f'])));
    }
}
