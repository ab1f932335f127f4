//! `deconvscope compare`: finished runs held against each other, a folder with tables and pages out.

use std::collections::BTreeSet;
use std::path::PathBuf;

use base::Result;
use comparison::folder::ComparisonFolder;
use comparison::layers::PhotoPair;
use comparison::tables::LayerRow;
use comparison::{Comparison, Lineup, PhotoLine};
use figures::{pair, Picture};
use progress::{self, say, stop_here, Voice};
use rayon::prelude::*;
use records::ProjectionKind;

use super::this_program;
use crate::cli::CompareArgs;

pub(super) fn run(args: &CompareArgs, voice: Voice) -> Result<()> {
    progress::catch_interrupts()?;
    let lineup = Lineup::read(&args.runs)?;
    let out = args.out.clone().unwrap_or_else(|| default_out(&lineup));
    super::outside_runs("--out", &out, &args.runs)?;
    let folder = ComparisonFolder::prepare(&out, args.overwrite)?;
    let mut comparison = Comparison::of(lineup, args.seed)?;
    say(
        voice,
        &format!(
            "{} photographs are in all of {} runs",
            comparison.lineup.photos.len(),
            comparison.lineup.sides.len()
        ),
    );
    for note in &comparison.notes {
        say(voice, &note.to_string());
    }
    if comparison.two().is_some() {
        hold_photos(&mut comparison, args.photos.most(), &folder)?;
    }
    comparison.write_tables(folder.root())?;
    report::comparison(&comparison, folder.root(), args.lang, &this_program())?;
    stop_here()?;
    folder.finish(comparison.manifest(args.seed, args.lang.to_string(), this_program()))?;
    for line in report::comparison_in_words(&comparison)? {
        say(voice, &line);
    }
    say(
        voice,
        &format!("comparison: {}", out.join("index.html").display()),
    );
    Ok(())
}

/// Holds the projections of all photos against each other and makes the pictures of those that are shown.
fn hold_photos(comparison: &mut Comparison, most: usize, folder: &ComparisonFolder) -> Result<()> {
    let Some((a, b, _)) = comparison.two() else {
        return Ok(());
    };
    let comparable = comparison.projections();
    let roots = [a.run.root.as_path(), b.run.root.as_path()];
    let preprocessing = &a.run.manifest.preprocessing;
    let photos = &comparison.lineup.photos;
    let pictured: Vec<usize> = {
        let has_pictures = |at: &usize| pictured(&roots, &photos[*at]);
        let order = comparison.by_change();
        order.into_iter().filter(has_pictures).take(most).collect()
    };
    let is_pictured: BTreeSet<usize> = pictured.iter().copied().collect();
    let kept = kept_pictures(comparison);
    let hold = |(at, line): (usize, &PhotoLine)| -> Result<Vec<LayerRow>> {
        stop_here()?;
        let id = &line.image_id;
        let arrays = match comparable.is_empty() {
            true => None,
            false => PhotoPair::read((&a.run, &b.run), id, &comparable)?,
        };
        let rows = arrays.as_ref().map_or_else(Vec::new, |pair| pair.rows(id));
        if is_pictured.contains(&at) {
            match arrays {
                Some(arrays) => {
                    let pictures = pair::pictures(arrays, preprocessing)?;
                    let write = |picture: &Picture| picture.write(folder.root());
                    pictures.iter().try_for_each(write)?;
                }
                None => drop(pair::copy(roots, &kept, folder.root(), id)?),
            }
        }
        Ok(rows)
    };
    let rows: Vec<Vec<LayerRow>> = photos
        .par_iter()
        .enumerate()
        .map(hold)
        .collect::<Result<_>>()?;
    comparison.shown = pictured;
    comparison.take_layers(rows.into_iter().flatten().collect());
    Ok(())
}

/// Whether a run has a picture of what the network saw of the photo.
fn pictured(roots: &[&std::path::Path; 2], line: &PhotoLine) -> bool {
    use figures::photo::{find, Subject};
    let input =
        |root: &&std::path::Path| find(root, &line.image_id, records::ORIGINAL, Subject::Input);
    roots.iter().any(|root| input(root).is_some())
}

/// Every projection that one of the runs has a picture of.
fn kept_pictures(comparison: &Comparison) -> Vec<(ProjectionKind, String)> {
    let mut kept = Vec::new();
    for side in &comparison.lineup.sides {
        for stage in &side.run.manifest.model.stages {
            let picture = (ProjectionKind::Layer, stage.clone());
            if !kept.contains(&picture) {
                kept.push(picture);
            }
        }
    }
    kept
}

fn default_out(lineup: &Lineup) -> PathBuf {
    let names: Vec<&str> = lineup.sides.iter().map(|side| side.name.as_str()).collect();
    PathBuf::from("reports").join(format!("compare-{}", names.join("-")))
}
