//! What each verdict rests on: the rules with the figures that they were held against, and where these stand.

use records::tables::{ClaimRow, ClaimRuleRow, MetricRow, Row as _};

use super::rules;
use crate::prelude::*;
use crate::verdicts::{cell, in_language, key, number};

pub(super) fn content(page: &Page<'_>) -> Result<Content> {
    let rows = page.site.rows::<ClaimRow>();
    let lead = vec![page.say("claims.detail_lead"), page.say("claims.detail_p")];
    let sections = rows.iter().map(|row| claim(page, row));
    Ok(Content::new(page.say("claims.detail_title"), lead).with(sections))
}

fn claim(page: &Page<'_>, row: &ClaimRow) -> Block {
    let fact = |key: &str, value: String| Fact {
        name: page.say(key),
        value,
        ..Fact::default()
    };
    let published = in_language(page, &row.published_en, &row.published_ko);
    let mut facts = vec![
        fact("claims.source", row.source.clone()),
        fact("claims.published", published.to_owned()),
        fact(
            "claims.measure",
            in_language(page, &row.measure_en, &row.measure_ko).to_owned(),
        ),
        fact("claims.verdict", page.say(key(row.verdict))),
    ];
    if let Some(p) = row.p_value {
        facts.push(fact("claims.p_value", numbers::p_value(p)));
    }
    if let Some(p) = row.p_corrected {
        let corrected = page.say(key(row.verdict_corrected));
        let told = format!("{} · {corrected}", numbers::p_value(p));
        facts.push(fact("claims.p_corrected", told));
    }
    let rules = rules(page, &row.id);
    if rules.is_empty() {
        let needs = in_language(page, &row.needs_en, &row.needs_ko);
        facts.push(fact("claims.needs", needs.to_owned()));
    }
    facts.retain(|fact| !fact.value.is_empty());
    let mut blocks = vec![Block::Facts(facts)];
    if !rules.is_empty() {
        blocks.push(figures(page, &rules));
        blocks.push(places(page, row, &rules));
    }
    let title = format!(
        "{}: {}",
        row.id,
        in_language(page, &row.claim_en, &row.claim_ko)
    );
    Block::section(&row.id, title, blocks)
}

fn figures(page: &Page<'_>, rules: &[&ClaimRuleRow]) -> Block {
    page.columns(rules)
        .text("claims.rule", |rule| Text::of_class("code", &rule.rule))
        .text("claims.verdict", |rule| cell(page, rule.verdict))
        .number("claims.value", |rule| number(rule.value))
        .number("claims.low", |rule| rule.low.map(number))
        .number("claims.high", |rule| rule.high.map(number))
        .count("claims.count", |rule| rule.count)
        .p_value("claims.p_value", |rule| rule.p_value)
        .called(page.say("claims.figures"), Text::default())
}

/// The lines of `metrics.csv`, the tables behind them, and the run's own pages.
fn places(page: &Page<'_>, row: &ClaimRow, rules: &[&ClaimRuleRow]) -> Block {
    let inside = |file: &str| match row.folder.is_empty() {
        true => file.to_owned(),
        false => format!("{}/{file}", row.folder),
    };
    let lines: Vec<String> = rules.iter().map(|rule| rule.line.to_string()).collect();
    let metrics = inside(MetricRow::FILE);
    let told = page.count("claims.lines", lines.len(), &[("lines", &lines.join(", "))]);
    let mut text = Text::from(told).and_link(metrics.clone(), page.href(&metrics));
    text = text.and(page.say("claims.tables"));
    for table in row
        .tables
        .split(' ')
        .filter(|table| *table != MetricRow::FILE)
    {
        let table = inside(table);
        text = text.and_link(table.clone(), page.href(&table));
    }
    let front = inside("index.html");
    match row.folder.is_empty() {
        true => Block::text(text),
        false => Block::text(text.and_link(page.say("claims.to_part"), page.href(&front))),
    }
}
