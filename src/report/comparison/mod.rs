//! The pages of a comparison: two runs in full, more than two as a table and trends.

mod claims;
mod figures;
mod front;
mod many;
mod method;
mod photo;
mod photos;
mod sides;
mod words;

use std::path::Path;

use base::Result;
use comparison::Comparison;
use records::file_stem;
use records::Tool;

use super::frame::Press;
use super::lang::{Lang, Texts};
use super::verdicts;

const FRONT: &str = "index.html";
const PHOTOS: &str = "pages/photos.html";
const METHOD: &str = "pages/method.html";

fn photo_page(image_id: &str) -> String {
    format!("pages/photos/{}.html", file_stem(image_id))
}

/// Draws all pages of a comparison into its folder; the photos' pictures must be there already.
///
/// # Errors
/// [`base::Error::Io`]; [`base::Error::Drawing`] with the page at fault.
pub fn comparison(comparison: &Comparison, root: &Path, lang: Lang, tool: &Tool) -> Result<()> {
    let sides = comparison.lineup.sides.iter();
    let names: Vec<&str> = sides.map(|side| side.name.as_str()).collect();
    let mut press = Press::new(root.to_owned(), lang, names.join(" · "), tool)?;
    if let Some(side) = comparison.lineup.sides.first() {
        press.pictures = side.run.manifest.preprocessing.crop;
    }
    press.sections = vec![
        (FRONT.to_owned(), "nav.front"),
        (PHOTOS.to_owned(), "nav.photos"),
        (METHOD.to_owned(), "nav.method"),
    ];
    press.write_style()?;
    match comparison.two() {
        Some(_) => {
            front::write(&press, comparison)?;
            photo::write_all(&press, comparison)?;
        }
        None => many::write(&press, comparison)?,
    }
    photos::write(&press, comparison)?;
    method::write(&press)
}

/// What came out, in a sentence for each figure of each two runs; in English, for the log.
///
/// # Errors
/// [`base::Error::Drawing`] for a catalogue that cannot be read.
pub fn comparison_in_words(comparison: &Comparison) -> Result<Vec<String>> {
    let texts = Texts::load(Lang::En)?;
    let mut lines = Vec::new();
    for line in comparison.claims.iter().filter(|line| line.differs()) {
        let told = comparison.lineup.sides.iter().zip(&line.judged);
        let told = told.filter_map(|(side, judged)| {
            let word = texts.say(verdicts::key(judged.as_ref()?.verdict));
            Some(format!("{}: {word}", side.name))
        });
        let told: Vec<String> = told.collect();
        lines.push(format!("claim {}: {}", line.claim.id, told.join(", ")));
    }
    for difference in &comparison.differences {
        let name = |side: usize| comparison.lineup.sides[side].name.as_str();
        for card in words::figures(&texts, difference) {
            lines.push(format!(
                "{} → {}: {}: {}; {}",
                name(difference.a),
                name(difference.b),
                card.label,
                card.value,
                card.notes.join("; ")
            ));
        }
    }
    Ok(lines)
}
