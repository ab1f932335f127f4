//! A study as a file has it, and those that are shipped.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use base::{Error, Result};
use serde::{Deserialize, Serialize};

use super::variant::{changes, Variant};

const SHIPPED: [(&str, &str); 2] = [
    ("architecture", include_str!("studies/architecture.toml")),
    ("ablation", include_str!("studies/ablation.toml")),
];

/// A base and its variants.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Study {
    /// What it is called: its file without the ending.
    #[serde(skip)]
    pub name: String,
    /// What it asks, in a line.
    #[serde(default)]
    pub about: String,
    /// The network that is edited, where the command line names no other.
    pub model: String,
    /// The recipe that it is trained by, likewise.
    #[serde(default)]
    pub recipe: Option<String>,
    /// Values of the recipe that are told otherwise for all.
    #[serde(default)]
    set: toml::Table,
    /// What the variants are held against.
    #[serde(default = "Variant::unchanged")]
    pub base: Variant,
    /// What is held against it.
    #[serde(default)]
    pub variants: Vec<Variant>,
}

impl Study {
    /// The names of those that are shipped.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SHIPPED.iter().map(|(name, _)| *name)
    }

    /// One that is shipped, or that of a file, whose name ends in `.toml`.
    ///
    /// # Errors
    /// [`Error::UnknownName`]; [`Error::Io`]; [`Error::Table`] with the line at fault.
    pub fn read(name: &str) -> Result<Self> {
        let path = Path::new(name);
        let is_file = path
            .extension()
            .is_some_and(|extension| extension == "toml");
        let shipped = SHIPPED.iter().find(|(known, _)| *known == name);
        match (shipped, is_file) {
            (Some((name, text)), _) => Self::of_text(name, Path::new(name), text),
            (None, true) => {
                let text = std::fs::read_to_string(path).map_err(Error::io("cannot read", path))?;
                let stem = path.file_stem().unwrap_or_default().to_string_lossy();
                let mut study = Self::of_text(&stem, path, &text)?;
                study.recipe = study.recipe.map(|recipe| beside(path, recipe));
                study.model = beside(path, study.model);
                Ok(study)
            }
            (None, false) => Err(Error::UnknownName {
                kind: "study",
                name: name.to_owned(),
                known: Self::names().map(str::to_owned).collect(),
                also: Vec::new(),
                advice: "; or name a file of your own, ending in .toml".into(),
            }),
        }
    }

    fn of_text(name: &str, path: &Path, text: &str) -> Result<Self> {
        let study: Self = toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map(|before| before.matches('\n').count() as u64 + 1);
            Error::table(path, line, error.message())
        })?;
        study
            .check()
            .map_err(|problem| Error::table(path, None, problem))?;
        Ok(Self {
            name: name.to_owned(),
            ..study
        })
    }

    fn check(&self) -> Result<(), String> {
        if self.variants.is_empty() {
            return Err("has no variants; add at least one as [[variants]]".into());
        }
        let mut names = BTreeSet::new();
        for variant in self.all() {
            let name = &variant.name;
            let fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
            if name.is_empty() || !name.chars().all(fit) {
                return Err(format!(
                    "variant '{name}': expected a name of letters, digits, dashes and underscores"
                ));
            }
            if !names.insert(name) {
                return Err(format!("two variants are named '{name}'"));
            }
            let published = variant.published.as_ref();
            let checked = published.map_or(Ok(()), super::Published::check);
            checked.map_err(|problem| format!("variant '{name}': {problem}"))?;
        }
        match self
            .variants
            .iter()
            .find(|variant| variant.changes_nothing())
        {
            Some(variant) => Err(format!(
                "variant '{}' changes nothing: expected remove, layers or recipe",
                variant.name
            )),
            None => Ok(()),
        }
    }

    /// Those variants alone, in the file's order.
    ///
    /// # Errors
    /// [`Error::UnknownName`].
    pub fn only(mut self, names: &[String]) -> Result<Self> {
        let known = || self.variants.iter().map(|variant| variant.name.clone());
        if let Some(name) = names
            .iter()
            .find(|name| !known().any(|known| known == **name))
        {
            return Err(Error::unknown_name("variant", name, known().collect()));
        }
        self.variants
            .retain(|variant| names.contains(&variant.name));
        Ok(self)
    }

    /// The base, and the variants.
    pub fn all(&self) -> impl Iterator<Item = &Variant> {
        std::iter::once(&self.base).chain(&self.variants)
    }

    /// What of the recipe is told otherwise for all.
    pub fn set(&self) -> BTreeMap<String, String> {
        changes(&self.set)
    }

    /// Variants that remove what two others remove: places among [`Study::all`], the one that is both first.
    pub fn together(&self) -> Vec<[usize; 3]> {
        let all: Vec<&Variant> = self.all().collect();
        let mut together = Vec::new();
        for whole in 1..all.len() {
            for first in 1..all.len() {
                let of_first = (first + 1..all.len()).map(|second| [whole, first, second]);
                let is_both =
                    |places: &[usize; 3]| all[whole].is_both([all[places[1]], all[places[2]]]);
                together.extend(of_first.filter(is_both));
            }
        }
        together
    }
}

