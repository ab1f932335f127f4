//! The site over a folder of archives: what is there, by data set and by network, and how the figures went.

mod front;
mod list;
mod rows;
mod series;
mod trends;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use archive::{Entry, Series, Shelf};
use base::digest::sha256_hex;
use base::Error;
use records::file_stem;
use records::Tool;

use super::frame::Press;
use super::lang::Lang;
use super::prelude::*;
use super::site;

const FRONT: &str = "index.html";
const ALL: &str = "index/runs.html";
/// Folders that hold nothing but what is written here.
const FOLDERS: [&str; 2] = ["index", "assets/trends"];
/// Longest part of a file name that is a name of somebody else's.
const STEM_CHARS: usize = 80;

/// Everything that the pages are made from.
struct Site<'a> {
    press: Press,
    entries: Vec<&'a Entry>,
    datasets: Groups<'a, String>,
    networks: Groups<'a, String>,
    series: Groups<'a, Series>,
}

/// Archives, the newest first, by what they have in common.
type Groups<'a, K> = BTreeMap<K, Vec<&'a Entry>>;

/// Writes the site into the folder of the archives; pages of an earlier site that are no longer needed go.
///
/// # Errors
/// [`Error::Io`]; [`Error::Drawing`] with the page at fault.
pub fn index(shelf: &Shelf, folder: &Path, lang: Lang, tool: &Tool) -> Result<()> {
    let site = Site::new(shelf, folder, lang, tool)?;
    site.press.write_style()?;
    let mut written = BTreeSet::new();
    for (series, entries) in &site.series {
        series::write(&site, series, entries, &mut written)?;
    }
    front::write(&site, &mut written)?;
    list::write_all(&site, &mut written)?;
    remove_stale(folder, &written)
}

impl<'a> Site<'a> {
    fn new(shelf: &'a Shelf, folder: &Path, lang: Lang, tool: &Tool) -> Result<Self> {
        let whole = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let name = whole.file_name().unwrap_or_default().to_string_lossy();
        let name = name.into_owned();
        let mut press = Press::new(folder.to_owned(), lang, name, tool)?;
        press.sections = vec![
            (FRONT.to_owned(), "archives.nav_front"),
            (ALL.to_owned(), "archives.nav_all"),
        ];
        press.footer = "archives.footer";
        let mut site = Self {
            press,
            entries: shelf.entries.iter().collect(),
            datasets: BTreeMap::new(),
            networks: BTreeMap::new(),
            series: BTreeMap::new(),
        };
        for entry in &shelf.entries {
            let series = entry.series();
            let (dataset, network) = (series.dataset.clone(), series.network.clone());
            site.datasets.entry(dataset).or_default().push(entry);
            site.networks.entry(network).or_default().push(entry);
            site.series.entry(series).or_default().push(entry);
        }
        Ok(site)
    }

    /// Links to the lists of each data set.
    fn datasets(&self, leaf: &Leaf<'_>, current: &str) -> Block {
        let link = |(name, entries): (&String, &Vec<&Entry>)| {
            list_link(leaf, (name, dataset_page(name)), entries, current)
        };
        leaf.choices(
            "archives.datasets",
            self.datasets.iter().map(link).collect(),
        )
    }

    /// Links to the lists of each network.
    fn networks(&self, leaf: &Leaf<'_>, current: &str) -> Block {
        let link = |(name, entries): (&String, &Vec<&Entry>)| {
            let list = (site::network(name), network_page(name));
            list_link(leaf, list, entries, current)
        };
        leaf.choices(
            "archives.networks",
            self.networks.iter().map(link).collect(),
        )
    }
}

/// The link to a list and how many archives it has.
fn list_link(
    leaf: &Leaf<'_>,
    (name, page): (&str, String),
    entries: &[&Entry],
    current: &str,
) -> Link {
    Link::new(name, leaf.href(&page))
        .noted(numbers::count(entries.len()))
        .current(page == current)
}

/// The link to a series and how many runs it has.
fn series_link(leaf: &Leaf<'_>, series: &Series, entries: &[&Entry]) -> Link {
    let list = (&*series_title(leaf.texts(), series), series_page(series));
    list_link(leaf, list, entries, "")
}

/// What a series is called.
fn series_title(texts: &Texts, series: &Series) -> String {
    let title = format!("{} · {}", series.dataset, site::network(&series.network));
    match hidden(texts, series) {
        Some(hidden) => format!("{title} · {hidden}"),
        None => title,
    }
}

/// The region that was hidden in all photos, in words.
fn hidden(texts: &Texts, series: &Series) -> Option<String> {
    let region = words(series.hidden.as_deref()?);
    Some(texts.fill("archives.hidden", &[("region", &region)]))
}

fn dataset_page(name: &str) -> String {
    format!("index/dataset-{}.html", stem(name))
}

fn network_page(name: &str) -> String {
    format!("index/network-{}.html", stem(name))
}

fn series_page(series: &Series) -> String {
    format!("index/{}.html", series_stem(series))
}

fn series_stem(series: &Series) -> String {
    let names = [&series.dataset, &series.network].into_iter();
    let stems = names.chain(&series.hidden).map(|name| stem(name));
    // No stem holds a plus.
    format!("series-{}", stems.collect::<Vec<_>>().join("+"))
}

/// A name as part of a file name that is not too long for one.
fn stem(name: &str) -> String {
    let stem = file_stem(name);
    match stem.get(..STEM_CHARS) {
        Some(begin) => format!("{begin}-{}", &sha256_hex(name.as_bytes())[..10]),
        None => stem,
    }
}

/// Removes what an earlier site left in its folders.
fn remove_stale(root: &Path, written: &BTreeSet<String>) -> Result<()> {
    for folder in FOLDERS {
        let Ok(entries) = fs::read_dir(root.join(folder)) else {
            continue;
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let ours = name.ends_with(".html") || name.ends_with(".svg");
            if ours && !written.contains(&format!("{folder}/{name}")) {
                fs::remove_file(&path).map_err(Error::io("cannot remove", &path))?;
            }
        }
    }
    Ok(())
}
