//! `deconvscope train`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use engine::Precision;
use experiments::evolution::EvolutionArgs;
use experiments::training::is_epoch;
use vocabulary::{amount, at_least_one, Amount, Form};

use super::shared::MEMORY;
use super::{
    DatasetArgs, MachineArgs, NetworkArgs, PageArgs, PreprocessingArgs, ReadingArgs, ReportArgs,
    RunArgs,
};

/// Epochs by their numbers, as an amount has them.
const EPOCHS: Form = Form::Names("epochs as in 1,5,20", is_epoch);

/// `deconvscope train`.
#[derive(Debug, Clone, Args)]
pub struct TrainArgs {
    /// The photographs
    #[command(flatten)]
    pub data: DatasetArgs,
    /// Photographs held back: a share of each class, drawn by --seed, or a folder with the same classes [default: those in folders such as val or test, else 0.1]
    #[arg(long, value_name = "SHARE|DIR", value_parser = val, help_heading = "Data set")]
    pub val: Option<Val>,
    /// At most N photographs of each class are trained on
    #[arg(long, value_name = "N", value_parser = at_least_one, help_heading = "Data set")]
    pub per_class: Option<usize>,

    /// Network of the zoo (see `deconvscope model list`), or its file; its last layer becomes as wide as there are classes [default: zfnet_small; of a study: its own]
    #[arg(long, value_name = "NAME|FILE", help_heading = "Network")]
    pub model: Option<String>,
    /// Trained weights of a network of the zoo to begin with (fine-tuning)
    #[arg(long, value_name = "FILE", help_heading = "Network")]
    pub weights: Option<PathBuf>,
    /// Layers whose parameters stay as they are, by the beginning of their names
    #[arg(
        long,
        value_name = "NAME,…",
        value_delimiter = ',',
        help_heading = "Network"
    )]
    pub freeze: Vec<String>,
    /// What batch norms do [default: trained]
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = BatchNorms::Trained, hide_default_value = true, help_heading = "Network")]
    pub batch_norms: BatchNorms,

    /// How it is trained: zf (Zeiler & Fergus 2013), replication, finetune, small, or a TOML file [default: zf, finetune with --weights; of a study: its own]
    #[arg(long, value_name = "NAME|FILE", help_heading = "Training")]
    pub recipe: Option<String>,
    /// Times that every photograph is shown
    #[arg(long, value_name = "N", help_heading = "Training")]
    pub epochs: Option<usize>,
    /// Photographs of a step
    #[arg(long, value_name = "N", help_heading = "Training")]
    pub batch: Option<usize>,
    /// Photographs passed at once, as a part of a step
    #[arg(long, value_name = "N", help_heading = "Training")]
    pub micro_batch: Option<usize>,
    /// Learning rate to begin with
    #[arg(long, value_name = "RATE", help_heading = "Training")]
    pub lr: Option<f64>,
    /// What is left of a change in the next one
    #[arg(long, value_name = "PART", help_heading = "Training")]
    pub momentum: Option<f64>,
    /// Weight decay
    #[arg(long, value_name = "X", help_heading = "Training")]
    pub weight_decay: Option<f64>,
    /// Share of values that a Dropout leaves out
    #[arg(long, value_name = "SHARE", help_heading = "Training")]
    pub dropout: Option<f64>,
    /// Weights to begin with: he, or the standard deviation of normal ones
    #[arg(long, value_name = "he|X", help_heading = "Training")]
    pub init: Option<String>,
    /// Any other value of the recipe: schedule=cosine, early_stopping=5, label_smoothing=0.1, input.flip=false, …
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair, help_heading = "Training")]
    pub set: Vec<(String, String)>,
    /// Epochs behind which the network's weights are kept in snapshots/, 0 before the first step [default: those of 0,1,2,5,10,20,30,40,64 that there are, and the last; of a study: none]
    #[arg(
        long,
        value_name = "none|all|EPOCH,…",
        value_parser = amount(&[Form::None, Form::All, EPOCHS]),
        help_heading = "Training"
    )]
    pub snapshots: Option<Amount>,
    /// When the network is trained, measure its errors on the photographs held back by ten crops, too: corners, centre and their mirror images
    #[arg(long, help_heading = "Training")]
    pub ten_crop: bool,
    /// Where decoded photographs are kept [default: in memory up to 2 GiB, else in a file of the run folder]
    #[arg(long, value_enum, help_heading = "Training")]
    pub cache: Option<CacheChoice>,
    /// Say what would be done and how long it would take, and stop
    #[arg(long, help_heading = "Training")]
    pub dry_run: bool,

    /// What computes; of several GPUs the first trains
    #[command(flatten)]
    pub machine: MachineArgs,
    /// In which convolutions and linear layers multiply while it learns: float32, tf32 (a GPU's) or bf16; parameters, their changes and the loss are float32 all the same
    #[arg(
        long,
        value_name = "NAME",
        default_value = "float32",
        help_heading = "Training"
    )]
    pub precision: Precision,

    /// Photographs held back that are shown in detail when the network is trained [default: 12; of a study: 0]
    #[arg(
        long,
        value_name = "N|all",
        value_parser = amount(&[Form::Number, Form::All]),
        help_heading = "Report"
    )]
    pub detail: Option<Amount>,
    /// How features came about
    #[command(flatten)]
    pub evolution: EvolutionArgs,
    /// The pages
    #[command(flatten)]
    pub pages: PageArgs,
    /// The run
    #[command(flatten)]
    pub run: RunArgs,
}

