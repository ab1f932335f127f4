//! `deconvscope transfer`.

use clap::Args;
use experiments::features::FeatureMapArgs;
use experiments::transfer::{TransferArgs, TransferOptions};
use experiments::ExperimentArgs;
use records::ProjectionKind;
use vocabulary::{Amount, Arrays, Colour};

use super::{DatasetArgs, NetworkArgs, PageArgs, ReportArgs, RunArgs};

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
    /// The pages
    #[command(flatten)]
    pub pages: PageArgs,
    /// The run
    #[command(flatten)]
    pub run: RunArgs,
}

impl TransferCommandArgs {
    /// The report that is made of it: no photograph in detail, no other experiment.
    pub fn report(self) -> ReportArgs {
        const GREY: Colour = [128; 3];
        ReportArgs {
            data: self.data,
            network: self.network,
            masks: None,
            apply_masks: None,
            keep_unmasked: false,
            fill: GREY,
            layers: None,
            kinds: vec![ProjectionKind::Unit, ProjectionKind::Layer],
            detail: Amount::Some(0),
            arrays: Arrays::None,
            top: 5,
            experiments: ExperimentArgs {
                features: FeatureMapArgs::default(),
                transfer: TransferArgs {
                    asked: Some(self.transfer),
                },
                ..ExperimentArgs::default()
            },
            pages: self.pages,
            run: self.run,
        }
    }
}
