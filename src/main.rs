//! Parses the command line, runs the command, turns an error into an exit code.

use std::process::ExitCode;

use clap::Parser;
use deconvscope::cli::Cli;
use deconvscope::commands;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match commands::run(cli) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}
