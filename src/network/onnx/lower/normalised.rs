//! What a graph does to its image before anything else: where it normalises it itself, no one else should.

use super::lowering::Lowering;
use crate::{Axis, Changes, Op, PerChannel, Preprocessing, Preset};

/// Steeper is no normalisation of grey levels from 0 to 255, whose values would span more than ten.
const STEEPEST: f64 = 10.0 / 255.0;
/// Less is taken away of values from 0 to 1.
const FAR: f64 = 10.0;

/// What a graph that normalises its image itself expects it to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Normalised {
    /// The value of a full-bright pixel: 1 or 255.
    pub full: u8,
    /// Whether it takes whole numbers alone.
    pub whole_numbers: bool,
}

impl Normalised {
    /// The preprocessing where nobody tells one: its family, what differs from it, and whose it is, in words.
    pub(crate) fn usual_preprocessing(self) -> (Preset, Changes, String) {
        let changes = Changes {
            scale: Some(f32::from(self.full)),
            mean: Some(PerChannel::Grey([0.0])),
            std: Some(PerChannel::Grey([1.0])),
            ..Changes::NONE
        };
        (Preset::Torchvision, changes, "the graph's own".into())
    }

    /// What is to be said of a preprocessing, given what the graph expects.
    ///
    /// # Errors
    /// One that does not give whole numbers to a graph that takes no others.
    pub(crate) fn held_against(self, told: &Preprocessing) -> Result<String, String> {
        let all =
            |numbers: PerChannel, number: f32| numbers.values().iter().all(|it| *it == number);
        let is_own =
            told.scale == f32::from(self.full) && all(told.mean, 0.0) && all(told.std, 1.0);
        match (self.whole_numbers, is_own) {
            (true, true) => Ok("the graph takes whole numbers: photographs are given to it from 0 to 255".into()),
            (true, false) => Err("the graph takes whole numbers from 0 to 255; leave --preset, --scale, --mean and --std out".into()),
            (false, true) => Ok(format!(
                "the graph normalises its image itself: photographs are given to it from 0 to {}; --preset, --scale, --mean and --std say otherwise",
                self.full
            )),
            (false, false) => Ok(format!(
                "the graph seems to normalise its image itself, from 0 to {}; by your preprocessing it is given one that was normalised before",
                self.full
            )),
        }
    }
}

impl Lowering {
    /// What the first steps of the network, one after another from its input, tell of the values that it expects.
    pub(super) fn normalised(&self) -> Option<Normalised> {
        if self.whole_numbers {
            return Some(Normalised {
                full: 255,
                whole_numbers: true,
            });
        }
        // Others than photographs' are refused, and may be any number.
        let channels = self.network.input.channels;
        if !matches!(channels, 1 | 3) {
            return None;
        }
        let [factors, shifts] = self.first_steps();
        let steps = || factors.iter().zip(&shifts);
        let all = |fits: fn(f64, f64) -> bool| steps().all(|(a, b)| fits(a.abs(), b.abs()));
        if all(|a, b| a == 1.0 && b == 0.0) || !factors.iter().all(|a| a.is_finite() && *a != 0.0) {
            return None;
        }
        let full = match () {
            () if all(|a, _| a <= STEEPEST) => 255,
            () if all(|a, b| a <= FAR && b >= FAR) => 255,
            () if all(|a, _| a >= 1.0) => 1,
            // Neither: it may be a step between two normalisations (GoogLeNet's of torchvision).
            () => return None,
        };
        Some(Normalised {
            full,
            whole_numbers: false,
        })
    }

    /// Channel by channel of the image, by what it is multiplied and what is added then, in the steps up to the first that
    /// does anything else.
    fn first_steps(&self) -> [Vec<f64>; 2] {
        let nodes = &self.network.nodes;
        let channels = self.network.input.channels;
        let (mut factors, mut shifts) = (vec![1.0; channels], vec![0.0; channels]);
        let mut at = 0;
        loop {
            let mut readers = nodes
                .iter()
                .enumerate()
                .filter(|(_, node)| node.inputs.contains(&at));
            let (Some((next, node)), None) = (readers.next(), readers.next()) else {
                break;
            };
            let parameter = |field: &str| -> Option<Vec<f64>> {
                let array = self.weights.get(&format!("{}.{field}", node.name))?;
                let values = array.data.iter().map(|&value| f64::from(value));
                match array.data.len() {
                    1 => values.cycle().take(channels).collect::<Vec<_>>().into(),
                    _ if array.shape == [channels, 1, 1] => Some(values.collect()),
                    _ => None,
                }
            };
            match &node.op {
                Op::Scale { .. } => {
                    let Some(by) = parameter("weight") else { break };
                    for ((factor, shift), by) in factors.iter_mut().zip(&mut shifts).zip(by) {
                        *factor *= by;
                        *shift *= by;
                    }
                }
                Op::Shift { .. } => {
                    let Some(by) = parameter("bias") else { break };
                    shifts
                        .iter_mut()
                        .zip(by)
                        .for_each(|(shift, by)| *shift += by);
                }
                Op::Select {
                    axis: Axis::Channels,
                    indices,
                } if indices.len() == channels => {
                    factors = indices.iter().map(|&index| factors[index]).collect();
                    shifts = indices.iter().map(|&index| shifts[index]).collect();
                }
                Op::Dropout => {}
                _ => break,
            }
            at = next;
        }
        [factors, shifts]
    }
}
