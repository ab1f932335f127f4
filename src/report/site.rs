//! A run's report: where its pages lie, what they are made from, and what they call things.

use super::blocks::{Block, Picture, Term, Text};
use super::book::Book;
use super::frame::{Leaf, Press, Section};
use super::lang::Lang;
use super::lookup::Lookup;
use super::maps::{self, MapLayer};
use crate::error::Result;
use crate::figures::features::Layout;
use crate::figures::photo::file_stem;
use crate::records::tables::{
    CorrespondenceRow, FeatureRow, InvarianceRow, MapRow, MaskRow, MetricRow, OcclusionPhotoRow,
    Registered,
};
use crate::records::{Run, ORIGINAL};

pub(super) const FRONT: &str = "index.html";
pub(super) const MASKS: &str = "pages/masks.html";
pub(super) const CORRESPONDENCE: &str = "pages/correspondence.html";
pub(super) const INVARIANCE: &str = "pages/invariance.html";
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

/// A chapter of the report.
pub(super) struct Chapter {
    /// Its first page.
    pub(super) page: String,
    /// The key of its name.
    pub(super) name: &'static str,
    /// The key of the words that say what it holds.
    pub(super) holds: &'static str,
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
    /// Beside the front page.
    pub(super) chapters: Vec<Chapter>,
    pub(super) press: Press,
}

impl<'a> Site<'a> {
    pub(super) fn new(run: &'a Run, lang: Lang) -> Result<Self> {
        let lookup = Lookup::new(run)?;
        let chapters = chapters(run, layers_with_pages(run, &lookup))?;
        let names = chapters
            .iter()
            .map(|chapter| (chapter.page.as_str(), chapter.name));
        let sections = [(FRONT, "nav.front")].into_iter().chain(names);
        let section = |(target, key): (&str, &'static str)| Section {
            target: target.to_owned(),
            key,
        };
        let strongest = run
            .rows::<FeatureRow>()?
            .iter()
            .map(|row| row.rank)
            .max()
            .unwrap_or(0);
        let drawn = run.rows::<MapRow>()?.iter().find(|row| row.drawn);
        let sheets = drawn.and_then(|row| Layout::read(&run.root, &row.layer, row.map));
        Ok(Self {
            run,
            press: Press::new(
                run.root.clone(),
                lang,
                run.manifest.dataset.name().to_owned(),
                sections.map(section).collect(),
                &run.manifest.tool,
            )?,
            lookup,
            maps: maps::by_layer(run)?,
            strongest,
            sheets: sheets.unwrap_or(Layout::of(strongest)),
            chapters,
        })
    }

    /// The rows of a table.
    pub(super) fn rows<R: Registered>(&self) -> &'a [R] {
        // No table is damaged: Lookup has read them all.
        self.run.rows().unwrap_or_default()
    }

    /// Whether the report has the page.
    pub(super) fn has(&self, page: &str) -> bool {
        self.chapters.iter().any(|chapter| chapter.page == page)
    }

    /// The layers that have a page of their own: none where no photograph is shown in detail.
    pub(super) fn layers_with_pages(&self) -> &'a [String] {
        layers_with_pages(self.run, &self.lookup)
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
        self.run.manifest.model.classes > 0
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
    match name {
        "squeezenet1_0" => "SqueezeNet 1.0",
        "squeezenet1_1" => "SqueezeNet 1.1",
        "alexnet" => "AlexNet",
        "zfnet" => "ZFNet",
        "vgg16" => "VGG16",
        "resnet18" => "ResNet18",
        "googlenet" => "GoogLeNet",
        "mobilenet_v2" => "MobileNet v2",
        "densenet121" => "DenseNet121",
        "efficientnet_lite0" => "EfficientNet-Lite0",
        name => name,
    }
}

fn layers_with_pages<'a>(run: &'a Run, lookup: &Lookup<'_>) -> &'a [String] {
    match lookup.detailed().next() {
        Some(_) => &run.manifest.model.stages,
        None => &[],
    }
}

/// The chapters that this run's report has, in their order.
fn chapters(run: &Run, layers: &[String]) -> Result<Vec<Chapter>> {
    let there = |is: bool, page: &str, name, holds| {
        is.then(|| Chapter {
            page: page.to_owned(),
            name,
            holds,
        })
    };
    let first = layers.first().map(|layer| layer_page(layer));
    let masked = first.is_some() || !run.rows::<MaskRow>()?.is_empty();
    let compared = !run.rows::<CorrespondenceRow>()?.is_empty();
    let transformed = !run.rows::<InvarianceRow>()?.is_empty();
    let occluded = !run.rows::<OcclusionPhotoRow>()?.is_empty();
    let looked_for = !run.rows::<MapRow>()?.is_empty();
    let chapters = [
        there(masked, MASKS, "nav.masks", "front.contents_masks"),
        there(
            occluded,
            OCCLUSION,
            "nav.occlusion",
            "front.contents_occlusion",
        ),
        there(
            compared,
            CORRESPONDENCE,
            "nav.correspondence",
            "front.contents_correspondence",
        ),
        there(
            transformed,
            INVARIANCE,
            "nav.invariance",
            "front.contents_invariance",
        ),
        first.and_then(|first| there(true, &first, "nav.layers", "front.contents_layers")),
        there(
            looked_for,
            FEATURES,
            "nav.features",
            "front.contents_features",
        ),
        there(
            true,
            CLASSIFICATION,
            "nav.classification",
            "front.contents_classification",
        ),
        there(true, PHOTOS, "nav.photos", "front.contents_photos"),
        there(true, METHOD, "nav.method", "front.contents_method"),
        there(
            true,
            PROVENANCE,
            "nav.provenance",
            "front.contents_provenance",
        ),
    ];
    Ok(chapters.into_iter().flatten().collect())
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
        let side = self.site.run.manifest.preprocessing.crop;
        Picture::new(src, alt, (side, side)).or(self.texts().say("common.missing"))
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

    /// Words explained, each by the keys of its name and its meaning.
    pub(super) fn terms(&self, keys: &[(&str, &str)]) -> Block {
        let texts = self.texts();
        let term = |(term, text): &(&str, &str)| Term {
            term: texts.say(term),
            text: texts.say(text),
        };
        Block::Terms(keys.iter().map(term).collect())
    }

    pub(super) fn new(site: &'a Site<'a>, path: impl Into<String>, section: &'static str) -> Self {
        Self {
            site,
            leaf: Leaf::new(&site.press, path, section),
        }
    }

    /// The same as an article of a file that holds many.
    pub(super) fn inside(
        site: &'a Site<'a>,
        book: &'a Book,
        path: impl Into<String>,
        section: &'static str,
    ) -> Self {
        Self {
            site,
            leaf: Leaf::new(&site.press, path, section).inside(book),
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
