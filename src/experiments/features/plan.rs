//! In which order the second pass takes the units that were found.

use std::collections::BTreeMap;

use super::tally::{FoundUnit, LayerTally};

/// Units whose tiles are in memory at once, about.
const ROUND: usize = 3456;
/// Photos whose units are projected together.
pub const GROUP: usize = 8;

/// A unit to be projected: the number of its layer, and its rank in its map.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub(super) layer: usize,
    pub(super) rank: usize,
    pub(super) found: FoundUnit,
}

/// Photos with what is wanted of them.
pub(super) type Group = Vec<(usize, Vec<Wanted>)>;

/// The chosen maps of all layers, as many at a time as [`ROUND`] allows with `top` units each, as what is wanted of the
/// photos.
pub(super) fn rounds<'t>(
    tallies: &'t [LayerTally],
    chosen: &[Vec<usize>],
    top: usize,
) -> impl Iterator<Item = Vec<Group>> + 't {
    let layers = chosen.iter().enumerate();
    let maps: Vec<(usize, usize)> = layers
        .flat_map(|(layer, maps)| maps.iter().map(move |&map| (layer, map)))
        .collect();
    let at_once = (ROUND / top.max(1)).max(1);
    let rounds: Vec<Vec<(usize, usize)>> = maps.chunks(at_once).map(<[_]>::to_vec).collect();
    rounds.into_iter().map(|round| groups(tallies, &round))
}

/// The units of some maps by photo, in groups of [`GROUP`] photos.
fn groups(tallies: &[LayerTally], maps: &[(usize, usize)]) -> Vec<Group> {
    let mut by_photo: BTreeMap<usize, Vec<Wanted>> = BTreeMap::new();
    for &(layer, map) in maps {
        for (at, &found) in tallies[layer].maps[map].strongest.iter().enumerate() {
            by_photo.entry(found.photo).or_default().push(Wanted {
                layer,
                rank: at + 1,
                found,
            });
        }
    }
    let photos: Vec<(usize, Vec<Wanted>)> = by_photo.into_iter().collect();
    photos.chunks(GROUP).map(<[_]>::to_vec).collect()
}
