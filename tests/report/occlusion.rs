//! The pages of the occlusion experiment: all panels of ZF's figure 7, and what they say without JavaScript.

use std::fs;
use std::path::Path;

use deconvscope::records::tables::{ImageRow, OcclusionPhotoRow, OcclusionRow};
use deconvscope::report::{render, Lang};
use scraper::{Html, Selector};
use serde_json::Value;

use crate::fixture::{change, full, push, set, without_masks, CLASS, HOSTILE, SECRET};
use crate::occluded::{class_name, with_occlusion, without_classifier, ACROSS, ENDING, STRIDE};
use crate::pages::{check, readings, select, text};
use crate::{drawn, one_file, page, NO_LIMIT};

const PHOTO: &str = "pages/occlusion/photo-0.html";
const FAST: &str = "pages/occlusion/photo-2.html";

fn count(html: &Html, selector: &str) -> usize {
    html.select(&Selector::parse(selector).unwrap()).count()
}

/// The numbers under the name that the page gives for them, from the file that it loads before the script.
fn data(root: &Path, html: &Html) -> Value {
    let name = &select(html, "[data-occlusion]", "data-occlusion")[0];
    let file = format!("assets/occlusion/{name}/readings.js");
    let loaded = [format!("../../{file}"), "../../assets/maps.js".to_owned()];
    assert_eq!(select(html, "script[defer]", "src"), loaded);
    let (told, data) = readings(&fs::read_to_string(root.join(file)).unwrap());
    assert_eq!(told, *name);
    data
}

/// The attributes of each outline that the selector finds.
fn outlines(html: &Html, selector: &str) -> Vec<[String; 4]> {
    let sides = ["x", "y", "width", "height"].map(|side| select(html, selector, side));
    let outline = |at: usize| sides.each_ref().map(|values| values[at].clone());
    (0..sides[0].len()).map(outline).collect()
}

#[test]
fn all_pages_keep_their_promises_in_both_languages() {
    let folder = tempfile::tempdir().unwrap();
    let run = with_occlusion(full(folder.path()));
    for (lang, name) in [(Lang::En, "en"), (Lang::Ko, "ko")] {
        check(&drawn(&run, lang), name, &[SECRET]);
    }
    let bare = tempfile::tempdir().unwrap();
    let run = without_classifier(without_masks(full(bare.path())));
    check(&drawn(&run, Lang::Ko), "ko", &[SECRET]);
}

#[test]
fn a_photo_has_all_panels_of_the_figure() {
    let folder = tempfile::tempdir().unwrap();
    render(&with_occlusion(full(folder.path())), Lang::En).unwrap();
    let html = page(folder.path(), PHOTO);
    assert_eq!(text(&html, "h1"), HOSTILE[0]);
    assert_eq!(text(&html, ".panel-title small"), "(a)(d)(e)(b)(c)");
    assert_eq!(count(&html, ".panel .pic img"), 6, "a picture is missing");
    let titles = text(&html, ".panel-title");
    assert!(
        titles.contains(&format!("Probability of {CLASS}")),
        "{titles}"
    );
    assert!(titles.contains("Map 7 of features/3 <x>"), "{titles}");
    let lead = text(&html, ".lead");
    assert!(
        lead.contains(&format!("label, {CLASS}, a probability of 0.60")),
        "{lead}"
    );
    assert!(
        lead.contains(&format!(
            "0.012 is left. There the most probable class is {ENDING}."
        )),
        "{lead}"
    );

    // The colours end at 0 and at the greatest value; the followed class comes first, what has no colour is summed up.
    assert_eq!(text(&html, ".bar"), "00.600250.0");
    assert_eq!(count(&html, ".panel .swatches li"), 8);
    let legend = text(&html, ".panel .swatches");
    assert!(
        legend.starts_with(CLASS) && legend.contains(ENDING),
        "{legend}"
    );
    assert!(
        legend.contains("81.6\u{a0}%") && legend.ends_with("3 other classes 6.1\u{a0}%"),
        "{legend}"
    );

    assert_eq!(
        count(&html, ".tiles .tile .box.field"),
        2,
        "receptive field of the example"
    );
    let curves = text(&html, "section[aria-labelledby=curves] .swatches");
    assert!(curves.contains("insertion, area 0.70"), "{curves}");
    assert!(text(&html, "section[aria-labelledby=regions]").contains("face"));
    assert_eq!(text(&html, ".approximate"), "");
}

