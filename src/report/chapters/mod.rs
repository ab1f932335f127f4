//! The report's chapters: from records to blocks, one file or room each.

use base::Result;

use super::frame::Content;
use super::site::{Page, Site};

/// A chapter of the report.
pub(super) struct Chapter {
    /// The key of its name in the navigation.
    pub(super) name: &'static str,
    /// The key of the words that say what it holds; empty for the page that lists them.
    pub(super) holds: &'static str,
    /// The pages that it has in this report, its first page first; none where the run has nothing of it to tell.
    pub(super) pages: for<'s> fn(&'s Site<'s>) -> Vec<Plan<'s>>,
}

/// A page that is to be made.
pub(super) struct Plan<'s> {
    /// Its place in the folder.
    pub(super) path: String,
    #[allow(clippy::type_complexity, reason = "it stands here alone")]
    make: Box<dyn Fn(&Page<'_>) -> Result<Content> + 's>,
}

impl<'s> Plan<'s> {
    pub(super) fn new(
        path: impl Into<String>,
        make: impl Fn(&Page<'_>) -> Result<Content> + 's,
    ) -> Self {
        Self {
            path: path.into(),
            make: Box::new(make),
        }
    }

    /// What stands on it, as links and pictures are on that page.
    pub(super) fn make(&self, page: &Page<'_>) -> Result<Content> {
        (self.make)(page)
    }
}

/// The chapters in their order, a file or a room each.
macro_rules! chapters {
    ($($name:ident)*) => {
        $(pub(super) mod $name;)*
        pub(super) const CHAPTERS: &[Chapter] = &[$($name::CHAPTER),*];
    };
}

chapters! {
    front
    claims
    study
    masks
    occlusion
    correspondence
    invariance
    layers
    features
    training
    evolution
    transfer
    classification
    photos
    method
    provenance
}
