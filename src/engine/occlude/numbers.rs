//! Numbers of the cells that are gathered and laid down: made once and kept, on a GPU for all images.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use network::shape::Shape;
use tch::{Device, TchError, Tensor};

use super::place::{Offsets, Place};
use super::windows::Windows;

/// Which cells of a map lie in windows, or where cells lie in windows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Gathered {
        rows: Windows,
        columns: Windows,
        map: [usize; 2],
        outside: Outside,
    },
    Laid {
        offsets: Offsets,
        cells: [i64; 2],
        window: [i64; 2],
    },
}

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

/// Kept numbers, shared by all clones.
#[derive(Debug, Clone, Default)]
pub(super) struct Numbers(Arc<Mutex<HashMap<Key, Vec<Tensor>>>>);

impl Numbers {
    /// The numbers of windows' cells in a map's rows, position by position.
    pub(super) fn gathered(
        &self,
        place: Place<'_>,
        shape: Shape,
        outside: Outside,
        device: Device,
    ) -> Result<Tensor, TchError> {
        let key = Key::Gathered {
            rows: place.rows.clone(),
            columns: place.columns.clone(),
            map: [shape.height, shape.width],
            outside,
        };
        let made = self.or_made(key, || {
            Ok(vec![numbers(place.cells(shape, outside), device)?])
        })?;
        made.into_iter()
            .next()
            .ok_or_else(|| TchError::Kind("numbers that were not kept".into()))
    }

    /// Where the cells of all positions' patches lie in their windows, and which of the cells do, where not all.
    pub(super) fn laid(
        &self,
        offsets: &Offsets,
        cells: [i64; 2],
        window: [i64; 2],
        device: Device,
    ) -> Result<(Tensor, Option<Tensor>), TchError> {
        let key = Key::Laid {
            offsets: offsets.clone(),
            cells,
            window,
        };
        let made = self.or_made(key, || {
            let (from, into) = offsets.overlaps(cells, window);
            let positions = offsets.rows.len() * offsets.columns.len();
            let all = from.len() == positions * (cells[0] * cells[1]) as usize;
            let mut made = vec![numbers(into, device)?];
            if !all {
                made.push(numbers(from, device)?);
            }
            Ok(made)
        })?;
        let mut made = made.into_iter();
        let into = made
            .next()
            .ok_or_else(|| TchError::Kind("numbers that were not kept".into()))?;
        Ok((into, made.next()))
    }

    fn or_made(
        &self,
        key: Key,
        make: impl FnOnce() -> Result<Vec<Tensor>, TchError>,
    ) -> Result<Vec<Tensor>, TchError> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let share = |made: &Vec<Tensor>| made.iter().map(Tensor::shallow_clone).collect();
        if let Some(made) = kept.get(&key) {
            return Ok(share(made));
        }
        let made = make()?;
        let shared = share(&made);
        kept.insert(key, made);
        Ok(shared)
    }
}

fn numbers(numbers: Vec<i64>, device: Device) -> Result<Tensor, TchError> {
    Tensor::f_from_slice(&numbers)?.f_to_device(device)
}
