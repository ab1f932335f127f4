//! `deconvscope transfer`.

use clap::Args;
use experiments::transfer::{TransferArgs, TransferOptions};
use experiments::ExperimentArgs;

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
        ReportArgs {
            experiments: ExperimentArgs {
                transfer: TransferArgs {
                    asked: Some(self.transfer),
                },
                ..ExperimentArgs::default()
            },
            ..ReportArgs::plain(self.data, self.network, (self.pages, self.run))
        }
    }
}
