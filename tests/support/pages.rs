//! The promises that hold for the pages of anything that deconvscope draws: linked, accessible, readable without
//! JavaScript, and with no script but our own.

use std::collections::{BTreeMap, BTreeSet};

use scraper::{Html, Selector};

/// The values of an attribute, element by element.
pub(crate) fn select(html: &Html, selector: &str, attribute: &str) -> Vec<String> {
    let selector = Selector::parse(selector).unwrap();
    html.select(&selector)
        .filter_map(|element| element.attr(attribute))
        .map(str::to_owned)
        .collect()
}

/// The text of all elements that the selector finds.
pub(crate) fn text(html: &Html, selector: &str) -> String {
    let selector = Selector::parse(selector).unwrap();
    html.select(&selector)
        .flat_map(|element| element.text())
        .collect()
}

/// Checks every page and chart among a folder's files; `secrets` must appear in none.
pub(crate) fn check(files: &BTreeMap<String, Vec<u8>>, lang: &str, secrets: &[&str]) {
    let pages: BTreeMap<&String, Html> = files
        .iter()
        .filter(|(name, _)| name.ends_with(".html"))
        .map(|(name, bytes)| {
            (
                name,
                Html::parse_document(std::str::from_utf8(bytes).unwrap()),
            )
        })
        .collect();
    assert!(!pages.is_empty());
    for (name, html) in &pages {
        assert_eq!(select(html, "html", "lang"), [lang], "{name}");
        let foreign = Selector::parse("iframe, object, embed").unwrap();
        assert_eq!(html.select(&foreign).count(), 0, "{name}");
        scripts_are_ours(html, name, files);
        assert_eq!(
            html.select(&Selector::parse("h1").unwrap()).count(),
            1,
            "{name}"
        );
        assert!(!text(html, "h1").trim().is_empty(), "{name}");
        for image in html.select(&Selector::parse("img").unwrap()) {
            assert!(
                !image.attr("alt").unwrap_or_default().trim().is_empty(),
                "{name}: {:?}",
                image.attr("src")
            );
            assert!(
                image.attr("width").is_some() && image.attr("height").is_some(),
                "{name}"
            );
        }
        let ids = select(html, "[id]", "id");
        assert_eq!(
            ids.len(),
            ids.iter().collect::<BTreeSet<_>>().len(),
            "{name}: double id"
        );
        for link in select(html, "[href]", "href")
            .into_iter()
            .chain(select(html, "[src]", "src"))
        {
            if link == "data:," {
                continue;
            }
            assert!(
                !link.contains(':') && !link.starts_with('/'),
                "{name}: outside link {link}"
            );
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if file.is_empty() {
                (*name).clone()
            } else {
                resolved(name, file)
            };
            assert!(files.contains_key(&target), "{name}: dead link {link}");
            if !anchor.is_empty() {
                assert!(
                    select(&pages[&target], "[id]", "id")
                        .iter()
                        .any(|id| id == anchor),
                    "{name}: {link}"
                );
            }
        }
    }
    for (name, bytes) in files
        .iter()
        .filter(|(name, _)| name.ends_with(".html") || name.ends_with(".svg"))
    {
        let text = String::from_utf8_lossy(bytes);
        for secret in secrets {
            assert!(!text.contains(secret), "{name} tells of {secret}");
        }
        let scripts = pages.get(name).map_or(0, |html| {
            html.select(&Selector::parse("script").unwrap()).count()
        });
        assert!(
            text.matches("<script").count() == scripts && !text.contains("<b>bold"),
            "{name}: not escaped"
        );
        // Jenkins' Content-Security-Policy takes style sheets from files alone.
        let styled = text.contains("<style") || text.contains(" style=");
        assert!(!name.ends_with(".svg") || !styled, "{name}: styled");
        assert!(
            !text.contains("NaN") && !text.contains("inf\""),
            "{name}: a number that is none"
        );
    }
    let front = select(&pages[&"index.html".to_owned()], "img", "src");
    let pictures: BTreeSet<&String> = front.iter().collect();
    let size: usize = pictures.into_iter().map(|src| files[src].len()).sum();
    assert!(files["index.html"].len() + size < 1_000_000);
}

/// A page's scripts are those of `templates`, and files of numbers; what hides before they run is no more than a hint.
fn scripts_are_ours(html: &Html, name: &str, files: &BTreeMap<String, Vec<u8>>) {
    let ours = [
        include_str!("../../templates/maps.js").trim(),
        include_str!("../../templates/sort.js").trim(),
    ];
    for script in html.select(&Selector::parse("script").unwrap()) {
        let inside: String = script.text().collect();
        let content = match script.attr("src") {
            Some(src) => {
                assert!(
                    inside.is_empty() && script.attr("defer").is_some(),
                    "{name}"
                );
                std::str::from_utf8(&files[&resolved(name, src)]).unwrap()
            }
            None => &inside,
        };
        if !ours.contains(&content.trim()) {
            readings(content);
        }
    }
    let hidden = Selector::parse("[hidden]").unwrap();
    for element in html.select(&hidden) {
        assert!(element.attr("data-hint").is_some(), "{name}");
    }
}

/// What a file of numbers says: the name, and the object that it puts under it.
pub(crate) fn readings(content: &str) -> (String, serde_json::Value) {
    assert!(!content.contains('<'), "not escaped: {content}");
    let rest = content.strip_prefix("(globalThis.deconvscope ??= {})[");
    let rest = rest.and_then(|rest| rest.strip_suffix(";\n"));
    let (name, object) = rest.and_then(|rest| rest.split_once("] = ")).unwrap();
    (
        serde_json::from_str(name).unwrap(),
        serde_json::from_str(object).unwrap(),
    )
}

fn resolved(page: &str, link: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}
