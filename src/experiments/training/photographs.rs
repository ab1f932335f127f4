//! The photographs of a training: from file to frame, and whether they are those that it was begun with.

use std::collections::BTreeSet;

use base::words::count;
use base::{Error, Result};
use dataset::{Dataset, PhotoFile};
use network::{Changes, PerChannel, Preprocessing, Preset, Resize, Trainable};
use progress::{stop_here, Progress};

use super::frames::{bytes_of, Cache, Frames, Made, Skipped, Whole};
use super::keep::NAME;
use super::recipe::{Range, Recipe};
use super::run::Training;

impl Training<'_> {
    /// From photograph to the network's input, when it is looked at.
    ///
    /// # Errors
    /// [`Error::Usage`] for an input that is not square.
    pub fn preprocessing(trainable: &Trainable, recipe: &Recipe) -> Result<Preprocessing> {
        let network = &trainable.network;
        let [_, height, width] = network.input.axes();
        let refused =
            |problem: String| Error::Usage(format!("training {}: {problem}", network.name));
        if height != width {
            return Err(refused(format!(
                "its input has {height} rows and {width} columns; only square ones can be trained"
            )));
        }
        let side = recipe.side(height as u32);
        let (preset, changes) = match recipe.input.preset {
            Range::Own => trainable.inputs,
            Range::Torchvision => (Preset::Torchvision, Changes::NONE),
            Range::Raw => {
                let levels = Changes {
                    scale: Some(255.0),
                    mean: Some(PerChannel::Grey([0.0])),
                    std: Some(PerChannel::Grey([1.0])),
                    ..Changes::NONE
                };
                (Preset::Torchvision, levels)
            }
        };
        let changes = Changes {
            resize: Some(Resize::Shorter(side)),
            crop: None,
            ..changes
        };
        Preprocessing::of(preset, &changes, network.input).map_err(refused)
    }

    /// Decodes photographs of the data set, of the part of that name; refuses what is not as it was when the run was begun.
    pub(super) fn frames<'d>(
        &self,
        (dataset, photos, name): (&'d Dataset, &[usize], &str),
        preprocessing: &Preprocessing,
        progress: &Progress,
    ) -> Result<(Frames<'d>, Vec<Skipped>)> {
        let bytes = (photos.len() * bytes_of(preprocessing)) as u64;
        let cache = self.cache.unwrap_or_else(|| Cache::for_bytes(bytes));
        let path = self.folder.records_of(NAME).join(format!("{name}.frames"));
        let step = |_: &PhotoFile| {
            progress.step();
            stop_here()
        };
        let kept_as = format!("{name}-frames");
        let whole = match cache {
            Cache::File => self.folder.kept::<Whole>(NAME, &kept_as)?,
            Cache::Memory | Cache::None => None,
        };
        let again =
            whole.map(|whole| Frames::again(dataset, photos, preprocessing, (&whole, &path), step));
        let made = match again.transpose()?.flatten() {
            Some(made) => {
                let frames = count(made.frames.len(), "decoded photograph");
                progress.line(&format!(
                    "{frames} for {name} taken from {}",
                    path.display()
                ));
                made
            }
            None => Frames::make(dataset, photos, preprocessing, (cache, &path), step)?,
        };
        let Made {
            frames,
            skipped,
            contents,
            whole,
        } = made;
        self.unchanged((dataset, photos), name, contents)?;
        // Not before: frames of other photographs are no use to anybody.
        if let Some(whole) = whole {
            self.folder.keep(NAME, &kept_as, &whole)?;
        }
        for (photo, skip) in &skipped {
            let path = &dataset.photos[*photo].path;
            progress.line(&format!("skipped {path}: {skip}"));
        }
        let read: BTreeSet<usize> = (0..frames.len()).map(|place| frames.class(place)).collect();
        let mut labels = dataset.labels.names.iter().enumerate();
        match labels.find(|(label, _)| !read.contains(label)) {
            Some((_, label)) => Err(Error::dataset(
                &dataset.root,
                format!("no photograph for {name} of label '{label}' could be read"),
            )),
            None => Ok((frames, skipped)),
        }
    }

    /// Refuses photographs that are not what they were when the run was begun.
    fn unchanged(
        &self,
        (dataset, photos): (&Dataset, &[usize]),
        name: &str,
        contents: Vec<String>,
    ) -> Result<()> {
        let name = format!("{name}-contents");
        let Some(before) = self.folder.kept::<Vec<String>>(NAME, &name)? else {
            return self.folder.keep(NAME, &name, &contents);
        };
        let mut pairs = photos.iter().zip(before.iter().zip(&contents));
        match pairs.find(|(_, (before, now))| before != now) {
            Some((&photo, _)) => {
                let path = dataset.absolute(&dataset.photos[photo]);
                Err(Error::photo_changed(path))
            }
            None => Ok(()),
        }
    }
}
