//! A run's report: where its pages lie, what they are made from, and what they call things.

use base::Result;
use figures::features::Layout;
use network::{zoo, Scores, Size};
use records::file_stem;
use records::tables::{FeatureRow, MapRow, MetricRow, Registered};
use records::{Run, ORIGINAL};

use super::blocks::{Block, Picture, Text};
use super::book::Book;
use super::chapters::{Chapter, CHAPTERS};
use super::frame::{Leaf, Press};
use super::lang::Lang;
use super::lookup::Lookup;
use super::maps::{self, MapLayer};

pub(super) const FRONT: &str = "index.html";
pub(super) const MASKS: &str = "pages/masks.html";
pub(super) const CORRESPONDENCE: &str = "pages/correspondence.html";
pub(super) const OCCLUSION: &str = "pages/occlusion.html";
pub(super) const FEATURES: &str = "pages/features.html";
/// The folder of the pages of layers' and single maps' features.
pub(super) const MAPS: &str = "pages/features/";
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

/// Where the page lies that tells what hiding a photo piece by piece does.
pub(super) fn occlusion_page(image_id: &str) -> String {
    format!("pages/occlusion/{}.html", file_stem(image_id))
}

/// Where a layer's page lies.
pub(super) fn layer_page(layer: &str) -> String {
    format!("pages/layers/{}.html", file_stem(layer))
}

/// Where the page of all feature maps of a layer lies.
pub(super) fn maps_page(layer: &str) -> String {
    format!("{MAPS}{}.html", file_stem(layer))
}

/// Where a feature map's page lies.
pub(super) fn map_page(layer: &str, map: usize) -> String {
    format!("{MAPS}{}/{map}.html", file_stem(layer))
}

/// Everything that pages are made from.
pub(super) struct Site<'a> {
    pub(super) run: &'a Run,
    pub(super) lookup: Lookup<'a>,
    /// From the input upwards; empty where the run did not look at feature maps.
    pub(super) maps: Vec<MapLayer<'a>>,
    /// Activations of the feature map that has most of them.
    pub(super) strongest: usize,
    /// How the sheets of feature maps are laid out.
    pub(super) sheets: Layout,
    /// The chapters that it has, each with its first page.
    pub(super) chapters: Vec<(&'static Chapter, String)>,
    pub(super) press: Press,
}

impl<'a> Site<'a> {
    pub(super) fn new(run: &'a Run, lang: Lang) -> Result<Self> {
        let lookup = Lookup::new(run)?;
        let features = run.rows::<FeatureRow>()?.iter();
        let strongest = features.map(|row| row.rank).max().unwrap_or(0);
        let drawn = run.rows::<MapRow>()?.iter().find(|row| row.drawn);
        let sheets = drawn.and_then(|row| Layout::read(&run.root, &row.layer, row.map));
        let subject = run.manifest.dataset.name().to_owned();
        let mut press = Press::new(run.root.clone(), lang, subject, &run.manifest.tool)?;
        press.pictures = run.manifest.preprocessing.crop;
        let mut site = Self {
            run,
            press,
            lookup,
            maps: maps::by_layer(run)?,
            strongest,
            sheets: sheets.unwrap_or(Layout::of(strongest)),
            chapters: Vec::new(),
        };
        let entry = |chapter: &'static Chapter| {
            let first = (chapter.pages)(&site).into_iter().next()?;
            Some((chapter, first.path))
        };
        let chapters: Vec<(&Chapter, String)> = CHAPTERS.iter().filter_map(entry).collect();
        let sections = chapters
            .iter()
            .map(|(chapter, page)| (page.clone(), chapter.name));
        site.press.sections = sections.collect();
        site.chapters = chapters;
        Ok(site)
    }

    /// The rows of a table.
    pub(super) fn rows<R: Registered>(&self) -> &'a [R] {
        // No table is damaged: Lookup has read them all.
        self.run.rows().unwrap_or_default()
    }

    /// Whether it has the chapter that begins with this page.
    pub(super) fn has(&self, page: &str) -> bool {
        self.chapters.iter().any(|(_, first)| first == page)
    }

    /// The layers that have a page of their own: none where no photograph is shown in detail.
    pub(super) fn layers_with_pages(&self) -> &'a [String] {
        match self.lookup.detailed().next() {
            Some(_) => self.stages(),
            None => &[],
        }
    }

    /// The layers shown, from the input upwards.
    pub(super) fn stages(&self) -> &'a [String] {
        &self.run.manifest.model.stages
    }

    /// The network's name as people write it.
    pub(super) fn network(&self) -> &'a str {
        network(&self.run.manifest.model.name)
    }

    /// Whether the network tells classes apart.
    pub(super) fn has_classifier(&self) -> bool {
        self.scores().is_some()
    }

    /// What its outputs are; `None` without a classifier.
    pub(super) fn scores(&self) -> Option<Scores> {
        self.run.manifest.model.scores()
    }

    /// The data set's folder without what leads to it.
    pub(super) fn dataset(&self) -> &'a str {
        self.run.manifest.dataset.name()
    }

    /// A figure of `metrics.csv`.
    pub(super) fn metric(&self, name: &str, scope: &str) -> Option<&'a MetricRow> {
        let mut metrics = self.rows::<MetricRow>().iter();
        metrics.find(|row| row.metric == name && row.scope == scope)
    }
}

/// A network's name as people write it.
pub(super) fn network(name: &str) -> &str {
    zoo::find(name).map_or(name, |entry| entry.title)
}

/// A page of the report.
pub(super) struct Page<'a> {
    pub(super) site: &'a Site<'a>,
    leaf: Leaf<'a>,
}

impl<'a> std::ops::Deref for Page<'a> {
    type Target = Leaf<'a>;

    fn deref(&self) -> &Leaf<'a> {
        &self.leaf
    }
}

impl<'a> Page<'a> {
    /// A picture of the network's input or of its size, by its file in the run folder.
    pub(super) fn picture(&self, file: Option<String>, alt: String) -> Picture {
        let src = file.map_or_else(String::new, |file| self.src(&file));
        let Size { height, width } = self.site.run.manifest.preprocessing.crop;
        Picture::new(src, alt, (width, height)).or(self.texts().say("common.missing"))
    }

    /// What must be known before projections are believed.
    pub(super) fn caveat(&self) -> Block {
        let texts = self.texts();
        let href = self.href(&format!("{METHOD}#caveat"));
        Block::Caveat {
            title: texts.say("common.caveat_title"),
            text: texts.say("common.caveat"),
            link: Text::link(texts.say("common.caveat_link"), href),
        }
    }

    pub(super) fn new(site: &'a Site<'a>, path: &str, section: &'static str) -> Self {
        Self {
            site,
            leaf: Leaf::new(&site.press, path, section),
        }
    }

    /// The same as an article of a file that holds many.
    pub(super) fn inside(self, book: &'a Book) -> Self {
        Self {
            leaf: self.leaf.inside(book),
            ..self
        }
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
}
