//! The whole report in one HTML file: pages as articles of the same blocks, links inwards, style and pictures inside, each
//! picture once.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::Path;

use base::{Error, Result};
use base64::prelude::{Engine, BASE64_STANDARD};
use records::{write_whole, Run};

use super::blocks::Block;
use super::chapters::{Chapter, Plan, CHAPTERS};
use super::frame::Asset;
use super::lang::{Gap, Lang};
use super::numbers;
use super::site::{Page, Site};

/// Room for the frame, for what names the pages that are left out, and for what the estimate of a page's length forgets.
const RESERVE: usize = 200_000;

/// Which pages are in the file, and the pictures that they show.
#[derive(Debug, Default)]
pub(super) struct Book {
    /// The pages' numbers by their paths in the folder.
    numbers: BTreeMap<String, usize>,
    pictures: RefCell<Pictures>,
}

/// Pictures in the order of their first appearance.
#[derive(Debug, Default)]
struct Pictures {
    paths: Vec<String>,
    numbers: BTreeMap<String, usize>,
}

impl Book {
    fn of<'p>(paths: impl IntoIterator<Item = &'p str>) -> Self {
        let numbers = paths.into_iter().map(str::to_owned);
        Self {
            numbers: numbers.enumerate().map(|(at, path)| (path, at)).collect(),
            pictures: RefCell::default(),
        }
    }

    /// The link to a page of the folder; empty where it is not in the file.
    pub(super) fn link(&self, target: &str) -> String {
        let (path, id) = target.split_once('#').unwrap_or((target, ""));
        match self.numbers.get(path) {
            None => String::new(),
            Some(number) if id.is_empty() => format!("#p{number}"),
            Some(_) => format!("#{}", self.id(path, id)),
        }
    }

    /// An id of a page, made unique.
    pub(super) fn id(&self, path: &str, id: &str) -> String {
        let number = self.numbers.get(path).copied().unwrap_or(0);
        format!("p{number}-{id}")
    }

    /// Where a picture of the folder is stored.
    pub(super) fn picture(&self, path: &str) -> String {
        let mut pictures = self.pictures.borrow_mut();
        let next = pictures.paths.len();
        let number = match pictures.numbers.get(path) {
            Some(number) => *number,
            None => {
                pictures.paths.push(path.to_owned());
                pictures.numbers.insert(path.to_owned(), next);
                next
            }
        };
        format!("#i{number}")
    }
}

/// A page with the chapter that it belongs to.
type Planned<'s> = (&'static Chapter, Plan<'s>);

/// Writes a run's report into one file without outside needs, of at most `limit` bytes: the first page of every chapter,
/// then the others in their order as long as there is room. The file names what is left out.
///
/// # Errors
/// [`Error::Io`]; [`Error::Drawing`] with the page at fault.
pub fn single_file(run: &Run, lang: Lang, out: &Path, limit: usize) -> Result<()> {
    let site = Site::new(run, lang)?;
    let planned = |chapter: &'static Chapter| {
        let plans = (chapter.pages)(&site).into_iter();
        plans.map(move |plan| (chapter, plan))
    };
    let mut plans: Vec<Planned<'_>> = CHAPTERS.iter().flat_map(planned).collect();
    let fitting = fitting(&site, &plans, limit)?;
    let left_out = left_out(&site, &plans, &fitting);
    plans.retain(|(_, plan)| fitting.contains(&plan.path));
    write(&site, &plans, left_out, out)
}

/// The paths of the pages that the file has room for.
fn fitting(site: &Site<'_>, plans: &[Planned<'_>], limit: usize) -> Result<BTreeSet<String>> {
    let all = Book::of(plans.iter().map(|(_, plan)| plan.path.as_str()));
    let is_first = |at: usize| at == 0 || plans[at].0.name != plans[at - 1].0.name;
    let (firsts, others): (Vec<usize>, Vec<usize>) = (0..plans.len()).partition(|at| is_first(*at));
    let mut room = limit.saturating_sub(RESERVE);
    let mut fitting = BTreeSet::new();
    let mut counted = 0;
    for at in firsts.into_iter().chain(others) {
        let (chapter, plan) = &plans[at];
        let page = Page::new(site, &plan.path, chapter.name).inside(&all);
        let mut needed = page.article(&plan.make(&page)?)?.len();
        let pictures = all.pictures.borrow();
        for path in &pictures.paths[counted..] {
            needed += stored_length(&site.run.root.join(path));
        }
        counted = pictures.paths.len();
        if needed > room && !is_first(at) {
            break;
        }
        room = room.saturating_sub(needed);
        fitting.insert(plan.path.clone());
    }
    Ok(fitting)
}

