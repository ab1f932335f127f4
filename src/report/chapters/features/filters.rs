//! The first layer's filters, and whether they are more than random numbers (ZF fig. 6).

use figures::features::{filters_size, FILTERS, FILTERS_A_ROW};
use records::tables::{FilterRow, Row};

use super::sheet::picture;
use crate::prelude::*;

/// A filter with less than this part of the median norm is dead.
const DEAD: f64 = 0.01;

/// The section on the filters; `None` where the run did not look at them.
pub(super) fn filters(page: &Page<'_>) -> Option<Block> {
    let rows = page.site.rows::<FilterRow>();
    let layer = &rows.first()?.layer;
    let gaps: [Gap<'_>; 2] = [("layer", layer), ("columns", &FILTERS_A_ROW)];
    let size = filters_size(&page.site.run.root, FILTERS).unwrap_or_default();
    let alt = page.count("features.alt_filters", rows.len(), &gaps);
    let (ours, noise) = (shares(rows), noise(page, layer));
    let picture = picture(page, FILTERS, alt).sized(size);
    let mut blocks = vec![
        Block::text(page.count("features.filters_text", rows.len(), &gaps)),
        Block::picture("filters", picture, String::new()),
        Block::Subheading(page.say("features.power")),
    ];
    let verdict = noise.map(|noise| Text::of_class("strong", told(page, ours, noise)));
    blocks.extend(verdict.map(Block::Paragraph));
    blocks.extend([
        page.paragraph("features.power_text"),
        Block::Bars(bars(page, ours, noise)),
        Block::prose(notes(page, rows)),
        page.more_in(&[FilterRow::FILE]),
    ]);
    Some(page.section("filters", "features.filters", blocks))
}

/// Mean shares of power in low, middle and high frequencies, and of what the stride cannot sample.
type Shares = [f64; 4];

fn shares(rows: &[FilterRow]) -> Shares {
    let share: [fn(&FilterRow) -> f64; 4] = [
        |row| row.low_share,
        |row| row.middle_share,
        |row| row.high_share,
        |row| row.aliased_share,
    ];
    share.map(|share| numbers::mean(rows.iter().map(share)).unwrap_or_default())
}

/// What filters of random numbers would have.
fn noise(page: &Page<'_>, layer: &str) -> Option<Shares> {
    let scope = format!("layer:{layer}");
    let share = |name: &str| {
        let metric = format!("filter_{name}_share_noise");
        page.site.metric(&metric, &scope).map(|metric| metric.value)
    };
    Some([
        share("low")?,
        share("middle")?,
        share("high")?,
        share("aliased")?,
    ])
}

fn bars(page: &Page<'_>, ours: Shares, noise: Option<Shares>) -> Vec<Bar> {
    let names = [
        "features.coarse",
        "features.middle",
        "features.fine",
        "features.aliased",
    ];
    let bar = |(at, name): (usize, &str)| {
        let noise = noise.map(|noise| noise[at]);
        let share = numbers::whole_percent(ours[at]);
        let value = match noise.map(numbers::whole_percent) {
            Some(noise) => {
                let gaps: [Gap<'_>; 2] = [("share", &share), ("noise", &noise)];
                page.fill("features.against_noise", &gaps)
            }
            None => share,
        };
        Bar::new(page.say(name), value, ours[at], noise)
    };
    names.into_iter().enumerate().map(bar).collect()
}

/// What the filters are by where their power lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Far more power in low and middle frequencies than random numbers have.
    Structured,
    /// As random numbers.
    Random,
    /// Neither.
    Between,
}

fn verdict(ours: Shares, noise: Shares) -> Verdict {
    const LIKE: f64 = 0.05;
    const APART: f64 = 0.15;
    let differences = [0, 1, 2].map(|at| ours[at] - noise[at]);
    match differences {
        [low, middle, _] if low + middle >= APART => Verdict::Structured,
        all if all.iter().all(|difference| difference.abs() <= LIKE) => Verdict::Random,
        _ => Verdict::Between,
    }
}

fn told(page: &Page<'_>, ours: Shares, noise: Shares) -> String {
    let key = match verdict(ours, noise) {
        Verdict::Structured => "features.structured",
        Verdict::Random => "features.random",
        Verdict::Between => "features.between",
    };
    let gaps: [Gap<'_>; 3] = [
        ("coarse", &numbers::whole_percent(ours[0] + ours[1])),
        ("random", &numbers::whole_percent(noise[0] + noise[1])),
        ("fine", &numbers::whole_percent(ours[2])),
    ];
    page.fill(key, &gaps)
}

fn notes(page: &Page<'_>, rows: &[FilterRow]) -> Vec<String> {
    let twins = rows.iter().filter(|row| row.is_repeated());
    let cosine: [Gap<'_>; 1] = [("cosine", &FilterRow::REPEATED)];
    let dead = dead(rows);
    let names: Vec<String> = dead.iter().map(usize::to_string).collect();
    vec![
        match twins.count() {
            0 => page.fill("features.no_twin", &cosine),
            n => page.count("features.twins", n, &cosine),
        },
        match dead.len() {
            0 => page.say("features.no_dead_filter"),
            n => page.count(
                "features.dead_filters",
                n,
                &[("filters", &names.join(", "))],
            ),
        },
    ]
}

/// The filters that hardly have any weight.
fn dead(rows: &[FilterRow]) -> Vec<usize> {
    let mut norms: Vec<f64> = rows.iter().map(|row| row.norm).collect();
    norms.sort_by(f64::total_cmp);
    let median = norms.get(norms.len() / 2).copied().unwrap_or_default();
    rows.iter()
        .filter(|row| row.norm < DEAD * median)
        .map(|row| row.filter)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_is_in_the_numbers() {
        let noise = [0.05, 0.15, 0.8, 0.6];
        let of = |low, middle| verdict([low, middle, 1.0 - low - middle, 0.5], noise);
        assert_eq!(of(0.3, 0.4), Verdict::Structured);
        assert_eq!(of(0.07, 0.13), Verdict::Random);
        assert_eq!(of(0.12, 0.15), Verdict::Between);
        assert_eq!(of(0.0, 0.0), Verdict::Between);
    }
}
