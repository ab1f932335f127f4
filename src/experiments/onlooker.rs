//! What looks on while the photographs are classified.

use base::Result;
use engine::Answers;

/// A photo that an [`Onlooker`] sees.
#[derive(Debug, Clone, Copy)]
pub struct Sighting<'a> {
    /// Its row in the trace.
    pub image: usize,
    /// Its number in the data set.
    pub photo: usize,
    /// sha256 of its file.
    pub sha256: &'a str,
}

/// Looks on while photographs are shown to the network as they are. What it finds it keeps in the run folder.
pub trait Onlooker: Sync {
    /// Whether it has yet to see the photo of that number in the data set.
    fn awaits(&self, photo: usize) -> bool;

    /// How many of the strongest cells of each map it looks at.
    fn peaks(&self) -> usize;

    /// Sees photos that it awaits in what a pass tells of the setting's stages: of every map its facts and strongest cells.
    ///
    /// # Errors
    /// Values that are not finite, and those of keeping what it saw.
    fn see(&self, answers: &Answers, photos: &[Sighting<'_>]) -> Result<()>;

    /// The pass is over, or the user stopped it.
    ///
    /// # Errors
    /// Those of keeping what it saw.
    fn rest(&self) -> Result<()>;
}

/// All onlookers of a run as one.
#[derive(Default)]
pub struct Onlookers<'a>(pub Vec<Box<dyn Onlooker + 'a>>);

impl Onlooker for Onlookers<'_> {
    fn awaits(&self, photo: usize) -> bool {
        self.0.iter().any(|onlooker| onlooker.awaits(photo))
    }

    fn peaks(&self) -> usize {
        let all = self.0.iter().map(|onlooker| onlooker.peaks());
        all.max().unwrap_or(0)
    }

    fn see(&self, answers: &Answers, photos: &[Sighting<'_>]) -> Result<()> {
        self.0.iter().try_for_each(|onlooker| {
            let photos = photos.iter().copied();
            let awaited: Vec<Sighting<'_>> =
                photos.filter(|seen| onlooker.awaits(seen.photo)).collect();
            match awaited.is_empty() {
                true => Ok(()),
                false => onlooker.see(answers, &awaited),
            }
        })
    }

    fn rest(&self) -> Result<()> {
        self.0.iter().try_for_each(|onlooker| onlooker.rest())
    }
}
