//! `deconvscope prune`: archives that are neither among the newest nor young, nor kept by a tag or a rule, go.

use archive::{self, Retention, Shelf, EXTENSION};
use base::Result;
use chrono::Utc;
use progress::{self, say, Voice};

use crate::cli::PruneArgs;

pub(super) fn run(args: &PruneArgs, voice: Voice) -> Result<()> {
    progress::catch_interrupts()?;
    if !args.dry_run {
        let left = archive::remove_leftovers(&args.folder)?;
        if left > 0 {
            say(
                voice,
                &format!("finished the removal of {left} that was interrupted"),
            );
        }
    }
    let shelf = Shelf::read(&args.folder)?;
    for line in &shelf.passed_over {
        say(voice, &format!("{line}; left alone"));
    }
    let limits = Retention {
        keep: args.keep,
        days: args.days,
    };
    let expired = limits.expired(&shelf, Utc::now(), &args.keep_rule)?;
    for entry in &expired {
        progress::stop_here()?;
        let name = &entry.card.name;
        if !args.dry_run {
            archive::remove(&args.folder, name)?;
        }
        let path = args.folder.join(format!("{name}{EXTENSION}"));
        super::print(format!("{}\n", path.display()).as_bytes())?;
    }
    let would = if args.dry_run { "would be " } else { "" };
    say(
        voice,
        &format!(
            "{} of {} archives {would}removed",
            expired.len(),
            shelf.entries.len()
        ),
    );
    Ok(())
}
