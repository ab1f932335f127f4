//! Numbers of the cells that are gathered and laid down: made once and kept, on a GPU for all images.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use network::shape::Shape;
use tch::{Device, TchError, Tensor};

use super::super::transfer::sent;
use super::place::{Offsets, Place};
use super::windows::Windows;

/// Bytes of numbers that are kept; what is more is made anew each time.
const KEPT_BYTES: usize = 1 << 30;

/// What is read where a window reaches beyond a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Outside {
    /// What no maximum takes.
    Least,
    /// What a sum is not changed by.
    Zero,
}

impl Outside {
    /// The number of its row, after those of the map's own cells.
    pub(super) fn number(self, cells: i64) -> i64 {
        match self {
            Self::Least => cells,
            Self::Zero => cells + 1,
        }
    }
}

/// Where the cells of all positions' patches lie in their windows.
#[derive(Debug)]
pub(super) struct Laid {
    /// The cells that fall into a window, where not all do.
    pub(super) from: Option<Tensor>,
    /// Their places.
    pub(super) into: Tensor,
}

/// Kept numbers, shared by all clones.
#[derive(Debug, Clone, Default)]
pub(super) struct Numbers(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    gathered: HashMap<(Windows, Windows, [usize; 2], Outside), Tensor>,
    laid: HashMap<(Offsets, [i64; 2], [i64; 2]), Laid>,
    bytes: usize,
}

impl Laid {
    fn share(&self) -> Self {
        Self {
            from: self.from.as_ref().map(Tensor::shallow_clone),
            into: self.into.shallow_clone(),
        }
    }

    fn numbers(&self) -> usize {
        self.into.numel() + self.from.as_ref().map_or(0, Tensor::numel)
    }
}

impl Numbers {
    /// The numbers of windows' cells in a map's rows, position by position.
    pub(super) fn gathered(
        &self,
        place: Place<'_>,
        shape: Shape,
        outside: Outside,
        device: Device,
    ) -> Result<Tensor, TchError> {
        let map = [shape.height, shape.width];
        let key = (place.rows.clone(), place.columns.clone(), map, outside);
        let make = || sent(&place.cells(shape, outside), device);
        let (share, count) = (Tensor::shallow_clone, Tensor::numel);
        self.kept(
            |kept| (&mut kept.gathered, &mut kept.bytes),
            key,
            make,
            (share, count),
        )
    }

    /// Where the cells `[height, width]` of all positions lie in their windows `[height, width]`.
    pub(super) fn laid(
        &self,
        offsets: &Offsets,
        cells: [i64; 2],
        window: [i64; 2],
        device: Device,
    ) -> Result<Laid, TchError> {
        let make = || {
            let (from, into) = offsets.overlaps(cells, window);
            let positions = offsets.rows.len() * offsets.columns.len();
            let all = from.len() == positions * (cells[0] * cells[1]) as usize;
            Ok(Laid {
                from: match all {
                    true => None,
                    false => Some(sent(&from, device)?),
                },
                into: sent(&into, device)?,
            })
        };
        let key = (offsets.clone(), cells, window);
        self.kept(
            |kept| (&mut kept.laid, &mut kept.bytes),
            key,
            make,
            (Laid::share, Laid::numbers),
        )
    }

    /// What is kept under a key, or is made and, where there is room, kept.
    fn kept<K: Eq + Hash, V>(
        &self,
        part: impl FnOnce(&mut Kept) -> (&mut HashMap<K, V>, &mut usize),
        key: K,
        make: impl FnOnce() -> Result<V, TchError>,
        (share, numbers): (impl Fn(&V) -> V, impl Fn(&V) -> usize),
    ) -> Result<V, TchError> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (made, bytes) = part(&mut kept);
        if let Some(made) = made.get(&key) {
            return Ok(share(made));
        }
        let new = make()?;
        let more = numbers(&new) * size_of::<i64>();
        if *bytes + more <= KEPT_BYTES {
            *bytes += more;
            made.insert(key, share(&new));
        }
        Ok(new)
    }
}
