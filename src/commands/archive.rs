//! `deconvscope archive`: finished runs into one file each, with a card and a report to open beside it.

use std::io;
use std::path::{Path, PathBuf};

use archive::{self, ArchiveFacts, Card, Large, Pack, ARCHIVE_SCHEMA, EXTENSION};
use base::digest::sha256_of_file;
use base::{Error, Result};
use progress::{self, say, Voice};
use records::tables::{self, MetricRow};
use records::{read_json, write_json, write_whole, Manifest, Run};

use crate::cli::ArchiveArgs;

pub(super) fn run(args: &ArchiveArgs, voice: Voice) -> Result<()> {
    if args.name.is_some() && args.runs.len() > 1 {
        return Err(Error::Usage(
            "--name is for one run, there are several".into(),
        ));
    }
    super::outside_runs("--to", &args.to, &args.runs)?;
    progress::catch_interrupts()?;
    args.runs.iter().try_for_each(|run| one(run, args, voice))
}

/// The three files of an archive; the card comes last, so that what it tells of is there.
struct Place {
    archive: PathBuf,
    html: PathBuf,
    card: PathBuf,
}

impl Place {
    fn new(folder: &Path, name: &str) -> Self {
        Self {
            archive: folder.join(format!("{name}{EXTENSION}")),
            html: folder.join(format!("{name}.html")),
            card: folder.join(format!("{name}.json")),
        }
    }
}

fn one(run: &Path, args: &ArchiveArgs, voice: Voice) -> Result<()> {
    whole(run)?;
    let large = Large {
        arrays: args.with_arrays,
        snapshots: args.with_snapshots,
    };
    let pack = Pack::plan(run, large)?;
    let name = args.name.as_deref().unwrap_or(pack.name());
    let place = Place::new(&args.to, name);
    let packed = match place.archive.exists() {
        true => same_as_before(&pack, &place.archive)?,
        false => write_new(&pack, &place)?,
    };
    if !place.html.exists() {
        super::render::single_file(&Run::new(run, Manifest::read(run)?), &place.html)?;
    }
    let card = card(run, name, &packed, &args.tag)?;
    write_card(card, &place, voice)?;
    let line = format!("{}  {}\n", packed.sha256, place.archive.display());
    super::print(line.as_bytes())
}

/// Refuses a run that is not as it was finished.
fn whole(run: &Path) -> Result<()> {
    let verdict = archive::verify(run, None)?;
    match verdict.findings.first() {
        None => Ok(()),
        Some(first) => {
            let problem = format!(
                "is not as it was finished ({first}); `deconvscope verify` lists all that has changed, nothing was archived"
            );
            Err(Error::run_folder(run, problem))
        }
    }
}

fn write_new(pack: &Pack, place: &Place) -> Result<ArchiveFacts> {
    if let Some(other) = [&place.html, &place.card]
        .into_iter()
        .find(|path| path.exists())
    {
        let problem = format!(
            "{} is there without it; nothing was touched, move it away first",
            other.display()
        );
        return Err(Error::archive(&place.archive, problem));
    }
    let mut packed = None;
    write_whole(&place.archive, |file| {
        packed = Some(pack.write(file, &place.archive, &progress::stopped)?);
        Ok(())
    })?;
    packed.ok_or(Error::Stopped)
}

/// What the archive would be, which it must be already.
fn same_as_before(pack: &Pack, path: &Path) -> Result<ArchiveFacts> {
    let packed = pack.write(io::sink(), path, &progress::stopped)?;
    let found = sha256_of_file(path)?;
    match found == packed.sha256 {
        true => Ok(packed),
        false => {
            let problem = format!(
                "is there already with other content (sha256 {found}, this run's would be {}): packed with other options or by another version, or damaged (see `deconvscope verify`); nothing was overwritten, choose another --name or move it away first",
                packed.sha256
            );
            Err(Error::archive(path, problem))
        }
    }
}

fn card(run: &Path, name: &str, packed: &ArchiveFacts, tags: &[String]) -> Result<Card> {
    let mut manifest = Manifest::read(run)?;
    manifest.files.clear();
    manifest.seal.clear();
    Ok(Card {
        schema: ARCHIVE_SCHEMA,
        name: name.to_owned(),
        archive: packed.clone(),
        tags: tags.to_vec(),
        run: manifest,
        metrics: tables::read::<MetricRow>(run)?,
    })
}

/// Writes the card where there is none or it tells something else; tags that it had stay.
fn write_card(mut card: Card, place: &Place, voice: Voice) -> Result<()> {
    let before: Option<Card> = match place.card.exists() {
        true => Some(read_json(&place.card)?),
        false => None,
    };
    if let Some(before) = &before {
        card.tags.extend_from_slice(&before.tags);
    }
    card.tags.sort();
    card.tags.dedup();
    if before.as_ref() == Some(&card) {
        say(
            voice,
            &format!("archived already: {}", place.archive.display()),
        );
        return Ok(());
    }
    write_json(&place.card, &card)?;
    say(voice, &format!("archived: {}", place.archive.display()));
    Ok(())
}
