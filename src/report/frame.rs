//! What pages of every kind share: templates, words, the frame around a page with its navigation, and how a file is
//! written.

use std::io::Write;
use std::path::{Path, PathBuf};

use base::{Error, Result};
use figures::{maps, Picture};
use network::Size;
use records::{write_whole, Tool};
use serde::Serialize;
use tera::{Context, Tera, Value};

use super::blocks::{Block, Chart, Link, Text, TEMPLATES};
use super::book::{self, Book};
use super::lang::{Lang, Texts};

/// The style sheet that all pages link to.
const STYLE: &str = "assets/style.css";

/// An entry of the navigation: the page's place in the folder, and the key of its words.
pub(super) type Section = (String, &'static str);

/// What prints the pages of one folder: a run's report, a comparison, an index.
pub(super) struct Press {
    pub(super) texts: Texts,
    root: PathBuf,
    lang: Lang,
    tera: Tera,
    /// What the pages are about, beside the brand.
    subject: String,
    /// The entries of the navigation.
    pub(super) sections: Vec<Section>,
    made_by: String,
    /// Of this form are pictures of networks' inputs.
    pub(super) pictures: Size,
    /// The key of the words at a page's foot.
    pub(super) footer: &'static str,
}

impl Press {
    /// A press for the folder at `root`.
    ///
    /// # Errors
    /// [`Error::Drawing`] for a template that cannot be read.
    pub(super) fn new(root: PathBuf, lang: Lang, subject: String, tool: &Tool) -> Result<Self> {
        let mut tera = Tera::new();
        let pages = [
            ("base.html", include_str!("../../templates/base.html")),
            ("page.html", include_str!("../../templates/page.html")),
        ];
        tera.add_raw_templates(pages.into_iter().chain(TEMPLATES.iter().copied()))
            .map_err(|error| Error::Drawing {
                what: "the templates".into(),
                problem: error.to_string(),
            })?;
        Ok(Self {
            texts: Texts::load(lang)?,
            root,
            lang,
            tera,
            subject,
            sections: Vec::new(),
            made_by: format!("{} {}", tool.name, tool.version),
            pictures: Size::square(1),
            footer: "nav.footer",
        })
    }

    /// The folder that the pages go to.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Writes the style sheet that all pages link to.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(super) fn write_style(&self) -> Result<()> {
        self.write_file(STYLE, &self.style())
    }

    /// The style sheet of all pages.
    fn style(&self) -> String {
        let sheet = include_str!("../../templates/style.css");
        let Size { height, width } = self.pictures;
        let form = match height == width {
            true => String::new(),
            false => format!(":root {{ --form: {width} / {height}; }}\n"),
        };
        format!("{sheet}\n{}{form}", maps::style())
    }

    /// Writes a text file into the folder.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(super) fn write_file(&self, path: &str, text: &str) -> Result<()> {
        let path = self.root.join(path);
        write_whole(&path, |file| {
            file.write_all(text.as_bytes())
                .map_err(Error::io("cannot write", &path))
        })
    }
}

/// What stands on a page.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) title: String,
    pub(super) blocks: Vec<Block>,
    /// Scripts that the page is richer with (it says all that matters without them), and style of its own.
    pub(super) files: Vec<Asset>,
}

impl Content {
    /// A page with its title as the heading, and below it what the page says in a sentence or two; no text for none.
    pub(super) fn new(title: impl Into<String>, lead: impl Into<Text>) -> Self {
        let (title, lead) = (title.into(), lead.into());
        let mut blocks = vec![Block::Heading(title.clone())];
        if !lead.is_empty() {
            blocks.push(Block::Lead(lead));
        }
        Self {
            title,
            blocks,
            files: Vec::new(),
        }
    }

    /// With these blocks behind what is there.
    pub(super) fn with(mut self, blocks: impl IntoIterator<Item = Block>) -> Self {
        self.blocks.extend(blocks);
        self
    }

    /// With ways to other pages above its heading.
    pub(super) fn below(mut self, ways: impl IntoIterator<Item = Block>) -> Self {
        self.blocks.splice(0..0, ways);
        self
    }
}

/// A script or a style sheet, told apart by their names.
#[derive(Debug)]
pub(super) struct Asset {
    /// Its place in the folder.
    pub(super) path: String,
    pub(super) text: String,
}

impl Asset {
    /// A file with this text.
    pub(super) fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            text: text.into(),
        }
    }

    fn is_style(&self) -> bool {
        self.path.ends_with(".css")
    }
}

/// A page on its way: where it will lie decides what its links look like.
pub(super) struct Leaf<'a> {
    pub(super) press: &'a Press,
    path: String,
    /// The entry of the navigation that it belongs to.
    section: &'static str,
    /// The file that it is an article of; `None` for a page of the folder.
    book: Option<&'a Book>,
}

/// What the frame around every page shows.
#[derive(Serialize)]
struct Frame<'a> {
    lang: String,
    title: &'a str,
    subject: &'a str,
    style: String,
    nav: Vec<Link>,
    footer: String,
}

impl<'a> Leaf<'a> {
    /// A page at `path` inside the folder, under the entry of the navigation whose key is `section`.
    pub(super) fn new(press: &'a Press, path: impl Into<String>, section: &'static str) -> Self {
        Self {
            press,
            path: path.into(),
            section,
            book: None,
        }
    }

    /// The same as an article of a file that holds many.
    pub(super) fn inside(self, book: &'a Book) -> Self {
        Self {
            book: Some(book),
            ..self
        }
    }

    /// The page's language.
    pub(super) fn lang(&self) -> Lang {
        self.press.lang
    }

