//! The parts of a replication that are runs of their own: a training, studies, a transfer.

use std::ffi::OsString;
use std::path::Path;

use base::{Error, Result};
use clap::{Args, Parser};
use experiments::study::Study;
use progress::Voice;
use records::PARTS;

use super::super::{report, study, train, transfer};
use crate::cli::{
    Cli, Command, DatasetArgs, MachineArgs, NetworkArgs, PageArgs, ReplicateArgs, RunArgs,
    StudyArgs, TrainArgs,
};

/// All parts, in the order in which they are carried out.
pub(super) struct Parts {
    pub(super) list: Vec<Part>,
}

/// A part with its command line.
pub(super) struct Part {
    /// What claims call it.
    pub(super) name: String,
    /// What was asked of it, for `run.json`.
    pub(super) told: String,
    command: Command,
}

impl Parts {
    /// Those that were asked for, with run folders inside `root`.
    pub(super) fn of(args: &ReplicateArgs, root: &Path) -> Result<Self> {
        let mut list = Vec::new();
        let training = args.training.as_deref();
        if training.is_some() && !args.train && args.study.is_empty() {
            let problem = "--training has options for a training, and none was asked for: add --train or --study";
            return Err(Error::Usage(problem.into()));
        }
        let told = |part: &str, options: Option<&str>| match options {
            Some(options) => format!("{part} {options}"),
            None => part.to_owned(),
        };
        if args.train {
            list.push(Part {
                name: claims::TRAIN.into(),
                told: told("train", training),
                command: Command::Train(Box::new(training_in(args, &place(root, claims::TRAIN))?)),
            });
        }
        for study in &args.study {
            let name = Study::read(study)?.name;
            let command = StudyArgs {
                training: None,
                study: study.clone(),
                variants: Vec::new(),
                seeds: Vec::new(),
                train: training_in(args, &place(root, &name))?,
            };
            list.push(Part {
                told: told(&format!("study {name}"), training),
                command: Command::Study(Box::new(command)),
                name,
            });
        }
        if let Some(dataset) = &args.transfer {
            if !dataset.is_dir() {
                let problem = "no such folder; give --transfer one of class folders";
                return Err(Error::dataset(dataset, problem));
            }
            report::checks::outside(dataset, root)?;
            let options = args.transfer_options.as_deref();
            list.push(Part {
                name: claims::TRANSFER.into(),
                told: told("transfer", options),
                command: transfer_in(args, dataset, &place(root, claims::TRANSFER))?,
            });
        }
        let mut names: Vec<&str> = list.iter().map(|part| part.name.as_str()).collect();
        names.push(claims::REPORT);
        names.sort_unstable();
        match names.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(Error::Usage(format!(
                "two parts of the replication are called '{}': give the study's file another name",
                pair[0]
            ))),
            None => Ok(Self { list }),
        }
    }

    /// Where they lie inside the replication's run folder, by name.
    pub(super) fn folders(&self) -> Vec<(String, String)> {
        let named = self.list.iter();
        named
            .map(|part| (part.name.clone(), format!("{PARTS}/{}", part.name)))
            .collect()
    }
}

impl Part {
    /// Goes on with what is there; a finished one is left as it is. Its exit code.
    pub(super) fn carry_out(self, voice: Voice) -> Result<u8> {
        match self.command {
            Command::Train(args) => train::run(&args, voice),
            Command::Study(args) => study::run(&args, voice),
            Command::Transfer(args) => transfer::run(args, voice),
            _ => Ok(0),
        }
    }
}

/// The run folder of a part.
fn place(root: &Path, name: &str) -> RunArgs {
    RunArgs {
        out: Some(root.join(PARTS).join(name)),
        resume: true,
        overwrite: false,
        strict: false,
    }
}

