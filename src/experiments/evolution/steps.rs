//! How much what a map shows changes from one snapshot to the next, and whether it jumps with the photograph that excites it most
//! (ZF §4.2).

use std::collections::BTreeMap;

use records::tables::{EvolutionStepRow, MetricRow};

use crate::features::cosine;

/// What a map showed last.
#[derive(Debug)]
struct Last {
    epoch: usize,
    photo: usize,
    projection: Vec<f32>,
}

/// The steps of all maps, told snapshot by snapshot.
#[derive(Debug, Default)]
pub(super) struct Steps {
    /// By layer and map.
    last: BTreeMap<(usize, usize), Last>,
    rows: BTreeMap<(usize, usize), Vec<EvolutionStepRow>>,
}

impl Steps {
    /// Takes in what a map of a layer shows of a photo behind an epoch; epochs rise.
    pub(super) fn add(
        &mut self,
        (layer, name): (usize, &str),
        (map, photo, epoch): (usize, usize, usize),
        projection: Vec<f32>,
    ) {
        let key = (layer, map);
        if let Some(last) = self.last.get(&key) {
            self.rows.entry(key).or_default().push(EvolutionStepRow {
                layer: name.to_owned(),
                map,
                from_epoch: last.epoch,
                epoch,
                cosine: cosine(&last.projection, &projection),
                jump: last.photo != photo,
            });
        }
        let now = Last {
            epoch,
            photo,
            projection,
        };
        self.last.insert(key, now);
    }

    /// By layer, map and epoch.
    pub(super) fn rows(self) -> Vec<EvolutionStepRow> {
        self.rows.into_values().flatten().collect()
    }
}

/// Steps of a map, and those of them with another photo, among sudden ones and among the others.
type Counts = [[usize; 2]; 2];

/// The share of sudden changes that come with another photo less that share of the other steps, its interval by bootstrap over the
/// maps; `None` where there are no steps of one kind.
pub(super) fn jump_excess(rows: &[EvolutionStepRow], seed: u64) -> Option<MetricRow> {
    let of_map = |rows: &[EvolutionStepRow]| {
        let mut counts = Counts::default();
        for row in rows {
            let [steps, jumps] = &mut counts[usize::from(!row.is_sudden())];
            *steps += 1;
            *jumps += usize::from(row.jump);
        }
        counts
    };
    let maps = rows.chunk_by(|a, b| (&a.layer, a.map) == (&b.layer, b.map));
    let maps: Vec<Counts> = maps.map(of_map).collect();
    let excess = |drawn: &[usize]| {
        let share = |kind: usize| {
            let sum =
                |which: usize| -> usize { drawn.iter().map(|&at| maps[at][kind][which]).sum() };
            let (steps, jumps) = (sum(0), sum(1));
            (steps > 0).then(|| jumps as f64 / steps as f64)
        };
        Some(share(0)? - share(1)?)
    };
    let all: Vec<usize> = (0..maps.len()).collect();
    let value = excess(&all)?;
    let interval = statistics::interval(maps.len(), seed, excess);
    Some(MetricRow::new(
        "evolution_jump_excess",
        "all",
        (value, interval),
        maps.len(),
    ))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop")]
mod tests {
    use super::*;

    #[test]
    fn a_step_leads_from_the_last_snapshot_at_which_the_map_fires() {
        let mut steps = Steps::default();
        let layer = (1, "conv2");
        steps.add(layer, (4, 10, 0), vec![1.0, 0.0]);
        steps.add((0, "conv1"), (4, 10, 2), vec![1.0]);
        steps.add(layer, (4, 10, 5), vec![2.0, 0.0]);
        steps.add(layer, (4, 11, 6), vec![0.0, 1.0]);
        let rows = steps.rows();
        let told: Vec<_> = rows
            .iter()
            .map(|row| (row.from_epoch, row.epoch, row.cosine, row.jump))
            .collect();
        assert_eq!(told, [(0, 5, 1.0, false), (5, 6, 0.0, true)]);
        assert!(rows[1].is_sudden() && !rows[0].is_sudden());
    }

    /// Of each of some maps one sudden step and three others; which of them come with another photo.
    fn found(sudden: impl Fn(usize) -> bool, other: impl Fn(usize) -> bool) -> MetricRow {
        let steps = (0..12).flat_map(|map| (0..4).map(move |step| (map, step)));
        let row = |(map, step)| EvolutionStepRow {
            layer: "conv1".into(),
            map,
            from_epoch: step,
            epoch: step + 1,
            cosine: if step == 0 { 0.1 } else { 0.9 },
            jump: match step {
                0 => sudden(map),
                _ => other(map + step),
            },
        };
        let rows: Vec<EvolutionStepRow> = steps.map(row).collect();
        jump_excess(&rows, 1).unwrap()
    }

    #[test]
    fn sudden_changes_come_with_another_photo_or_without() {
        let held = found(|map| map % 6 > 0, |at| at % 4 == 0);
        // Ten of twelve, and one of four.
        assert!((held.value - (10.0 / 12.0 - 0.25)).abs() < 1e-12);
        assert_eq!(held.count, 12);
        assert!(held.low.unwrap() > 0.0 && held.low.unwrap() < held.value);
        let turned = found(|map| map % 6 == 0, |at| at % 4 > 0);
        assert!((turned.value - (2.0 / 12.0 - 0.75)).abs() < 1e-12);
        assert!(turned.high.unwrap() < 0.0);
        assert_eq!(jump_excess(&[], 1), None);
    }
}
