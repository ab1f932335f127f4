//! `deconvscope transfer`.

use clap::Args;
use engine::Precision;
use experiments::evolution::EvolutionArgs;
use experiments::transfer::{TransferArgs, TransferOptions};
use experiments::ExperimentArgs;

use vocabulary::{at_least_one, Amount};

use super::train::pair;
use super::{BatchNorms, DatasetArgs, NetworkArgs, PageArgs, ReportArgs, RunArgs, TrainArgs};

/// Of a report all but linear classifiers and classification is left out.
#[derive(Debug, Args)]
pub struct TransferCommandArgs {
    /// The photographs
    #[command(flatten)]
    pub data: DatasetArgs,
    /// The network
    #[command(flatten)]
    pub network: NetworkArgs,
    /// What is trained on its features
    #[command(flatten)]
    pub transfer: TransferOptions,
    /// What is trained on the same photographs, and knows nothing else
    #[command(flatten)]
    pub scratch: ScratchArgs,
    /// The pages
    #[command(flatten)]
    pub pages: PageArgs,
    /// The run
    #[command(flatten)]
    pub run: RunArgs,
    /// Plan it instead, in so many shards, for any scheduler (docs/cluster): --out is the folder of the plan
    #[arg(long, value_name = "N", value_parser = at_least_one, requires = "out", conflicts_with = "scratch", help_heading = "Run")]
    pub shards: Option<usize>,
}

/// A network that is trained from random weights on the photographs of the same splits.
#[derive(Debug, Clone, Args)]
pub struct ScratchArgs {
    /// Train this network of the zoo, or that of a file, from random weights on each split, too (ZF table 4): in runs of their own, in variants/
    #[arg(long, value_name = "NAME|FILE", help_heading = "From scratch")]
    pub scratch: Option<String>,
    /// How it is trained: a recipe as of `train`, whose rate may not depend on the photographs that are tested
    #[arg(
        long,
        value_name = "NAME|FILE",
        default_value = "small",
        requires = "scratch",
        help_heading = "From scratch"
    )]
    pub scratch_recipe: String,
    /// Any value of that recipe: epochs=64, lr=0.01, …
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair, requires = "scratch", help_heading = "From scratch")]
    pub scratch_set: Vec<(String, String)>,
    /// Train it on the first N splits alone [default: all]
    #[arg(long, value_name = "N", value_parser = at_least_one, requires = "scratch", help_heading = "From scratch")]
    pub scratch_splits: Option<usize>,
}

impl TransferCommandArgs {
    /// The report that is made of it: no photograph in detail, no other experiment.
    pub fn report(&self) -> ReportArgs {
        let ends = (self.pages.clone(), self.run.clone());
        ReportArgs {
            experiments: ExperimentArgs {
                transfer: TransferArgs {
                    asked: Some(self.transfer.clone()),
                },
                ..ExperimentArgs::default()
            },
            ..ReportArgs::plain(self.data.clone(), self.network.clone(), ends)
        }
    }

    /// The training of a network from scratch, as of `train`: no snapshots, no photograph in detail; it goes on with what is there.
    pub fn training(&self, network: &str) -> TrainArgs {
        TrainArgs {
            data: DatasetArgs {
                label_map: None,
                ..self.data.clone()
            },
            val: None,
            per_class: None,
            model: Some(network.to_owned()),
            weights: None,
            freeze: Vec::new(),
            batch_norms: BatchNorms::Trained,
            recipe: Some(self.scratch.scratch_recipe.clone()),
            epochs: None,
            batch: None,
            micro_batch: None,
            lr: None,
            momentum: None,
            weight_decay: None,
            dropout: None,
            init: None,
            set: self.scratch.scratch_set.clone(),
            snapshots: Some(Amount::None),
            ten_crop: false,
            precision: Precision::default(),
            cache: None,
            dry_run: false,
            machine: self.network.machine.clone(),
            detail: Some(Amount::Some(0)),
            evolution: EvolutionArgs::none(),
            pages: PageArgs {
                single_file: false,
                ..self.pages.clone()
            },
            run: RunArgs {
                resume: true,
                overwrite: false,
                ..self.run.clone()
            },
        }
    }
}
