//! Lists of archives in parts: all, those of a data set, those of a network.

use std::collections::BTreeSet;

use super::super::blocks::{Block, Choice, Parts};
use super::super::frame::{Content, Leaf};
use super::{choices, dataset_page, network_page, rows, series_choice, Site, ALL};
use crate::archive::Entry;
use crate::error::Result;

/// Archives on one page.
const ROWS: usize = 100;

/// Writes all lists.
pub(super) fn write_all(site: &Site<'_>, written: &mut BTreeSet<String>) -> Result<()> {
    let texts = &site.press.texts;
    write(
        site,
        ALL,
        texts.say("archives.title"),
        &site.entries,
        written,
    )?;
    for (name, entries) in &site.datasets {
        let title = texts.fill("archives.of_dataset", &[("name", name)]);
        write(site, &dataset_page(name), title, entries, written)?;
    }
    for (name, entries) in &site.networks {
        let network = super::site::network(name);
        let title = texts.fill("archives.of_network", &[("name", network)]);
        write(site, &network_page(name), title, entries, written)?;
    }
    Ok(())
}

fn write(
    site: &Site<'_>,
    path: &str,
    title: String,
    entries: &[&Entry],
    written: &mut BTreeSet<String>,
) -> Result<()> {
    let count = entries.chunks(ROWS).len();
    for (part, shown) in entries.chunks(ROWS).enumerate() {
        let here = part_path(path, part);
        let leaf = Leaf::new(&site.press, &*here, "archives.nav_all");
        let texts = leaf.texts();
        let place = (part, count);
        let parts = Parts::new(texts, place, |other| leaf.href(&part_path(path, other)));
        let title = parts.titled(texts, title.clone());
        let lead = texts.count("archives.list_lead", entries.len(), &[]);
        let mut blocks = vec![
            Block::Heading(title.clone()),
            Block::Lead(lead.into()),
            site.datasets(&leaf, path),
            site.networks(&leaf, path),
        ];
        let series = series(site, &leaf, entries);
        if !series.is_empty() {
            blocks.push(choices(texts, "archives.trends", series));
        }
        blocks.push(rows::table(&leaf, shown));
        blocks.push(Block::Parts(parts));
        leaf.put(&Content::new(title, blocks))?;
        written.insert(here);
    }
    Ok(())
}

/// The series that some of the archives belong to; none for the list of all.
fn series(site: &Site<'_>, leaf: &Leaf<'_>, entries: &[&Entry]) -> Vec<Choice> {
    if entries.len() == site.entries.len() && site.series.len() > 1 {
        return Vec::new();
    }
    let of_list: BTreeSet<_> = entries.iter().map(|entry| entry.series()).collect();
    let choice = |series| Some(series_choice(leaf, &series, site.series.get(&series)?));
    of_list.into_iter().filter_map(choice).collect()
}

/// The first part has the list's own name; no stem holds a plus.
fn part_path(path: &str, part: usize) -> String {
    match (part, path.strip_suffix(".html")) {
        (1.., Some(stem)) => format!("{stem}+{}.html", part + 1),
        _ => path.to_owned(),
    }
}
