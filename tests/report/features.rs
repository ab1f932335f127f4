//! The pages of the features experiment: sheets, orders without JavaScript, numbers, and what is not there.

use std::fs;

use deconvscope::report::{render, Lang};
use scraper::{Html, Selector};

use crate::featured::{with_all, with_features, without_labels, DEAD, SATURATED};
use crate::fixture::{full, without_masks, HOSTILE, SECRET};
use crate::pages::{check, select, text};
use crate::{drawn, one_file, page, NO_LIMIT};

const OVERVIEW: &str = "pages/features.html";
const LAYER: &str = "pages/features/features~2f3~20~3cx~3e.html";
const MAP: &str = "pages/features/features~2f3~20~3cx~3e/2.html";

fn count(html: &Html, selector: &str) -> usize {
    html.select(&Selector::parse(selector).unwrap()).count()
}

#[test]
fn all_pages_keep_their_promises_in_both_languages() {
    let folder = tempfile::tempdir().unwrap();
    let run = with_all(full(folder.path()));
    for (lang, name) in [(Lang::En, "en"), (Lang::Ko, "ko")] {
        let once = drawn(&run, lang);
        check(&once, name, &[SECRET]);
        assert!(once == drawn(&run, lang), "the second drawing differs");
    }
    let korean = page(folder.path(), OVERVIEW);
    assert!(text(&korean, "h1").contains("특징 맵은 무엇을 찾는가"));
    assert!(text(&korean, "nav").contains("특징"));
    let bare = tempfile::tempdir().unwrap();
    let run = without_labels(without_masks(full(bare.path())));
    check(&drawn(&run, Lang::Ko), "ko", &[SECRET]);
}

#[test]
fn the_overview_leads_from_the_input_upwards_and_names_what_does_not_work() {
    let folder = tempfile::tempdir().unwrap();
    render(&with_all(full(folder.path())), Lang::En).unwrap();
    let html = page(folder.path(), OVERVIEW);
    assert_eq!(text(&html, "#hierarchy ~ h3"), "conv1features/3 <x>");
    assert_eq!(count(&html, ".sheets .tile .pic img"), 5 + 4);
    assert_eq!(select(&html, ".sheets img", "width")[0], "296");
    let row = text(&html, "[aria-labelledby=table] tbody tr:last-child");
    assert_eq!(row, "features/3 <x>54110.2550\u{a0}%");
    let idle = text(&html, "[aria-labelledby=table] li");
    assert_eq!(
        idle,
        format!("features/3 <x>, dead: {DEAD}.features/3 <x>, saturated: {SATURATED}.")
    );
}

#[test]
fn filters_and_random_weights_are_told_from_the_numbers() {
    let folder = tempfile::tempdir().unwrap();
    render(&with_all(full(folder.path())), Lang::En).unwrap();
    let html = page(folder.path(), OVERVIEW);
    let filters = text(&html, "[aria-labelledby=filters]");
    for told in [
        "The filters are structured: 70\u{a0}%",
        "where random numbers have 20\u{a0}%",
        "One filter repeats another one",
        "One filter is dead, with less than a hundredth of the median norm: 17.",
    ] {
        assert!(filters.contains(told), "{filters}");
    }
    assert_eq!(
        select(&html, ".bars .part", "width"),
        ["30.0", "40.0", "30.0", "20.0"]
    );
    assert_eq!(
        select(&html, ".bars .mark", "d"),
        ["M5.0 0v10", "M15.0 0v10", "M80.0 0v10", "M60.0 0v10"]
    );
    let found = text(&html, "[aria-labelledby=randomisation] .prose");
    assert!(
        found.contains("the projections of Deconvnet are still like those of the trained network (0.80; Gradient keeps the least, 0.30)"),
        "{found}"
    );
    assert!(
        found.contains("SSIM: with random weights in the block of conv10 and above alone, the"),
        "{found}"
    );
    assert!(
        found.contains("Cosine: with random weights everywhere, no rule keeps half"),
        "{found}"
    );
    assert_eq!(count(&html, "[aria-labelledby=randomisation] .chart"), 2);
    let first = text(
        &html,
        "[aria-labelledby=randomisation] tbody tr:first-child th",
    );
    assert_eq!(first, "conv10", "the top layer comes first");
    let method = text(&page(folder.path(), "pages/method.html"), "main");
    assert!(method.contains("This run made the test"));
}

#[test]
fn a_layers_maps_stand_by_number_and_know_their_places_in_other_orders() {
    let folder = tempfile::tempdir().unwrap();
    render(&with_features(full(folder.path())), Lang::En).unwrap();
    let html = page(folder.path(), LAYER);
    assert_eq!(text(&html, "h1"), "Feature maps of features/3 <x>");
    assert_eq!(text(&html, ".sheets .tile-name a"), "Map 0Map 1Map 2Map 3");
    assert_eq!(
        select(&html, ".sheets .tile", "id"),
        ["m0", "m1", "m2", "m3"]
    );
    let style = "assets/features/features~2f3~20~3cx~3e.css";
    assert_eq!(
        select(&html, "[rel=stylesheet]", "href"),
        ["../../assets/style.css", &format!("../../{style}")]
    );
    assert_eq!(
        fs::read_to_string(folder.path().join(style)).unwrap(),
        "#m0{--mean:3;--sparse:0;--pure:3}\n\
         #m1{--mean:0;--sparse:3;--pure:2}\n\
         #m2{--mean:2;--sparse:2;--pure:1}\n\
         #m3{--mean:1;--sparse:1;--pure:0}\n"
    );
    assert_eq!(select(&html, "script", "src"), ["../../assets/sort.js"]);
    assert_eq!(count(&html, ".sort input"), 4);
    assert_eq!(text(&html, ".sheets .tag"), "Saturated");
    assert!(text(&html, ".notice").contains(&format!("Dead, without a sheet: {DEAD}.")));
    let tile = Selector::parse(".sheets .tile").unwrap();
    let largest = html.select(&tile).map(|card| card.html().len()).max();
    assert!(largest < Some(600), "{largest:?}");
    let stages = page(folder.path(), "pages/layers/conv1.html");
    assert!(
        select(&stages, ".more", "href").contains(&"../../pages/features/conv1.html".to_owned())
    );
    let without = page(folder.path(), "pages/layers/conv10.html");
    assert_eq!(count(&without, ".more"), 0);
}

