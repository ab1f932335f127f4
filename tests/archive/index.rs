//! The site over a folder of archives: every link leads somewhere, in both languages, and the front page stays small.

use crate::shelf::Shelf;
use crate::support::files::files;
use crate::support::type_in;
use scraper::{Html, Selector};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

const DATASETS: [&str; 4] = [
    "photos/a/cats & dogs",
    "x/<b>bold</b>",
    "고양이 사진",
    "plain",
];
const NETWORKS: [&str; 3] = ["squeezenet1_1", "alexnet", "my net+1"];

/// So many archives, hourly, over four data sets and three networks; every third with tags.
fn shelf(archives: usize) -> Shelf {
    let shelf = Shelf::new();
    let start = chrono::DateTime::from_timestamp(1_700_000_000, 0).unwrap();
    for number in 0..archives {
        let finished = start + chrono::TimeDelta::hours(number as i64);
        let (dataset, network) = (DATASETS[number % 4], NETWORKS[number % 3]);
        shelf.add_with(
            &format!("run-{number:03}"),
            dataset,
            network,
            &finished.to_rfc3339(),
            |card| {
                if number % 3 == 0 {
                    card["tags"] = json!(["release <1>", "nightly"]);
                }
                card["metrics"][0]["value"] = json!(number as f64 / archives as f64);
            },
        );
    }
    shelf
}

fn index(shelf: &Shelf, options: &str) {
    type_in(shelf.parent(), &format!("index shelf {options}")).ok();
}

/// All pages of the site, by path.
fn pages(shelf: &Shelf) -> BTreeMap<String, Html> {
    let is_page = |name: &String| name == "index.html" || name.starts_with("index/");
    let pages = files(&shelf.path())
        .into_iter()
        .filter(|(name, _)| is_page(name));
    let parse = |bytes: Vec<u8>| Html::parse_document(std::str::from_utf8(&bytes).unwrap());
    pages.map(|(name, bytes)| (name, parse(bytes))).collect()
}

/// Where a relative link of a page leads, percent-decoded as a browser would.
fn target(page: &str, link: &str) -> String {
    let folder = Path::new(page).parent().unwrap();
    let mut path = PathBuf::new();
    for part in folder.join(link).components() {
        match part {
            Component::ParentDir => assert!(path.pop(), "{page}: {link}"),
            part => path.push(part),
        }
    }
    path.to_str().unwrap().to_owned()
}

fn texts(page: &Html, selector: &str) -> Vec<String> {
    let selector = Selector::parse(selector).unwrap();
    let text = |element: scraper::ElementRef<'_>| element.text().collect::<String>();
    page.select(&selector).map(text).collect()
}

#[test]
fn five_hundred_archives_make_a_small_front_page_and_every_link_leads_somewhere() {
    let shelf = shelf(500);
    index(&shelf, "");
    let there = files(&shelf.path());
    assert!(
        there["index.html"].len() < 1_000_000,
        "{}",
        there["index.html"].len()
    );
    let pages = pages(&shelf);
    // All runs in parts of a hundred, four data sets, three networks in parts, twelve series.
    let parts: usize = [500, 125, 125, 125, 125, 167, 167, 166]
        .iter()
        .map(|n: &usize| n.div_ceil(100))
        .sum();
    assert_eq!(pages.len(), 1 + parts + 12);
    let mut reports = BTreeSet::new();
    let links = Selector::parse("[href], [src]").unwrap();
    for (name, page) in &pages {
        for element in page.select(&links) {
            let link = element.attr("href").or(element.attr("src")).unwrap();
            if link.starts_with('#') || link.starts_with("data:") {
                continue;
            }
            assert!(
                !link.contains("://") && !link.contains('%'),
                "{name}: {link}"
            );
            let target = target(name, link);
            assert!(there.contains_key(&target), "{name}: {link} → {target}");
            if name.starts_with("index/runs") && target.ends_with(".html") && !target.contains('/')
            {
                reports.insert(target);
            }
        }
    }
    reports.remove("index.html");
    assert_eq!(reports.len(), 500);
}

#[test]
fn the_newest_come_first_and_choices_choose() {
    let shelf = shelf(30);
    index(&shelf, "");
    let pages = pages(&shelf);
    let rows = |page: &str| texts(&pages[page], "tbody th a");
    let times = rows("index.html");
    assert_eq!(times.len(), 30);
    assert!(times.windows(2).all(|pair| pair[0] > pair[1]), "{times:?}");
    assert_eq!(rows("index/network-alexnet.html").len(), 10);
    let cells = texts(
        &pages["index/network-alexnet.html"],
        "tbody tr td:nth-of-type(2)",
    );
    assert!(cells.iter().all(|cell| cell == "AlexNet"), "{cells:?}");
    let plain = rows("index/dataset-plain.html");
    assert_eq!(plain.len(), 7);
    let marked = texts(
        &pages["index/dataset-plain.html"],
        "nav.choices a[aria-current]",
    );
    assert_eq!(marked, ["plain 7"]);
    let tags = texts(&pages["index.html"], "tr:nth-of-type(3) .tag");
    assert_eq!(tags, ["release <1>", "nightly"]);
    assert!(texts(&pages["index.html"], ".choices a").contains(&"b> 8".to_owned()));
}

