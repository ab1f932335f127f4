//! What of two runs cannot be held against each other, and what to mind where it can.

use std::fmt;

use base::Result;

use super::lineup::{Lineup, Side};

/// A limit of the comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// So many photos of a run are not in all of the others, or were skipped in one.
    LeftOut {
        /// The run.
        run: String,
        /// Photos.
        photos: usize,
    },
    /// Photos of the same path were other files.
    ChangedFiles(Vec<String>),
    /// The classes are others: only labels can be compared.
    OtherClasses,
    /// The outputs are others: probabilities of classes that exclude each other, of each class by itself, or no probabilities. Each
    /// run with its kind.
    OtherScores(String),
    /// A run's network has no classifier.
    NoClassifier(String),
    /// Labels are others, or what counts as them.
    OtherLabels,
    /// The networks are built differently: projections are not compared.
    OtherNetwork,
    /// The same network with other weights.
    OtherWeights,
    /// The photos reach the networks in another way: projections are not compared.
    OtherPreprocessing,
    /// A run kept no maps: projections are not compared.
    NoArrays(String),
    /// The runs show other layers; those that both have are compared.
    OtherLayers,
    /// Photographs were classified in different precisions.
    OtherPrecision(String),
    /// Another device, libtorch or other instructions of the processor: figures differ by rounding too.
    OtherRounding,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LeftOut { run, photos } => write!(
                f,
                "photographs of {run} that are not in every run and are left out: {photos}"
            ),
            Self::ChangedFiles(paths) => write!(
                f,
                "photographs that have changed between the runs: {}",
                paths.join(", ")
            ),
            Self::OtherClasses => f.write_str(
                "the networks have other classes; only the probabilities of the labels are compared",
            ),
            Self::OtherScores(kinds) => write!(
                f,
                "the networks' outputs are of different kinds (--scores: {kinds}); their changes do not mean the same"
            ),
            Self::NoClassifier(run) => {
                write!(f, "the network of {run} has no classifier; its answers are not compared")
            }
            Self::OtherLabels => f.write_str(
                "the labels, or the classes that count as them, are not the same in all runs",
            ),
            Self::OtherNetwork => f.write_str(
                "the networks are built differently; projections are not compared",
            ),
            Self::OtherWeights => f.write_str("the same network with other weights"),
            Self::OtherPreprocessing => f.write_str(
                "photographs reach the networks in another way; projections are not compared",
            ),
            Self::NoArrays(run) => write!(
                f,
                "{run} kept no maps; to compare projections, run it with --arrays all"
            ),
            Self::OtherLayers => {
                f.write_str("the runs show other layers; those that both have are compared")
            }
            Self::OtherPrecision(precisions) => write!(
                f,
                "photographs were classified in different precisions (--precision: {precisions}); each run tells what its own changed"
            ),
            Self::OtherRounding => f.write_str(
                "computed on another device, with another libtorch or with other instructions of the processor; figures differ by rounding too",
            ),
        }
    }
}

/// Everything to mind about these runs.
pub(super) fn notes(lineup: &Lineup) -> Result<Vec<Note>> {
    let sides = &lineup.sides;
    let mut notes = Vec::new();
    for side in sides {
        match lineup.left_out(side)? {
            0 => {}
            photos => notes.push(Note::LeftOut {
                run: side.name.clone(),
                photos,
            }),
        }
    }
    if !lineup.changed.is_empty() {
        notes.push(Note::ChangedFiles(lineup.changed.clone()));
    }
    for side in sides {
        if side.run.manifest.model.classes == 0 {
            notes.push(Note::NoClassifier(side.name.clone()));
        }
    }
    let differ = |of: &dyn Fn(&Side) -> String| sides.iter().any(|side| of(side) != of(&sides[0]));
    let mut note = |note: Note, of: &dyn Fn(&Side) -> String| {
        if differ(of) {
            notes.push(note);
        }
    };
    note(Note::OtherClasses, &|side| {
        side.run.manifest.model.class_names.clone()
    });
    let scores = |side: &Side| match side.run.manifest.model.scores() {
        Some(scores) => scores.to_string(),
        None => "–".to_owned(),
    };
    let each = |of: &dyn Fn(&Side) -> String| {
        let named = sides
            .iter()
            .map(|side| format!("{} {}", side.name, of(side)));
        named.collect::<Vec<_>>().join(", ")
    };
    note(Note::OtherScores(each(&scores)), &scores);
    let precision = |side: &Side| side.run.manifest.options.precision.clone();
    note(Note::OtherPrecision(each(&precision)), &precision);
    note(Note::OtherLabels, &|side| {
        let dataset = &side.run.manifest.dataset;
        format!("{:?}{:?}", dataset.labels, dataset.label_classes)
    });
    let network = |side: &Side| side.run.manifest.model.name.clone();
    note(Note::OtherNetwork, &network);
    if !differ(&network) {
        note(Note::OtherWeights, &|side| {
            side.run.manifest.model.sha256.clone()
        });
        note(Note::OtherLayers, &|side| {
            format!("{:?}", side.run.manifest.model.stages)
        });
    }
    note(Note::OtherPreprocessing, &|side| {
        format!("{:?}", side.run.manifest.preprocessing)
    });
    if sides
        .iter()
        .any(|side| side.run.manifest.rounds_otherwise(&sides[0].run.manifest))
    {
        notes.push(Note::OtherRounding);
    }
    for side in sides {
        if side.run.manifest.options.arrays == "none" {
            notes.push(Note::NoArrays(side.name.clone()));
        }
    }
    Ok(notes)
}

/// Whether projections can be held against each other: the same network in build, fed in the same way.
pub(super) fn projections(notes: &[Note]) -> bool {
    !notes.iter().any(|note| {
        matches!(
            note,
            Note::OtherNetwork | Note::OtherPreprocessing | Note::NoArrays(_)
        )
    })
}
