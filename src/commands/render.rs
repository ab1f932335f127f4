//! `deconvscope render`: the pages of a finished run, drawn again from its folder.

use std::path::{Path, PathBuf};

use base::{Error, Result};
use figures::redraw;
use progress::{say, Voice};
use records::{Manifest, Run, RunFolder, PARTS, VARIANTS};
use report::{self, Lang};
use walkdir::WalkDir;

use crate::cli::RenderArgs;

pub(super) fn run(args: &RenderArgs, voice: Voice) -> Result<()> {
    can_be_drawn(&args.run)?;
    draw(args, voice)
}

/// Before anything is touched: refuses a run that is not as it was finished, and one with such a run inside.
fn can_be_drawn(root: &Path) -> Result<()> {
    RunFolder::can_be_drawn(root)?;
    inside(root)?
        .iter()
        .try_for_each(|inside| can_be_drawn(inside))
}

fn draw(args: &RenderArgs, voice: Voice) -> Result<()> {
    let (folder, mut manifest) = RunFolder::reopen(&args.run)?;
    // A study lists its variants' files, a replication its parts': they are drawn again before it lists them anew.
    for inside in inside(&args.run)? {
        draw(
            &RenderArgs {
                run: inside,
                ..args.clone()
            },
            voice,
        )?;
    }
    if let Some(lang) = args.lang {
        manifest.options.lang = lang.to_string();
    }
    manifest.options.single_file |= args.single_file;
    if let Some(limit) = args.single_file_limit {
        manifest.options.single_file_limit = limit;
    }
    redraw(&Run::new(&args.run, manifest.clone()))?;
    remove_pages(&args.run, &manifest)?;
    pages(&args.run, &manifest)?;
    folder.finish(manifest)?;
    say(
        voice,
        &format!("report: {}", args.run.join("index.html").display()),
    );
    Ok(())
}

/// The run folders of a study's variants or of a replication's parts; none of another run.
fn inside(root: &Path) -> Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for folder in [VARIANTS, PARTS].map(|name| root.join(name)) {
        if folder.is_dir() {
            let entries = std::fs::read_dir(&folder).map_err(Error::io("cannot read", &folder))?;
            let paths = entries.flatten().map(|entry| entry.path());
            folders.extend(paths.filter(|path| path.is_dir()));
        }
    }
    folders.sort();
    Ok(folders)
}

/// Draws the pages from the run's tables.
pub(super) fn pages(root: &Path, manifest: &Manifest) -> Result<()> {
    let run = Run::new(root, manifest.clone());
    report::render(&run, language(manifest))?;
    match manifest.options.single_file {
        true => single_file(&run, &root.join("report.html")),
        false => Ok(()),
    }
}

/// Writes the report into one file.
pub(super) fn single_file(run: &Run, out: &Path) -> Result<()> {
    let limit = run
        .manifest
        .options
        .single_file_limit
        .saturating_mul(1_000_000);
    report::single_file(run, language(&run.manifest), out, limit)
}

fn language(manifest: &Manifest) -> Lang {
    manifest.options.lang.parse().unwrap_or(Lang::En)
}

/// Removes the run's pages: not all of those that another version made are made again.
fn remove_pages(root: &Path, manifest: &Manifest) -> Result<()> {
    let ours = |path: &Path| {
        let name = path.strip_prefix(root).ok().and_then(Path::to_str);
        name.is_some_and(|name| manifest.files.contains_key(name))
    };
    let there = WalkDir::new(root.join("pages")).into_iter().flatten();
    for page in there.filter(|entry| entry.file_type().is_file() && ours(entry.path())) {
        let path = page.path();
        std::fs::remove_file(path).map_err(Error::io("cannot remove", path))?;
    }
    Ok(())
}