#[test]
fn every_figure_has_a_trend_in_every_series() {
    let shelf = shelf(24);
    index(&shelf, "");
    let pages = pages(&shelf);
    let series: Vec<_> = pages
        .iter()
        .filter(|(name, _)| name.starts_with("index/series-"))
        .collect();
    assert_eq!(series.len(), 12);
    let card = std::fs::read(shelf.path().join("run-000.json")).unwrap();
    let card: serde_json::Value = serde_json::from_slice(&card).unwrap();
    let metrics = card["metrics"].as_array().unwrap().len();
    assert!(metrics > 4);
    for (name, page) in series {
        assert_eq!(texts(page, ".chart .chart-title").len(), metrics, "{name}");
        assert_eq!(texts(page, "tbody tr").len(), 2, "{name}");
    }
    let svg = &files(&shelf.path())["assets/trends/series-plain+alexnet+top1_accuracy~2ball.svg"];
    let svg = String::from_utf8_lossy(svg);
    assert_eq!(svg.matches("<circle").count(), 2, "a dot a run");
}

#[test]
fn masked_runs_are_a_series_of_their_own() {
    let shelf = Shelf::new();
    shelf.add("a", "p", "tiny", "2026-01-01T00:00:00Z");
    shelf.add_with("b", "p", "tiny", "2026-01-02T00:00:00Z", |card| {
        card["run"]["options"]["apply_masks"] = json!("lower_body");
        card["run"]["dataset"]["digest"] = json!("other");
    });
    index(&shelf, "");
    let pages = pages(&shelf);
    assert_eq!(
        texts(&pages["index/series-p+tiny.html"], "tbody tr").len(),
        1
    );
    assert_eq!(
        texts(&pages["index/series-p+tiny+lower_body.html"], "h1"),
        ["p · tiny · lower body hidden"]
    );
    assert!(texts(&pages["index/series-p+tiny.html"], ".notice").is_empty());
    shelf.add_with("c", "p", "tiny", "2026-01-03T00:00:00Z", |card| {
        card["run"]["dataset"]["digest"] = json!("other");
    });
    index(&shelf, "");
    let pages = self::pages(&shelf);
    assert_eq!(
        texts(&pages["index/series-p+tiny.html"], ".notice").len(),
        1
    );
}

#[test]
fn what_is_no_card_is_named_and_passed_over() {
    let shelf = shelf(3);
    let card = std::fs::read_to_string(shelf.path().join("run-001.json")).unwrap();
    for (name, text) in [
        ("broken", &card[..card.len() / 2]),
        ("foreign", "{\"mine\": 1}"),
        ("renamed", &card),
        ("newer", &card.replacen("\"schema\":1", "\"schema\":99", 1)),
        (
            "timeless",
            &card
                .replace("run-001", "timeless")
                .replace("2023-", "once upon "),
        ),
    ] {
        std::fs::write(shelf.path().join(format!("{name}.json")), text).unwrap();
    }
    let ended = type_in(shelf.parent(), "index shelf").ok();
    for (name, part) in [
        ("broken", "damaged"),
        ("foreign", "is not the card of an archive"),
        ("renamed", "the card of 'run-001'"),
        ("newer", "newer version (schema 99"),
        ("timeless", "when the run was finished"),
    ] {
        let line = ended
            .stderr
            .lines()
            .find(|line| line.contains(&format!("{name}.json")));
        assert!(
            line.is_some_and(|line| line.contains(part)),
            "{name}: {}",
            ended.stderr
        );
    }
    assert_eq!(texts(&pages(&shelf)["index.html"], "tbody tr").len(), 3);
    let empty = Shelf::new();
    type_in(empty.parent(), "index shelf").fails_with(&["archive shelf", "holds no archives"]);
    type_in(empty.parent(), "index gone").fails_with(&["gone", "No such file"]);
}

#[test]
fn a_site_made_again_is_the_same_and_drops_what_is_gone() {
    let shelf = shelf(24);
    index(&shelf, "");
    let before = files(&shelf.path());
    index(&shelf, "");
    assert_eq!(files(&shelf.path()), before);
    std::fs::write(shelf.path().join("index/mine.txt"), "mine").unwrap();
    for (name, bytes) in &before {
        if name.ends_with(".json") && String::from_utf8_lossy(bytes).contains("alexnet") {
            std::fs::remove_file(shelf.path().join(name)).unwrap();
        }
    }
    index(&shelf, "");
    let after = files(&shelf.path());
    assert!(after.contains_key("index/mine.txt"));
    let stale: Vec<_> = after
        .keys()
        .filter(|name| name.contains("/") && name.contains("alexnet"))
        .collect();
    assert!(stale.is_empty(), "{stale:?}");
}

#[test]
fn the_site_speaks_korean() {
    let shelf = shelf(4);
    index(&shelf, "--lang ko");
    let pages = pages(&shelf);
    assert_eq!(texts(&pages["index.html"], "h1"), ["보관된 실행"]);
    for (name, page) in &pages {
        let text = page.root_element().text().collect::<String>();
        assert!(!text.contains("archives."), "{name}: a text is missing");
        assert!(page.html().contains("<html lang=\"ko\">"), "{name}");
    }
}
