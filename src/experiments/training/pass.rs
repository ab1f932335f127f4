//! A trained network shown what was held back, pass by pass.

use base::Result;
use engine::learn::images;
use engine::{Answers, Engine, Executor, Questions, Recording};
use network::shape::Shape;
use progress::stopped;

/// Who is shown photographs.
pub(super) struct Passes<'a> {
    pub(super) engine: &'a Engine,
    /// Nodes of which the facts of maps are told, beside the network's answers.
    pub(super) nodes: Vec<usize>,
    /// The network's input.
    pub(super) input: Shape,
    /// Workers.
    pub(super) threads: usize,
}

impl Passes<'_> {
    /// Shows photographs by their places in a list, so many a pass: `view` makes the inputs of one, end to end, `tell` says what a
    /// pass's answers come to.
    ///
    /// # Errors
    /// Those of `view` and `tell`; [`base::Error::Compute`]; [`base::Error::Stopped`] where the user stopped it.
    pub(super) fn show<R: Send>(
        &self,
        photos: usize,
        in_a_pass: usize,
        view: impl Fn(usize) -> Result<Vec<f32>> + Sync,
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
        let input = self.input;
        let workers = Executor::new(self.engine, self.threads).until(&stopped);
        workers.run(
            &groups,
            |group: &&[usize]| {
                let mut values = Vec::new();
                for &place in group.iter() {
                    values.extend(view(place)?);
                }
                Ok((*group, values))
            },
            |engine, (group, values)| {
                let trace = engine.forward(&images(&values, input)?, &recording)?;
                Ok((group, engine.ask(&trace, &questions)?))
            },
            |(group, answers)| tell(group, &answers),
        )
    }
}
