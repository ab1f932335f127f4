//! `deconvscope setup-sample`: hands over to the script that fetches, which is Python as the client is that it fetches with.

use std::env;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base::{Error, Result};
use progress::Voice;

use crate::cli::SetupSampleArgs;

const SCRIPT: &str = "scripts/setup.py";

/// Returns where the script cannot be started; else this process has become it.
pub(super) fn run(args: SetupSampleArgs, voice: Voice) -> Result<()> {
    let mut command = Command::new(python());
    command.arg(script()?).args(["weights", "photos"]);
    if args.extra {
        command.arg("weights-extra");
    }
    if voice == Voice::Quiet {
        command.stdout(Stdio::null());
    }
    let failure = command.exec();
    Err(Error::io("cannot run", Path::new(&python()))(failure))
}

/// The one that the launcher of an installed package runs in.
fn python() -> OsString {
    env::var_os("DECONVSCOPE_PYTHON").unwrap_or_else(|| "python3".into())
}

/// In the package that this program lies in, or in the checkout that it was built from.
fn script() -> Result<PathBuf> {
    let program = env::current_exe().map_err(Error::io("cannot find", Path::new("the program")))?;
    let package = program.ancestors().nth(2).unwrap_or(&program);
    let places = [package, Path::new(env!("CARGO_MANIFEST_DIR"))];
    let mut scripts = places.iter().map(|place| place.join(SCRIPT));
    scripts.find(|path| path.is_file()).ok_or_else(|| {
        Error::Usage(format!(
            "setup-sample: no {SCRIPT} in {} or {}; run it from the installed package, or `make setup` in a checkout",
            places[0].display(),
            places[1].display()
        ))
    })
}
