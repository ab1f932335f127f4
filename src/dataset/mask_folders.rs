//! Folders of pictures that are drawn over others: the segmentations of VOC, `masks` beside `images`, trimaps. They are not
//! photographs, and their names no classes.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::labels::numbers;
use super::splits::{is_media, tokens};

/// Folders that hold nothing else, without case, `_`, `-` and blanks.
const ALWAYS: [&str; 12] = [
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
    let places: Vec<Option<(PathBuf, bool)>> =
        photos.iter().map(|photo| mask_folder(photo)).collect();
    let photographs = || {
        photos
            .iter()
            .zip(&places)
            .filter(|(_, place)| place.is_none())
    };
    let mut by_stem: HashMap<String, Vec<&Path>> = HashMap::new();
    for (photo, _) in photographs() {
        by_stem.entry(stem(photo)).or_default().push(photo);
    }
    // Of each folder the pictures that there are, and those that are drawn over a photograph.
    let mut folders: BTreeMap<&Path, (usize, usize)> = BTreeMap::new();
    for (photo, place) in photos.iter().zip(&places) {
        if let Some((folder, always)) = place {
            let (all, drawn) = folders.entry(folder).or_default();
            *all += 1;
            *drawn += usize::from(*always || is_drawn_over(photo, folder, &by_stem));
        }
    }
    folders.retain(|_, (all, drawn)| *drawn * 2 >= *all);
    let left_out: HashSet<&Path> = folders.keys().copied().collect();
    let is_kept = |place: &Option<(PathBuf, bool)>| {
        place
            .as_ref()
            .is_none_or(|(folder, _)| !left_out.contains(folder.as_path()))
    };
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
fn mask_folder(photo: &Path) -> Option<(PathBuf, bool)> {
    let folders: Vec<&Path> = photo.ancestors().skip(1).collect();
    folders.into_iter().rev().find_map(|folder| {
        let name = folder.file_name()?.to_string_lossy().to_lowercase();
        let joined: String = name
            .chars()
            .filter(|c| !matches!(c, '_' | '-' | ' '))
            .collect();
        let always = ALWAYS.contains(&joined.as_str());
        let perhaps =
            || joined.contains("groundtruth") || tokens(&name).any(|token| without(token) != token);
        (always || perhaps()).then(|| (folder.to_owned(), always))
    })
}

/// Whether a picture of `folder` belongs to a photograph elsewhere: by their names, and because its own says so, it lies beside a
/// folder of pictures or that of the photograph, or only the photograph is a JPEG.
fn is_drawn_over(picture: &Path, folder: &Path, by_stem: &HashMap<String, Vec<&Path>>) -> bool {
    let own = stem(picture);
    let shorter = ENDINGS.iter().find_map(|ending| {
        let rest = own.strip_suffix(ending)?;
        let name = rest.trim_end_matches(['_', '-', ' ', '.']);
        (name.len() < rest.len()).then(|| name.to_owned())
    });
    if shorter.is_some_and(|name| by_stem.contains_key(&name)) {
        return true;
    }
    let above = folder.parent().unwrap_or(Path::new(""));
    let words_of = |path: &Path| -> Vec<String> {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().to_lowercase());
        tokens(&name.unwrap_or_default())
            .map(str::to_owned)
            .collect()
    };
    let mut others: Vec<String> = words_of(folder)
        .iter()
        .map(|word| without(word).to_owned())
        .collect();
    others.retain(|word| !word.is_empty());
    let belongs = |photo: &&Path| {
        let Ok(below) = photo.strip_prefix(above) else {
            return !is_jpeg(picture) && is_jpeg(photo);
        };
        let first = below
            .components()
            .next()
            .map(|part| Path::new(part.as_os_str()));
        let beside = first.filter(|first| *first != below);
        match beside {
            None => true,
            Some(beside) => {
                let is_media = beside.to_str().is_some_and(is_media);
                is_media
                    || (!others.is_empty() && words_of(beside) == others)
                    || (!is_jpeg(picture) && is_jpeg(photo))
            }
        }
    };
    by_stem
        .get(&own)
        .is_some_and(|photos| photos.iter().any(belongs))
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
            &["a/images/1.png", "a/masks/1.png", "a/masks/1.png"],
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
        ] {
            assert_eq!(kept(paths), paths, "{paths:?}");
        }
    }
}
