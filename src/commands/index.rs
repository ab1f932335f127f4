//! `deconvscope index`: a small static site over all archives of a folder, made from their cards alone.

use crate::archive::Shelf;
use crate::cli::IndexArgs;
use crate::error::{Error, Result};
use crate::progress::{say, Voice};
use crate::report;

pub(super) fn run(args: &IndexArgs, voice: Voice) -> Result<()> {
    let shelf = Shelf::read(&args.folder)?;
    for line in &shelf.passed_over {
        say(voice, line);
    }
    if shelf.entries.is_empty() {
        return Err(Error::archive(
            &args.folder,
            "holds no archives: expected NAME.json beside NAME.tar.zst, as `deconvscope archive RUN --to DIR` leaves them",
        ));
    }
    report::index(&shelf, &args.folder, args.lang)?;
    say(
        voice,
        &format!("index: {}", args.folder.join("index.html").display()),
    );
    Ok(())
}
