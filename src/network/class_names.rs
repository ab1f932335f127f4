//! Which names a network's outputs have: those that the user gave, those of its file, ImageNet's, or numbers.

use std::path::{Path, PathBuf};

use base::text::cut;
use base::words::count;
use base::{Error, Result};

use super::classes::{self, Class};
use super::model::ModelSource;
use super::origin::Origin;
use super::{Anatomy, Description};

/// The names that were given, and the file that they stand in; `None` where none were, or ImageNet's.
///
/// # Errors
/// Those of [`classes::read`]; [`Error::Usage`] for names in a file's place.
pub(super) fn given(
    source: &ModelSource,
    description: &Description,
    origin: &Origin,
) -> Result<Option<(PathBuf, Vec<Class>)>> {
    let toml = origin.toml();
    let folder = toml.parent().unwrap_or(Path::new("."));
    let file = match (&source.classes, description.classes.as_deref()) {
        (Some(path), _) if path.to_string_lossy().contains(',') && !path.exists() => {
            return Err(Error::Usage(format!(
                "--classes {}: no such file; the names stand in a file, one a line in the order of training",
                path.display()
            )));
        }
        (Some(path), _) => path.clone(),
        (None, Some("imagenet") | None) => return Ok(None),
        (None, Some(name)) => folder.join(name),
    };
    let names = classes::read(&file)?;
    Ok(Some((file, names)))
}

/// What is known of the names before the network is.
pub(super) struct Known<'a> {
    /// Those that were given, and their file.
    pub(super) named: Option<(PathBuf, Vec<Class>)>,
    /// Those that the network's own file has.
    pub(super) own: Vec<String>,
    /// Whether a thousand outputs are ImageNet's without anybody having to say so.
    pub(super) imagenet_is_meant: bool,
    /// The graph's output, by name.
    pub(super) output: Option<&'a str>,
}

impl Known<'_> {
    /// The names of a network's outputs; none without a classifier. Adds to `notes` what is assumed.
    ///
    /// # Errors
    /// [`Error::Table`] where there are not as many names as outputs.
    pub(super) fn names(
        mut self,
        anatomy: &Anatomy,
        notes: &mut Vec<String>,
    ) -> Result<Vec<Class>> {
        let network = anatomy.network();
        let Some(output) = anatomy.shapes().last().copied() else {
            return Ok(Vec::new());
        };
        let is_pair = network.is_one_against_the_rest();
        match (network.has_classifier(), self.named.take()) {
            (true, Some((file, names))) => {
                self.counted(&file, names, output.channels, is_pair, notes)
            }
            (true, None) => self.assumed(output.channels, is_pair, notes),
            (false, Some((file, names))) => {
                notes.push(format!(
                    "{} of {} not used: the network has no classifier, its output{} is {output}",
                    count(names.len(), "class name"),
                    file.file_name().unwrap_or_default().display(),
                    self.output
                        .map_or_else(String::new, |output| format!(" '{output}'")),
                ));
                Ok(Vec::new())
            }
            (false, None) => Ok(Vec::new()),
        }
    }

    /// The names where none were given.
    fn assumed(self, outputs: usize, is_pair: bool, notes: &mut Vec<String>) -> Result<Vec<Class>> {
        if self.own.len() == outputs {
            notes.push(
                "the class names are those in the network's file; --classes names others".into(),
            );
            return Ok(self.own.into_iter().map(Class::named).collect());
        }
        if outputs == 1000 {
            if !self.imagenet_is_meant {
                notes.push(
                    "1,000 outputs: ImageNet's class names assumed; --classes names others".into(),
                );
            }
            return classes::imagenet();
        }
        let hint = match is_pair {
            true => "--classes names both, that of 1 − p first, or that of p alone",
            false => "--classes names.txt names them, one a line in the order of training (torchvision's ImageFolder: the folders by the alphabet)",
        };
        notes.push(format!(
            "no names for its {outputs} classes: they are 'class 0' and so on; {hint}"
        ));
        let numbers = 0..outputs;
        Ok(numbers
            .map(|index| Class::named(format!("class {index}")))
            .collect())
    }

    /// The names that were given, one for each output.
    fn counted(
        &self,
        file: &Path,
        mut names: Vec<Class>,
        outputs: usize,
        is_pair: bool,
        notes: &mut Vec<String>,
    ) -> Result<Vec<Class>> {
        match (is_pair, &names[..]) {
            (true, [only]) => {
                let rest = Class::named(format!("not {}", only.name));
                names.insert(0, rest);
            }
            (true, [rest, one]) => notes.push(format!(
                "the network's one output p is taken for the probability of '{}', the second name, and 1 − p for that of '{}'",
                one.name, rest.name
            )),
            _ => {}
        }
        if names.len() == outputs {
            return Ok(names);
        }
        let expected = match (is_pair, self.output) {
            (true, _) => "one output: one name or two are expected".to_owned(),
            (false, Some(output)) => format!(
                "{} ('{output}'; --output-node takes another)",
                count(outputs, "output")
            ),
            (false, None) => count(outputs, "output"),
        };
        let name = |class: Option<&Class>| {
            class.map_or(String::new(), |class| cut(&class.name).into_owned())
        };
        let (first, last) = (name(names.first()), name(names.last()));
        let problem = format!(
            "{} for a network of {expected}; the first is '{first}', the last '{last}'",
            count(names.len(), "class name")
        );
        Err(Error::table(file, None, problem))
    }
}
