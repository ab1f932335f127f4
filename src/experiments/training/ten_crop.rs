//! Validation by ten crops: the corners and the centre of a photograph's square, and their mirror images, whose probabilities are
//! averaged (Krizhevsky et al. 2012, §4.1; ZF §3.1).

use base::Result;
use engine::Engine;
use progress::Progress;
use records::ranked;
use records::tables::MetricRow;
use statistics::wilson;

use super::frames::Frames;
use super::pass::Passes;
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
    let classes = engine
        .anatomy()
        .shapes()
        .last()
        .map_or(0, |shape| shape.channels);
    let passes = Passes {
        engine,
        nodes: Vec::new(),
        threads,
    };
    let told = passes.show(
        frames.len(),
        batch / TEN,
        |place| viewer.ten(&frames.frame(place)?),
        |group, answers| {
            let hits = |(at, &place): (usize, &usize)| {
                progress.step();
                let views = (TEN * at..TEN * (at + 1)).map(|view| answers.output(view));
                hits(&averaged(views, classes), frames.class(place))
            };
            Ok(group.iter().enumerate().map(hits).collect::<Vec<Hits>>())
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
