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
use crate::cli::{MaskSource, PlanArgs};

pub(in crate::commands) fn run(args: &PlanArgs, voice: Voice) -> Result<()> {
    let report = &args.report;
    let Some(out) = &report.run.out else {
        return Err(Error::Usage(
            "plan needs --out DIR, the folder of the plan".into(),
        ));
    };
    if report.run.resume || report.run.overwrite {
        return Err(Error::Usage(
            "a plan is made once: --resume and --overwrite are not for it".into(),
        ));
    }
    if args.shards > MOST_SHARDS {
        return Err(Error::Usage(format!(
            "--shards {}: at most {MOST_SHARDS}",
            args.shards
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
        shards: args.shards,
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
            count(args.shards, "shard"),
            count(dataset.photos.len(), "photograph"),
            match passes {
                1 => "one pass".to_owned(),
                more => format!("{more} passes"),
            }
        ),
    );
    say(voice, &format!(
        "next: deconvscope work {shown} --shard K, K from 0 to {}; then deconvscope merge {shown} --out RUN",
        args.shards - 1
    ));
    Ok(())
}

/// What stands behind `plan` on the command line.
fn typed() -> Result<Vec<String>> {
    let all = env::args_os().skip_while(|word| word != "plan").skip(1);
    let all = all.map(|word| word.into_string());
    all.collect::<Result<_, _>>().map_err(|word| {
        Error::Usage(format!(
            "{}: a plan is read on other machines, and its options must be UTF-8",
            word.display()
        ))
    })
}
