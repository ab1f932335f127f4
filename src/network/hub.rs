//! A folder as the model hub lays it: timm's `config.json` beside the weights tells network, preprocessing and classes.

use std::path::{Path, PathBuf};

use base::{Error, Result};
use serde::Deserialize;
use serde_json::Value;

use super::preprocessing::{Changes, Interpolation, PerChannel, Preset, Resize, Size};
use super::{export, zoo, Description};

/// The file's name.
const CONFIG: &str = "config.json";
/// The names of the weights beside it.
const WEIGHTS: [&str; 2] = ["model.safetensors", "pytorch_model.bin"];

/// What timm tells of a network.
#[derive(Debug, Clone)]
pub(super) struct Hub {
    path: PathBuf,
    config: Config,
}

#[derive(Debug, Clone, Deserialize)]
struct Config {
    architecture: String,
    num_classes: Option<usize>,
    label_names: Option<Value>,
    /// How maps become features: `avg` in the zoo.
    global_pool: Option<String>,
    /// What the network was built with, where it was told.
    #[serde(default)]
    model_args: serde_json::Map<String, Value>,
    pretrained_cfg: Option<Data>,
    /// Where older versions of timm say it.
    #[serde(flatten)]
    data: Data,
}

/// From photograph to input.
#[derive(Debug, Clone, Deserialize)]
struct Data {
    input_size: Option<[u32; 3]>,
    crop_pct: Option<f64>,
    crop_mode: Option<String>,
    interpolation: Option<String>,
    mean: Option<[f32; 3]>,
    std: Option<[f32; 3]>,
}

impl Hub {
    /// What a `config.json` of timm's in the folder of a file tells; `None` without one.
    ///
    /// # Errors
    /// [`Error::Table`] for one that cannot be understood; [`Error::Io`].
    pub(super) fn beside(file: &Path) -> Result<Option<Self>> {
        Self::read(file.with_file_name(CONFIG))
    }

    fn read(path: PathBuf) -> Result<Option<Self>> {
        if !path.is_file() {
            return Ok(None);
        }
        let text = std::fs::read_to_string(&path).map_err(Error::io("cannot read", &path))?;
        let value: Value = serde_json::from_str(&text)
            .map_err(|error| Error::table(&path, Some(error.line() as u64), error.to_string()))?;
        // Others' files of that name tell of other things.
        if !value.get("architecture").is_some_and(Value::is_string) {
            return Ok(None);
        }
        let config = serde_json::from_value(value)
            .map_err(|error: serde_json::Error| Error::table(&path, None, error.to_string()))?;
        Ok(Some(Self { path, config }))
    }

    /// The weights in a folder with a `config.json`, or a file beside one; `None` for what is neither.
    ///
    /// # Errors
    /// [`Error::Usage`] for a folder without weights that can be read; those of [`Self::beside`].
    pub(super) fn of(path: &Path) -> Result<Option<(Self, PathBuf)>> {
        if !path.is_dir() {
            let found = match path.is_file() {
                true => Self::beside(path)?,
                false => None,
            };
            return Ok(found.map(|hub| (hub, path.to_owned())));
        }
        let Some(hub) = Self::read(path.join(CONFIG))? else {
            return Ok(None);
        };
        let files = WEIGHTS.map(|name| path.join(name));
        if let Some(weights) = files.iter().find(|file| file.is_file()) {
            return Ok(Some((hub, weights.clone())));
        }
        let in_parts = WEIGHTS
            .iter()
            .any(|name| path.join(format!("{name}.index.json")).is_file());
        let problem = match in_parts {
            true => "its weights are in several files; save them as one: model.safetensors".into(),
            false => format!("no {} beside its {CONFIG}", WEIGHTS.join(" or ")),
        };
        Err(Error::Usage(format!("{}: {problem}", path.display())))
    }

