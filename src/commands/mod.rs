//! One file a subcommand; each reads like a recipe.

mod archive;
mod check;
mod compare;
mod index;
mod model;
mod prune;
mod render;
mod replicate;
mod report;
mod setup_sample;
mod shards;
mod study;
mod task;
mod train;
mod transfer;
mod verify;

use std::path::{Path, PathBuf};

use base::{Error, Result};
use clap::CommandFactory;
use records::Tool;

use crate::cli::{Cli, Command};

/// A run lists its files by hash: nothing is written into one.
fn outside_runs<'a>(
    option: &str,
    path: &Path,
    runs: impl IntoIterator<Item = &'a PathBuf>,
) -> Result<()> {
    let place = std::path::absolute(path).ok();
    let place = place.as_ref().and_then(|place| {
        place
            .ancestors()
            .find_map(|ancestor| ancestor.canonicalize().ok())
    });
    let mut runs = runs.into_iter().filter_map(|run| run.canonicalize().ok());
    match runs.any(|run| place.as_ref().is_some_and(|place| place.starts_with(run))) {
        true => Err(Error::Usage(format!(
            "{option} {} lies inside a run folder, whose files are listed by hash; choose a place outside",
            path.display()
        ))),
        false => Ok(()),
    }
}

/// The program, as manifests and pages name it.
fn this_program() -> Tool {
    Tool::built_from(option_env!("DECONVSCOPE_COMMIT").unwrap_or_default())
}

/// Runs a command; its exit code where it succeeds is 0, 3 under `--strict` with photographs skipped, or 4 where a rule
/// of `check` does not hold.
///
/// # Errors
/// Whatever ended it.
pub fn run(cli: Cli) -> Result<u8> {
    let voice = cli.voice.voice();
    match cli.command {
        Command::Report(args) => report::run(&args, voice),
        Command::Features(args) => report::run(&args.report(), voice),
        Command::Transfer(args) => transfer::run(args, voice),
        Command::Train(args) => train::run(&args, voice),
        Command::Study(args) => study::run(&args, voice),
        Command::Replicate(args) => replicate::run(*args, voice),
        Command::Plan(args) => shards::plan(&args, voice).map(|()| 0),
        Command::Work(args) => shards::work(&args, voice).map(|()| 0),
        Command::Status(args) => shards::status(&args).map(|()| 0),
        Command::Merge(args) => shards::merge(&args, voice),
        Command::Render(args) => render::run(&args, voice).map(|()| 0),
        Command::Archive(args) => archive::run(&args, voice).map(|()| 0),
        Command::Verify(args) => verify::run(&args, voice).map(|()| 0),
        Command::Index(args) => index::run(&args, voice).map(|()| 0),
        Command::Prune(args) => prune::run(&args, voice).map(|()| 0),
        Command::Compare(args) => compare::run(&args, voice).map(|()| 0),
        Command::Check(args) => check::run(&args, voice),
        Command::Model(command) => model::run(&command, voice).map(|()| 0),
        Command::SetupSample(args) => setup_sample::run(args, voice).map(|()| 0),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "deconvscope", &mut script);
            print(&script).map(|()| 0)
        }
        Command::Man { out: Some(folder) } => std::fs::create_dir_all(&folder)
            .and_then(|()| clap_mangen::generate_to(Cli::command(), &folder))
            .map_err(Error::io("cannot write", &folder))
            .map(|()| 0),
        Command::Man { out: None } => {
            let mut pages = Vec::new();
            let mut command = Cli::command();
            command.build();
            let subcommands: Vec<_> = command.get_subcommands().cloned().collect();
            for command in std::iter::once(command).chain(subcommands) {
                clap_mangen::Man::new(command)
                    .render(&mut pages)
                    .map_err(Error::io("cannot write", std::path::Path::new("man page")))?;
            }
            print(&pages).map(|()| 0)
        }
    }
}

/// Writes to stdout; a reader that went away (`| head`) is no error.
fn print(bytes: &[u8]) -> Result<()> {
    match std::io::Write::write_all(&mut std::io::stdout().lock(), bytes) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Error::io(
            "cannot write",
            std::path::Path::new("stdout"),
        )(error)),
        _ => Ok(()),
    }
}
