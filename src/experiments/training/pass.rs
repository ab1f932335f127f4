//! A trained network shown what was held back, pass by pass.

use base::Result;
use engine::{Answers, Engine, Executor, Questions, Recording, View};
use progress::stopped;

/// Who is shown photographs.
pub(super) struct Passes<'a> {
    pub(super) engine: &'a Engine,
    /// Nodes of which the facts of maps are told, beside the network's answers.
    pub(super) nodes: Vec<usize>,
    /// Workers.
    pub(super) threads: usize,
}

impl Passes<'_> {
    /// Shows photographs by their places in a list, so many a pass: `views` makes what is shown of one, `tell` says what a
    /// pass's answers come to.
    ///
    /// # Errors
    /// Those of `views` and `tell`; [`base::Error::Compute`]; [`base::Error::Stopped`] where the user stopped it.
    pub(super) fn show<R: Send>(
        &self,
        photos: usize,
        in_a_pass: usize,
        views: impl Fn(usize) -> Result<Vec<View>> + Sync,
        tell: impl Fn(&[usize], &Answers) -> Result<R> + Sync,
    ) -> Result<Vec<R>> {
        let places: Vec<usize> = (0..photos).collect();
        let groups: Vec<&[usize]> = places.chunks(in_a_pass.max(1)).collect();
        let recording = Recording {
            activations: self.nodes.clone(),
            ..Recording::default()
        };
        let questions = Questions {
            output: true,
            nodes: &self.nodes,
            peaks: (!self.nodes.is_empty()).then_some(0),
            ..Questions::default()
        };
        let workers = Executor::new(self.engine, self.threads).until(&stopped);
        workers.run(
            &groups,
            |group: &&[usize]| {
                let views = group.iter().map(|&place| views(place));
                let views = views.collect::<Result<Vec<_>>>()?;
                Ok((*group, views.concat()))
            },
            |engine, (group, views)| {
                let trace = engine.forward(&engine.images(&views)?, &recording)?;
                Ok((group, engine.ask(&trace, &questions)?))
            },
            |(group, answers)| tell(group, &answers),
        )
    }
}
