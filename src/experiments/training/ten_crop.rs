//! Validation by ten crops: the corners and the centre of a photograph's square, and their mirror images, whose probabilities are
//! averaged (Krizhevsky et al. 2012, §4.1; ZF §3.1).

use base::Result;
use engine::learn::images;
use engine::{Engine, Executor, Questions, Recording};
use progress::{stop_here, stopped, Progress};
use records::ranked;
use records::tables::MetricRow;
use statistics::wilson;

use super::frames::Frames;
use super::view::{Viewer, TEN};

/// Whether the first class is right, and whether one of the first five.
type Hits = [bool; 2];

/// Errors of a network on photographs whose squares are `frames`, `batch` views at a time: of the first class, and of the first
/// five where there are as many.
///
/// # Errors
/// [`base::Error::Compute`]; those of [`Frames::frame`]; [`base::Error::Stopped`] where the user stopped it.
pub(super) fn errors(
    engine: &Engine,
    (frames, viewer): (&Frames<'_>, &Viewer),
    batch: usize,
    threads: usize,
    progress: &Progress,
) -> Result<Vec<MetricRow>> {
    let places: Vec<usize> = (0..frames.len()).collect();
    let groups: Vec<&[usize]> = places.chunks((batch / TEN).max(1)).collect();
    let classes = engine
        .anatomy()
        .shapes()
        .last()
        .map_or(0, |shape| shape.channels);
    let workers = Executor::new(engine, threads).until(&stopped);
    let told = workers.run(
        &groups,
        |group: &&[usize]| {
            let mut values = Vec::new();
            for &place in group.iter() {
                values.extend(viewer.ten(&frames.frame(place)?)?);
            }
            Ok((group.to_vec(), values))
        },
        |engine, (group, values)| {
            let images = images(&values, viewer.preprocessing.input())?;
            let trace = engine.forward(&images, &Recording::default())?;
            let questions = Questions {
                output: true,
                ..Questions::default()
            };
            Ok((group, engine.ask(&trace, &questions)?))
        },
        |(group, answers)| {
            let hits = |(at, &place): (usize, &usize)| -> Result<Hits> {
                progress.step();
                let views = (TEN * at..TEN * (at + 1)).map(|view| answers.output(view));
                Ok(hits(&averaged(views, classes), frames.class(place)))
            };
            stop_here()?;
            group
                .iter()
                .enumerate()
                .map(hits)
                .collect::<Result<Vec<Hits>>>()
        },
    )?;
    let hits: Vec<Hits> = told.into_iter().flatten().collect();
    let named = [
        ("val_top1_error_ten_crop", true),
        ("val_top5_error_ten_crop", classes >= 5),
    ];
    let told = named.into_iter().enumerate().filter(|(_, (_, told))| *told);
    let row = |(which, (name, _)): (usize, (&str, bool))| {
        let wrong = hits.iter().filter(|hits| !hits[which]).count();
        let interval = wilson(wrong, hits.len());
        MetricRow {
            metric: name.to_owned(),
            scope: "all".into(),
            value: wrong as f64 / hits.len().max(1) as f64,
            low: interval.map(|(low, _)| low),
            high: interval.map(|(_, high)| high),
            count: hits.len(),
        }
    };
    Ok(told.map(row).collect())
}

/// The mean over views.
fn averaged<'a>(views: impl Iterator<Item = &'a [f32]>, classes: usize) -> Vec<f32> {
    let mut sums = vec![0.0f64; classes];
    for view in views {
        let values = view.iter().map(|value| f64::from(*value));
        sums.iter_mut()
            .zip(values)
            .for_each(|(sum, value)| *sum += value);
    }
    sums.into_iter()
        .map(|sum| (sum / TEN as f64) as f32)
        .collect()
}

fn hits(probabilities: &[f32], class: usize) -> Hits {
    let order = ranked(probabilities);
    [
        order.first() == Some(&class),
        order.iter().take(5).any(|&other| other == class),
    ]
}
