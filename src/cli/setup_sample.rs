//! `deconvscope setup-sample`.

use clap::Args;

/// Options of `deconvscope setup-sample`.
#[derive(Debug, Clone, Copy, Args)]
pub struct SetupSampleArgs {
    /// AlexNet's and VGG16's convolution layers as well
    #[arg(long)]
    pub extra: bool,
}
