//! How a network fares on the photographs that were held back.

use base::Result;
use engine::{Answers, Engine};
use network::Stage;

use super::frames::Frames;
use super::pass::Passes;
use super::view::Viewer;

/// What was seen.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seen {
    /// Mean loss; no number where an answer is none.
    pub loss: f64,
    /// Share whose most probable class is right.
    pub top1: f64,
    /// Share of which one of the five most probable is; `None` with fewer than five classes.
    pub top5: Option<f64>,
    /// Mean over the photographs of the standard deviation of their logits.
    pub spread: f64,
    /// The class that was most often the most probable one, and its share.
    pub favourite: (usize, f64),
    /// By stage the number of maps that are zero in every photograph.
    pub dead: Vec<usize>,
}

/// What a pass says of its photographs.
struct Told {
    loss: f64,
    right: usize,
    among_five: usize,
    spread: f64,
    first: Vec<usize>,
    /// By stage the largest value of each map.
    largest: Vec<Vec<f32>>,
}

/// Shows photographs to a network, `batch` at a time.
///
/// # Errors
/// [`base::Error::Compute`], [`base::Error::Io`]; [`base::Error::Stopped`] where the user stopped it.
pub(super) fn evaluate(
    engine: &Engine,
    stages: &[Stage],
    (frames, viewer, classes): (&Frames<'_>, &Viewer, &[usize]),
    batch: usize,
    threads: usize,
) -> Result<Seen> {
    let passes = Passes {
        engine,
        nodes: stages.iter().map(|stage| stage.node).collect(),
        threads,
    };
    let told = passes.show(
        frames.len(),
        batch,
        |place| {
            let view = viewer.view(&frames.frame(place)?, &frames.photo(place).path, 0);
            Ok(vec![view?])
        },
        |group, answers| Ok(tell(group, answers, classes, stages.len())),
    )?;
    Ok(summed(&told, frames.len(), classes))
}

/// The largest of each map of a stage over the images of a pass.
fn over_images(answers: &Answers, stage: usize, images: usize) -> Vec<f32> {
    let of_image = (0..images).map(|image| answers.maps(stage, image).maximum.to_vec());
    let larger = |a: Vec<f32>, b: Vec<f32>| a.into_iter().zip(b).map(|(a, b)| a.max(b)).collect();
    of_image.reduce(larger).unwrap_or_default()
}

fn tell(group: &[usize], answers: &Answers, classes: &[usize], stages: usize) -> Told {
    let mut told = Told {
        loss: 0.0,
        right: 0,
        among_five: 0,
        spread: 0.0,
        first: Vec::with_capacity(group.len()),
        largest: (0..stages)
            .map(|stage| over_images(answers, stage, group.len()))
            .collect(),
    };
    for (image, &place) in group.iter().enumerate() {
        let probabilities = answers.output(image);
        let class = classes[place];
        let order = records::ranked(probabilities);
        told.first.push(order[0]);
        told.right += usize::from(order[0] == class);
        told.among_five += usize::from(order.iter().take(5).any(|&other| other == class));
        // Logits but for a number that is the same for all classes.
        let logits = probabilities.iter().map(|&p| {
            f64::from(if p < f32::MIN_POSITIVE {
                f32::MIN_POSITIVE
            } else {
                p
            })
            .ln()
        });
        let logits: Vec<f64> = logits.collect();
        let mean = logits.iter().sum::<f64>() / logits.len() as f64;
        let squares: f64 = logits.iter().map(|logit| (logit - mean).powi(2)).sum();
        told.spread += (squares / logits.len() as f64).sqrt();
        told.loss -= logits[class];
    }
    told
}

fn summed(told: &[Told], photos: usize, classes: &[usize]) -> Seen {
    let count = photos.max(1) as f64;
    let sum = |of: &dyn Fn(&Told) -> f64| told.iter().map(of).sum::<f64>() / count;
    let all = classes.iter().copied().max().map_or(0, |most| most + 1);
    let first: Vec<usize> = told
        .iter()
        .flat_map(|told| told.first.iter().copied())
        .collect();
    let most = first.iter().copied().max().map_or(0, |most| most + 1);
    let mut counts = vec![0usize; most.max(all)];
    first.iter().for_each(|&class| counts[class] += 1);
    let favourite = (0..counts.len()).rev().max_by_key(|&class| counts[class]);
    let favourite = favourite.unwrap_or(0);
    let stages = told.first().map_or(0, |told| told.largest.len());
    let dead = |stage: usize| {
        let maps = told[0].largest[stage].len();
        let is_dead = |map: &usize| told.iter().all(|told| told.largest[stage][*map] <= 0.0);
        (0..maps).filter(is_dead).count()
    };
    Seen {
        loss: sum(&|told| told.loss),
        top1: sum(&|told| told.right as f64),
        top5: (all >= 5).then(|| sum(&|told| told.among_five as f64)),
        spread: sum(&|told| told.spread),
        favourite: (
            favourite,
            counts.get(favourite).copied().unwrap_or(0) as f64 / count,
        ),
        dead: (0..stages).map(dead).collect(),
    }
}
