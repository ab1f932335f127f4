//! The pages of a run made by hand: escaped, linked, accessible, the same each time, in both languages.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

#[path = "report/featured.rs"]
mod featured;
#[path = "report/features.rs"]
mod features;
#[path = "report/fixture.rs"]
mod fixture;
#[path = "report/occluded.rs"]
mod occluded;
#[path = "report/occlusion.rs"]
mod occlusion;
#[path = "support/pages.rs"]
mod pages;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use deconvscope::records::tables::{
    ConfusionRow, ImageRow, MetricRow, PredictionRow, ProjectionRow,
};
use deconvscope::records::Run;
use deconvscope::report::{render, single_file, Lang};
use pages::{check, select, text};
use scraper::{Html, Selector};

fn drawn(run: &Run, lang: Lang) -> BTreeMap<String, Vec<u8>> {
    render(run, lang).unwrap();
    let files = walkdir::WalkDir::new(&run.root)
        .into_iter()
        .flatten()
        .filter(|entry| entry.file_type().is_file());
    files
        .map(|entry| {
            let name = entry
                .path()
                .strip_prefix(&run.root)
                .unwrap()
                .to_string_lossy()
                .into_owned();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect()
}

fn page(root: &Path, name: &str) -> Html {
    Html::parse_document(&fs::read_to_string(root.join(name)).unwrap())
}

#[test]
fn a_full_run_is_drawn_in_both_languages_and_the_same_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let run = fixture::full(folder.path());
    for (lang, name) in [(Lang::En, "en"), (Lang::Ko, "ko")] {
        let once = drawn(&run, lang);
        check(&once, name, &[fixture::SECRET]);
        let mut other = Run::new(&run.root, run.manifest.clone());
        other.manifest.execution = Default::default();
        assert!(once == drawn(&other, lang), "the second drawing differs");
    }
}

#[test]
fn names_from_outside_are_shown_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    render(&fixture::full(folder.path()), Lang::En).unwrap();
    let list = text(&page(folder.path(), "pages/photos.html"), "table");
    for name in fixture::HOSTILE
        .iter()
        .chain(&["broken<.jpg", "truncated <file>", fixture::CLASS])
    {
        assert!(list.contains(name), "{name}");
    }
    let photo = page(folder.path(), "pages/photos/photo-0.html");
    assert_eq!(text(&photo, "h1"), fixture::HOSTILE[0]);
    let enlarged = select(&photo, "[aria-labelledby=units] .zoom image", "href");
    assert!(!enlarged.is_empty(), "no unit is shown large");
    assert!(text(&page(folder.path(), "pages/provenance.html"), "main").contains("a <note>"));
}

#[test]
fn the_front_page_tells_what_a_mask_does() {
    let folder = tempfile::tempdir().unwrap();
    render(&fixture::full(folder.path()), Lang::En).unwrap();
    let front = page(folder.path(), "index.html");
    let story = text(&front, "section[aria-labelledby=example]");
    assert!(
        story.contains("With face hidden it falls to rank 3, at 0.10; first is now dog (0.60)."),
        "{story}"
    );
    assert!(text(&front, ".cards").contains("66.7\u{a0}%"));
    // 8 × 12 pixels from (30, 4) on, seen through the middle 32 × 32 of 72 × 36.
    for (side, place) in [
        ("x", "31.25"),
        ("y", "6.25"),
        ("width", "25"),
        ("height", "37.5"),
    ] {
        let places = select(&front, ".grid rect.box.mask", side);
        assert!(!places.is_empty());
        assert!(places.iter().all(|it| it == place), "{side}: {places:?}");
    }
    let masks = page(folder.path(), "pages/masks.html");
    assert!(
        text(&masks, "main").contains("a \"quoted\" & 'single'/b.png: face"),
        "invisible region not told"
    );
    assert!(
        text(&page(folder.path(), "pages/layers/conv10.html"), "main")
            .contains("No unit of this layer")
    );
}

