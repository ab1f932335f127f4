//! The pages' words: one catalogue a language, compiled in.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use base::{Error, Result};

/// A language of the report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Korean.
    Ko,
}

impl FromStr for Lang {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "en" => Ok(Self::En),
            "ko" => Ok(Self::Ko),
            _ => Err("expected en or ko".into()),
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::En => "en",
            Self::Ko => "ko",
        })
    }
}

/// What is filled into a text, after the name of its gap.
pub(super) type Gap<'a> = (&'a str, &'a dyn fmt::Display);

/// The catalogue of one language: sections of texts, with `{name}` where something is filled in.
#[derive(Debug)]
pub(super) struct Texts {
    pub(super) sections: BTreeMap<String, BTreeMap<String, String>>,
}

impl Texts {
    pub(super) fn load(lang: Lang) -> Result<Self> {
        let source = match lang {
            Lang::En => include_str!("../../templates/lang/en.toml"),
            Lang::Ko => include_str!("../../templates/lang/ko.toml"),
        };
        let sections = toml::from_str(source).map_err(|error| Error::Drawing {
            what: format!("the texts of language {lang}"),
            problem: error.to_string(),
        })?;
        Ok(Self { sections })
    }

    /// The text of `section.name`; the key itself where there is none (a test sees to it that there is).
    pub(super) fn say(&self, key: &str) -> String {
        self.find(key).unwrap_or(key).to_owned()
    }

    /// The same with its gaps filled.
    pub(super) fn fill(&self, key: &str, gaps: &[Gap<'_>]) -> String {
        let mut rest = self.find(key).unwrap_or(key);
        let mut filled = String::new();
        // In one pass, so that braces in a file name are not taken for gaps.
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                rest = after;
                break;
            };
            let value = gaps.iter().find(|(gap, _)| *gap == name);
            filled += &value.map_or_else(|| name.to_owned(), |(_, value)| value.to_string());
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    /// [`Texts::fill`] with `n`, from `section.name_one` where `n` is 1 and the language has such a form.
    pub(super) fn count(&self, key: &str, n: usize, gaps: &[Gap<'_>]) -> String {
        let number = super::numbers::count(n);
        let number: Gap<'_> = ("n", &number);
        let gaps = [gaps, &[number]].concat();
        let one = format!("{key}_one");
        match n == 1 && self.find(&one).is_some() {
            true => self.fill(&one, &gaps),
            false => self.fill(key, &gaps),
        }
    }

    fn find(&self, key: &str) -> Option<&str> {
        let (section, name) = key.split_once('.')?;
        self.sections.get(section)?.get(name).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    fn catalogues() -> [Texts; 2] {
        [Lang::En, Lang::Ko].map(|lang| Texts::load(lang).unwrap())
    }

    fn keys(texts: &Texts) -> BTreeSet<String> {
        let sections = texts.sections.iter();
        sections
            .flat_map(|(section, names)| names.keys().map(move |name| format!("{section}.{name}")))
            .collect()
    }

    fn gaps(text: &str) -> BTreeSet<&str> {
        text.split('{')
            .skip(1)
            .filter_map(|part| Some(part.split_once('}')?.0))
            .collect()
    }

    #[test]
    fn both_languages_have_the_same_texts_with_the_same_gaps() {
        let [en, ko] = catalogues();
        let missing = |key: &&String| !key.ends_with("_one");
        let (en_keys, ko_keys) = (keys(&en), keys(&ko));
        let lacking: Vec<_> = en_keys
            .symmetric_difference(&ko_keys)
            .filter(missing)
            .collect();
        assert!(lacking.is_empty(), "in one language only: {lacking:?}");
        for key in en_keys.intersection(&ko_keys) {
            assert_eq!(gaps(&en.say(key)), gaps(&ko.say(key)), "{key}");
            assert!(!ko.say(key).trim().is_empty(), "{key}");
        }
    }

    #[test]
    fn every_text_that_is_asked_for_is_there_and_every_text_is_asked_for() {
        let [en, _] = catalogues();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut asked = BTreeSet::new();
        for folder in ["src/report", "templates"] {
            for entry in walkdir::WalkDir::new(root.join(folder))
                .into_iter()
                .flatten()
            {
                let name = entry.file_name().to_string_lossy().into_owned();
                if name == "lang.rs" || !(name.ends_with(".rs") || name.ends_with(".html")) {
                    continue;
                }
                let source = std::fs::read_to_string(entry.path()).unwrap();
                let rust = name.ends_with(".rs");
                let words: Vec<&str> = match rust {
                    true => source.split('"').skip(1).step_by(2).collect(),
                    false => source
                        .split(|c: char| !(c.is_alphanumeric() || "_.".contains(c)))
                        .collect(),
                };
                for word in words {
                    let key = if rust {
                        Some(word)
                    } else {
                        word.strip_prefix("t.")
                    };
                    let section = key.and_then(|key| key.split_once('.'));
                    if let (Some(key), Some((section, _))) = (key, section) {
                        if en.sections.contains_key(section) && !key.ends_with(".html") {
                            asked.insert(key.to_owned());
                        }
                    }
                }
            }
        }
        let known = keys(&en);
        let unknown: Vec<_> = asked.difference(&known).collect();
        assert!(unknown.is_empty(), "asked for and not there: {unknown:?}");
        let one = |key: &&String| !key.ends_with("_one");
        let unused: Vec<_> = known.difference(&asked).filter(one).collect();
        assert!(unused.is_empty(), "there and never asked for: {unused:?}");
    }

    #[test]
    fn gaps_are_filled_once_and_braces_of_others_stay() {
        let mut texts = catalogues().into_iter().next().unwrap();
        let section = texts.sections.entry("x".into()).or_default();
        section.insert("y".into(), "a {one} b {two}".into());
        assert_eq!(
            texts.fill("x.y", &[("one", &"{two}"), ("two", &"}{")]),
            "a {two} b }{"
        );
        assert_eq!("ko".parse::<Lang>().unwrap().to_string(), "ko");
    }
}
