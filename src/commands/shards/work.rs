//! `deconvscope work`: one shard of a plan.

use base::words::count;
use base::{Error, Result};
use progress::{before_leaving, catch_interrupts, say, stop_here, Voice};
use records::shards::{Attempt, Placed, Portion};

use super::super::report::context;
use super::super::report::part::Part;
use super::super::report::passes::{Held, Passes};
use super::super::task;
use super::given::{open, take_up, Due, TakenUp};
use crate::cli::WorkArgs;

pub(in crate::commands) fn run(args: &WorkArgs, voice: Voice) -> Result<()> {
    catch_interrupts()?;
    let worked = shard(args, voice);
    worked.map_err(|error| match error {
        Error::Stopped => Error::Interrupted {
            with: "the same command".into(),
        },
        other => other.whoever_tries(),
    })
}

fn shard(args: &WorkArgs, voice: Voice) -> Result<()> {
    let folder = open(&args.plan)?;
    let of = folder.planned().shards;
    let number = task::number("--shard", args.shard)?;
    if number >= of {
        return Err(Error::Usage(format!(
            "--shard {number}: the plan has {}, numbered from 0 to {}",
            count(of, "shard"),
            of - 1
        )));
    }
    let round = folder.due();
    let name = format!("shard {number} of round {round}");
    if folder.shard(round, number)?.is_some() {
        say(voice, &format!("{name} is done already"));
        return Ok(());
    }
    let taken_up = take_up(&folder, args.threads, None, voice)?;
    let attempt = folder.attempt(round, number)?;
    before_leaving(attempt.folder().sealer());
    let part = Part { number, of };
    let photos = carry_out(&attempt, &taken_up, part, voice)?;
    let ids = taken_up.given.dataset.photos.iter();
    let placed = attempt.seal(ids.map(|photo| photo.id.as_str()), photos)?;
    say(
        voice,
        &match placed {
            Placed::First => format!("{name}: done, {}", count(photos, "photograph")),
            Placed::Again => format!("{name}: another was faster, with the same content"),
        },
    );
    Ok(())
}

/// Does a part of the round that is due; how many photographs that were.
fn carry_out(attempt: &Attempt<'_>, taken_up: &TakenUp, part: Part, voice: Voice) -> Result<usize> {
    let TakenUp {
        args,
        given,
        machine,
        ..
    } = taken_up;
    machine.room.go_on(attempt.folder())?;
    let setting = taken_up.setting();
    let context = context(&setting, given, machine, attempt.folder(), voice);
    let batch = setting.room.batch();
    let ours = |photos: &[usize]| -> Vec<usize> {
        let groups: Vec<&[usize]> = photos.chunks(batch).collect();
        part.of(&groups).concat()
    };
    let photos = match &taken_up.due {
        Due::Regions => {
            let mut photos = Vec::new();
            for experiment in &given.experiments {
                let sought = experiment.seeks(&context);
                let portions = part.of(&sought);
                let of_these = Portion::photos(portions);
                taken_up.same_sizes(&of_these)?;
                experiment.look_again(&context, portions)?;
                photos.extend(of_these);
            }
            photos
        }
        Due::All => {
            let photos = ours(&(0..given.dataset.photos.len()).collect::<Vec<usize>>());
            taken_up.same_sizes(&photos)?;
            let passes = Passes::new(&context, &given.experiments, Held::Against)?;
            passes.over_all(&args.detail, part)?;
            photos
        }
        Due::Further(agenda) => {
            let detail = ours(&agenda.detail);
            let again = agenda
                .again
                .iter()
                .map(|(name, portions)| (name, part.of(portions)));
            let mut photos = detail;
            photos.extend(
                again
                    .clone()
                    .flat_map(|(_, portions)| Portion::photos(portions)),
            );
            photos.sort_unstable();
            photos.dedup();
            taken_up.same_sizes(&photos)?;
            // Nobody looks on: all was seen in the first round.
            Passes::new(&context, &[], Held::Against)?.in_detail(&agenda.detail, part)?;
            for (name, portions) in again {
                let experiments = given.experiments.iter();
                for experiment in experiments.filter(|experiment| experiment.name() == name) {
                    experiment.look_again(&context, portions)?;
                }
            }
            photos
        }
    };
    stop_here()?;
    Ok(photos.len())
}
