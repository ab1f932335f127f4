//! The whole report in one HTML file: pages as articles, pictures and style inside, each picture once.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use base64::prelude::{Engine, BASE64_STANDARD};

use super::site::{FRONT, MAPS};
use crate::error::{Error, Result};
use crate::records::write_whole;

/// Writes the front page and every page that can be reached from it into one file without outside needs; links
/// between pages become links inside it. The pages of single layers' and maps' features are left out: they are many, and
/// each has pictures of its own. What leads to them is no link there.
///
/// # Errors
/// [`Error::Io`]; [`Error::Drawing`] where a page is not one of ours.
pub fn single_file(root: &Path, out: &Path) -> Result<()> {
    let mut book = Book::read(root)?;
    let sheet = read(root, "assets/style.css")?;
    write_whole(out, |file| {
        let mut put = |text: &str| {
            file.write_all(text.as_bytes())
                .map_err(Error::io("cannot write", out))
        };
        for piece in split_tags(&book.pages[0].before.clone()) {
            match piece.starts_with("<link rel=\"stylesheet\"") {
                true => put(&format!("<style>\n{sheet}</style>"))?,
                false => put(&book.links_inwards(0, piece, false))?,
            }
        }
        for number in 0..book.pages.len() {
            put(&format!(
                "<article class=\"single-page\" id=\"p{number}\">\n"
            ))?;
            for piece in split_tags(&std::mem::take(&mut book.pages[number].main)) {
                let piece = book.links_inwards(number, piece, true);
                put(&book.picture_inside(root, number, piece)?)?;
            }
            put("</article>\n")?;
        }
        put("<svg class=\"store\" width=\"0\" height=\"0\" aria-hidden=\"true\"><defs>\n")?;
        for (at, picture) in book.pictures.iter().enumerate() {
            let Stored {
                path,
                width,
                height,
            } = picture;
            let uri = data_uri(root, path)?;
            put(&format!(
                "<image id=\"i{at}\" width=\"{width}\" height=\"{height}\" href=\"{uri}\"/>\n"
            ))?;
        }
        put("</defs></svg>\n")?;
        if let Some(script) = book.pages.iter().find_map(Leaf::script) {
            put(&script)?;
        }
        put(&book.pages[0].after)
    })
}

/// A page's HTML around and in its main part.
struct Leaf {
    path: String,
    before: String,
    main: String,
    after: String,
}

/// All pages, the front page first, in the order of their first mention.
struct Book {
    pages: Vec<Leaf>,
    numbers: BTreeMap<String, usize>,
    /// Pictures of photos in the order of their first appearance: they are stored once and drawn by reference.
    pictures: Vec<Stored>,
    stored: BTreeMap<String, usize>,
}

struct Stored {
    path: String,
    width: String,
    height: String,
}

impl Book {
    fn read(root: &Path) -> Result<Self> {
        let mut book = Self {
            pages: Vec::new(),
            numbers: BTreeMap::from([(FRONT.to_owned(), 0)]),
            pictures: Vec::new(),
            stored: BTreeMap::new(),
        };
        let mut found = vec![FRONT.to_owned()];
        while let Some(path) = found.get(book.pages.len()).cloned() {
            let html = read(root, &path)?;
            for tag in split_tags(&html) {
                let Some(target) =
                    attribute(&tag, "href").and_then(|href| page_target(&path, href))
                else {
                    continue;
                };
                if !book.numbers.contains_key(&target) && !target.starts_with(MAPS) {
                    book.numbers.insert(target.clone(), found.len());
                    found.push(target);
                }
            }
            book.pages.push(Leaf::new(path, &html)?);
        }
        Ok(book)
    }

    /// A tag with its links turned inwards; in the main part of a page also with its names made unique.
    fn links_inwards(&self, number: usize, piece: String, in_main: bool) -> String {
        let path = &self.pages[number].path;
        let mut tag = piece;
        if in_main {
            for name in ["id", "aria-labelledby"] {
                if let Some(id) = attribute(&tag, name).map(str::to_owned) {
                    tag = replaced(&tag, name, &format!("p{number}-{id}"));
                }
            }
        }
        let Some(href) = attribute(&tag, "href").map(str::to_owned) else {
            return tag;
        };
        if let Some(target) = page_target(path, &href) {
            let Some(other) = self.numbers.get(&target) else {
                return tag.replacen(&format!(" href=\"{href}\""), "", 1);
            };
            let anchor = match href.split_once('#') {
                Some((_, id)) => format!("#p{other}-{id}"),
                None => format!("#p{other}"),
            };
            return replaced(&tag, "href", &anchor);
        }
        match href.strip_prefix('#') {
            Some(id) if in_main => replaced(&tag, "href", &format!("#p{number}-{id}")),
            _ => tag,
        }
    }

