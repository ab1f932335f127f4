//! Which photograph a table means: paths as other systems and programs write them.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use base::text::{composed, cut, distance};

/// Finds photographs by what tables call them.
pub(super) struct Lookup<'a> {
    /// The data set's folder, absolute, as given and without symbolic links.
    roots: Vec<PathBuf>,
    paths: HashSet<&'a str>,
    /// By composed (NFC) path, path without extension, file name, file name without extension.
    tiers: [HashMap<String, Named<'a>>; 4],
}

enum Named<'a> {
    One(&'a str),
    Several(&'a str, &'a str),
}

/// Why nothing was found.
#[derive(Debug, PartialEq)]
pub(super) enum Missing<'a> {
    /// There is no such photograph.
    Unknown,
    /// Two or more are called so.
    Several(&'a str, &'a str),
}

impl<'a> Lookup<'a> {
    pub(super) fn new(root: &Path, paths: impl Iterator<Item = &'a str>) -> Self {
        let absolute = std::path::absolute(root).ok();
        let mut lookup = Self {
            roots: absolute
                .into_iter()
                .chain(root.canonicalize().ok())
                .collect(),
            paths: HashSet::new(),
            tiers: Default::default(),
        };
        for path in paths {
            lookup.paths.insert(path);
            let whole = composed(path);
            let name = whole.rsplit('/').next().unwrap_or_default();
            let keys = [&whole, stem(&whole), name, stem(name)];
            for (tier, key) in lookup.tiers.iter_mut().zip(keys) {
                let named = tier.entry(key.to_owned());
                named
                    .and_modify(|named| {
                        if let Named::One(other) = *named {
                            *named = Named::Several(other, path);
                        }
                    })
                    .or_insert(Named::One(path));
            }
        }
        lookup
    }

    /// The path of the photograph that a table calls `name`: its path, with `\` or `./`, from the file system's root, composed or
    /// not; without its extension, or its file name alone, where only one is called so.
    pub(super) fn find(&self, name: &str) -> Result<&'a str, Missing<'a>> {
        if let Some(path) = self.paths.get(name) {
            return Ok(path);
        }
        let plain = self.plain(name);
        // A file's name alone says no folder.
        let tiers = if plain.contains('/') { 2 } else { 4 };
        match self.tiers[..tiers].iter().find_map(|tier| tier.get(&plain)) {
            Some(Named::One(path)) => Ok(path),
            Some(Named::Several(one, other)) => Err(Missing::Several(one, other)),
            None => Err(Missing::Unknown),
        }
    }

    /// What to say of a name that was not found, with the nearest.
    pub(super) fn told(&self, name: &str, missing: &Missing<'_>) -> String {
        if let Missing::Several(one, other) = missing {
            return format!("'{name}' may be '{one}' or '{other}'; give the path in the data set");
        }
        let plain = self.plain(name);
        let length = plain.chars().count();
        let near = |path: &&'a str| {
            let distance = distance(&plain, path, 2)?;
            (distance * 2 <= length).then_some((distance, *path))
        };
        let name = cut(name);
        match self.paths.iter().filter_map(near).min() {
            Some((_, path)) => {
                format!("no photograph '{name}' in the data set (did you mean '{path}'?)")
            }
            None if plain.starts_with('/') || plain.get(1..3) == Some(":/") => {
                format!("no photograph '{name}' in the data set (the path leads elsewhere; give it relative to the data set's folder)")
            }
            None => {
                format!("no photograph '{name}' in the data set (paths are relative to its folder)")
            }
        }
    }

    /// As paths in the data set are written.
    fn plain(&self, name: &str) -> String {
        let slashes = name.replace('\\', "/");
        let below = |root: &PathBuf| Path::new(&slashes).strip_prefix(root).ok()?.to_str();
        let relative = self.roots.iter().find_map(below).unwrap_or(&slashes);
        let parts: Vec<&str> = relative.split('/').collect();
        let is_absolute = parts.len() > 1 && parts[0].is_empty();
        let kept = parts.into_iter().filter(|part| !matches!(*part, "" | "."));
        let plain = kept.collect::<Vec<_>>().join("/");
        let plain = if is_absolute {
            format!("/{plain}")
        } else {
            plain
        };
        composed(&plain).into_owned()
    }
}

/// A path without its file's extension.
fn stem(path: &str) -> &str {
    let name = path.rfind('/').map_or(0, |slash| slash + 1);
    match path.rfind('.') {
        Some(dot) if dot > name => &path[..dot],
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATHS: [&str; 6] = [
        "Cat/0.jpg",
        "Cat/Ka\u{308}fer.jpg",
        "Dog/0.jpg",
        "Dog/1.jpg",
        "Dog/1.b.png",
        "a\\b.jpg",
    ];

    #[test]
    fn photographs_are_found_as_others_call_them() {
        let lookup = Lookup::new(Path::new("/data/photos"), PATHS.into_iter());
        for (name, expected) in [
            ("Cat/0.jpg", Ok("Cat/0.jpg")),
            ("Cat\\0.jpg", Ok("Cat/0.jpg")),
            (".\\Cat\\0.jpg", Ok("Cat/0.jpg")),
            ("./Cat/0.jpg", Ok("Cat/0.jpg")),
            ("/data/photos/Cat/0.jpg", Ok("Cat/0.jpg")),
            ("/data/photos//./Cat/0.jpg", Ok("Cat/0.jpg")),
            ("/data/others/Cat/0.jpg", Err(Missing::Unknown)),
            ("Cat/Käfer.jpg", Ok("Cat/Ka\u{308}fer.jpg")),
            ("Käfer", Ok("Cat/Ka\u{308}fer.jpg")),
            ("Cat/0", Ok("Cat/0.jpg")),
            ("1", Ok("Dog/1.jpg")),
            ("1.b", Ok("Dog/1.b.png")),
            ("1.jpg", Ok("Dog/1.jpg")),
            ("0", Err(Missing::Several("Cat/0.jpg", "Dog/0.jpg"))),
            ("0.jpg", Err(Missing::Several("Cat/0.jpg", "Dog/0.jpg"))),
            ("photos/Cat/0.jpg", Err(Missing::Unknown)),
            ("a\\b.jpg", Ok("a\\b.jpg")),
            ("", Err(Missing::Unknown)),
        ] {
            assert_eq!(lookup.find(name), expected, "{name}");
        }
    }

    #[test]
    fn what_is_not_found_is_told_with_the_nearest() {
        let lookup = Lookup::new(Path::new("/data/photos"), PATHS.into_iter());
        for (name, part) in [
            ("Cat/9.jpg", "did you mean 'Cat/0.jpg'?"),
            ("zz99.png", "relative to its folder"),
            ("0", "may be 'Cat/0.jpg' or 'Dog/0.jpg'"),
            ("/home/someone/pictures/of/animals/0.jpg", "leads elsewhere"),
            ("C:\\Users\\someone\\pictures\\0.jpg", "leads elsewhere"),
            ("holiday/beach/IMG_1234.jpg", "relative to its folder"),
        ] {
            let missing = lookup.find(name).unwrap_err();
            let told = lookup.told(name, &missing);
            assert!(told.contains(part), "{told}");
        }
    }
}