#[test]
fn the_most_harmful_position_is_outlined_in_the_photo_and_in_the_maps() {
    let folder = tempfile::tempdir().unwrap();
    render(&with_occlusion(full(folder.path())), Lang::En).unwrap();
    let html = page(folder.path(), PHOTO);
    // 8 of 32 pixels from column 4 on; on the maps the 4 pixels around its middle, from row 2 and column 6 on.
    assert_eq!(
        outlines(&html, "[data-photo] rect.box.mask"),
        [["12.5", "0", "25", "25"]]
    );
    assert_eq!(
        outlines(&html, "[data-map] rect.box.mask"),
        [["18.75", "6.25", "12.5", "12.5"]; 3]
    );
    let map = image::open(
        folder
            .path()
            .join("assets/occlusion/photo-0/probability.png"),
    );
    let map = map.unwrap().to_rgba8();
    assert_eq!(map.dimensions(), (32, 32));
    assert_eq!(map.get_pixel(1, 1).0[3], 0, "beyond the first middle");
    let luma = |x, y| map.get_pixel(x, y).0[1];
    assert!(luma(6, 2) < luma(5, 2) && luma(6, 2) < luma(10, 2));
}

#[test]
fn the_numbers_under_the_pointer_are_those_of_the_table() {
    let folder = tempfile::tempdir().unwrap();
    let run = with_occlusion(full(folder.path()));
    render(&run, Lang::En).unwrap();
    let html = page(folder.path(), PHOTO);
    let data = data(folder.path(), &html);
    assert_eq!(data["rows"], ACROSS);
    assert_eq!((&data["worst"], &data["inset"]), (&1.into(), &2.into()));
    assert_eq!(data["class"], CLASS);
    let rows = run.rows_of::<OcclusionRow>("photo-0").unwrap().into_iter();
    for (at, row) in rows.enumerate() {
        assert_eq!((row.y, row.x), (at / ACROSS * STRIDE, at % ACROSS * STRIDE));
        let close = |list: &str, value: f32| {
            let told = data[list][at].as_f64().unwrap();
            assert!(
                (told / f64::from(value) - 1.0).abs() < 0.006,
                "{list} {at}: {told}"
            );
        };
        close("probability", row.probability.unwrap());
        close("top_probability", row.top_probability.unwrap());
        close("activation", row.map_activation);
        let name = &data["classes"][data["top"][at].as_u64().unwrap() as usize];
        assert_eq!(*name, class_name(row.top_class_index.unwrap()));
    }
    // Without the script the same sentence stands there for the most harmful position, and nothing waits for it.
    let reading = text(&html, "[aria-live]");
    let whole = format!("Most harmful position. Row 0, column 4: probability of {CLASS} 0.0123; most probable {ENDING} (0.5); map activation 101");
    assert_eq!(reading, whole);
    assert_eq!(count(&html, "[data-map][tabindex]"), 0);
}

#[test]
fn colour_bars_and_classes_have_their_colours_in_the_style_sheet() {
    let folder = tempfile::tempdir().unwrap();
    render(&with_occlusion(full(folder.path())), Lang::En).unwrap();
    let sheet = fs::read_to_string(folder.path().join("assets/style.css")).unwrap();
    assert!(sheet.contains("\n.heat { background: linear-gradient(90deg,#440154,"));
    let html = page(folder.path(), PHOTO);
    assert_eq!(count(&html, ".bar .heat"), 2);
    let classes = select(&html, ".panel .swatches li", "class");
    let map = image::open(folder.path().join("assets/occlusion/photo-0/classes.png"));
    let map = map.unwrap().to_rgba8();
    // At the first position, around whose middle the upper left cell lies, and at the most harmful one.
    let followed = &data(folder.path(), &html)["top"];
    for (at, pixel) in [(0, (2, 2)), (1, (6, 2))] {
        let [r, g, b, _] = map.get_pixel(pixel.0, pixel.1).0;
        let class = &classes[followed[at].as_u64().unwrap() as usize];
        let rule = format!("\n.{class} {{ --line: #{r:02x}{g:02x}{b:02x}; }}\n");
        assert!(sheet.contains(&rule), "{rule}");
    }
}

#[test]
fn every_map_in_fast_mode_says_so_with_what_was_measured() {
    let folder = tempfile::tempdir().unwrap();
    render(&with_occlusion(full(folder.path())), Lang::En).unwrap();
    let html = page(folder.path(), FAST);
    assert_eq!(count(&html, ".approximate"), count(&html, "[data-map]"));
    let told = text(&html, ".approximate");
    for number in [
        "12 positions",
        "0.987",
        "0.032",
        "0.991",
        "4.5\u{a0}% of the map's range",
    ] {
        assert!(told.contains(number), "{number}: {told}");
    }
    let list = page(folder.path(), "pages/occlusion.html");
    assert_eq!(text(&list, ".index .tag"), "approximate");
    assert!(text(&list, ".notice").contains("The maps of one photograph are approximate"));
}

