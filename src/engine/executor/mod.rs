//! Work on many items in three stages beside each other: *prepare* makes what the device is given, *compute* feeds the device
//! and does nothing else, *finish* makes of what came out what is kept. Channels between them are bounded and only so many
//! items are on their way, so that memory stays flat; results are taken in the items' order. Items may be grouped: those of a
//! group are prepared by as many workers as are free, and computed together as soon as the last one is ready.

mod filling;
mod order;

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Builder, Scope};

use base::{Error, Result};
use crossbeam_channel::{bounded, unbounded, Sender};
use tch::Device;

use super::{device, Engine};
use filling::Filling;
use order::{in_order, Told};

/// Items for each worker that may be on their way: the stages have enough to do while one item takes long.
const AHEAD: usize = 8;
/// Groups that may be on their way however large they are: one is filled while another is computed and a third finished.
const GROUPS: usize = 3;

/// How *compute* hands on what came out, in as many parts as it likes.
///
/// # Errors
/// [`Error::Stopped`] where nobody takes it any more.
pub type Give<'g, S> = dyn FnMut(S) -> Result<()> + 'g;

/// Workers of three stages, of which each that computes has a `K` of its own, most often an [`Engine`].
pub struct Executor<'a, K> {
    /// Made for the device of that number.
    kit: Box<dyn Fn(usize) -> Result<K> + 'a>,
    /// For each device its name where it is one of several kinds, to be told when it fails.
    devices: Vec<Option<String>>,
    /// Workers that prepare, and as many that finish.
    threads: usize,
    /// Workers that compute.
    computing: usize,
    /// Whether the calling thread computes where nothing is prepared or finished. libtorch keeps a GPU's plans of convolutions by
    /// thread, and making them anew takes longer than most of what is computed (docs/gpu.md).
    called_thread: bool,
    halt: &'a (dyn Fn() -> bool + Sync),
}

impl<'a> Executor<'a, Engine> {
    /// `threads` workers prepare and as many finish. On the CPU as many compute, each with an engine and one libtorch thread
    /// of its own; a GPU is fed by one.
    pub fn new(engine: &'a Engine, threads: usize) -> Self {
        Self::over(std::slice::from_ref(engine), threads)
    }

    /// Likewise with the same network on several devices: one worker feeds each. What comes out does not depend on how many
    /// there are.
    pub fn over(engines: &'a [Engine], threads: usize) -> Self {
        let threads = threads.max(1);
        let gpu = |engine: &Engine| match engine.device() {
            Device::Cpu => None,
            gpu => Some(device::name(gpu)),
        };
        let devices: Vec<Option<String>> = engines.iter().map(gpu).collect();
        let gpus = devices.iter().flatten().count();
        Self {
            kit: Box::new(|device| Ok(engines[device].clone())),
            computing: match gpus {
                0 => threads.max(devices.len()),
                _ => devices.len(),
            },
            called_thread: gpus == 1 && devices.len() == 1,
            devices,
            threads,
            halt: &|| false,
        }
    }
}

impl<'a, K: Send> Executor<'a, K> {
    /// The same workers, which begin nothing more as soon as `halt` holds; what is being computed is finished first.
    pub fn until(self, halt: &'a (dyn Fn() -> bool + Sync)) -> Self {
        Self { halt, ..self }
    }

