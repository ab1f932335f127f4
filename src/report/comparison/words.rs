//! What runs said and how it changed, in words, and what the figures of a difference are worth.

use super::super::blocks::Card;
use super::super::lang::Texts;
use super::super::numbers;
use crate::comparison::{AccuracyChange, Change, Comparison, Difference, Seen};
use crate::statistics::Method;

/// A p-value below this is called more than chance.
const LEVEL: f64 = 0.05;

/// Accuracy, the label's probability, the first class's probability: those that both runs have.
pub(super) fn figures(texts: &Texts, difference: &Difference) -> Vec<Card> {
    let changes = [
        ("compare.label_probability", &difference.label),
        ("compare.first_probability", &difference.first),
    ];
    let accuracy = difference.accuracy.as_ref().map(|a| accuracy(texts, a));
    let changes = changes
        .into_iter()
        .filter_map(|(label, found)| Some(change(texts, label, found.as_ref()?)));
    accuracy.into_iter().chain(changes).collect()
}

fn accuracy(texts: &Texts, accuracy: &AccuracyChange) -> Card {
    let counts = accuracy.counts;
    let share = |hits: usize| numbers::percent(hits as f64 / counts.total() as f64);
    let points = |share: f64| numbers::points(share);
    let (verdict, test) = match accuracy.mcnemar {
        Some(test) => (
            verdict(
                texts,
                test.p_value,
                smallest(test.discordant),
                counts.total(),
            ),
            texts.count(
                "compare.mcnemar",
                test.discordant,
                &[("p", &numbers::p_value(test.p_value))],
            ),
        ),
        None => (String::new(), texts.say("compare.mcnemar_undefined")),
    };
    Card {
        label: texts.say("compare.accuracy"),
        value: format!(
            "{} → {}",
            share(counts.both + counts.only_first),
            share(counts.both + counts.only_second)
        ),
        notes: vec![
            interval(
                texts,
                "compare.points",
                points(accuracy.difference),
                accuracy
                    .interval
                    .map(|(low, high)| (points(low), points(high))),
                counts.total(),
            ),
            test,
        ],
        verdict,
    }
}

fn change(texts: &Texts, label: &str, change: &Change) -> Card {
    let n = change.values.len();
    let mean = |of: fn(&(usize, f64, f64)) -> f64| {
        numbers::probability(change.values.iter().map(of).sum::<f64>() / n as f64)
    };
    let printed = numbers::change;
    let (verdict, test) = match &change.wilcoxon {
        Some(test) => {
            let key = match test.method {
                Method::Exact => "compare.wilcoxon_exact",
                Method::Normal => "compare.wilcoxon_normal",
            };
            let gaps = [("p", &*numbers::p_value(test.p_value))];
            (
                verdict(texts, test.p_value, smallest(test.count), n),
                texts.count(key, test.count, &gaps),
            )
        }
        None => (String::new(), texts.say("compare.wilcoxon_undefined")),
    };
    Card {
        label: texts.say(label),
        value: format!("{} → {}", mean(|v| v.1), mean(|v| v.2)),
        notes: vec![
            interval(
                texts,
                "compare.change",
                printed(change.mean),
                change
                    .interval
                    .map(|(low, high)| (printed(low), printed(high))),
                n,
            ),
            test,
        ],
        verdict,
    }
}

fn interval(
    texts: &Texts,
    key: &str,
    difference: String,
    interval: Option<(String, String)>,
    n: usize,
) -> String {
    let to = texts.say("common.to");
    let interval = match interval {
        Some((low, high)) => texts.fill(
            "common.interval",
            &[("interval", &format!("{low} {to} {high}"))],
        ),
        None => texts.say("compare.no_interval"),
    };
    texts.count(
        key,
        n,
        &[("difference", &difference), ("interval", &interval)],
    )
}

/// The smallest p-value that so many signs can give: all on one side.
fn smallest(count: usize) -> f64 {
    0.5_f64.powi(count.min(1000) as i32 - 1).min(1.0)
}

fn verdict(texts: &Texts, p: f64, smallest: f64, n: usize) -> String {
    match p {
        p if p < LEVEL => texts.say("compare.more_than_chance"),
        _ if smallest >= LEVEL => texts.fill(
            "compare.too_few",
            &[("smallest", &numbers::p_value(smallest))],
        ),
        _ => texts.count("compare.could_be_chance", n, &[]),
    }
}

/// `tabby 0.61`.
pub(super) fn answer(seen: &Seen) -> String {
    format!(
        "{} {}",
        seen.class_name,
        numbers::probability(seen.probability)
    )
}

/// `0.98 → 0.21 (−0.77)`: how the probability that two runs are compared by changed for a photo.
pub(super) fn change_of(comparison: &Comparison, at: usize) -> Option<String> {
    let (_, _, difference) = comparison.two()?;
    let found = difference.headline()?.values.iter().find(|v| v.0 == at)?;
    Some(format!(
        "{} → {} ({})",
        numbers::probability(found.1),
        numbers::probability(found.2),
        numbers::change(found.2 - found.1)
    ))
}

/// The same with the name of what it is the probability of: the label, or the first class in its place.
pub(super) fn named_change(comparison: &Comparison, at: usize) -> Option<String> {
    let (_, _, difference) = comparison.two()?;
    let change = change_of(comparison, at)?;
    let line = &comparison.lineup.photos[at];
    let name = match &difference.label {
        Some(_) => &line.label,
        None => &line.seen[0].as_ref()?.class_name,
    };
    Some(format!("{name}: {change}"))
}
