//! A replication's front page: claim by claim what was measured and what that says.

use records::tables::{ClaimRow, ClaimRuleRow};
use records::Verdict;

use super::{rules, CLAIMS};
use crate::chapters::front;
use crate::prelude::*;
use crate::verdicts::{cell, found, in_language, key};

/// What stands on the front page.
pub(in crate::chapters) fn content(page: &Page<'_>) -> Content {
    let rows = page.site.rows::<ClaimRow>();
    let (untested, tested): (Vec<&ClaimRow>, Vec<&ClaimRow>) = rows
        .iter()
        .partition(|row| row.verdict == Verdict::NotTestable);
    let gaps: [Gap<'_>; 2] = [
        ("model", &page.site.network()),
        ("dataset", &page.site.dataset()),
    ];
    let lead = page.count("claims.lead", rows.len(), &gaps);
    let title = page.fill("claims.title", &gaps);
    let card = |verdict: Verdict| {
        let count = rows.iter().filter(|row| row.verdict == verdict).count();
        let note = page.say(match verdict {
            Verdict::Held => "claims.held_note",
            Verdict::NotHeld => "claims.not_held_note",
            Verdict::Undecided => "claims.undecided_note",
            Verdict::NotTestable => "claims.not_testable_note",
        });
        Card::new(page.say(key(verdict)), numbers::count(count), vec![note])
    };
    let mut blocks = vec![Block::Cards(Verdict::ALL.into_iter().map(card).collect())];
    blocks.extend(page.section_of_any("claims", "claims.claims", held(page, &tested)));
    blocks.extend(page.section_of_any("untested", "claims.untested", missing(page, &untested)));
    blocks.push(page.section("how", "claims.how", how(page, rows)));
    blocks.extend(page.section_of_any("parts", "claims.parts", parts(page, rows)));
    blocks.push(page.caveat());
    blocks.push(front::contents(page));
    blocks.push(page.more_in(&["data/claims.csv", "data/claim_rules.csv", "data/claims.xml"]));
    Content::new(title, lead).with(blocks)
}

/// A claim, linked to what its verdict rests on, and where it stands.
fn named(page: &Page<'_>, row: &ClaimRow) -> Text {
    let claim = in_language(page, &row.claim_en, &row.claim_ko);
    let href = page.href(&format!("{CLAIMS}#{}", row.id));
    Text::link(claim, href).and(Text::of_class("small", &row.source))
}

/// What was published; where a table has no room for columns, named.
fn published(page: &Page<'_>, row: &ClaimRow) -> Text {
    let told = in_language(page, &row.published_en, &row.published_ko);
    match told.is_empty() {
        true => Text::default(),
        false => {
            let name = format!("{}:", page.say("claims.published"));
            Text::of_class("narrow", name).and(told)
        }
    }
}

fn held(page: &Page<'_>, rows: &[&ClaimRow]) -> Vec<Block> {
    if rows.is_empty() {
        return Vec::new();
    }
    let measured = |row: &&&ClaimRow| {
        let measure = in_language(page, &row.measure_en, &row.measure_ko);
        let rules = rules(page, &row.id);
        let told: Vec<String> = rules.iter().map(|rule| one(page, rule)).collect();
        Text::from(measure).and(Text::of_class("strong", told.join("; ")))
    };
    vec![page
        .columns(rows)
        .text("claims.claim", |row| named(page, row))
        .text("claims.verdict", |row| cell(page, row.verdict))
        .text("claims.measured", measured)
        .text("claims.published", |row| published(page, row))
        .of_class("claims")
        .table("claims.claims", "claims.claims_caption")]
}

/// `0.42 (0.31 to 0.54), asked > 0, n 40`.
fn one(page: &Page<'_>, rule: &ClaimRuleRow) -> String {
    let mut asked = rule.rule.rsplitn(3, ' ');
    let (bound, operator) = (asked.next(), asked.next());
    let asked = [operator, bound].map(Option::unwrap_or_default).join(" ");
    let gaps: [Gap<'_>; 3] = [
        ("found", &found(page, rule)),
        ("asked", &asked),
        ("n", &numbers::count(rule.count)),
    ];
    page.fill("claims.one", &gaps)
}

/// What could not be tested, and what it would take.
fn missing(page: &Page<'_>, rows: &[&ClaimRow]) -> Vec<Block> {
    if rows.is_empty() {
        return Vec::new();
    }
    vec![page
        .columns(rows)
        .text("claims.claim", |row| named(page, row))
        .text("claims.needs", |row| {
            in_language(page, &row.needs_en, &row.needs_ko).to_owned()
        })
        .text("claims.published", |row| published(page, row))
        .of_class("claims")
        .table("claims.untested", "claims.untested_caption")]
}

/// How verdicts come about, and what so many at once are worth.
fn how(page: &Page<'_>, rows: &[ClaimRow]) -> Vec<Block> {
    let tested = rows.iter().filter(|row| row.p_value.is_some()).count();
    let changed = rows
        .iter()
        .filter(|row| row.verdict != row.verdict_corrected);
    let changed: Vec<&str> = changed.map(|row| row.id.as_str()).collect();
    let several = match changed.is_empty() {
        true => page.count("claims.many_same", tested, &[]),
        false => {
            let listed = changed.join(", ");
            page.count("claims.many_changed", tested, &[("changed", &listed)])
        }
    };
    vec![Block::prose([
        page.say("claims.how_interval"),
        page.say("claims.how_photographs"),
        several,
    ])]
}

/// The runs that it is made of.
fn parts(page: &Page<'_>, rows: &[ClaimRow]) -> Vec<Block> {
    let folders = rows.iter().filter(|row| !row.folder.is_empty());
    let folders = distinct(folders.map(|row| row.folder.as_str()));
    if folders.is_empty() {
        return Vec::new();
    }
    let link = |folder: &&str| {
        let name = folder.rsplit('/').next().unwrap_or(folder);
        Text::link(name, page.href(&format!("{folder}/index.html")))
    };
    let links = Block::List(List::names(folders.iter().map(link)));
    vec![page.paragraph("claims.parts_text"), links]
}
