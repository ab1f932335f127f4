//! `deconvscope plan`: what is to be carried out, cut into shards.

use std::env;

use base::words::count;
use base::{Error, Result};
use progress::{say, Voice};
use rayon::prelude::*;
use records::shards::{PlanFolder, Planned, MOST_SHARDS};

use super::super::report::checks::outside;
use super::super::report::given::Given;
use super::super::report::machine::Machine;
use super::super::report::plan;
use super::given::size;
use crate::cli::{MaskSource, PlanArgs, ReportArgs};

pub(in crate::commands) fn run(args: &PlanArgs, voice: Voice) -> Result<()> {
    plan_of(&args.report, args.shards, voice)
}

/// Plans a run in so many shards.
pub(in crate::commands) fn plan_of(report: &ReportArgs, shards: usize, voice: Voice) -> Result<()> {
    let Some(out) = &report.run.out else {
        return Err(Error::Usage("a plan needs --out DIR, its folder".into()));
    };
    if report.run.resume || report.run.overwrite {
        return Err(Error::Usage(
            "a plan is made once: --resume and --overwrite are not for it".into(),
        ));
    }
    if shards > MOST_SHARDS {
        return Err(Error::Usage(format!(
            "--shards {}: at most {MOST_SHARDS}",
            shards
        )));
    }
    outside(&report.data.dataset, out)?;
    let mut given = Given::read(report)?;
    given.notes.iter().for_each(|note| say(voice, note));
    let machine = Machine::open(&report.network, &mut given, voice)?;
    let dataset = &given.dataset;
    let sizes: Vec<(String, u64)> = dataset
        .photos
        .par_iter()
        .map(|photo| (photo.path.clone(), size(dataset, photo)))
        .collect();
    let here = env::current_dir().map_err(Error::io("cannot find", out))?;
    let planned = Planned {
        run: plan::plan(report, &given, &machine)?,
        shards,
        // Over all photographs, and over those that are chosen then; what is hidden may have to be found first.
        rounds: match report.masks {
            Some(MaskSource::Worst) => 3,
            _ => 2,
        },
        command: typed()?,
        folder: here,
        photographs: String::new(),
    };
    say(voice, &plan::in_short(&given, &machine.devices.join(", ")));
    let folder = PlanFolder::create(out, planned, sizes.into_iter())?;
    let shown = folder.root().display();
    let passes = dataset.photos.len().div_ceil(machine.room.batch());
    say(
        voice,
        &format!(
            "planned: {} of {} in {}",
            count(shards, "shard"),
            count(dataset.photos.len(), "photograph"),
            match passes {
                1 => "one pass".to_owned(),
                more => format!("{more} passes"),
            }
        ),
    );
    say(voice, &format!(
        "next: deconvscope work {shown} --shard K, K from 0 to {}; then deconvscope merge {shown} --out RUN",
        shards - 1
    ));
    Ok(())
}

/// What was typed, from the command on.
fn typed() -> Result<Vec<String>> {
    let all = env::args_os().skip_while(|word| word != "plan" && word != "transfer");
    let all = all.map(|word| word.into_string());
    all.collect::<Result<_, _>>().map_err(|word| {
        Error::Usage(format!(
            "{}: a plan is read on other machines, and its options must be UTF-8",
            word.display()
        ))
    })
}
