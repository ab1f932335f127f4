//! Folders of pictures that are drawn over others: the segmentations of VOC, `masks` beside `images`, trimaps. They are not
//! photographs, and their names no classes.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use super::folder_words::{is_media, joined, lower, tokens};
use super::labels::numbers;

/// Folders that hold nothing else, without case, `_`, `-` and blanks.
const ALWAYS: [&str; 13] = [
    "segmentationclass",
    "segmentationclassaug",
    "segmentationclassraw",
    "segmentationclasspng",
    "segmentationclassvisualization",
    "segmentationobject",
    "segmentationobjectpng",
    "segmentationobjectvisualization",
    "trimaps",
    "trimap",
    "gtfine",
    "gtcoarse",
    "segmim",
];

/// Words of folders that hold such pictures where their files are called as those of photographs; else they may be classes.
const PERHAPS: [&str; 12] = [
    "mask",
    "masks",
    "annotation",
    "annotations",
    "annot",
    "label",
    "labels",
    "gt",
    "segmentation",
    "segmentations",
    "mattes",
    "groundtruth",
];
/// Those of them that are written together with the word before: `trainannot`.
const TOGETHER: [&str; 3] = ["masks", "mask", "annot"];

/// What their names have beyond the photographs'.
const ENDINGS: [&str; 11] = [
    "mask",
    "masks",
    "segmentation",
    "seg",
    "gt",
    "label",
    "labels",
    "annotation",
    "matte",
    "truth",
    "labelids",
];

/// Takes the pictures of such folders out of `photos`, unless there are no others; what was left out, as a note.
pub(super) fn take_out(photos: &mut Vec<PathBuf>) -> Option<String> {
    let places: Vec<_> = photos.iter().map(|photo| mask_folder(photo)).collect();
    let photographs = Photographs::of(photos, &places);
    // Of each folder the pictures that there are, and those that are drawn over a photograph.
    let mut folders: BTreeMap<&Path, (usize, usize)> = BTreeMap::new();
    for (photo, place) in photos.iter().zip(&places) {
        if let &Some((folder, always)) = place {
            let (all, drawn) = folders.entry(folder).or_default();
            *all += 1;
            *drawn += usize::from(always || photographs.lie_under(photo, folder));
        }
    }
    folders.retain(|_, (all, drawn)| *drawn * 2 >= *all);
    let is_kept = |place: &Place<'_>| place.is_none_or(|(folder, _)| !folders.contains_key(folder));
    let kept: Vec<bool> = places.iter().map(is_kept).collect();
    if folders.is_empty() || !kept.contains(&true) {
        return None;
    }
    let told = folders
        .iter()
        .map(|(folder, (all, _))| (folder.display().to_string(), *all));
    let note = format!(
        "left out what is drawn over photographs and is none: {}",
        numbers(&told.collect())
    );
    let mut kept = kept.into_iter();
    photos.retain(|_| kept.next().unwrap_or(true));
    Some(note)
}

/// The outermost folder above a picture that is called as one of masks, and whether that is always one.
type Place<'a> = Option<(&'a Path, bool)>;

fn mask_folder(photo: &Path) -> Place<'_> {
    let folders: Vec<&Path> = photo.ancestors().skip(1).collect();
    folders.into_iter().rev().find_map(|folder| {
        let name = lower(&folder.file_name()?.to_string_lossy());
        let joined = joined(&name);
        let always = ALWAYS.contains(&joined.as_str());
        let perhaps =
            || joined.contains("groundtruth") || tokens(&name).any(|token| without(token) != token);
        (always || perhaps()).then_some((folder, always))
    })
}

/// The pictures that lie in no such folder, by what a picture drawn over one is known by.
struct Photographs<'a> {
    stems: HashSet<String>,
    jpeg_stems: HashSet<String>,
    /// Beside such a folder: the folder above both, the words of the photographs' folder below it (none where it only holds
    /// pictures, or there is none), and the file's stem.
    beside: HashSet<(&'a Path, Option<String>, String)>,
}