    /// A picture of a photo as a reference to where it is stored, a chart as a data URI, any other piece as it is.
    fn picture_inside(&mut self, root: &Path, number: usize, tag: String) -> Result<String> {
        let Some(src) = attribute(&tag, "src") else {
            return Ok(tag);
        };
        let path = resolved(&self.pages[number].path, src);
        if path.ends_with(".svg") {
            return Ok(replaced(&tag, "src", &data_uri(root, &path)?));
        }
        let [width, height] =
            ["width", "height"].map(|name| attribute(&tag, name).unwrap_or_default());
        let at = match self.stored.get(&path) {
            Some(&at) => at,
            None => {
                self.pictures.push(Stored {
                    path: path.clone(),
                    width: width.to_owned(),
                    height: height.to_owned(),
                });
                self.stored.insert(path, self.pictures.len() - 1);
                self.pictures.len() - 1
            }
        };
        let alt = attribute(&tag, "alt").unwrap_or_default();
        let style = attribute(&tag, "style")
            .map_or_else(String::new, |style| format!(" style=\"{style}\""));
        Ok(format!(
            "<svg role=\"img\" aria-label=\"{alt}\" viewBox=\"0 0 {width} {height}\"{style}><use href=\"#i{at}\"/></svg>"
        ))
    }
}

impl Leaf {
    fn new(path: String, html: &str) -> Result<Self> {
        const MAIN: &str = "<main id=\"main\">";
        let parts = html.split_once(MAIN).and_then(|(before, rest)| {
            let (main, after) = rest.rsplit_once("</main>")?;
            Some((
                format!("{before}{MAIN}"),
                main.to_owned(),
                format!("</main>{after}"),
            ))
        });
        let (before, main, after) = parts.ok_or_else(|| Error::Drawing {
            what: path.clone(),
            problem: "not a page of a report: it has no main part".into(),
        })?;
        Ok(Self {
            path,
            before,
            main,
            after,
        })
    }

    /// The script at the page's end. All pages that have one have the same.
    fn script(&self) -> Option<String> {
        let (_, rest) = self.after.split_once("<script>")?;
        let (script, _) = rest.split_once("</script>")?;
        Some(format!("<script>{script}</script>\n"))
    }
}

fn read(root: &Path, path: &str) -> Result<String> {
    let path = root.join(path);
    fs::read_to_string(&path).map_err(Error::io("cannot read", &path))
}

/// Tags and the text between them. Our templates escape `<`, `>` and `"` in all text, so a tag ends at the first `>`.
fn split_tags(html: &str) -> impl Iterator<Item = String> + '_ {
    html.split_inclusive('>').flat_map(|piece| {
        let at = piece.find('<').unwrap_or(piece.len());
        [piece[..at].to_owned(), piece[at..].to_owned()]
    })
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = tag.strip_prefix('<')?.split_once(&format!(" {name}=\""))?;
    Some(rest.split_once('"')?.0)
}

fn replaced(tag: &str, name: &str, value: &str) -> String {
    let old = attribute(tag, name).unwrap_or_default();
    tag.replacen(
        &format!(" {name}=\"{old}\""),
        &format!(" {name}=\"{value}\""),
        1,
    )
}

/// The page that a link leads to; `None` for links within a page and to anything else.
fn page_target(path: &str, href: &str) -> Option<String> {
    let file = href
        .split('#')
        .next()
        .filter(|file| file.ends_with(".html"))?;
    Some(resolved(path, file))
}

/// A relative link, seen from the page at `path`, as a path inside the run folder.
fn resolved(path: &str, link: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn data_uri(root: &Path, path: &str) -> Result<String> {
    let file = root.join(path);
    let bytes = fs::read(&file).map_err(Error::io("cannot read", &file))?;
    let kind = match path.rsplit('.').next() {
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "image/jpeg",
    };
    Ok(format!(
        "data:{kind};base64,{}",
        BASE64_STANDARD.encode(bytes)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_resolved_and_rewritten() {
        assert_eq!(
            resolved("pages/photos/a.html", "../../assets/x.jpg"),
            "assets/x.jpg"
        );
        assert_eq!(
            page_target("pages/method.html", "../index.html#how").as_deref(),
            Some("index.html")
        );
        assert_eq!(page_target("index.html", "#how"), None);
        let tag = r#"<a class="x" href="../index.html">"#;
        assert_eq!(
            replaced(tag, "href", "#p0"),
            r##"<a class="x" href="#p0">"##
        );
        let pieces: Vec<String> = split_tags("a<b>c</b>")
            .filter(|piece| !piece.is_empty())
            .collect();
        assert_eq!(pieces, ["a", "<b>", "c", "</b>"]);
    }
}
