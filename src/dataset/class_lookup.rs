//! The classes of a network by what folders and tables call them.

use std::collections::HashMap;

use base::text::{composed, distance};
use network::classes::{is_wnid, Class};

/// A network's classes, found by name.
#[derive(Debug)]
pub(super) struct ClassLookup<'a> {
    classes: &'a [Class],
    by_wnid: HashMap<&'a str, Vec<usize>>,
    /// Without case, `_` and `-`.
    by_name: HashMap<String, Vec<usize>>,
}

impl<'a> ClassLookup<'a> {
    pub(super) fn of(classes: &'a [Class]) -> Self {
        let mut names = Self {
            classes,
            by_wnid: HashMap::new(),
            by_name: HashMap::new(),
        };
        for (index, class) in classes.iter().enumerate() {
            if let Some(wnid) = &class.wnid {
                names.by_wnid.entry(wnid).or_default().push(index);
            }
            names
                .by_name
                .entry(plain(&class.name))
                .or_default()
                .push(index);
        }
        names
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.classes.len()
    }

    /// Whether they are the 1,000 of ImageNet.
    pub(super) fn are_imagenet(&self) -> bool {
        self.classes.len() == 1000 && self.classes.iter().all(|class| class.wnid.is_some())
    }

    /// The outputs, ascending, whose WordNet id, or else whose name, is `label`; a WordNet id or a number may stand before the
    /// name, as in `n02085620-Chihuahua` and `001.Black_footed_Albatross`.
    pub(super) fn named(&self, label: &str) -> Vec<usize> {
        let by_wnid = |wnid: &str| self.by_wnid.get(wnid);
        let by_name = |name: &str| self.by_name.get(&plain(name));
        let (prefix, rest) = prefixed(label).unzip();
        by_wnid(label)
            .or_else(|| by_name(label))
            .or_else(|| by_wnid(prefix?))
            .or_else(|| by_name(rest?))
            .cloned()
            .unwrap_or_default()
    }

    /// The class whose name is the singular of `label`, or its plural, and the outputs of that name.
    pub(super) fn in_other_number(&self, label: &str) -> Option<(&'a str, &[usize])> {
        let rest = prefixed(label).map(|(_, rest)| rest);
        let forms = [Some(label), rest].into_iter().flatten().map(plain);
        let outputs = forms
            .flat_map(|name| in_other_number(&name))
            .find_map(|name| self.by_name.get(&name))?;
        let class = self.classes.get(*outputs.first()?)?;
        Some((&class.name, outputs))
    }

    /// The class whose name is nearest to `label`, if any is near.
    pub(super) fn nearest(&self, label: &str) -> Option<&'a str> {
        let label = plain(label);
        let near = |class: &'a Class| Some((distance(&label, &plain(&class.name), 3)?, class));
        let near = self.classes.iter().filter_map(near);
        let (_, nearest) = near.min_by_key(|(distance, _)| *distance)?;
        Some(nearest.name.as_str())
    }
}

fn plain(name: &str) -> String {
    composed(name.trim())
        .to_lowercase()
        .replace(['_', '-'], " ")
}

/// What may be the singular or plural of an English word, in lower case, by the rules alone.
fn in_other_number(name: &str) -> Vec<String> {
    const HISSING: [&str; 5] = ["s", "x", "z", "ch", "sh"];
    // Shorter ones, and those that end in a number, are no words.
    const SHORTEST: usize = 3;
    let hisses = |word: &str| HISSING.iter().any(|end| word.ends_with(end));
    let is_word =
        |word: &str| word.len() >= SHORTEST && word.ends_with(|c: char| c.is_ascii_alphabetic());
    let mut forms = Vec::new();
    if let Some(stem) = name.strip_suffix("ies") {
        forms.push(format!("{stem}y"));
    }
    let singulars = [
        name.strip_suffix("es").filter(|word| hisses(word)),
        name.strip_suffix('s').filter(|word| !word.ends_with('s')),
    ];
    forms.extend(singulars.into_iter().flatten().map(str::to_owned));
    if is_word(name) {
        forms.push(match name.strip_suffix('y') {
            Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ies"),
            _ if hisses(name) => format!("{name}es"),
            _ => format!("{name}s"),
        });
    }
    forms.retain(|word| is_word(word));
    forms
}

/// What stands before a name, and the name.
fn prefixed(label: &str) -> Option<(&str, &str)> {
    let (prefix, rest) = label.split_once(['-', '_', '.', ' '])?;
    let is_number = !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_digit());
    (is_wnid(prefix) || is_number).then(|| (prefix, rest.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_found_by_what_folders_are_called() {
        let class = |wnid: &str, name: &str| Class {
            wnid: Some(wnid.to_owned()),
            name: name.to_owned(),
        };
        let classes = [
            class("n02085620", "Chihuahua"),
            class("n02085782", "Japanese spaniel"),
            Class::named("Käfer"),
            Class::named("n1-odd"),
            Class::named("3 wheeler"),
            class("n02012849", "crane"),
            class("n03126707", "crane"),
        ];
        let names = ClassLookup::of(&classes);
        for (label, expected) in [
            ("n02085620", vec![0]),
            ("n02085620-Chihuahua", vec![0]),
            ("n02085782-Japanese_spaniel", vec![1]),
            ("japanese-spaniel", vec![1]),
            ("002.Japanese_spaniel", vec![1]),
            ("n99999999-Chihuahua", vec![0]),
            ("Ka\u{308}fer", vec![2]),
            ("n1-odd", vec![3]),
            ("3_wheeler", vec![4]),
            ("crane", vec![5, 6]),
            ("n03126707_crane", vec![6]),
            ("spaniel", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(names.named(label), expected, "{label}");
        }
        assert_eq!(names.nearest("chihuahau"), Some("Chihuahua"));
        assert_eq!(names.nearest("zebra"), None);
        assert_eq!(names.nearest("train"), None);
    }

    #[test]
    fn one_and_many_are_the_same_class() {
        let classes = [
            "cat",
            "Dogs",
            "polar bear",
            "butterfly",
            "fox",
            "glass",
            "0",
        ];
        let classes = classes.map(Class::named);
        let names = ClassLookup::of(&classes);
        for (label, expected) in [
            ("cats", Some("cat")),
            ("Cats", Some("cat")),
            ("dog", Some("Dogs")),
            ("polar_bears", Some("polar bear")),
            ("003.Polar_bears", Some("polar bear")),
            ("butterflies", Some("butterfly")),
            ("foxes", Some("fox")),
            ("glasses", Some("glass")),
            ("glas", None),
            ("0s", None),
            ("s", None),
            ("", None),
            ("catfish", None),
        ] {
            let found = names.in_other_number(label);
            assert_eq!(found.map(|(name, _)| name), expected, "{label}");
        }
    }
}
