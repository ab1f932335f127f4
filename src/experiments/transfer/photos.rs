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

/// The labels that have enough photographs: one more than are trained on.
pub(super) fn taking_part(
    options: &TransferOptions,
    dataset: &Dataset,
    notes: &mut Vec<String>,
) -> Result<Vec<bool>> {
    let names = &dataset.labels.names;
    let most = options.per_class.last().copied().unwrap_or(1);
    let mut counts = vec![0usize; names.len()];
    let labels = dataset.photos.iter().filter_map(|photo| photo.label);
    labels.for_each(|label| counts[label] += 1);
    let small: Vec<String> = (0..names.len())
        .filter(|&label| counts[label] <= most)
        .map(|label| format!("{} ({})", names[label], counts[label]))
        .collect();
    let enough: Vec<bool> = counts.iter().map(|&count| count > most).collect();
    if !small.is_empty() {
        let told = format!("fewer than {} photographs: {}", most + 1, small.join(", "));
        match options.leave_out_small {
            true => notes.push(format!("left out, for they have {told}")),
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
    match enough.iter().filter(|&&is| is).count() {
        0 | 1 => Err(Error::dataset(
            &dataset.root,
            "telling classes apart needs at least two, each a folder of photographs (or --labels)",
        )),
        _ => Ok(enough),
    }
}

/// The photographs that take part, and the labels by class.
pub(super) fn taken(
    context: &Context<'_>,
    options: &TransferOptions,
    takes_part: &[bool],
) -> Result<(Vec<Photo>, Vec<String>)> {
    let dataset = context.setting.dataset;
    let taken: Vec<usize> = (0..takes_part.len())
        .filter(|&label| takes_part[label])
        .collect();
    let mut photos = Vec::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut twice = 0;
    let mut torn = Vec::new();
    for (number, file) in dataset.photos.iter().enumerate() {
        let class = file
            .label
            .and_then(|label| taken.iter().position(|&at| at == label));
        let record = context.folder.record(&file.id)?;
        let record = record.filter(|record| record.skipped.is_none());
        let (Some(class), Some(record)) = (class, record) else {
            continue;
        };
        match seen.get(&record.sha256) {
            None => {
                seen.insert(record.sha256, photos.len());
                photos.push(Photo {
                    photo: number,
                    id: file.id.clone(),
                    class,
                });
            }
            Some(&at) if photos[at].class == class => twice += 1,
            Some(&at) => {
                let first = &dataset.photos[photos[at].photo].path;
                torn.push(format!("{first} and {}", file.path));
            }
        }
    }
    if !torn.is_empty() {
        return Err(Error::dataset(
            &dataset.root,
            format!(
                "the same photograph has two labels: {}{}; leave one of each away",
                torn[..torn.len().min(5)].join("; "),
                if torn.len() > 5 { "; …" } else { "" }
            ),
        ));
    }
    if twice > 0 {
        let photographs = count(twice, "photograph");
        say(
            context.voice,
            &format!("{photographs} of the same content as another left out"),
        );
    }
    if photos.len() > PHOTOS {
        return Err(Error::Usage(format!(
            "{} photographs: inner products of more than {PHOTOS} have no room; take fewer (--limit, --split)",
            photos.len()
        )));
    }
    enough(options, &photos, &taken, dataset)?;
    let names = taken
        .iter()
        .map(|&label| dataset.labels.names[label].clone());
    Ok((photos, names.collect()))
}

/// What is left when those that cannot be read and those that are there twice are away.
fn enough(
    options: &TransferOptions,
    photos: &[Photo],
    taken: &[usize],
    dataset: &Dataset,
) -> Result<()> {
    let most = options.per_class.last().copied().unwrap_or(1);
    for (class, &label) in taken.iter().enumerate() {
        let left = photos.iter().filter(|photo| photo.class == class).count();
        if left <= most {
            return Err(Error::dataset(
                &dataset.root,
                format!(
                    "class {} has {left} photographs that can be read and are not there twice; {} are needed",
                    dataset.labels.names[label],
                    most + 1
                ),
            ));
        }
    }
    Ok(())
}
