//! What classifying in less than float32 changes: measured on some of the run's photographs.

use base::digest::draw;
use base::{Error, Result};
use engine::{to_values, Engine, Recording};
use records::{ranked, PrecisionFacts, ORIGINAL};

use super::{prepare, Context, Setting};

/// Photographs that are classified in both.
const SAMPLE: usize = 32;

/// A photo, and the probabilities that its record has.
type Classified = (usize, Vec<f32>);

/// Classifies some of the photographs, drawn by seed, in float32 as well, and holds that against their records.
///
/// # Errors
/// [`Error::Compute`], [`Error::Photo`] where a photograph has changed, [`Error::Stopped`].
pub fn measure(context: &Context<'_>) -> Result<PrecisionFacts> {
    let setting = context.setting;
    let sample = drawn(context)?;
    let float32 = |engine: &Engine, read: (Vec<f32>, &Classified)| {
        let (input, (_, reduced)) = read;
        let batch = engine.batch(&[&input])?;
        let exact = to_values(&engine.forward(&batch, &Recording::default())?.output)?;
        let differences = exact.iter().zip(reduced).map(|(a, b)| (a - b).abs());
        let changed = ranked(&exact).first() != ranked(reduced).first();
        Ok((differences.fold(0f32, f32::max), changed))
    };
    let read = |classified| Ok((input(setting, classified)?, classified));
    let found = context.executor().run(&sample, read, float32, Ok)?;
    Ok(PrecisionFacts {
        photos: found.len(),
        largest_difference: found
            .iter()
            .map(|(largest, _)| *largest)
            .fold(0.0, f32::max),
        other_first_class: found.iter().filter(|(_, changed)| *changed).count(),
    })
}

fn drawn(context: &Context<'_>) -> Result<Vec<Classified>> {
    let (setting, photos) = (context.setting, &context.setting.dataset.photos);
    let mut order: Vec<usize> = (0..photos.len()).collect();
    order.sort_by_cached_key(|&photo| draw(setting.seed, &["precision", &photos[photo].id]));
    let mut sample = Vec::with_capacity(SAMPLE);
    for photo in order {
        let record = context.folder.record(&photos[photo].id)?;
        let record = record.filter(|record| record.skipped.is_none());
        if let Some(original) = record
            .as_ref()
            .and_then(|record| record.condition(ORIGINAL))
        {
            sample.push((photo, original.probabilities.clone()));
        }
        if sample.len() == SAMPLE {
            break;
        }
    }
    Ok(sample)
}

fn input(setting: &Setting, (photo, _): &Classified) -> Result<Vec<f32>> {
    let file = &setting.dataset.photos[*photo];
    match prepare::read(setting, file)? {
        Ok(read) => dataset::input(&read.pixels, setting.preprocessing),
        Err(_) => Err(Error::photo_changed(setting.dataset.absolute(file))),
    }
}
