//! Lists of archives in parts: all, those of a data set, those of a network.

use std::collections::BTreeSet;

use serde::Serialize;

use super::super::frame::Leaf;
use super::super::numbers;
use super::super::paging::Parts;
use super::rows::{rows, Row};
use super::{dataset_page, network_page, series_page, series_title, Choice, Site, ALL};
use crate::archive::Entry;
use crate::error::Result;

/// Archives on one page.
const ROWS: usize = 100;

#[derive(Serialize)]
struct ListPage {
    lead: String,
    datasets: Vec<Choice>,
    networks: Vec<Choice>,
    series: Vec<Choice>,
    rows: Vec<Row>,
    parts: Parts,
}

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
        let parts = Parts::new(part, count, |other| leaf.href(&part_path(path, other)));
        let title = parts.titled(texts, title.clone());
        let content = ListPage {
            lead: texts.count("archives.list_lead", entries.len(), &[]),
            datasets: site.datasets(&leaf, path),
            networks: site.networks(&leaf, path),
            series: series(site, &leaf, entries),
            rows: rows(&leaf, shown),
            parts,
        };
        leaf.write("archives/list.html", &title, &content)?;
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
    let choice = |series| {
        Some(Choice {
            label: series_title(leaf.texts(), &series),
            href: leaf.href(&series_page(&series)),
            count: numbers::count(site.series.get(&series)?.len()),
            current: false,
        })
    };
    of_list.into_iter().filter_map(choice).collect()
}

/// The first part has the list's own name; no stem holds a plus.
fn part_path(path: &str, part: usize) -> String {
    match (part, path.strip_suffix(".html")) {
        (1.., Some(stem)) => format!("{stem}+{}.html", part + 1),
        _ => path.to_owned(),
    }
}