    /// The network of the zoo that it names.
    ///
    /// # Errors
    /// [`Error::Usage`] for one that the zoo does not have, with what to do.
    pub(super) fn entry(&self) -> Result<&'static zoo::Entry> {
        let architecture = &*self.config.architecture;
        let harmless = [
            "num_classes",
            "in_chans",
            "global_pool",
            "drop_rate",
            "drop_path_rate",
        ];
        let args = self.config.model_args.keys();
        let is_other = |name: &&String| !harmless.contains(&name.as_str());
        if let Some(other) = args.into_iter().find(is_other) {
            return Err(self.wrong(format!(
                "'{architecture}' was built with {other}, which may make it another network: {}",
                export::pytorch(zoo::USUAL_SIDE)
            )));
        }
        let told = self
            .config
            .model_args
            .get("global_pool")
            .and_then(Value::as_str);
        if let Some(pool) = told.or(self.config.global_pool.as_deref()) {
            if pool != "avg" {
                return Err(self.wrong(format!(
                    "'{architecture}' was built with global_pool '{pool}', and the zoo has avg: {}",
                    export::pytorch(zoo::USUAL_SIDE)
                )));
            }
        }
        if let Some(entry) = zoo::entries().find(|entry| entry.is_called(architecture)) {
            return Ok(entry);
        }
        let side = self.data().input_size;
        let side = side.map_or(zoo::USUAL_SIDE, |[_, height, _]| height as usize);
        let problem = match architecture.strip_prefix("tf_") {
            Some(plain) if zoo::entries().any(|entry| entry.is_called(plain)) => format!(
                "'{architecture}' pads as TensorFlow does, which {plain} of the zoo does not: {}",
                export::pytorch(side)
            ),
            _ if is_transformer(architecture) => format!(
                "'{architecture}' is a vision transformer: it has no feature maps, and a deconvnet nothing to project"
            ),
            _ => format!(
                "no network of the zoo is called '{architecture}': {}",
                export::pytorch(side)
            ),
        };
        Err(self.wrong(problem))
    }

    fn wrong(&self, problem: String) -> Error {
        Error::table(&self.path, None, problem)
    }

    fn data(&self) -> &Data {
        self.config
            .pretrained_cfg
            .as_ref()
            .unwrap_or(&self.config.data)
    }

    /// That the weights are of the network that it names, and of as many classes.
    ///
    /// # Errors
    /// [`Error::Table`] where they are not.
    pub(super) fn hold_against(&self, entry: &zoo::Entry, classes: usize) -> Result<()> {
        let named = self.entry()?;
        if named.name != entry.name {
            return Err(self.wrong(format!(
                "says that the weights beside it are of {}, and --model says {}",
                named.name, entry.name
            )));
        }
        match self.config.num_classes {
            Some(told) if told != classes => Err(self.wrong(format!(
                "says that the network has {told} classes, and the weights beside it have {classes}"
            ))),
            _ => Ok(()),
        }
    }

    /// As a description.
    ///
    /// # Errors
    /// [`Error::Table`] for a preprocessing that there is not.
    pub(super) fn description(&self) -> Result<Description> {
        let data = self.data();
        let squashed = match data.crop_mode.as_deref() {
            None | Some("center") => false,
            Some("squash") => true,
            Some(other) => {
                return Err(self.wrong(format!("crop_mode is '{other}'; expected center or squash")))
            }
        };
        let interpolation = data
            .interpolation
            .as_deref()
            .map(str::parse::<Interpolation>);
        let interpolation = interpolation
            .transpose()
            .map_err(|problem| self.wrong(format!("interpolation: {problem}")))?;
        let of_three = |values: [f32; 3]| PerChannel::Colour(values);
        let preprocessing = Changes {
            resize: squashed.then_some(Resize::Squash),
            crop_pct: data.crop_pct.filter(|_| !squashed),
            crop: data
                .input_size
                .map(|[_, height, width]| Size { height, width }),
            interpolation,
            mean: data.mean.map(of_three),
            std: data.std.map(of_three),
            ..Changes::NONE
        };
        let imagenet = self.config.num_classes == Some(1000);
        let named = self.config.label_names.is_some() && !imagenet;
        Ok(Description {
            source: format!("timm, {}", self.config.architecture),
            classes: match (named, imagenet) {
                (true, _) => Some(CONFIG.into()),
                (false, true) => Some("imagenet".into()),
                (false, false) => None,
            },
            preset: Some(Preset::Torchvision),
            preprocessing,
            ..Description::default()
        })
    }
}

/// By their names in timm.
fn is_transformer(architecture: &str) -> bool {
    let starts = [
        "vit_", "deit", "beit", "eva", "cait_", "xcit_", "swin", "mixer_", "pit_", "tnt_",
    ];
    starts.iter().any(|start| architecture.starts_with(start))
}
