//! Which photographs and labels take part.

use std::collections::BTreeMap;

use base::words::count;
use base::{Error, Result};
use dataset::Dataset;
use progress::say;

use super::options::TransferOptions;
use super::splits::Photo;
use crate::Context;

/// Photographs whose inner products have room: 8 bytes for each two.
const PHOTOS: usize = 20_000;

/// The labels that have enough photographs by the data set's listing: one more than are trained on.
///
/// # Errors
/// [`Error::Dataset`] with those that have not, unless they are to be left out; for fewer than two labels; [`Error::Usage`] for too
/// many photographs.
pub(super) fn taking_part(
    options: &TransferOptions,
    dataset: &Dataset,
    notes: &mut Vec<String>,
) -> Result<Vec<bool>> {
    let labels = dataset.photos.iter().filter_map(|photo| photo.label);
    let all = vec![true; dataset.labels.names.len()];
    let parts = (labels.clone(), &*all);
    let takes_part = enough(options, dataset, parts, &mut |note| notes.push(note))?;
    let photos = labels.filter(|&label| takes_part[label]).count();
    match photos > PHOTOS {
        true => Err(Error::Usage(format!(
            "{photos} photographs: inner products of more than {PHOTOS} have no room; take fewer (--limit, --split)"
        ))),
        false => Ok(takes_part),
    }
}

/// The photographs that take part, and the labels by class: of those of `takes_part` what can be read, and is not there twice.
///
/// # Errors
/// [`Error::Dataset`] where too few are left, and for a photograph under two labels.
pub(super) fn taken(
    context: &Context<'_>,
    options: &TransferOptions,
    takes_part: &[bool],
) -> Result<(Vec<Photo>, Vec<String>)> {
    let dataset = context.setting.dataset;
    let found = read(context, takes_part)?;
    let labels = found.iter().map(|(_, label)| *label);
    let enough = enough(options, dataset, (labels, takes_part), &mut |note| {
        say(context.voice, &note)
    })?;
    let labels: Vec<usize> = (0..enough.len()).filter(|&label| enough[label]).collect();
    let photos = found.into_iter().filter_map(|(photo, label)| {
        Some(Photo {
            photo,
            id: dataset.photos[photo].id.clone(),
            class: labels.binary_search(&label).ok()?,
        })
    });
    let photos: Vec<Photo> = photos.collect();
    let names = labels
        .into_iter()
        .map(|label| dataset.labels.names[label].clone());
    Ok((photos, names.collect()))
}

/// Photographs that the run could read, each content once, by their numbers in the data set, with their labels.
fn read(context: &Context<'_>, takes_part: &[bool]) -> Result<Vec<(usize, usize)>> {
    let dataset = context.setting.dataset;
    let mut found = Vec::new();
    let mut seen: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let (mut twice, mut torn) = (0, Vec::new());
    for (photo, file) in dataset.photos.iter().enumerate() {
        let label = file.label.filter(|&label| takes_part[label]);
        let record = context.folder.record(&file.id)?;
        let record = record.filter(|record| record.skipped.is_none());
        let (Some(label), Some(record)) = (label, record) else {
            continue;
        };
        match seen.get(&record.sha256) {
            None => {
                seen.insert(record.sha256, (photo, label));
                found.push((photo, label));
            }
            Some((_, other)) if *other == label => twice += 1,
            Some((first, _)) => {
                torn.push(format!("{} and {}", dataset.photos[*first].path, file.path));
            }
        }
    }
    if !torn.is_empty() {
        let more = if torn.len() > 5 { "; …" } else { "" };
        torn.truncate(5);
        return Err(Error::dataset(
            &dataset.root,
            format!(
                "the same photograph has two labels: {}{more}; leave one of each away",
                torn.join("; ")
            ),
        ));
    }
    if twice > 0 {
        let photographs = count(twice, "photograph");
        let told = format!("{photographs} of the same content as another left out");
        say(context.voice, &told);
    }
    Ok(found)
}

/// By label whether it has enough of the photographs with these labels; of those that take part so far the others are told.
fn enough(
    options: &TransferOptions,
    dataset: &Dataset,
    (labels, so_far): (impl Iterator<Item = usize>, &[bool]),
    note: &mut dyn FnMut(String),
) -> Result<Vec<bool>> {
    let names = &dataset.labels.names;
    let most = options.per_class.last().copied().unwrap_or(1);
    let mut counts = vec![0usize; names.len()];
    labels.for_each(|label| counts[label] += 1);
    let small = (0..names.len()).filter(|&label| so_far[label] && counts[label] <= most);
    let small: Vec<String> = small
        .map(|label| format!("{} ({})", names[label], counts[label]))
        .collect();
    if !small.is_empty() {
        let told = format!("fewer than {} photographs: {}", most + 1, small.join(", "));
        match options.leave_out_small {
            true => note(format!("left out, for they have {told}")),
            false => {
                return Err(Error::dataset(
                    &dataset.root,
                    format!(
                        "some classes have {told}; to train on {most} of each and test on others take a smaller --per-class, or --leave-out-small"
                    ),
                ))
            }
        }
    }
    match counts.iter().filter(|&&count| count > most).count() {
        0 | 1 => Err(Error::dataset(
            &dataset.root,
            "telling classes apart needs at least two, each a folder of photographs (or --labels)",
        )),
        _ => Ok(counts.into_iter().map(|count| count > most).collect()),
    }
}