#[test]
fn the_summary_tells_what_all_photos_come_to() {
    let folder = tempfile::tempdir().unwrap();
    render(&with_occlusion(full(folder.path())), Lang::En).unwrap();
    let html = page(folder.path(), "pages/occlusion.html");
    let cards = text(&html, ".cards");
    for value in ["−0.50", "−0.50 to −0.25", "80.0\u{a0}%", "0.21", "0.61"] {
        assert!(cards.contains(value), "{value}: {cards}");
    }
    let regions = text(&html, "section[aria-labelledby=regions] tbody");
    assert!(
        regions.contains("75.0\u{a0}%") && regions.contains("20.0\u{a0}%"),
        "{regions}"
    );
    let replaced = text(&html, "section[aria-labelledby=replaced]");
    assert!(
        replaced.contains("2 of 2 photographs") && replaced.contains(ENDING),
        "{replaced}"
    );
    assert_eq!(count(&html, ".index tbody tr"), 2);
    assert_eq!(count(&html, ".index .thumb .box.mask"), 2);
    let front = page(folder.path(), "index.html");
    assert!(text(&front, ".cards").contains("−0.50"));
    assert!(select(&front, ".tile-name a", "href").contains(&PHOTO.to_owned()));
    let photo = page(folder.path(), "pages/photos/photo-0.html");
    let links = select(&photo, "a.more", "href");
    assert!(links.iter().any(|link| link.ends_with(PHOTO)), "{links:?}");
}

#[test]
fn without_a_classifier_only_the_map_is_there_and_the_page_says_so() {
    let folder = tempfile::tempdir().unwrap();
    render(&without_classifier(full(folder.path())), Lang::En).unwrap();
    let html = page(folder.path(), PHOTO);
    assert!(text(&html, ".notice").contains("not available"));
    assert_eq!(text(&html, ".panel-title small"), "(a)(b)(c)");
    assert_eq!(count(&html, "section[aria-labelledby=curves]"), 0);
    let data = data(folder.path(), &html);
    assert_eq!(data["probability"], Value::Array(Vec::new()));
    assert_eq!(data["activation"][1], 101.0);
    assert_eq!(
        text(&html, "[aria-live]"),
        "Most harmful position. Row 0, column 4: map activation 101"
    );
    let list = page(folder.path(), "pages/occlusion.html");
    assert_eq!(count(&list, ".cards, [aria-labelledby=replaced]"), 0);
    assert!(text(&list, ".index tbody").contains("40\u{a0}%"));
}

#[test]
fn a_run_without_the_experiment_leads_nowhere_of_it() {
    let folder = tempfile::tempdir().unwrap();
    render(&full(folder.path()), Lang::En).unwrap();
    assert!(!folder.path().join("pages/occlusion.html").exists());
    for entry in walkdir::WalkDir::new(folder.path()).into_iter().flatten() {
        if entry
            .path()
            .extension()
            .is_some_and(|extension| extension == "html")
        {
            let html = fs::read_to_string(entry.path()).unwrap();
            let page = entry.path().display();
            assert!(!html.contains("<script"), "{page}");
            let links = ["occlusion.html", "occlusion/", "occlusion.csv"];
            let linked = links.iter().find(|link| html.contains(**link));
            assert!(linked.is_none(), "{page}: {linked:?}");
        }
    }
}

#[test]
fn positions_that_cannot_be_are_refused_and_many_photos_are_listed_in_parts() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = with_occlusion(full(folder.path()));
    let row = run.rows::<OcclusionPhotoRow>().unwrap()[0].clone();
    change::<OcclusionPhotoRow>(&mut run, |rows| rows[0].rows = usize::MAX);
    let refused = render(&run, Lang::En).unwrap_err().to_string();
    assert!(refused.contains("occlusion maps of <script>"), "{refused}");
    let image = run.rows::<ImageRow>().unwrap()[0].clone();
    set::<OcclusionPhotoRow>(&mut run, Vec::new());
    for at in 0..201 {
        let image_id = format!("many-{at}");
        push(
            &mut run,
            ImageRow {
                image_id: image_id.clone(),
                ..image.clone()
            },
        );
        push(
            &mut run,
            OcclusionPhotoRow {
                image_id,
                ..row.clone()
            },
        );
    }
    check(&drawn(&run, Lang::En), "en", &[SECRET]);
    let last = page(folder.path(), "pages/occlusion-2.html");
    assert_eq!(count(&last, ".index tbody tr"), 1);
}

#[test]
fn one_file_holds_the_maps_and_the_script_once() {
    let folder = tempfile::tempdir().unwrap();
    let run = with_occlusion(full(folder.path()));
    render(&run, Lang::En).unwrap();
    let html = one_file(&run, Lang::En, NO_LIMIT);
    assert_eq!(count(&html, "[data-map] svg[role=img] use"), 6);
    let raw = fs::read_to_string(folder.path().join("report.html")).unwrap();
    // The numbers of two photographs, then the script that reads them.
    let scripts: Vec<&str> = raw.split("<script>").skip(1).collect();
    assert_eq!(scripts.len(), 3, "a name that was not escaped");
    assert!(scripts[..2].iter().all(|it| it.contains("globalThis")));
}
