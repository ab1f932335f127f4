//! What pages of every kind share: templates, words, the frame around a page with its navigation, and how a file is
//! written.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tera::{Context, Tera};

use super::blocks::{Block, Chart, TEMPLATES};
use super::lang::{Lang, Texts};
use crate::error::{Error, Result};
use crate::records::{write_whole, Tool};

/// The style sheet that all pages link to.
const STYLE: &str = "assets/style.css";

macro_rules! template {
    ($($name:literal),*) => {
        [$(($name, include_str!(concat!("../../templates/", $name)))),*]
    };
}

/// An entry of the navigation: the page's place in the folder, and the key of its words.
#[derive(Debug, Clone)]
pub(super) struct Section {
    pub(super) target: String,
    pub(super) key: &'static str,
}

/// What prints the pages of one folder: a run's report, a comparison, an index.
pub(super) struct Press {
    pub(super) texts: Texts,
    root: PathBuf,
    lang: Lang,
    tera: Tera,
    /// What the pages are about, beside the brand.
    subject: String,
    pub(super) sections: Vec<Section>,
    made_by: String,
    /// The key of the words at a page's foot.
    footer: &'static str,
}

impl Press {
    /// A press for the folder at `root`; `sections` are the entries of the navigation.
    ///
    /// # Errors
    /// [`Error::Drawing`] for a template that cannot be read.
    pub(super) fn new(
        root: PathBuf,
        lang: Lang,
        subject: String,
        sections: Vec<Section>,
        tool: &Tool,
    ) -> Result<Self> {
        let mut tera = Tera::new();
        let pages = template![
            "components.html",
            "base.html",
            "page.html",
            "front.html",
            "masks.html",
            "correspondence.html",
            "occlusion.html",
            "occlusion_photo.html",
            "maps.js",
            "classification.html",
            "photos.html",
            "photo.html",
            "method.html",
            "provenance.html",
            "compare/front.html",
            "compare/many.html",
            "compare/photo.html",
            "compare/photos.html",
            "compare/method.html",
            "archives/front.html",
            "archives/series.html",
            "archives/list.html"
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
            sections,
            made_by: format!("{} {}", tool.name, tool.version),
            footer: "nav.footer",
        })
    }

    /// The same with other words at the foot of its pages.
    pub(super) fn footed(self, footer: &'static str) -> Self {
        Self { footer, ..self }
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
        self.write_file(STYLE, include_str!("../../templates/style.css"))
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
#[derive(Debug, Default)]
pub(super) struct Content {
    pub(super) title: String,
    pub(super) blocks: Vec<Block>,
    /// Style files of the folder, beside the one that all pages link to.
    pub(super) styles: Vec<String>,
    /// Script files of the folder that the page is richer with; it says all that matters without them.
    pub(super) scripts: Vec<String>,
}

/// A page on its way: where it will lie decides what its links look like.
pub(super) struct Leaf<'a> {
    pub(super) press: &'a Press,
    path: String,
    /// The entry of the navigation that it belongs to.
    section: &'static str,
}

/// What the frame around every page shows.
#[derive(Serialize)]
struct Frame<'a> {
    lang: String,
    title: &'a str,
    subject: &'a str,
    styles: Vec<String>,
    nav: Vec<NavItem>,
    footer: String,
}

#[derive(Serialize)]
struct NavItem {
    label: String,
    href: String,
    current: bool,
}

impl<'a> Leaf<'a> {
    /// A page at `path` inside the folder, under the entry of the navigation whose key is `section`.
    pub(super) fn new(press: &'a Press, path: impl Into<String>, section: &'static str) -> Self {
        Self {
            press,
            path: path.into(),
            section,
        }
    }

    /// The words.
    pub(super) fn texts(&self) -> &'a Texts {
        &self.press.texts
    }

    /// The relative link from this page to a file of the folder.
    pub(super) fn href(&self, target: &str) -> String {
        let depth = self.path.matches('/').count();
        format!("{}{target}", "../".repeat(depth))
    }

    /// Writes a chart's SVG into the folder and shows it.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(super) fn chart(&self, path: &str, svg: &str, alt: String) -> Result<Chart> {
        self.press.write_file(path, svg)?;
        Ok(Chart::new(self.href(path), svg, alt))
    }

    /// Renders the template with the page's content as `c` and writes it.
    ///
    /// # Errors
    /// [`Error::Drawing`] with the page at fault; [`Error::Io`].
    pub(super) fn write(
        &self,
        template: &str,
        title: &str,
        content: &impl Serialize,
    ) -> Result<()> {
        let mut context = Context::new();
        context.insert("t", &self.texts().sections);
        context.insert("page", &self.frame(title, &[]));
        context.insert("c", content);
        let html = self.render(template, &context)?;
        self.press.write_file(&self.path, &html)
    }

    /// Writes the page in its frame.
    ///
    /// # Errors
    /// [`Error::Drawing`] with the page at fault; [`Error::Io`].
    pub(super) fn put(&self, content: &Content) -> Result<()> {
        let mut context = Context::new();
        let scripts: Vec<String> = content.scripts.iter().map(|it| self.href(it)).collect();
        context.insert("t", &self.texts().sections);
        context.insert("page", &self.frame(&content.title, &content.styles));
        context.insert("scripts", &scripts);
        context.insert("content", &self.html(&content.blocks)?);
        let html = self.render("page.html", &context)?;
        self.press.write_file(&self.path, &html)
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
            html += &self.render(&format!("blocks/{}.html", block.kind()), &context)?;
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

    fn frame<'b>(&'b self, title: &'b str, styles: &[String]) -> Frame<'b> {
        let press = self.press;
        let item = |section: &Section| NavItem {
            label: press.texts.say(section.key),
            href: self.href(&section.target),
            current: section.key == self.section,
        };
        let styles = std::iter::once(STYLE).chain(styles.iter().map(String::as_str));
        Frame {
            lang: press.lang.to_string(),
            title,
            subject: &press.subject,
            styles: styles.map(|style| self.href(style)).collect(),
            nav: press.sections.iter().map(item).collect(),
            footer: press.texts.fill(press.footer, &[("tool", &press.made_by)]),
        }
    }
}
