//! Records and pictures → pages. Every page is one file in [`pages`], its words are in `templates/lang`.

mod archives;
mod blocks;
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
mod single_file;
mod site;
mod telling;
mod tile;

pub use archives::index;
pub use comparison::{comparison, comparison_in_words};
pub use lang::Lang;
pub use single_file::single_file;

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
    pages::front::write(&site)?;
    pages::masks::write(&site)?;
    pages::correspondence::write(&site)?;
    for chapter in chapters::CHAPTERS {
        for plan in (chapter.pages)(&site) {
            let page = Page::new(&site, plan.path.clone(), chapter.name);
            page.put(&plan.make(&page)?)?;
        }
    }
    pages::occlusion::write_all(&site)?;
    pages::occlusion_photo::write_all(&site)?;
    pages::classification::write(&site)?;
    pages::photos::write_all(&site)?;
    pages::photo::write_all(&site)?;
    pages::method::write(&site)?;
    pages::provenance::write(&site)
}