/// Which photographs are held back.
#[derive(Debug, Clone, PartialEq)]
pub enum Val {
    /// A share of each class.
    Share(f64),
    /// Those of a folder of their own.
    Folder(PathBuf),
}

/// What batch norms do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BatchNorms {
    /// They normalise by the micro-batch, and their parameters are trained
    Trained,
    /// They normalise by the statistics that they have, and nothing of them changes
    Frozen,
}

/// Where decoded photographs are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CacheChoice {
    /// In memory
    Memory,
    /// In a file of the run folder, which is gone when the run is finished
    File,
    /// Nowhere: they are decoded in every epoch
    None,
}

fn val(text: &str) -> Result<Val, String> {
    match text.parse::<f64>() {
        Ok(share) if share > 0.0 && share < 1.0 => Ok(Val::Share(share)),
        Err(_) if Path::new(text).is_dir() => Ok(Val::Folder(text.into())),
        _ => Err(
            "expected a share above 0 and below 1, such as 0.1, or a folder that is there".into(),
        ),
    }
}

pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=');
    let (key, value) = pair.ok_or("expected KEY=VALUE, such as schedule=cosine")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}

impl TrainArgs {
    /// The network's name or file.
    pub fn model(&self) -> &str {
        self.model.as_deref().unwrap_or("zfnet_small")
    }

    /// What of the recipe is told otherwise.
    pub fn changes(&self) -> BTreeMap<String, String> {
        let text = |value: Option<f64>| value.map(|value| format!("{value:?}"));
        let count = |value: Option<usize>| value.map(|value| value.to_string());
        let init = self.init.as_ref().map(|init| match init.parse::<f64>() {
            Ok(deviation) => format!("{{ normal = {deviation:?} }}"),
            Err(_) => init.clone(),
        });
        let named = [
            ("epochs", count(self.epochs)),
            ("batch", count(self.batch)),
            ("micro_batch", count(self.micro_batch)),
            ("lr", text(self.lr)),
            ("momentum", text(self.momentum)),
            ("weight_decay", text(self.weight_decay)),
            ("dropout", text(self.dropout)),
            ("init", init),
        ];
        let named = named
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value?)));
        self.set.iter().cloned().chain(named).collect()
    }

    /// The report on the photographs that were held back, by the network at `model`.
    pub fn report(&self, model: &Path) -> ReportArgs {
        let network = NetworkArgs {
            model: model.display().to_string(),
            weights: None,
            classes: None,
            reading: ReadingArgs::default(),
            preprocessing: PreprocessingArgs::default(),
            machine: self.machine.clone(),
            batch: None,
            memory: MEMORY,
            precision: Precision::default(),
        };
        let ends = (self.pages.clone(), self.run.clone());
        ReportArgs {
            detail: self.detail.clone().unwrap_or(Amount::Some(12)),
            ..ReportArgs::plain(self.data.clone(), network, ends)
        }
    }
}
