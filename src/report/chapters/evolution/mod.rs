//! How features came about while the network was trained: maps at every snapshot (ZF fig. 4), and which layers came first.

mod convergence;
mod maps;

use records::tables::{ConvergencePhotoRow, ConvergenceRow, EvolutionRow, Row as _};

use super::{Chapter, Plan};
use crate::prelude::*;

/// Snapshots that are shown at most: the first, the last and those between at equal distances.
const SHOWN: usize = 10;

pub(super) const CHAPTER: Chapter = Chapter {
    name: "nav.evolution",
    holds: "front.contents_evolution",
    pages: |site| match site.rows::<EvolutionRow>().is_empty() {
        true => Vec::new(),
        false => vec![Plan::new("pages/evolution.html", content)],
    },
};

/// What every part of the page is made from.
struct Material<'a, 'b> {
    page: &'b Page<'a>,
    rows: &'a [EvolutionRow],
    layers: Vec<&'a str>,
    /// Of all snapshots.
    epochs: Vec<usize>,
    /// Of those that are shown.
    shown: Vec<usize>,
}

fn content(page: &Page<'_>) -> Result<Content> {
    let site = page.site;
    let rows = site.rows::<EvolutionRow>();
    let mut epochs: Vec<usize> = rows.iter().map(|row| row.epoch).collect();
    epochs.sort_unstable();
    epochs.dedup();
    let material = Material {
        page,
        rows,
        layers: distinct(rows.iter().map(|row| row.layer.as_str())),
        shown: shown(&epochs),
        epochs,
    };
    let photos = numbers::count(site.run.manifest.dataset.photos);
    let gaps: [Gap<'_>; 2] = [("model", &site.network()), ("photos", &photos)];
    let lead = page.count("evolution.lead", material.epochs.len(), &gaps);
    let files = [
        EvolutionRow::FILE,
        ConvergenceRow::FILE,
        ConvergencePhotoRow::FILE,
    ];
    Ok(Content::new(page.say("evolution.title"), lead)
        .with([material.how(), material.maps()])
        .with(material.convergence()?)
        .with([
            Block::text(page.say("evolution.kept")),
            page.more_in(&files),
            page.caveat(),
        ]))
}

impl Material<'_, '_> {
    /// An epoch as columns and axes call it, and what is said beside it.
    fn epoch(&self, epoch: usize) -> (String, String) {
        let name = self.page.fill("evolution.epoch", &[("epoch", &epoch)]);
        let note = match epoch {
            0 => self.page.say("evolution.before"),
            _ => String::new(),
        };
        (name, note)
    }
}

fn shown(epochs: &[usize]) -> Vec<usize> {
    let last = epochs.len().saturating_sub(1);
    if last < SHOWN {
        return epochs.to_vec();
    }
    let at = |number: usize| number * last / (SHOWN - 1);
    (0..SHOWN).map(|number| epochs[at(number)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_snapshots_are_all_shown_and_of_many_the_ends() {
        assert_eq!(shown(&[0, 1, 5]), [0, 1, 5]);
        assert_eq!(shown(&[7]), [7]);
        let many: Vec<usize> = (0..=140).collect();
        let shown = shown(&many);
        assert_eq!(shown.len(), SHOWN);
        assert_eq!((shown[0], shown[1], shown[9]), (0, 15, 140));
    }
}
