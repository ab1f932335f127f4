//! What a study says, in sentences that its numbers carry.

use records::tables::{StudyRow, StudyTogetherRow};

use super::{edits, interval};
use crate::prelude::*;

/// A p-value below this is called more than chance.
const LEVEL: f64 = 0.05;

/// How a variant stands to the base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Worse,
    Better,
    Open,
    /// Right about the same photographs: there is nothing to test.
    Same,
}

/// A sentence for each variant, and for those that are two others together.
pub(super) fn blocks(page: &Page<'_>, rows: &[StudyRow]) -> Vec<Block> {
    let together = page.site.rows::<StudyTogetherRow>().iter();
    let variants = rows.iter().filter_map(|row| variant(page, rows, row));
    let sentences = variants.chain(together.map(|row| both(page, row, rows[0].seeds)));
    let mut blocks = vec![Block::prose(sentences.collect::<Vec<_>>())];
    if rows[0].seeds == 1 {
        blocks.push(page.paragraph("study.one_seed"));
    }
    blocks
}

fn variant(page: &Page<'_>, rows: &[StudyRow], row: &StudyRow) -> Option<String> {
    let difference = row.difference?;
    let several = row.seeds > 1;
    let key = match (verdict(row, difference), several) {
        (Verdict::Worse, false) => "study.worse",
        (Verdict::Better, false) => "study.better",
        (Verdict::Open, false) => "study.open",
        (Verdict::Same, false) => "study.same",
        (Verdict::Worse, true) => "study.seeds_worse",
        (Verdict::Better, true) => "study.seeds_better",
        (_, true) => "study.seeds_open",
    };
    let ends = interval(page, row.low.zip(row.high));
    let gaps: [Gap<'_>; 7] = [
        ("variant", &row.variant),
        ("edits", &edits(page, row)),
        ("base", &rows[0].variant),
        ("points", &numbers::points(difference)),
        ("interval", &ends.unwrap_or_else(|| numbers::DASH.into())),
        ("p", &numbers::or_dash(row.p_value, numbers::p_told)),
        ("seeds", &row.seeds),
    ];
    let ours = page.fill(key, &gaps);
    let published = row
        .published_base_val_top1_error
        .zip(row.published_val_top1_error);
    Some(match published {
        Some((before, after)) => {
            let gaps: [Gap<'_>; 4] = [
                ("points", &numbers::points(after - before)),
                ("before", &numbers::percent(before)),
                ("after", &numbers::percent(after)),
                ("source", &row.published_source),
            ];
            format!("{ours} {}", page.fill("study.published", &gaps))
        }
        None => ours,
    })
}

fn verdict(row: &StudyRow, difference: f64) -> Verdict {
    let is_told = match (row.seeds > 1, row.p_value) {
        (true, _) => row
            .low
            .zip(row.high)
            .is_some_and(|(low, high)| low > 0.0 || high < 0.0),
        (false, Some(p)) => p < LEVEL,
        (false, None) => return Verdict::Same,
    };
    match is_told {
        false => Verdict::Open,
        true if difference > 0.0 => Verdict::Worse,
        true => Verdict::Better,
    }
}

/// What two edits cost together, against what each costs alone.
fn both(page: &Page<'_>, row: &StudyTogetherRow, seeds: usize) -> String {
    let key = match row.low.zip(row.high) {
        Some((low, _)) if low > 0.0 => "study.together_more",
        Some((_, high)) if high < 0.0 => "study.together_less",
        _ => "study.together_open",
    };
    let ends = interval(page, row.low.zip(row.high));
    let gaps: [Gap<'_>; 8] = [
        ("variant", &row.variant),
        ("first", &row.first),
        ("second", &row.second),
        ("points", &numbers::points(row.difference)),
        ("first_points", &numbers::points(row.first_difference)),
        ("second_points", &numbers::points(row.second_difference)),
        ("more", &numbers::points(row.more)),
        ("interval", &ends.unwrap_or_else(|| numbers::DASH.into())),
    ];
    let told = page.fill(key, &gaps);
    match seeds > 1 {
        true => format!(
            "{told} {}",
            page.fill("study.of_seed", &[("seed", &row.seed)])
        ),
        false => told,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(seeds: usize, interval: (f64, f64), p_value: Option<f64>) -> StudyRow {
        StudyRow {
            variant: "a".into(),
            network: String::new(),
            removed: String::new(),
            changed: String::new(),
            recipe: String::new(),
            seeds,
            parameters: 0,
            multiply_adds: 0,
            train_error: None,
            val_top1_error: 0.0,
            val_top1_smallest: None,
            val_top1_largest: None,
            val_top5_error: None,
            difference: None,
            low: Some(interval.0),
            high: Some(interval.1),
            p_value,
            published_train_error: None,
            published_val_top1_error: None,
            published_val_top5_error: None,
            published_base_val_top1_error: None,
            published_source: String::new(),
        }
    }

    #[test]
    fn a_verdict_is_what_the_numbers_carry() {
        let of = |seeds, interval, p, difference| verdict(&row(seeds, interval, p), difference);
        assert_eq!(of(1, (0.01, 0.03), Some(0.01), 0.02), Verdict::Worse);
        assert_eq!(of(1, (-0.03, -0.01), Some(0.01), -0.02), Verdict::Better);
        assert_eq!(of(1, (-0.01, 0.03), Some(0.2), 0.01), Verdict::Open);
        assert_eq!(of(1, (0.0, 0.0), None, 0.0), Verdict::Same);
        assert_eq!(of(3, (0.01, 0.03), None, 0.02), Verdict::Worse);
        assert_eq!(of(3, (-0.01, 0.03), None, 0.02), Verdict::Open);
    }
}