/// What a file names lies beside it, where it is there.
fn beside(file: &Path, name: String) -> String {
    let path = file.with_file_name(&name);
    match path.is_file() {
        true => path.display().to_string(),
        false => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use network::zoo;

    fn read(text: &str) -> Result<Study> {
        Study::of_text("s", Path::new("s.toml"), text)
    }

    #[test]
    fn all_that_are_shipped_fit_both_networks_of_the_paper() {
        for name in Study::names() {
            let study = Study::read(name).unwrap();
            for network in ["zfnet", "zfnet_small"] {
                for variant in study.all() {
                    let network = zoo::find(network).unwrap().network();
                    network.edited(&variant.edits()).unwrap();
                }
            }
        }
        let ablation = Study::read("ablation").unwrap();
        assert_eq!(ablation.together(), [[4, 1, 3]]);
        assert!(Study::read("ablatoin")
            .unwrap_err()
            .to_string()
            .contains("ablation"));
    }

    #[test]
    fn a_recipe_is_told_value_by_value() {
        let study = read("model = \"tiny\"\nset.epochs = 3\n[[variants]]\nname = \"a\"\nrecipe = { lr = 0.5, input.flip = false, schedule = { step = { every = 2, factor = 0.5 } } }").unwrap();
        assert_eq!(study.set()["epochs"], "3");
        let recipe = study.variants[0].recipe();
        let keys: Vec<&str> = recipe.keys().map(String::as_str).collect();
        assert_eq!(keys, ["input.flip", "lr", "schedule"]);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let variant = |more: &str| format!("model = \"tiny\"\n[[variants]]\nname = \"a\"\n{more}");
        for (text, says) in [
            ("model = \"tiny\"\n".to_owned(), "has no variants"),
            (variant("removed = [\"conv3a\"]"), "unknown field `removed`"),
            (variant("layers.conv1.kernal = 3"), "unknown field `kernal`"),
            (variant("layers.fc4.features = \"0.5\""), "a factor such as \"x0.5\""),
            (variant(""), "changes nothing"),
            (variant("remove = [\"fc4\"]\n[[variants]]\nname = \"a\"\nremove = [\"conv3a\"]"), "two variants are named 'a'"),
            (variant("remove = [\"fc4\"]\n[[variants]]\nname = \"base\"\nremove = [\"conv3a\"]"), "two variants are named 'base'"),
            (variant("remove = [\"fc4\"]\npublished = { train = 101.0, source = \"x\" }"), "from 0 to 100; found 101"),
            (variant("remove = [\"fc4\"]\npublished = { val_top1 = 10.0, val_top5 = 20.0, source = \"x\" }"), "cannot be"),
            (variant("remove = [\"fc4\"]\npublished = { source = \"x\" }"), "none is told"),
            (variant("remove = [\"fc4\"]\npublished = { train = 1.0 }"), "missing field `source`"),
            (variant("remove = [\"fc4\"]").replace("\"a\"", "\"a/b\""), "letters, digits"),
        ] {
            let error = read(&text).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
