//! Over which photographs the occluder slides.

use std::collections::BTreeSet;

use base::digest::draw;
use base::Result;
use vocabulary::Amount;

use super::Occlusion;
use crate::{Context, Setting};

impl Occlusion {
    /// Photographs with masks, and of the others those in detail before the rest, drawn by seed.
    pub(super) fn chosen(&self, context: &Context<'_>) -> Result<Vec<usize>> {
        let Context {
            setting, folder, ..
        } = *context;
        let masked: Vec<&str> = setting.masks.photos().collect();
        // Of shards that show these in detail at the same time.
        let selection = folder.selection()?.unwrap_or_default();
        let selection: BTreeSet<String> = selection.into_iter().collect();
        let mut chosen = Vec::new();
        let mut others = Vec::new();
        for (at, photo) in setting.dataset.photos.iter().enumerate() {
            let record = folder.record(&photo.id)?;
            let Some(record) = record.filter(|record| record.skipped.is_none()) else {
                continue;
            };
            match masked.binary_search(&photo.path.as_str()) {
                Ok(_) => chosen.push(at),
                Err(_) => {
                    let in_detail = record.detail || selection.contains(&photo.id);
                    others.push((!in_detail, at));
                }
            }
        }
        // Regions that it found itself lie on the photographs that were asked for.
        let wanted = match setting.masks.is_found() && self.options.occlusion != Amount::All {
            true => 0,
            false => self.options.occlusion.most(),
        };
        chosen.extend(drawn(setting, others.into_iter(), wanted));
        chosen.sort_unstable();
        Ok(chosen)
    }

    /// As many as were asked for, drawn by seed from photographs that nothing is known of yet.
    pub(super) fn drawn_from_all(&self, setting: &Setting) -> Vec<usize> {
        let all = 0..setting.dataset.photos.len();
        let wanted = self.options.occlusion.most();
        drawn(setting, all.map(|photo| (false, photo)), wanted)
    }
}

/// So many of the photos, in the order of their numbers: those with a lower first value before the others, by seed.
fn drawn<K: Ord>(
    setting: &Setting,
    photos: impl Iterator<Item = (K, usize)>,
    wanted: usize,
) -> Vec<usize> {
    let id = |photo: usize| &setting.dataset.photos[photo].id;
    let mut all: Vec<(K, u64, usize)> = photos
        .map(|(key, photo)| (key, draw(setting.seed, &["occlusion", id(photo)]), photo))
        .collect();
    all.sort_unstable();
    let mut chosen: Vec<usize> = all
        .into_iter()
        .map(|(.., photo)| photo)
        .take(wanted)
        .collect();
    chosen.sort_unstable();
    chosen
}
