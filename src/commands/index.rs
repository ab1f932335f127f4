//! `deconvscope index`: a small static site over all archives of a folder, made from their cards alone.

use archive::Shelf;
use base::{Error, Result};
use progress::{say, Voice};

use super::this_program;
use crate::cli::IndexArgs;

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
    report::index(&shelf, &args.folder, args.lang, &this_program())?;
    say(
        voice,
        &format!("index: {}", args.folder.join("index.html").display()),
    );
    Ok(())
}
