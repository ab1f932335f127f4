//! A run's tables, found again by photo.

use std::collections::BTreeMap;

use base::Result;
use dataset::Geometry;
use figures::photo::{find, Subject};
use network::Scores;
use records::tables::{
    ControlRow, ImageRow, MaskRow, MaskedClassRow, MaskedUnitRow, OcclusionPhotoRow, OfPhoto,
    PredictionRow, ProjectionRow, Registered,
};
use records::{ProjectionKind, Run, ORIGINAL};

/// One photo of a run.
#[derive(Debug)]
pub(super) struct Photo<'a> {
    run: &'a Run,
    pub(super) image: &'a ImageRow,
    pub(super) geometry: Option<Geometry>,
    /// Whether it has pictures and a page.
    pub(super) detail: bool,
    /// By rank.
    predictions: Vec<&'a PredictionRow>,
    /// Whether the first class is one of the label's; `None` without a label that the network knows, and where classes do not
    /// exclude each other.
    pub(super) right: Option<bool>,
}

impl<'a> Photo<'a> {
    fn new(run: &'a Run, image: &'a ImageRow) -> Self {
        let size = image.width.zip(image.height);
        let mut photo = Self {
            run,
            image,
            geometry: size.and_then(|size| Geometry::new(size, &run.manifest.preprocessing).ok()),
            detail: false,
            predictions: Vec::new(),
            right: None,
        };
        photo.predictions = photo.rows();
        photo.predictions.sort_by_key(|row| row.rank);
        photo.detail = image.status == "ok"
            && (photo.has::<ProjectionRow>()
                || find(&run.root, photo.id(), ORIGINAL, Subject::Input).is_some());
        photo.right = photo.answer().and_then(|first| {
            let label_classes = &run.manifest.dataset.label_classes;
            let accepted = label_classes.get(image.label_index?)?;
            (!accepted.is_empty()).then(|| accepted.contains(&first.class_index))
        });
        photo
    }

    /// The first class, where it is the network's answer: where classes exclude each other.
    pub(super) fn answer(&self) -> Option<&'a PredictionRow> {
        let scores = self.run.manifest.model.scores();
        let exclusive = scores.is_some_and(Scores::are_exclusive);
        self.first().filter(|_| exclusive)
    }

    pub(super) fn id(&self) -> &'a str {
        &self.image.image_id
    }

    /// Its rows of a table, in the table's order.
    pub(super) fn rows<R: OfPhoto + Registered>(&self) -> Vec<&'a R> {
        // No table is damaged: Lookup has read them all.
        self.run.rows_of(self.id()).unwrap_or_default()
    }

    /// Its rows of a table that is too large to be kept.
    pub(super) fn read_rows<R: OfPhoto + Registered>(&self) -> Vec<R> {
        self.run.read_rows_of(self.id()).unwrap_or_default()
    }

    /// Whether it has rows of a table.
    pub(super) fn has<R: OfPhoto + Registered>(&self) -> bool {
        !self.rows::<R>().is_empty()
    }

    /// The first classes under a condition, first first.
    pub(super) fn top<'b>(
        &'b self,
        condition: &'b str,
    ) -> impl Iterator<Item = &'a PredictionRow> + 'b {
        self.predictions
            .iter()
            .copied()
            .filter(move |row| row.condition == condition)
    }

    /// The first class of the photo as it is.
    pub(super) fn first(&self) -> Option<&'a PredictionRow> {
        self.top(ORIGINAL).next()
    }

    /// The regions that were hidden and that the network could see, in the table's order.
    pub(super) fn regions(&self) -> Vec<&'a str> {
        let rows = self.rows::<MaskRow>().into_iter();
        let seen = rows.filter(|row| row.visible_share > 0.0);
        distinct(seen.map(|row| row.region.as_str()))
    }

    pub(super) fn masked_class(&self, region: &str) -> Option<&'a MaskedClassRow> {
        let mut rows = self.rows::<MaskedClassRow>().into_iter();
        rows.find(|row| row.region == region)
    }

    pub(super) fn control(&self, region: &str) -> Option<&'a ControlRow> {
        let mut rows = self.rows::<ControlRow>().into_iter();
        rows.find(|row| row.region == region)
    }

    /// The strongest unit of a layer under a condition.
    pub(super) fn unit(&self, condition: &str, layer: &str) -> Option<&'a ProjectionRow> {
        self.rows::<ProjectionRow>().into_iter().find(|row| {
            row.kind == ProjectionKind::Unit && row.condition == condition && row.layer == layer
        })
    }

    /// What the occlusion experiment found, where the photo was part of it.
    pub(super) fn occluded(&self) -> Option<&'a OcclusionPhotoRow> {
        self.rows().into_iter().next()
    }

    pub(super) fn masked_unit(&self, region: &str, layer: &str) -> Option<&'a MaskedUnitRow> {
        let mut rows = self.rows::<MaskedUnitRow>().into_iter();
        rows.find(|row| row.region == region && row.layer == layer)
    }
}

/// The photos of a run in the order of `images.csv`.
#[derive(Debug)]
pub(super) struct Lookup<'a> {
    pub(super) photos: Vec<Photo<'a>>,
    by_id: BTreeMap<&'a str, usize>,
}

impl<'a> Lookup<'a> {
    /// # Errors
    /// Those of [`Run::read_all`].
    pub(super) fn new(run: &'a Run) -> Result<Self> {
        run.read_all()?;
        let images = run.rows::<ImageRow>()?;
        let ids = images.iter().map(|image| image.image_id.as_str());
        Ok(Self {
            photos: images.iter().map(|image| Photo::new(run, image)).collect(),
            by_id: ids.enumerate().map(|(at, id)| (id, at)).collect(),
        })
    }

    /// The photo of this id.
    pub(super) fn photo(&self, id: &str) -> Option<&Photo<'a>> {
        self.photos.get(*self.by_id.get(id)?)
    }

    /// The photos with pictures and a page.
    pub(super) fn detailed(&self) -> impl Iterator<Item = &Photo<'a>> {
        self.photos.iter().filter(|photo| photo.detail)
    }

    /// The photos in detail of which the region was hidden and visible.
    pub(super) fn masked_by<'b>(
        &'b self,
        region: &'b str,
    ) -> impl Iterator<Item = &'b Photo<'a>> + 'b {
        self.detailed()
            .filter(move |photo| photo.regions().contains(&region))
    }

    /// All regions that were hidden anywhere, in the order of their first appearance.
    pub(super) fn regions(&self) -> Vec<&'a str> {
        distinct(self.detailed().flat_map(Photo::regions))
    }
}

/// Each of the items once, in the order of their first appearance.
pub(super) fn distinct<T: PartialEq>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut distinct = Vec::new();
    for item in items {
        if !distinct.contains(&item) {
            distinct.push(item);
        }
    }
    distinct
}
