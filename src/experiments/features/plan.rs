//! In which order the second pass takes the units that were found.

use std::collections::BTreeMap;

use base::Result;
use serde::{Deserialize, Serialize};

use super::tally::{FoundUnit, LayerTally};

/// Units whose tiles are in memory at once, about.
const ROUND: usize = 3456;

/// A unit to be projected: the number of its layer, and its rank in its map.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Wanted {
    pub(super) layer: usize,
    pub(super) rank: usize,
    pub(super) found: FoundUnit,
}

/// A photo that is looked at, and what is wanted of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Looked {
    /// Its number in the data set.
    pub(super) photo: usize,
    /// sha256 of its file when it was scanned.
    pub(super) sha256: String,
    pub(super) wanted: Vec<Wanted>,
}

/// Photos that are looked at together.
pub(super) type Group = Vec<Looked>;
/// What is wanted for as many maps as are drawn at a time.
pub(super) type Round = Vec<Group>;

/// What of a round is done by itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Task {
    /// The round's number, from 0.
    pub(super) round: usize,
    pub(super) group: Group,
}

/// The chosen maps of all layers, as many at a time as [`ROUND`] allows, as what is wanted of the photos, `gathered` as [`groups`] has it; `sha256` knows the photos' files.
pub(super) fn rounds<'t>(
    tallies: &'t [LayerTally],
    chosen: &[Vec<usize>],
    gathered: [usize; 2],
    sha256: impl Fn(usize) -> Result<String> + 't,
) -> impl Iterator<Item = Result<Round>> + 't {
    let layers = chosen.iter().enumerate();
    let maps: Vec<(usize, usize)> = layers
        .flat_map(|(layer, maps)| maps.iter().map(move |&map| (layer, map)))
        .collect();
    let at_once = (ROUND / most(tallies).max(1)).max(1);
    let rounds: Vec<Vec<(usize, usize)>> = maps.chunks(at_once).map(<[_]>::to_vec).collect();
    let looked = move |(photo, wanted): (usize, Vec<Wanted>)| -> Result<Looked> {
        Ok(Looked {
            photo,
            sha256: sha256(photo)?,
            wanted,
        })
    };
    rounds.into_iter().map(move |round| {
        let groups = groups(by_photo(tallies, &round), gathered).into_iter();
        let groups = groups.map(|group| group.into_iter().map(&looked).collect::<Result<Group>>());
        groups.collect()
    })
}

/// Units of the map that has most of them.
pub(super) fn most(tallies: &[LayerTally]) -> usize {
    let maps = tallies.iter().flat_map(|tally| &tally.maps);
    maps.map(|map| map.strongest.len()).max().unwrap_or(0)
}

/// The units of some maps by photo.
fn by_photo(tallies: &[LayerTally], maps: &[(usize, usize)]) -> Vec<(usize, Vec<Wanted>)> {
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
    by_photo.into_iter().collect()
}

/// Photos with units in them, as those that are projected together: at most so many photos, and none after so many units.
pub fn groups<U>(
    photos: Vec<(usize, Vec<U>)>,
    [most, enough]: [usize; 2],
) -> Vec<Vec<(usize, Vec<U>)>> {
    let mut groups: Vec<Vec<(usize, Vec<U>)>> = Vec::new();
    let mut units = 0;
    for photo in photos {
        match groups.last_mut() {
            Some(group) if group.len() < most && units < enough => {
                units += photo.1.len();
                group.push(photo);
            }
            _ => {
                units = photo.1.len();
                groups.push(vec![photo]);
            }
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_has_few_photos_or_few_units() {
        let sizes = |units: &[usize]| -> Vec<usize> {
            let photos = units.iter().map(|&count| (0, vec![(); count])).collect();
            groups(photos, [8, 96]).iter().map(Vec::len).collect()
        };
        assert_eq!(sizes(&[1; 20]), [8, 8, 4]);
        assert_eq!(sizes(&[40; 7]), [3, 3, 1]);
        assert_eq!(sizes(&[500, 1, 96, 2]), [1, 2, 1]);
        assert!(sizes(&[]).is_empty());
    }
}
