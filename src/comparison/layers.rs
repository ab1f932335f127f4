//! Projections of two runs held against each other: where in the network the runs part.

use base::Result;
use records::maps::{Maps, PhotoArrays, ProjectionArray};
use records::{ProjectionKind, Run};

use super::tables::LayerRow;

/// How a layer's projections differ over all photos.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerSummary {
    /// The stage.
    pub layer: String,
    /// What was projected.
    pub kind: ProjectionKind,
    /// Cosines, ascending.
    pub cosines: Vec<f64>,
    /// Energy in the second run over that in the first, ascending.
    pub energy_ratios: Vec<f64>,
}

/// The maps of one photo in two runs.
#[derive(Debug)]
pub struct PhotoPair {
    /// In the first run.
    pub a: PhotoArrays,
    /// In the second run.
    pub b: PhotoArrays,
}

/// The layers and kinds that both runs project, from the input upwards.
pub(super) fn shared(a: &Run, b: &Run) -> Vec<(ProjectionKind, String)> {
    let has = |run: &Run, kind: &ProjectionKind| run.manifest.options.kinds.contains(kind);
    let stages = a.manifest.model.stages.iter();
    stages
        .filter(|stage| b.manifest.model.stages.contains(stage))
        .flat_map(|stage| {
            let kinds = a.manifest.options.kinds.iter();
            kinds
                .filter(|kind| has(b, kind))
                .map(move |kind| (*kind, stage.clone()))
        })
        .collect()
}

impl PhotoPair {
    /// Reads a photo's maps as it is; `None` where one of the runs kept none, or of another size.
    ///
    /// # Errors
    /// [`base::Error::Io`]; [`base::Error::RunFolder`] for a file that is damaged, or was changed since.
    pub fn read(
        (a, b): (&Run, &Run),
        image_id: &str,
        projections: &[(ProjectionKind, String)],
    ) -> Result<Option<Self>> {
        let file = PhotoArrays::file(&image_id.to_owned());
        let read = |run: &Run| {
            if run.root.join(&file).is_file() {
                run.manifest.unchanged(&run.root, [&*file])?;
            }
            PhotoArrays::original(&run.root, image_id, projections)
        };
        let (Some(a), Some(b)) = (read(a)?, read(b)?) else {
            return Ok(None);
        };
        Ok((a.shape == b.shape).then_some(Self { a, b }))
    }

    /// The projections that both runs made.
    pub fn projections(&self) -> impl Iterator<Item = (&ProjectionArray, &ProjectionArray)> {
        let a = self.a.conditions.iter().flat_map(|c| &c.projections);
        a.filter_map(|a| {
            let mut b = self.b.conditions.iter().flat_map(|c| &c.projections);
            let b = b.find(|b| b.kind == a.kind && b.layer == a.layer)?;
            (a.values.len() == b.values.len()).then_some((a, b))
        })
    }

    /// Energies and cosines.
    pub fn rows(&self, image_id: &str) -> Vec<LayerRow> {
        let row = |(a, b): (&ProjectionArray, &ProjectionArray)| {
            let (energy_a, energy_b) = (energy(&a.values), energy(&b.values));
            let dot: f64 = a
                .values
                .iter()
                .zip(b.values.iter())
                .map(|(a, b)| f64::from(*a) * f64::from(*b))
                .sum();
            let length = (energy_a * energy_b).sqrt();
            LayerRow {
                image_id: image_id.to_owned(),
                layer: a.layer.clone(),
                kind: a.kind,
                energy_a,
                energy_b,
                cosine: (length > 0.0).then(|| (dot / length).clamp(-1.0, 1.0)),
            }
        };
        self.projections().map(row).collect()
    }
}

fn energy(values: &[f32]) -> f64 {
    values.iter().map(|value| f64::from(*value).powi(2)).sum()
}

/// The rows by layer and kind, in the order in which they appear first.
pub(super) fn summaries(rows: &[LayerRow]) -> Vec<LayerSummary> {
    let mut summaries: Vec<LayerSummary> = Vec::new();
    for row in rows {
        let known = summaries
            .iter()
            .position(|s| s.layer == row.layer && s.kind == row.kind);
        let at = known.unwrap_or_else(|| {
            summaries.push(LayerSummary {
                layer: row.layer.clone(),
                kind: row.kind,
                cosines: Vec::new(),
                energy_ratios: Vec::new(),
            });
            summaries.len() - 1
        });
        summaries[at].cosines.extend(row.cosine);
        if row.energy_a > 0.0 {
            summaries[at]
                .energy_ratios
                .push(row.energy_b / row.energy_a);
        }
    }
    for summary in &mut summaries {
        summary.cosines.sort_by(f64::total_cmp);
        summary.energy_ratios.sort_by(f64::total_cmp);
    }
    summaries
}

#[cfg(test)]
mod tests {
    use super::*;
    use records::maps::ConditionArrays;
    use records::ORIGINAL;
    use statistics::median;

    fn arrays(values: [f32; 3]) -> PhotoArrays {
        PhotoArrays {
            image_id: "dog".into(),
            shape: [3, 1, 1],
            conditions: vec![ConditionArrays {
                condition: ORIGINAL.into(),
                input: vec![0.0; 3],
                projections: vec![ProjectionArray {
                    kind: ProjectionKind::Layer,
                    layer: "conv1".into(),
                    values: values.to_vec().into(),
                }],
            }],
        }
    }

    #[test]
    fn energies_and_cosine_are_those_of_the_two_vectors() {
        let pair = |a, b| PhotoPair {
            a: arrays(a),
            b: arrays(b),
        };
        let row = &pair([3.0, 4.0, 0.0], [0.0, 2.0, 0.0]).rows("x")[0];
        assert_eq!((row.energy_a, row.energy_b), (25.0, 4.0));
        assert!((row.cosine.unwrap() - 0.8).abs() < 1e-12);
        assert_eq!(pair([1.0; 3], [0.0; 3]).rows("x")[0].cosine, None);
        let rows: Vec<LayerRow> = [[0.0, 2.0, 0.0], [3.0, 4.0, 0.0], [-3.0, -4.0, 0.0]]
            .into_iter()
            .flat_map(|b| pair([3.0, 4.0, 0.0], b).rows("x"))
            .collect();
        let summary = &summaries(&rows)[0];
        assert_eq!(summary.cosines.len(), 3);
        assert!((summary.cosines[0] + 1.0).abs() < 1e-12);
        assert!((median(&summary.cosines).unwrap() - 0.8).abs() < 1e-12);
    }
}
