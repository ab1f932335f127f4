//! Maps as values: what experiments hand over to be drawn, and what a run that keeps arrays has of them on disk.

mod features;
mod occlusion;
mod photo;
mod planes;
mod transformed;
mod values;

pub use features::{FilterMaps, LookedAt, UnitMap, UnitName};
pub use occlusion::{Example, ExampleMaps, OcclusionMaps};
pub use photo::{ConditionArrays, PhotoArrays, ProjectionArray};
pub use planes::Planes;
pub use transformed::{is_shown, Transformed, TransformedInput, SHOWN};
pub use values::Values;

use std::path::Path;

use base::Result;

use super::arrays::{write_arrays, Arrays, NamedArray};

/// Maps that belong together: one file of a run that keeps arrays.
pub trait Maps: Sized {
    /// What tells them from others of their kind.
    type Of: Sync;

    /// What these are of.
    fn of(&self) -> &Self::Of;

    /// Their file inside the run folder.
    fn file(of: &Self::Of) -> String;

    /// As arrays with names.
    fn to_arrays(&self) -> Vec<NamedArray<'_>>;

    /// Back from their file's arrays.
    ///
    /// # Errors
    /// [`base::Error::RunFolder`] where one is missing or of another shape.
    fn from_arrays(of: &Self::Of, arrays: Arrays) -> Result<Self>;

    /// Writes their file into the run folder at `root`.
    ///
    /// # Errors
    /// [`base::Error::Io`].
    fn keep(&self, root: &Path) -> Result<()> {
        write_arrays(&root.join(Self::file(self.of())), &self.to_arrays())
    }

    /// Reads what the run at `root` has kept; `None` where it kept nothing.
    ///
    /// # Errors
    /// [`base::Error::Io`]; [`base::Error::RunFolder`] for a damaged file.
    fn kept(root: &Path, of: &Self::Of) -> Result<Option<Self>> {
        let arrays = Arrays::read(&root.join(Self::file(of)), |_| true)?;
        arrays
            .map(|arrays| Self::from_arrays(of, arrays))
            .transpose()
    }
}
