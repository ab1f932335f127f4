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
    let folder = origin.path().parent().unwrap_or(Path::new("."));
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
    pub(super) fn names(self, anatomy: &Anatomy, notes: &mut Vec<String>) -> Result<Vec<Class>> {
        let network = anatomy.network();
        let outputs = anatomy.shapes().last().map_or(0, |shape| shape.channels);
        if !network.has_classifier() {
            if let Some((file, names)) = self.named {
                let output = anatomy.shapes().last();
                notes.push(format!(
                    "{} of {} not used: the network has no classifier, its output{} is {}",
                    count(names.len(), "class name"),
                    file.file_name().unwrap_or_default().display(),
                    self.output
                        .map_or_else(String::new, |output| format!(" '{output}'")),
                    output.map_or_else(String::new, ToString::to_string),
                ));
            }
            return Ok(Vec::new());
        }
        let is_pair = network.is_one_against_the_rest();
        let Some((file, mut names)) = self.named else {
            return Ok(match (self.own.len() == outputs, outputs) {
                (true, _) => {
                    notes.push(
                        "the class names are those in the network's file; --classes names others"
                            .into(),
                    );
                    self.own.into_iter().map(Class::named).collect()
                }
                (false, 1000) => {
                    if !self.imagenet_is_meant {
                        notes.push(
                            "1,000 outputs: ImageNet's class names assumed; --classes names others"
                                .into(),
                        );
                    }
                    classes::imagenet()?
                }
                (false, _) => {
                    let hint = match is_pair {
                        true => "--classes names both, that of 1 − p first, or that of p alone",
                        false => "--classes names.txt names them, one a line in the order of training (torchvision's ImageFolder: the folders by the alphabet)",
                    };
                    notes.push(format!(
                        "no names for its {outputs} classes: they are 'class 0' and so on; {hint}"
                    ));
                    let numbers = 0..outputs;
                    numbers
                        .map(|index| Class::named(format!("class {index}")))
                        .collect()
                }
            });
        };
        if let (true, [only]) = (is_pair, &names[..]) {
            let rest = Class::named(format!("not {}", only.name));
            names.insert(0, rest);
        } else if is_pair && names.len() == 2 {
            notes.push(format!(
                "the network's one output p is taken for the probability of '{}', the second name, and 1 − p for that of '{}'",
                names[1].name, names[0].name
            ));
        }
        if names.len() != outputs {
            let expected = match (is_pair, self.output) {
                (true, _) => "one output: one name or two are expected".to_owned(),
                (false, Some(output)) => {
                    format!(
                        "{} ('{output}'; --output-node takes another)",
                        count(outputs, "output")
                    )
                }
                (false, None) => count(outputs, "output"),
            };
            let name = |class: Option<&Class>| {
                class.map_or(String::new(), |class| cut(&class.name).into_owned())
            };
            let (first, last) = (name(names.first()), name(names.last()));
            let names = count(names.len(), "class name");
            let problem = format!(
                "{names} for a network of {expected}; the first is '{first}', the last '{last}'"
            );
            return Err(Error::table(&file, None, problem));
        }
        Ok(names)
    }
}