    /// The same workers with another `kit`, made for each that computes before it starts, on the device of that number.
    pub fn with<L>(self, kit: impl Fn(usize) -> Result<L> + 'a) -> Executor<'a, L> {
        Executor {
            kit: Box::new(kit),
            devices: self.devices,
            threads: self.threads,
            computing: self.computing,
            called_thread: self.called_thread,
            halt: self.halt,
        }
    }

    /// The same workers, of which one computes for each device: items that have all of it one after another.
    pub fn one_by_one(self) -> Self {
        Self {
            computing: self.devices.len(),
            ..self
        }
    }

    /// What a worker computes with, and how its errors name its device.
    fn equipped(&self, worker: usize) -> Result<(K, impl Fn(Error) -> Error)> {
        let device = worker % self.devices.len();
        let name = self.devices[device].clone();
        let named = move |error: Error| match &name {
            Some(name) => error.on(name),
            None => error,
        };
        let kit = (self.kit)(device).map_err(&named)?;
        Ok((kit, named))
    }

    /// Takes every item through the three stages. What an item leaves, part by part in the order in which *compute* gave them,
    /// is taken by the calling thread in the items' order.
    ///
    /// # Errors
    /// The first one of any stage: the others begin nothing more, and finish what was computed. [`Error::Stopped`] where it was
    /// halted; [`Error::Compute`] where a worker panics or cannot be started.
    pub fn stream<'t, T: Sync, P: Send, S: Send, R: Send>(
        &self,
        items: &'t [T],
        prepare: impl Fn(&'t T) -> Result<P> + Sync,
        compute: impl Fn(&K, P, &mut Give<'_, S>) -> Result<()> + Sync,
        finish: impl Fn(S) -> Result<R> + Sync,
        take: impl FnMut(Vec<R>) -> Result<()>,
    ) -> Result<()> {
        let groups: Vec<&[T]> = items.chunks(1).collect();
        let alone = |kit: &K, input: Vec<P>, give: &mut Give<'_, S>| {
            let mut inputs = input.into_iter();
            inputs.try_for_each(|input| compute(kit, input, give))
        };
        self.stream_groups(&groups, prepare, alone, finish, take)
    }

    /// Takes groups of items through the three stages: *prepare* has each item by itself, *compute* all of a group in their
    /// order. What a group leaves is taken as one item's is; one without items leaves nothing and is not taken.
    ///
    /// # Errors
    /// Those of [`Executor::stream`].
    pub fn stream_groups<'t, T: Sync, P: Send, S: Send, R: Send>(
        &self,
        groups: &[&'t [T]],
        prepare: impl Fn(&'t T) -> Result<P> + Sync,
        compute: impl Fn(&K, Vec<P>, &mut Give<'_, S>) -> Result<()> + Sync,
        finish: impl Fn(S) -> Result<R> + Sync,
        take: impl FnMut(Vec<R>) -> Result<()>,
    ) -> Result<()> {
        let filling = &Filling::new(groups.iter().copied());
        let threads = self.threads.min(filling.items().max(1));
        let kits = (0..self.computing.min(filling.groups())).map(|worker| self.equipped(worker));
        let kits = kits.collect::<Result<Vec<_>>>()?;
        let (failed, halt) = (&AtomicBool::new(false), self.halt);
        let go_on = &|| match failed.load(Ordering::Relaxed) || halt() {
            true => Err(Error::Stopped),
            false => Ok(()),
        };
        let (prepare, compute, finish) = (&prepare, &compute, &finish);
        thread::scope(|scope| {
            let (issue, issued) = unbounded::<usize>();
            let (to_compute, prepared) = bounded::<(usize, Vec<P>)>(threads);
            let (to_finish, computed) = bounded::<(usize, usize, S)>(threads);
            let (tell, told) = unbounded::<Told<R>>();
            for _ in 0..threads {
                let (issued, to_compute) = (issued.clone(), to_compute.clone());
                start(scope, "prepare", &tell, move |_| {
                    for item in &issued {
                        go_on()?;
                        let ready = prepare(filling.item(item))?;
                        if let Some(whole) = filling.put(item, ready) {
                            if to_compute.send(whole).is_err() {
                                break;
                            }
                        }
                    }
                    Ok(())
                });
            }
            for (kit, named) in kits {
                let (prepared, to_finish) = (prepared.clone(), to_finish.clone());
                start(scope, "compute", &tell, move |tell| {
                    device::one_thread_here();
                    for (group, inputs) in &prepared {
                        go_on()?;
                        let mut parts = 0;
                        compute(&kit, inputs, &mut |part| {
                            let sent = to_finish.send((group, parts, part));
                            parts += 1;
                            sent.map_err(|_| Error::Stopped)
                        })
                        .map_err(&named)?;
                        let _ = tell.send(Told::Computed { group, parts });
                    }
                    Ok(())
                });
            }
            for _ in 0..threads {
                let computed = computed.clone();
                start(scope, "finish", &tell, move |tell| {
                    for (group, part, values) in &computed {
                        let left = finish(values)?;
                        let _ = tell.send(Told::Finished { group, part, left });
                    }
                    Ok(())
                });
            }
            drop((issued, to_compute, prepared, to_finish, computed, tell));
            let room = (threads * AHEAD).max(GROUPS * filling.largest());
            in_order(filling.sizes(), room, issue, &told, failed, take)
        })?;
        go_on()
    }

    /// Likewise where each item leaves one thing: these in the items' order.
    ///
    /// # Errors
    /// Those of [`Executor::stream`].
    pub fn run<'t, T: Sync, P: Send, S: Send, R: Send>(
        &self,
        items: &'t [T],
        prepare: impl Fn(&'t T) -> Result<P> + Sync,
        compute: impl Fn(&K, P) -> Result<S> + Sync,
        finish: impl Fn(S) -> Result<R> + Sync,
    ) -> Result<Vec<R>> {
        let compute = |kit: &K, input: P, give: &mut Give<'_, S>| give(compute(kit, input)?);
        let mut all = Vec::with_capacity(items.len());
        self.stream(items, prepare, compute, finish, |left| {
            all.extend(left);
            Ok(())
        })?;
        Ok(all)
    }

    /// Likewise where there is nothing to prepare and nothing to finish.
    ///
    /// # Errors
    /// Those of [`Executor::stream`].
    pub fn each<T: Sync, S: Send>(
        &self,
        items: &[T],
        compute: impl Fn(&K, &T) -> Result<S> + Sync,
    ) -> Result<Vec<S>> {
        if !self.called_thread {
            return self.run(items, Ok, compute, Ok);
        }
        let (kit, named) = self.equipped(0)?;
        let one = |item: &T| match (self.halt)() {
            true => Err(Error::Stopped),
            false => compute(&kit, item).map_err(&named),
        };
        items.iter().map(one).collect()
    }
}

/// Starts a worker that tells of its failure, a panic as well, before its ends of the channels are closed.
fn start<'scope, R: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    stage: &str,
    tell: &Sender<Told<R>>,
    work: impl Fn(&Sender<Told<R>>) -> Result<()> + Send + 'scope,
) {
    let told = tell.clone();
    let guarded = move || {
        let ended = catch_unwind(AssertUnwindSafe(|| work(&told)));
        let ended = ended.unwrap_or_else(|_| {
            Err(Error::Compute {
                doing: "working on a photograph".into(),
                message: "a worker ended unexpectedly; please report this".into(),
            })
        });
        if let Err(error) = ended {
            let _ = told.send(Told::Failed(error));
        }
    };
    let started = Builder::new()
        .name(stage.into())
        .spawn_scoped(scope, guarded);
    if let Err(error) = started {
        let _ = tell.send(Told::Failed(Error::Compute {
            doing: format!("starting a worker ({stage})"),
            message: format!("{error}; try fewer --threads"),
        }));
    }
}

#[cfg(test)]
mod tests;
