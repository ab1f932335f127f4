//! From when on the projections of a layer are what they will be.

use figures::charts::lines::{self, Axis};
use records::tables::ConvergenceRow;

use super::Material;
use crate::prelude::*;

impl<'a> Material<'a, '_> {
    /// Which layers came first; `None` where there is nothing to hold against each other.
    pub(super) fn convergence(&self) -> Result<Option<Block>> {
        let page = self.page;
        if self.page.site.rows::<ConvergenceRow>().is_empty() || self.epochs.len() < 2 {
            return Ok(None);
        }
        let layers: Vec<&'a str> = self.settling();
        let photos = layers.iter().flat_map(|layer| self.cosines(layer));
        let photos = photos.map(|row| row.photos).max().unwrap_or(0);
        let seed = page.site.run.manifest.options.seed;
        let bound = numbers::probability(ConvergenceRow::SETTLED);
        let measure = Block::prose([
            page.count("evolution.measure_units", photos, &[("seed", &seed)]),
            page.fill("evolution.measure_cosine", &[("bound", &bound)]),
            page.say("evolution.measure_last"),
            page.say("evolution.measure_through"),
        ]);
        let told = Block::text(vec![self.told(&layers, &bound), self.order(&layers)]);
        let names = layers.iter().map(|layer| (*layer).to_owned());
        let blocks = [
            told,
            Block::Swatches(Swatches::of_lines(names)),
            Block::charts(
                vec![self.chart(&layers)?],
                page.say("evolution.chart_caption"),
            ),
            self.table(&layers),
            Block::Subheading(page.say("evolution.measure")),
            measure,
        ];
        Ok(Some(page.section("first", "evolution.first", blocks)))
    }

    /// The layers that it is told of, from the input upwards.
    fn settling(&self) -> Vec<&'a str> {
        let rows = self.page.site.rows::<ConvergenceRow>().iter();
        distinct(rows.map(|row| row.layer.as_str()))
    }

    fn cosines<'m>(
        &'m self,
        layer: &'m str,
    ) -> impl DoubleEndedIterator<Item = &'a ConvergenceRow> + 'm {
        let rows = self.page.site.rows::<ConvergenceRow>().iter();
        rows.filter(move |row| row.layer == layer)
    }

    /// A mean and its interval.
    fn cosine(&self, layer: &str, epoch: usize) -> Text {
        let row = self.cosines(layer).find(|row| row.epoch == epoch);
        let cosine = row.map(|row| numbers::probability(row.cosine));
        let ends = row.and_then(|row| row.low.zip(row.high));
        let interval = ends.map(|(low, high)| {
            let ends = [low, high].map(numbers::probability);
            Text::of_class("small", ends.join("–"))
        });
        Text::from(cosine).and(interval.unwrap_or_default())
    }

    fn settled(&self, layer: &str) -> Option<usize> {
        ConvergenceRow::settled(self.cosines(layer))
    }

    fn end(&self) -> usize {
        self.epochs.last().copied().unwrap_or(0)
    }

    /// Since when each layer stays.
    fn told(&self, layers: &[&str], bound: &str) -> String {
        let of_layer = |layer: &&str| {
            let epoch = self.settled(layer).unwrap_or(self.end());
            let key = match epoch {
                epoch if epoch == self.end() => "evolution.settled_end",
                0 => "evolution.settled_before",
                _ => "evolution.settled_from",
            };
            self.page.fill(key, &[("layer", layer), ("epoch", &epoch)])
        };
        let layers: Vec<String> = layers.iter().map(of_layer).collect();
        let gaps: [Gap<'_>; 2] = [("bound", &bound), ("layers", &layers.join(", "))];
        self.page.fill("evolution.settled", &gaps)
    }

    /// Whether lower layers came first.
    fn order(&self, layers: &[&str]) -> String {
        let epochs = layers
            .iter()
            .map(|layer| self.settled(layer).unwrap_or(self.end()));
        match order(&epochs.collect::<Vec<_>>()) {
            Order::Together => self.page.say("evolution.order_together"),
            Order::LowerFirst => self.page.say("evolution.order_lower"),
            Order::Broken(lower, upper) => {
                let gaps: [Gap<'_>; 2] = [("lower", &layers[lower]), ("upper", &layers[upper])];
                self.page.fill("evolution.order_broken", &gaps)
            }
        }
    }

    fn chart(&self, layers: &[&str]) -> Result<Chart> {
        let page = self.page;
        let place = |epoch: usize| self.epochs.iter().position(|other| *other == epoch);
        let line = |layer: &&str| -> Vec<(f64, f64)> {
            let points = self.cosines(layer);
            let point = |row: &ConvergenceRow| Some((place(row.epoch)? as f64, row.cosine));
            points.filter_map(point).collect()
        };
        let drawn: Vec<Vec<(f64, f64)>> = layers.iter().map(line).collect();
        let ticks = self.shown.iter().filter_map(|epoch| place(*epoch));
        let across = Axis::over(
            [0.0, self.epochs.len().saturating_sub(1) as f64],
            &page.say("evolution.axis_epoch"),
        );
        let across = across
            .at(ticks.map(|place| place as f64).collect())
            .printed(|place| {
                self.epochs
                    .get(place as usize)
                    .map_or_else(String::new, usize::to_string)
            });
        let up = lines::probabilities(&drawn, &page.say("evolution.axis_cosine"));
        let up = up.at(vec![0.0, 0.25, 0.5, 0.75, ConvergenceRow::SETTLED]);
        let up = up.printed(numbers::probability);
        let values = layers.iter().zip(&drawn).map(|(layer, line)| {
            let values = line.iter().map(|(_, cosine)| numbers::probability(*cosine));
            format!("{layer} {}", values.collect::<Vec<_>>().join(", "))
        });
        let values = numbers::listed(values);
        let svg = lines::draw(&drawn, across, up)?;
        let alt = page.fill("evolution.alt_chart", &[("values", &values)]);
        page.chart("assets/evolution/convergence.svg", &svg, alt)
    }

    fn table(&self, layers: &[&str]) -> Block {
        let columns = self.page.columns(layers.iter().copied());
        let mut columns = columns
            .text("common.layer", |layer| (*layer).to_owned())
            .count("evolution.settled_head", |layer| self.settled(layer));
        for &epoch in &self.shown {
            let column = Column::number(self.epoch(epoch).0);
            columns = columns.column(column, |layer| self.cosine(layer, epoch));
        }
        columns.table("evolution.table", "evolution.table_caption")
    }
}

/// The order in which layers settle.
#[derive(Debug, PartialEq, Eq)]
enum Order {
    /// All at the same snapshot.
    Together,
    /// None before one below it.
    LowerFirst,
    /// The upper one of these two before the lower one.
    Broken(usize, usize),
}

/// Of layers that settle at these epochs, from the input upwards.
fn order(epochs: &[usize]) -> Order {
    let pairs = epochs.windows(2).enumerate();
    let mut broken = pairs.filter(|(_, pair)| pair[1] < pair[0]);
    match broken.next() {
        Some((lower, _)) => Order::Broken(lower, lower + 1),
        None if epochs.first() == epochs.last() => Order::Together,
        None => Order::LowerFirst,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_told_only_where_there_is_one() {
        assert_eq!(order(&[2, 5, 5, 20]), Order::LowerFirst);
        assert_eq!(order(&[5, 5, 5]), Order::Together);
        assert_eq!(order(&[2, 5, 1]), Order::Broken(1, 2));
        assert_eq!(order(&[]), Order::Together);
    }
}
