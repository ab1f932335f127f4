//! The site: templates, words and navigation that all pages share, and how a page is written.

use std::io::Write;

use serde::Serialize;
use tera::{Context, Tera};

use super::lang::{Lang, Texts};
use super::lookup::Lookup;
use crate::error::{Error, Result};
use crate::figures::photo::file_stem;
use crate::records::tables::MetricRow;
use crate::records::{write_whole, Run, ORIGINAL};

macro_rules! template {
    ($($name:literal),*) => {
        [$(($name, include_str!(concat!("../../templates/", $name)))),*]
    };
}

pub(super) const FRONT: &str = "index.html";
pub(super) const MASKS: &str = "pages/masks.html";
pub(super) const CLASSIFICATION: &str = "pages/classification.html";
pub(super) const PHOTOS: &str = "pages/photos.html";
pub(super) const METHOD: &str = "pages/method.html";
pub(super) const PROVENANCE: &str = "pages/provenance.html";

/// A region's name in running text: `lower_body` as `lower body`.
pub(super) fn words(region: &str) -> String {
    region.replace('_', " ")
}

/// Where a photo's page lies.
pub(super) fn photo_page(image_id: &str) -> String {
    format!("pages/photos/{}.html", file_stem(image_id))
}

/// Where a layer's page lies.
pub(super) fn layer_page(layer: &str) -> String {
    format!("pages/layers/{}.html", file_stem(layer))
}

/// Everything that pages are made from.
pub(super) struct Site<'a> {
    pub(super) run: &'a Run,
    pub(super) lookup: Lookup<'a>,
    pub(super) texts: Texts,
    lang: Lang,
    tera: Tera,
}

impl<'a> Site<'a> {
    pub(super) fn new(run: &'a Run, lang: Lang) -> Result<Self> {
        let mut tera = Tera::new();
        tera.add_raw_templates(template![
            "components.html",
            "base.html",
            "front.html",
            "masks.html",
            "layer.html",
            "classification.html",
            "photos.html",
            "photo.html",
            "method.html",
            "provenance.html"
        ])
        .map_err(|error| Error::Drawing {
            what: "the templates".into(),
            problem: error.to_string(),
        })?;
        Ok(Self {
            run,
            lookup: Lookup::new(run),
            texts: Texts::load(lang)?,
            lang,
            tera,
        })
    }

    /// The layers shown, from the input upwards.
    pub(super) fn stages(&self) -> &'a [String] {
        &self.run.manifest.model.stages
    }

    /// The network's name as people write it.
    pub(super) fn network(&self) -> &'a str {
        match self.run.manifest.model.name.as_str() {
            "squeezenet1_0" => "SqueezeNet 1.0",
            "squeezenet1_1" => "SqueezeNet 1.1",
            "alexnet" => "AlexNet",
            "zfnet" => "ZFNet",
            "vgg16" => "VGG16",
            "resnet18" => "ResNet18",
            name => name,
        }
    }

    /// Whether the network tells classes apart.
    pub(super) fn has_classifier(&self) -> bool {
        self.run.manifest.model.classes > 0
    }

    /// The data set's folder without what leads to it.
    pub(super) fn dataset(&self) -> &'a str {
        self.run.manifest.dataset.name()
    }

    /// A figure of `metrics.csv`.
    pub(super) fn metric(&self, name: &str, scope: &str) -> Option<&'a MetricRow> {
        self.run
            .metrics
            .iter()
            .find(|row| row.metric == name && row.scope == scope)
    }

    pub(super) fn write_style(&self) -> Result<()> {
        self.write_file(
            "assets/style.css",
            include_str!("../../templates/style.css"),
        )
    }

    /// Writes a text file into the run folder.
    pub(super) fn write_file(&self, path: &str, text: &str) -> Result<()> {
        let path = self.run.root.join(path);
        write_whole(&path, |file| {
            file.write_all(text.as_bytes())
                .map_err(Error::io("cannot write", &path))
        })
    }
}

/// A page on its way: where it will lie decides what its links look like.
pub(super) struct Page<'a> {
    pub(super) site: &'a Site<'a>,
    path: String,
    /// The entry of the navigation that it belongs to.
    section: &'static str,
}

/// What the frame around every page shows.
#[derive(Serialize)]
struct Frame {
    lang: String,
    title: String,
    dataset: String,
    style: String,
    nav: Vec<NavItem>,
    footer: String,
}

#[derive(Serialize)]
struct NavItem {
    label: String,
    href: String,
    current: bool,
}

impl<'a> Page<'a> {
    pub(super) fn new(site: &'a Site<'a>, path: impl Into<String>, section: &'static str) -> Self {
        Self {
            site,
            path: path.into(),
            section,
        }
    }

    pub(super) fn texts(&self) -> &'a Texts {
        &self.site.texts
    }

    /// The relative link from this page to a file of the run folder.
    pub(super) fn href(&self, target: &str) -> String {
        let depth = self.path.matches('/').count();
        format!("{}{target}", "../".repeat(depth))
    }

    /// A condition in words.
    pub(super) fn condition(&self, condition: &str) -> String {
        match condition {
            ORIGINAL => self.texts().say("grid.original"),
            region => self
                .texts()
                .fill("grid.hidden", &[("region", &words(region))]),
        }
    }

    /// Renders the template with the page's content as `c` and writes it.
    pub(super) fn write(
        &self,
        template: &str,
        title: &str,
        content: &impl Serialize,
    ) -> Result<()> {
        let mut context = Context::new();
        context.insert("t", &self.texts().sections);
        context.insert("page", &self.frame(title));
        context.insert("c", content);
        let html = self.site.tera.render(template, &context).map_err(|error| {
            let mut problem = error.to_string();
            let mut source = std::error::Error::source(&error);
            while let Some(inner) = source {
                problem = format!("{problem}: {inner}");
                source = inner.source();
            }
            Error::Drawing {
                what: self.path.clone(),
                problem,
            }
        })?;
        self.site.write_file(&self.path, &html)
    }

    fn frame(&self, title: &str) -> Frame {
        let site = self.site;
        let mut sections = vec![
            (FRONT.to_owned(), "nav.front"),
            (MASKS.to_owned(), "nav.masks"),
        ];
        sections.extend(
            site.stages()
                .first()
                .map(|first| (layer_page(first), "nav.layers")),
        );
        sections.extend([
            (CLASSIFICATION.to_owned(), "nav.classification"),
            (PHOTOS.to_owned(), "nav.photos"),
            (METHOD.to_owned(), "nav.method"),
            (PROVENANCE.to_owned(), "nav.provenance"),
        ]);
        let item = |(target, key): (String, &str)| NavItem {
            label: site.texts.say(key),
            href: self.href(&target),
            current: key == self.section,
        };
        let tool = &site.run.manifest.tool;
        Frame {
            lang: site.lang.to_string(),
            title: title.to_owned(),
            dataset: site.dataset().to_owned(),
            style: self.href("assets/style.css"),
            nav: sections.into_iter().map(item).collect(),
            footer: site.texts.fill(
                "nav.footer",
                &[("tool", &format!("{} {}", tool.name, tool.version))],
            ),
        }
    }
}