impl<'a> Photographs<'a> {
    fn of(photos: &'a [PathBuf], places: &[Place<'_>]) -> Self {
        let folders = places.iter().flatten();
        let above: HashSet<&Path> = folders.filter_map(|(folder, _)| folder.parent()).collect();
        let mut found = Self {
            stems: HashSet::new(),
            jpeg_stems: HashSet::new(),
            beside: HashSet::new(),
        };
        let photographs = photos
            .iter()
            .zip(places)
            .filter(|(_, place)| place.is_none());
        for (photo, _) in photographs {
            let name = stem(photo);
            for folder in photo
                .ancestors()
                .skip(1)
                .filter(|folder| above.contains(folder))
            {
                let below = photo.strip_prefix(folder).unwrap_or(photo);
                let mut parts = below.components();
                let first = parts.next().map(|part| part.as_os_str().to_string_lossy());
                let of_folder = first.filter(|_| parts.next().is_some()).unwrap_or_default();
                let only_holds = of_folder.is_empty() || is_media(&of_folder);
                let words = (!only_holds).then(|| words(&of_folder));
                found.beside.insert((folder, words, name.clone()));
            }
            if is_jpeg(photo) {
                found.jpeg_stems.insert(name.clone());
            }
            found.stems.insert(name);
        }
        found
    }

    /// Whether a picture of `folder` is called as a photograph is that it must belong to: its own name has more to it, that lies
    /// beside the folder or in one of pictures or of the same words there, or only the photograph is a JPEG.
    fn lie_under(&self, picture: &Path, folder: &Path) -> bool {
        let own = stem(picture);
        let shorter = ENDINGS.iter().find_map(|ending| {
            let rest = own.strip_suffix(ending)?;
            let name = rest.trim_end_matches(['_', '-', ' ', '.']);
            (name.len() < rest.len()).then_some(name)
        });
        if shorter.is_some_and(|name| self.stems.contains(name)) {
            return true;
        }
        if !is_jpeg(picture) && self.jpeg_stems.contains(&own) {
            return true;
        }
        let above = folder.parent().unwrap_or(Path::new(""));
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let lies_beside = |words| self.beside.contains(&(above, words, own.clone()));
        let words = Some(words(&name)).filter(|words| !words.is_empty());
        lies_beside(None) || (words.is_some() && lies_beside(words))
    }
}

/// The words of a folder's name but for those about masks.
fn words(name: &str) -> String {
    let name = lower(name);
    let words = tokens(&name).map(without).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// A word without what says that it is about masks.
fn without(word: &str) -> &str {
    match PERHAPS.contains(&word) {
        true => "",
        false => TOGETHER
            .iter()
            .find_map(|ending| word.strip_suffix(ending))
            .unwrap_or(word),
    }
}

fn is_jpeg(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    extension.eq_ignore_ascii_case("jpg") || extension.eq_ignore_ascii_case("jpeg")
}

/// A file's name in lower case, without its extension.
fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is kept of these paths.
    fn kept(paths: &[&str]) -> Vec<String> {
        let mut photos: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
        let note = take_out(&mut photos);
        assert_eq!(note.is_some(), photos.len() < paths.len(), "{note:?}");
        photos
            .iter()
            .map(|path| path.display().to_string())
            .collect()
    }

    #[test]
    fn masks_are_no_photographs() {
        for paths in [
            &[
                "JPEGImages/1.jpg",
                "SegmentationClass/1.png",
                "SegmentationObject/1.png",
                "SegmentationClass/7.png",
            ][..],
            &["images/1.png", "masks/1.png"],
            &["images/1.jpg", "annotations/trimaps/1.png"],
            &["train/1.jpg", "train_masks/1_mask.gif"],
            &["train/1.png", "trainannot/1.png"],
            &["1.jpg", "masks/1.png"],
            &[
                "bottle/test/broken/000.png",
                "bottle/ground_truth/broken/000_mask.png",
            ],
            &["a/images/1.png", "a/masks/1.png"],
            &["images/a/1.png", "masks/a/1.png"],
        ] {
            assert_eq!(kept(paths), [paths[0]], "{paths:?}");
        }
    }

    #[test]
    fn classes_that_are_called_so_stay() {
        for paths in [
            &["mask/1.jpg", "no_mask/1.jpg"][..],
            &["mask/1.jpg", "nomask/1.jpg"],
            &["with_mask/1.jpg", "without_mask/1.jpg"],
            &["cats/1.jpg", "masks/2.jpg"],
            &["masks/1.png"],
            &["SegmentationClass/1.png"],
            &["labels/a.png", "signs/b.png"],
            &["7/1.png", "masks/1.png"],
            &["3/mask/1.jpg", "4/1.jpg"],
        ] {
            assert_eq!(kept(paths), paths, "{paths:?}");
        }
    }
}