#[test]
fn a_maps_page_has_its_numbers_and_its_photographs() {
    let folder = tempfile::tempdir().unwrap();
    render(&with_features(full(folder.path())), Lang::En).unwrap();
    let html = page(folder.path(), MAP);
    assert_eq!(text(&html, "h1"), "Map 2 of features/3 <x>");
    let lead = text(&html, ".lead");
    assert!(
        lead.contains("fires in 67\u{a0}% of the photographs. Of the 3 places that excite it most, 60\u{a0}% lie in photographs with the label cats & co."),
        "{lead}"
    );
    let facts = text(&html, ".facts dd");
    assert_eq!(
        facts,
        "3.002.0012.5066.7\u{a0}%0.20cats & co 60\u{a0}%Neither dead nor saturated"
    );
    let names = text(&html, ".units .tile-name");
    assert!(
        names.contains("b.png") && names.starts_with(&format!("1. {}", HOSTILE[0])),
        "{names}"
    );
    assert_eq!(
        count(&html, ".units .pic img, .units .pic image"),
        9,
        "a picture is missing"
    );
    assert_eq!(count(&html, ".units .box.field"), 3);
    // Rank 1 of 2 × 2 tiles in halves that lie 8 pixels apart: the patch from 152 of 296 pixels on, then the projection.
    let placed = &select(&html, ".units .zoom > svg[role=img]", "viewBox")[..2];
    assert_eq!(placed, ["51.35 0 24.32 50", "0 0 24.32 50"]);
    let photos = text(&html, "[aria-labelledby=photos]");
    assert!(
        photos.contains("In one photograph the map does not fire at all."),
        "{photos}"
    );
    assert_eq!(text(&html, ".bars span"), "cats & codogs");
    assert_eq!(select(&html, ".bars .part", "width"), ["100.0", "25.0"]);
    assert_eq!(select(&html, "[rel=prev]", "href").len(), 1);
    let last = page(
        folder.path(),
        "pages/features/features~2f3~20~3cx~3e/3.html",
    );
    assert_eq!(count(&last, "[rel=next]"), 0, "the dead map has no page");
}

/// Of three photographs of a map two have the label in two of the four maps, one alone in the others.
#[test]
fn a_label_that_no_two_photographs_share_is_not_told() {
    let folder = tempfile::tempdir().unwrap();
    render(&with_features(full(folder.path())), Lang::En).unwrap();
    let lines = text(&page(folder.path(), LAYER), ".sheets .tile-line");
    assert_eq!(lines.matches("cats & co").count(), 2, "{lines}");
    assert!(!lines.contains("cats & co 20") && !lines.contains("cats & co 40"));
}

#[test]
fn photographs_without_labels_have_no_order_by_them() {
    let folder = tempfile::tempdir().unwrap();
    render(&without_labels(full(folder.path())), Lang::En).unwrap();
    let overview = page(folder.path(), OVERVIEW);
    assert!(!text(&overview, "main").contains("ame label"));
    assert_eq!(count(&overview, "#filters, #randomisation"), 0);
    assert_eq!(count(&page(folder.path(), LAYER), ".sort input"), 3);
    assert_eq!(count(&page(folder.path(), MAP), "#labels"), 0);
    let method = text(&page(folder.path(), "pages/method.html"), "main");
    assert!(method.contains("This run did not make the test"));
}

#[test]
fn a_run_without_the_experiment_leads_nowhere_of_it() {
    let folder = tempfile::tempdir().unwrap();
    render(&full(folder.path()), Lang::En).unwrap();
    for entry in walkdir::WalkDir::new(folder.path()).into_iter().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.path().display();
        assert!(name != "features.html" && name != "features", "{path}");
        if name.ends_with(".html") {
            let html = fs::read_to_string(entry.path()).unwrap();
            let links = ["features.html", "features/", "features.csv", "maps.csv"];
            let linked = links
                .iter()
                .find(|link| html.replace("features/3 &lt;x&gt;", "").contains(**link));
            assert!(linked.is_none(), "{path}: {linked:?}");
        }
    }
}

#[test]
fn one_file_holds_every_map() {
    let folder = tempfile::tempdir().unwrap();
    let run = with_all(full(folder.path()));
    render(&run, Lang::En).unwrap();
    let html = one_file(&run, Lang::En, NO_LIMIT);
    assert_eq!(count(&html, "article .sort"), 2);
    assert!(count(&html, ".sheets svg[role=img] use") >= 9);
    assert_eq!(count(&html, ".sheets a:not([href])"), 0);
    assert!(select(&html, ".sheets svg", "viewBox").contains(&"0 0 296 144".to_owned()));
}