#[test]
fn a_run_without_masks_labels_or_classifier_says_so_plainly() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = fixture::without_masks(fixture::full(folder.path()));
    check(&drawn(&run, Lang::En), "en", &[fixture::SECRET]);
    assert!(
        text(&page(folder.path(), "pages/masks.html"), ".notice").contains("No region was hidden")
    );

    fixture::set::<MetricRow>(&mut run, Vec::new());
    fixture::set::<ConfusionRow>(&mut run, Vec::new());
    run.manifest.dataset.labels.clear();
    run.manifest.dataset.label_classes.clear();
    fixture::change(&mut run, featured::without_label);
    check(&drawn(&run, Lang::En), "en", &[fixture::SECRET]);
    assert!(text(&page(folder.path(), "index.html"), ".cards")
        .contains("no label that the network knows"));

    fixture::set::<PredictionRow>(&mut run, Vec::new());
    run.manifest.model.classes = 0;
    check(&drawn(&run, Lang::Ko), "ko", &[fixture::SECRET]);
    render(&run, Lang::En).unwrap();
    assert!(
        text(&page(folder.path(), "pages/classification.html"), ".notice")
            .contains("not available")
    );
}

#[test]
fn a_run_of_nothing_and_one_of_thousands_are_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = fixture::without_masks(fixture::full(folder.path()));
    fixture::set::<ProjectionRow>(&mut run, Vec::new());
    fixture::set::<PredictionRow>(&mut run, Vec::new());
    let skipped = run.rows::<ImageRow>().unwrap()[3].clone();
    fixture::set(&mut run, vec![skipped.clone()]);
    check(&drawn(&run, Lang::En), "en", &[fixture::SECRET]);

    let folder = tempfile::tempdir().unwrap();
    let mut run = fixture::without_masks(fixture::full(folder.path()));
    fixture::set::<ProjectionRow>(&mut run, Vec::new());
    fixture::set::<PredictionRow>(&mut run, Vec::new());
    let many = (0..2001).map(|at| ImageRow {
        image_id: format!("many-{at}"),
        ..skipped.clone()
    });
    fixture::set(&mut run, many.collect());
    check(&drawn(&run, Lang::En), "en", &[fixture::SECRET]);
    assert!(folder.path().join("pages/photos-5.html").is_file());
    let first = page(folder.path(), "pages/photos.html");
    let begins = select(&first, "section[aria-labelledby=index] a", "href");
    assert_eq!(begins.len(), 5, "{begins:?}");
    assert_eq!(begins[4], "../pages/photos-5.html");
}

/// The run's report in one file: no name is there twice, no link leads nowhere or out of it.
fn one_file(run: &Run, lang: Lang, limit: usize) -> Html {
    let out = run.root.join("report.html");
    single_file(run, lang, &out, limit).unwrap();
    let html = page(&run.root, "report.html");
    let ids: Vec<String> = select(&html, "[id]", "id");
    let once: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(ids.len(), once.len(), "double id");
    let links = select(&html, "[href]", "href").into_iter();
    for link in links.chain(select(&html, "[src]", "src")) {
        match link.strip_prefix('#') {
            Some(id) => assert!(ids.iter().any(|other| other == id), "dead link {link}"),
            None => assert!(link.starts_with("data:"), "{link}"),
        }
    }
    html
}

fn articles(html: &Html) -> usize {
    html.select(&Selector::parse("article").unwrap()).count()
}

/// Enough for all.
pub(crate) const NO_LIMIT: usize = 25_000_000;

#[test]
fn one_file_holds_everything() {
    let folder = tempfile::tempdir().unwrap();
    let run = fixture::full(folder.path());
    let pages = drawn(&run, Lang::Ko);
    let pages = pages.keys().filter(|name| name.ends_with(".html")).count();
    let html = one_file(&run, Lang::Ko, NO_LIMIT);
    assert!(select(&html, "svg[role=img]", "aria-label").len() > 20);
    assert_eq!(articles(&html), pages);
    assert!(select(&html, "#p0-left-out", "id").is_empty());
}

#[test]
fn one_file_keeps_its_limit_and_names_what_it_leaves_out() {
    let folder = tempfile::tempdir().unwrap();
    let run = featured::with_all(occluded::with_occlusion(fixture::full(folder.path())));
    render(&run, Lang::En).unwrap();
    let all = one_file(&run, Lang::En, NO_LIMIT);
    let whole = fs::metadata(folder.path().join("report.html"))
        .unwrap()
        .len();
    let limit = whole as usize - 10_000;
    let some = one_file(&run, Lang::En, limit);
    let length = fs::metadata(folder.path().join("report.html"))
        .unwrap()
        .len();
    assert!(length <= limit as u64, "{length} of {limit}");
    assert!(articles(&some) < articles(&all));
    let left_out = text(&some, "#p0-left-out");
    assert!(left_out.contains("leaves out"), "{left_out}");
    // Every chapter's first page is there: the navigation leads to all of them.
    assert!(select(&some, "header a:not([href])", "class").is_empty());
}