fn training_in(args: &ReplicateArgs, run: &RunArgs) -> Result<TrainArgs> {
    let dataset = &args.report.data.dataset;
    let words = words("--training", args.training.as_deref())?;
    no_own(
        "--training",
        &words,
        &[of_all(), options_of::<DatasetArgs>()].concat(),
    )?;
    let command = parsed("train", dataset, "--training", &words)?;
    let Command::Train(parsed) = command else {
        return Err(Error::Usage("--training: not options of train".into()));
    };
    Ok(TrainArgs {
        data: DatasetArgs {
            label_map: None,
            ..args.report.data.clone()
        },
        machine: args.report.network.machine.clone(),
        pages: args.report.pages.clone(),
        run: RunArgs {
            strict: args.report.run.strict,
            ..run.clone()
        },
        ..*parsed
    })
}

fn transfer_in(args: &ReplicateArgs, dataset: &Path, run: &RunArgs) -> Result<Command> {
    let option = "--transfer-options";
    let words = words(option, args.transfer_options.as_deref())?;
    no_own(option, &words, &of_all())?;
    let command = parsed("transfer", dataset, option, &words)?;
    let Command::Transfer(mut transfer) = command else {
        return Err(Error::Usage(format!("{option}: not options of transfer")));
    };
    let of_network = options_of::<NetworkArgs>();
    let of_network = words.iter().filter(|word| is_one(word, &of_network));
    let given = args.report.network.clone();
    transfer.network = match of_network.clone().next() {
        None => given,
        Some(_) if of_network.clone().any(|word| is_option(word, "--model")) => NetworkArgs {
            machine: given.machine,
            ..transfer.network
        },
        Some(word) => {
            return Err(Error::Usage(format!(
                "{option}: {word} is of a network of its own; name that with --model, or give it beside {option}"
            )))
        }
    };
    transfer.data.seed = args.report.data.seed;
    transfer.pages = args.report.pages.clone();
    transfer.run = RunArgs {
        strict: args.report.run.strict,
        ..run.clone()
    };
    Ok(Command::Transfer(transfer))
}

/// The words of options that were given as one text.
fn words(option: &str, text: Option<&str>) -> Result<Vec<String>> {
    let words = shlex::split(text.unwrap_or_default());
    words.ok_or_else(|| Error::Usage(format!("{option}: a quotation has no end")))
}

/// Refuses what the parts have in common and cannot have of their own.
fn no_own(option: &str, words: &[String], of_all: &[String]) -> Result<()> {
    match words.iter().find(|word| is_one(word, of_all)) {
        Some(word) => Err(Error::Usage(format!(
            "{option}: {word} is one of the replication's own; give it beside {option}"
        ))),
        None => Ok(()),
    }
}

/// The options of every part.
fn of_all() -> Vec<String> {
    [
        options_of::<RunArgs>(),
        options_of::<MachineArgs>(),
        options_of::<PageArgs>(),
        vec!["--dry-run".into(), "--seed".into()],
    ]
    .concat()
}

/// Options of a kind, as they are typed.
fn options_of<A: Args>() -> Vec<String> {
    let command = A::augment_args(clap::Command::new("part"));
    let named = command.get_arguments().filter_map(clap::Arg::get_long);
    named.map(|name| format!("--{name}")).collect()
}

/// A subcommand with these options.
fn parsed(subcommand: &str, dataset: &Path, option: &str, words: &[String]) -> Result<Command> {
    let line = ["deconvscope".into(), subcommand.into(), dataset.into()];
    let line = line.into_iter().chain(words.iter().map(OsString::from));
    let cli = Cli::try_parse_from(line).map_err(|error| {
        let told = error.to_string();
        let first = told.lines().next().unwrap_or_default();
        let first = first.trim_start_matches("error: ");
        Error::Usage(format!(
            "{option}: {first}; see `deconvscope {subcommand} --help`"
        ))
    })?;
    Ok(cli.command)
}

/// Whether a word is one of these options.
fn is_one(word: &str, options: &[String]) -> bool {
    options.iter().any(|option| is_option(word, option))
}

/// Whether a word is that option, with its value or without.
fn is_option(word: &str, option: &str) -> bool {
    word == option
        || word
            .strip_prefix(option)
            .is_some_and(|rest| rest.starts_with('='))
}
