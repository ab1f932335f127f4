//! `deconvscope check`: a finished run held against rules; the result for people, pipelines and programs.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use base::{Error, Result};
use checks::{self, Verdict, STEP_SUMMARY_BYTES};
use progress::{say, Voice};
use records::write_whole;

use super::outside_runs;
use crate::cli::CheckArgs;

/// Where GitHub Actions takes a step's summary from.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";
/// Exit code where a rule does not hold.
const RULE_BROKEN: u8 = 4;

pub(super) fn run(args: &CheckArgs, voice: Voice) -> Result<u8> {
    let rules = checks::collect(args.rules.as_deref(), &args.rule)?;
    let to_stdout = args.json.as_deref() == Some(Path::new("-"));
    let json = args.json.as_deref().filter(|_| !to_stdout);
    let runs = std::iter::once(&args.run).chain(&args.baseline);
    for (option, path) in [
        ("--junit", args.junit.as_deref()),
        ("--markdown", args.markdown.as_deref()),
        ("--json", json),
    ] {
        if let Some(path) = path {
            outside_runs(option, path, runs.clone())?;
        }
    }
    let verdict = checks::judge(&rules, &args.run, args.baseline.as_deref())?;

    let text = checks::text(&verdict);
    match (to_stdout, voice) {
        (true, _) => {
            super::print(&to_json(&verdict)?)?;
            say(voice, text.trim_end());
        }
        (false, Voice::Quiet) => {}
        (false, _) => super::print(text.as_bytes())?,
    }
    if let Some(path) = json {
        write(path, &to_json(&verdict)?)?;
    }
    if let Some(path) = &args.junit {
        write_whole(path, |file| {
            checks::junit(&verdict, file).map_err(Error::io("cannot write", path))
        })?;
    }
    let step_summary = std::env::var_os(STEP_SUMMARY)
        .filter(|path| !path.is_empty())
        .map(PathBuf::from);
    match &args.markdown {
        Some(path) if step_summary.as_ref() != Some(path) => {
            write(
                path,
                checks::markdown(&verdict, STEP_SUMMARY_BYTES).as_bytes(),
            )?;
        }
        _ => {}
    }
    if let Some(path) = &step_summary {
        add_to_step_summary(path, &verdict, voice)?;
    }
    Ok(match verdict.passed {
        true => 0,
        false => RULE_BROKEN,
    })
}

fn to_json(verdict: &Verdict) -> Result<Vec<u8>> {
    let mut json = serde_json::to_vec_pretty(verdict)
        .map_err(|error| Error::io("cannot write", Path::new("JSON"))(error.into()))?;
    json.push(b'\n');
    Ok(json)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    write_whole(path, |file| {
        file.write_all(bytes)
            .map_err(Error::io("cannot write", path))
    })
}

/// Adds the Markdown behind what other commands of the step have written: the limit counts for all of it.
fn add_to_step_summary(path: &Path, verdict: &Verdict, voice: Voice) -> Result<()> {
    let there = fs::metadata(path).map_or(0, |file| file.len());
    // A blank line before, so that what stands there does not swallow the heading.
    let room = STEP_SUMMARY_BYTES.saturating_sub(usize::try_from(there).unwrap_or(usize::MAX));
    let markdown = checks::markdown(verdict, room.saturating_sub(2));
    if markdown.is_empty() {
        say(
            voice,
            &format!("{} is full; nothing was added to it", path.display()),
        );
        return Ok(());
    }
    let before = if there > 0 { "\n\n" } else { "" };
    OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .and_then(|mut file| file.write_all(format!("{before}{markdown}").as_bytes()))
        .map_err(Error::io("cannot write", path))
}