fn stored_length(path: &Path) -> usize {
    let bytes = fs::metadata(path).map_or(0, |file| file.len() as usize);
    bytes.div_ceil(3) * 4 + 160
}

/// How many pages of which chapters are left out.
fn left_out(site: &Site<'_>, plans: &[Planned<'_>], fitting: &BTreeSet<String>) -> Vec<String> {
    let texts = &site.press.texts;
    let mut lines = Vec::new();
    for chapter in CHAPTERS {
        let of_chapter = || plans.iter().filter(|(other, _)| other.name == chapter.name);
        let all = of_chapter().count();
        let there = of_chapter()
            .filter(|(_, plan)| fitting.contains(&plan.path))
            .count();
        if there < all {
            let gaps: [Gap<'_>; 2] = [
                ("chapter", &texts.say(chapter.name)),
                ("all", &numbers::count(all)),
            ];
            lines.push(texts.count("single.of_chapter", all - there, &gaps));
        }
    }
    lines
}

fn write(site: &Site<'_>, plans: &[Planned<'_>], left_out: Vec<String>, out: &Path) -> Result<()> {
    let book = Book::of(plans.iter().map(|(_, plan)| plan.path.as_str()));
    let mut articles = String::new();
    let mut title = String::new();
    let mut files: Vec<Asset> = Vec::new();
    for (number, (chapter, plan)) in plans.iter().enumerate() {
        let page = Page::new(site, &plan.path, chapter.name).inside(&book);
        let mut content = plan.make(&page)?;
        if number == 0 {
            title.clone_from(&content.title);
            if !left_out.is_empty() {
                let told = Block::prose(left_out.iter().map(String::as_str));
                let told = [page.paragraph("single.left_out_text"), told];
                content = content.with([page.section("left-out", "single.left_out", told)]);
            }
        }
        articles += &page.article(&content)?;
        for file in content.files {
            // A script that several pages have comes after the data of all.
            files.retain(|other| other.path != file.path);
            files.push(file);
        }
    }
    let front = Page::new(site, &plans[0].1.path, plans[0].0.name).inside(&book);
    let (before, after) = front.around(&title, &files)?;
    write_whole(out, |file| {
        let mut put = |text: &str| {
            file.write_all(text.as_bytes())
                .map_err(Error::io("cannot write", out))
        };
        put(&before)?;
        put(&articles)?;
        put("<svg class=\"store\" width=\"0\" height=\"0\" aria-hidden=\"true\"><defs>\n")?;
        for (at, path) in book.pictures.borrow().paths.iter().enumerate() {
            let uri = data_uri(&site.run.root.join(path))?;
            put(&format!(
                "<symbol id=\"i{at}\" viewBox=\"0 0 100 100\" preserveAspectRatio=\"none\"><image width=\"100\" height=\"100\" preserveAspectRatio=\"none\" href=\"{uri}\"/></symbol>\n"
            ))?;
        }
        put("</defs></svg>\n")?;
        put(&after)
    })
}

/// A file's content as a link.
fn data_uri(path: &Path) -> Result<String> {
    let bytes = fs::read(path).map_err(Error::io("cannot read", path))?;
    let kind = match path.extension().and_then(|it| it.to_str()) {
        Some("png") => "image/png",
        _ => "image/jpeg",
    };
    Ok(inline(kind, &bytes))
}

/// Bytes of a media type as a link.
pub(super) fn inline(kind: &str, bytes: &[u8]) -> String {
    format!("data:{kind};base64,{}", BASE64_STANDARD.encode(bytes))
}
