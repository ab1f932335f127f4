//! The list of experiments.

/// Declares the rooms of experiments, each with the options that it has on the command line. They run in this order.
///
/// The options resolve themselves: `fn resolve(&self, asked: &Asked, notes: &mut Vec<String>) ->
/// Result<Option<Box<dyn Experiment>>>`, which is `None` where the experiment was not asked for, and what is worth saying
/// aloud before the network runs. Their default asks for nothing.
macro_rules! experiments {
    ($($room:ident: $args:ident,)*) => {
        $(pub mod $room;)*

        /// The options of all experiments.
        #[derive(Debug, Clone, Default, clap::Args)]
        pub struct ExperimentArgs {
            $(
                #[command(flatten)]
                #[allow(missing_docs, reason = "each has its room")]
                pub $room: $room::$args,
            )*
        }

        impl ExperimentArgs {
            /// The experiments that were asked for; what is worth saying aloud is added to the notes.
            ///
            /// # Errors
            /// [`base::Error::Usage`], [`base::Error::UnknownName`] and [`base::Error::Table`] for options that do not fit.
            pub fn resolve(
                &self,
                asked: &Asked<'_>,
                notes: &mut Vec<String>,
            ) -> base::Result<Vec<Box<dyn Experiment>>> {
                let mut experiments = Vec::new();
                $(experiments.extend(self.$room.resolve(asked, notes)?);)*
                Ok(experiments)
            }
        }
    };
}
pub(super) use experiments;
