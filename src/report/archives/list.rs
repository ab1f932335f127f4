//! Lists of archives in parts: all, those of a data set, those of a network.

use std::collections::BTreeSet;

use archive::Entry;

use super::{dataset_page, network_page, rows, series_link, Site, ALL};
use crate::prelude::*;
use crate::site;

/// Archives on one page.
const ROWS: usize = 100;

/// Writes all lists.
pub(super) fn write_all(site: &Site<'_>, written: &mut BTreeSet<String>) -> Result<()> {
    let texts = &site.press.texts;
    let title = texts.say("archives.title");
    write(site, ALL, title, &site.entries, written)?;
    for (name, entries) in &site.datasets {
        let title = texts.fill("archives.of_dataset", &[("name", name)]);
        write(site, &dataset_page(name), title, entries, written)?;
    }
    for (name, entries) in &site.networks {
        let title = texts.fill("archives.of_network", &[("name", &site::network(name))]);
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
        let place = (part, count);
        let lead = leaf.count("archives.list_lead", entries.len(), &[]);
        let series = series(site, &leaf, entries);
        let has_series = !series.is_empty();
        let content = Content::new(leaf.part_title(title.clone(), place), lead)
            .with([site.datasets(&leaf, path), site.networks(&leaf, path)])
            .with(has_series.then(|| leaf.choices("archives.trends", series)))
            .with([
                rows::table(&leaf, shown),
                leaf.parts(place, |other| part_path(path, other)),
            ]);
        leaf.put(&content)?;
        written.insert(here);
    }
    Ok(())
}

/// The series that some of the archives belong to; none for the list of all.
fn series(site: &Site<'_>, leaf: &Leaf<'_>, entries: &[&Entry]) -> Vec<Link> {
    if entries.len() == site.entries.len() && site.series.len() > 1 {
        return Vec::new();
    }
    let of_list: BTreeSet<_> = entries.iter().map(|entry| entry.series()).collect();
    let link = |series| Some(series_link(leaf, &series, site.series.get(&series)?));
    of_list.into_iter().filter_map(link).collect()
}

/// The first part has the list's own name; no stem holds a plus.
fn part_path(path: &str, part: usize) -> String {
    match (part, path.strip_suffix(".html")) {
        (1.., Some(stem)) => format!("{stem}+{}.html", part + 1),
        _ => path.to_owned(),
    }
}
