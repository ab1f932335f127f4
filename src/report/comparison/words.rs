//! What runs said and how it changed, in words, and what the figures of a difference are worth.

use comparison::{AccuracyChange, Change, Comparison, Difference, Seen};
use statistics::Method;

use crate::prelude::*;

/// A p-value below this is called more than chance.
const LEVEL: f64 = 0.05;

/// Accuracy, the label's probability, the first class's probability: those that both runs have.
pub(super) fn figures(texts: &Texts, difference: &Difference) -> Vec<Card> {
    let accuracy = difference.accuracy.as_ref().map(|a| accuracy(texts, a));
    let [label, first] = [
        ("compare.label_probability", &difference.label),
        ("compare.first_probability", &difference.first),
    ]
    .map(|(key, found)| Some(change(texts, key, found.as_ref()?)));
    [accuracy, label, first].into_iter().flatten().collect()
}

fn accuracy(texts: &Texts, accuracy: &AccuracyChange) -> Card {
    let (counts, n) = (accuracy.counts, accuracy.counts.total());
    let share = |hits: usize| numbers::percent(hits as f64 / n as f64);
    let [before, after] =
        [counts.only_first, counts.only_second].map(|one| share(counts.both + one));
    let change = (accuracy.difference, accuracy.interval);
    let (verdict, test) = match accuracy.mcnemar {
        Some(test) => (
            verdict(texts, test.p_value, test.discordant, n),
            texts.count(
                "compare.mcnemar",
                test.discordant,
                &[("p", &numbers::p_told(test.p_value))],
            ),
        ),
        None => (String::new(), texts.say("compare.mcnemar_undefined")),
    };
    Card {
        label: texts.say("compare.accuracy"),
        value: format!("{before} → {after}"),
        notes: vec![
            told(texts, "compare.points", change, n, numbers::points),
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
    let (verdict, test) = match &change.wilcoxon {
        Some(test) => {
            let key = match test.method {
                Method::Exact => "compare.wilcoxon_exact",
                Method::Normal => "compare.wilcoxon_normal",
            };
            let p = numbers::p_told(test.p_value);
            (
                verdict(texts, test.p_value, test.count, n),
                texts.count(key, test.count, &[("p", &p)]),
            )
        }
        None => (String::new(), texts.say("compare.wilcoxon_undefined")),
    };
    let found = (change.mean, change.interval);
    Card {
        label: texts.say(label),
        value: format!("{} → {}", mean(|v| v.1), mean(|v| v.2)),
        notes: vec![
            told(texts, "compare.change", found, n, numbers::change),
            test,
        ],
        verdict,
    }
}

/// A difference with its interval, in the words of `key`.
fn told(
    texts: &Texts,
    key: &str,
    (difference, interval): (f64, Option<(f64, f64)>),
    n: usize,
    print: fn(f64) -> String,
) -> String {
    let interval = match interval {
        Some((low, high)) => {
            let ends = format!("{} {} {}", print(low), texts.say("common.to"), print(high));
            texts.fill("common.interval", &[("interval", &ends)])
        }
        None => texts.say("compare.no_interval"),
    };
    let gaps: [Gap<'_>; 2] = [("difference", &print(difference)), ("interval", &interval)];
    texts.count(key, n, &gaps)
}

/// What a p-value says that `differing` of `n` photos gave.
fn verdict(texts: &Texts, p: f64, differing: usize, n: usize) -> String {
    // The smallest that so many signs can give: all on one side.
    let smallest = 0.5_f64.powi(differing.min(1000) as i32 - 1).min(1.0);
    match p {
        p if p < LEVEL => texts.say("compare.more_than_chance"),
        _ if smallest >= LEVEL => {
            let smallest = numbers::p_value(smallest);
            texts.fill("compare.too_few", &[("smallest", &smallest)])
        }
        _ => texts.count("compare.could_be_chance", n, &[]),
    }
}

/// `tabby 0.61`.
pub(super) fn answer(seen: &Seen) -> String {
    numbers::named(&seen.class_name, seen.probability)
}

/// `0.98 → 0.21 (−0.77)`: how the probability that two runs are compared by changed for a photo.
pub(super) fn change_of(comparison: &Comparison, at: usize) -> Option<String> {
    let (_, _, difference) = comparison.two()?;
    let mut values = difference.headline()?.values.iter();
    let (_, before, after) = values.find(|value| value.0 == at)?;
    let change = numbers::change(after - before);
    let [before, after] = [*before, *after].map(numbers::probability);
    Some(format!("{before} → {after} ({change})"))
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
