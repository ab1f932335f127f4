//! Records and pictures → pages. Every page is one file in [`pages`], its words are in `templates/lang`.

mod archives;
mod bars;
mod blocks;
mod book;
mod card;
mod chapters;
mod charts;
mod comparison;
mod field;
mod frame;
mod grid;
mod lang;
mod lookup;
mod maps;
mod numbers;
mod pages;
mod paging;
mod photograph;
mod site;
mod tab;
mod telling;
mod tile;

pub use archives::index;
pub use book::{single_file, SINGLE_FILE_LIMIT};
pub use comparison::{comparison, comparison_in_words};
pub use lang::Lang;

use crate::error::Result;
use crate::records::Run;
use site::{Page, Site};

/// Draws all pages of a run into its folder; the photos' pictures must be there already. The same tables give the same
/// bytes; nothing of `execution` in the manifest appears.
///
/// # Errors
/// [`crate::Error::Io`]; [`crate::Error::Drawing`] with the page at fault.
pub fn render(run: &Run, lang: Lang) -> Result<()> {
    let site = Site::new(run, lang)?;
    site.press.write_style()?;
    for chapter in chapters::CHAPTERS {
        for plan in (chapter.pages)(&site) {
            let page = Page::new(&site, plan.path.clone(), chapter.name);
            page.put(&plan.make(&page)?)?;
        }
    }
    pages::layer::write_all(&site)?;
    pages::features::write(&site)?;
    pages::features_layer::write_all(&site)?;
    pages::features_map::write_all(&site)?;
    Ok(())
}
