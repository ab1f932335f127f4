//! Parses the command line, runs the command, turns an error into an exit code.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use deconvscope::cli::Cli;
use deconvscope::{commands, progress};

fn main() -> ExitCode {
    let cli = Cli::parse();
    match commands::run(cli) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            // A reader of stderr that went away does not change the outcome.
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::from(progress::exit_code(&error))
        }
    }
}