    /// The words.
    pub(super) fn texts(&self) -> &'a Texts {
        &self.press.texts
    }

    /// The link from this page to another of the folder; empty where a file that holds many does not hold that one.
    pub(super) fn href(&self, target: &str) -> String {
        match self.book {
            Some(book) => book.link(target),
            None => self.relative(target),
        }
    }

    /// Where a picture of the folder is found.
    pub(super) fn src(&self, path: &str) -> String {
        match self.book {
            Some(book) => book.picture(path),
            None => self.relative(path),
        }
    }

    /// An id of this page that links and styles can name.
    pub(super) fn id(&self, id: &str) -> String {
        match self.book {
            Some(book) => book.id(&self.path, id),
            None => id.to_owned(),
        }
    }

    /// Makes a picture of the folder; of a file that holds many, the folder has it already.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(super) fn draw(&self, picture: impl FnOnce() -> Picture) -> Result<()> {
        match self.book {
            Some(_) => Ok(()),
            None => picture().write(&self.press.root),
        }
    }

    fn relative(&self, target: &str) -> String {
        let depth = self.path.matches('/').count();
        format!("{}{target}", "../".repeat(depth))
    }

    /// Writes a chart's SVG into the folder and shows it.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(super) fn chart(&self, path: &str, svg: &str, alt: String) -> Result<Chart> {
        let src = match self.book {
            Some(_) => book::inline("image/svg+xml", svg.as_bytes()),
            None => {
                self.press.write_file(path, svg)?;
                self.relative(path)
            }
        };
        Ok(Chart::new(src, svg, alt))
    }

    /// Writes the page in its frame.
    ///
    /// # Errors
    /// [`Error::Drawing`] with the page at fault; [`Error::Io`].
    pub(super) fn put(&self, content: &Content) -> Result<()> {
        for file in &content.files {
            self.press.write_file(&file.path, &file.text)?;
        }
        let links = |file: &Asset| self.relative(&file.path);
        let mut context = self.framed(&content.title, &content.files, links);
        context.insert("content", &self.html(&content.blocks)?);
        let html = self.render("page.html", &context)?;
        self.press.write_file(&self.path, &html)
    }

    /// The page as an article of a file that holds many.
    ///
    /// # Errors
    /// [`Error::Drawing`] with the page at fault.
    pub(super) fn article(&self, content: &Content) -> Result<String> {
        let (id, html) = (self.href(&self.path), self.html(&content.blocks)?);
        let id = id.trim_start_matches('#');
        Ok(format!(
            "<article class=\"single-page\" id=\"{id}\">\n{html}</article>\n"
        ))
    }

    /// What stands before and after the articles of a file that holds many, with style and scripts inside.
    ///
    /// # Errors
    /// [`Error::Drawing`].
    pub(super) fn around(&self, title: &str, files: &[Asset]) -> Result<(String, String)> {
        const HERE: &str = "\u{1}";
        let mut context = self.framed(title, files, |file| file.text.clone());
        context.insert("inline_style", &self.press.style());
        context.insert("content", HERE);
        let html = self.render("page.html", &context)?;
        let parts = html.split_once(HERE);
        let parts = parts.map(|(before, after)| (before.to_owned(), after.to_owned()));
        Ok(parts.unwrap_or_default())
    }

    /// What the frame is made from, with its styles and scripts as `told`.
    fn framed(&self, title: &str, files: &[Asset], told: impl Fn(&Asset) -> String) -> Context {
        let (styles, scripts): (Vec<&Asset>, Vec<&Asset>) =
            files.iter().partition(|file| file.is_style());
        let told = |files: Vec<&Asset>| files.into_iter().map(&told).collect::<Vec<String>>();
        let mut context = Context::new();
        context.insert("t", &self.texts().sections);
        context.insert("page", &self.frame(title));
        context.insert("styles", &told(styles));
        context.insert("scripts", &told(scripts));
        context.insert("inline_style", "");
        context
    }

    /// Blocks as HTML.
    ///
    /// # Errors
    /// [`Error::Drawing`] with the page at fault.
    pub(super) fn html(&self, blocks: &[Block]) -> Result<String> {
        let mut html = String::new();
        for block in blocks {
            let context = Context::from_serialize(block);
            let mut context = context.map_err(|error| self.at_fault(&error))?;
            if let Some(inner) = block.inner() {
                context.insert("inner", &self.html(inner)?);
            }
            if let Block::Section { id, .. } = block {
                let id = match id.is_empty() {
                    true => String::new(),
                    false => self.id(id),
                };
                context.insert("id", &id);
            }
            let kind = context.get("kind").and_then(Value::as_str);
            let template = format!("blocks/{}.html", kind.unwrap_or_default());
            html += &self.render(&template, &context)?;
        }
        Ok(html)
    }

    fn render(&self, template: &str, context: &Context) -> Result<String> {
        let html = self.press.tera.render(template, context);
        html.map_err(|error| self.at_fault(&error))
    }

    fn at_fault(&self, error: &dyn std::error::Error) -> Error {
        let mut problem = error.to_string();
        let mut source = error.source();
        while let Some(inner) = source {
            problem = format!("{problem}: {inner}");
            source = inner.source();
        }
        Error::Drawing {
            what: self.path.clone(),
            problem,
        }
    }

    fn frame<'b>(&'b self, title: &'b str) -> Frame<'b> {
        let press = self.press;
        let item = |(target, key): &Section| {
            Link::new(press.texts.say(key), self.href(target)).current(*key == self.section)
        };
        Frame {
            lang: press.lang.to_string(),
            title,
            subject: &press.subject,
            style: self.relative(STYLE),
            nav: press.sections.iter().map(item).collect(),
            footer: press.texts.fill(press.footer, &[("tool", &press.made_by)]),
        }
    }
}
