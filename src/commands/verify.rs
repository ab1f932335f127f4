//! `deconvscope verify`: whether a run or an archive is still what it was made as.

use base::{Error, Result};
use progress::{say, Voice};

use crate::cli::VerifyArgs;

pub(super) fn run(args: &VerifyArgs, voice: Voice) -> Result<()> {
    let verdict = archive::verify(&args.path, args.expect.as_deref())?;
    for note in &verdict.notes {
        say(voice, note);
    }
    let lines: String = verdict
        .findings
        .iter()
        .map(|finding| format!("{finding}\n"))
        .collect();
    if !verdict.findings.is_empty() {
        super::print(lines.as_bytes())?;
        return Err(Error::Damaged {
            path: args.path.clone(),
            problems: verdict.findings.len(),
        });
    }
    say(
        voice,
        &format!(
            "{} files as they were, sha256 {}",
            verdict.files, verdict.sha256
        ),
    );
    if args.expect.is_none() {
        say(
            voice,
            "this rules out damage, not forgery: for that, give the sha256 that was noted elsewhere with --expect",
        );
    }
    super::print(b"ok\n")
}
