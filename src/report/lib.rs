//! Records and pictures → pages: [`chapters`] say what there is to say as [`blocks`], in the words of `templates/lang`.

mod archives;
mod beyond;
mod blocks;
mod book;
mod chapters;
mod comparison;
mod field;
mod figure;
mod frame;
mod lang;
mod lookup;
mod maps;
mod numbers;
mod photograph;
mod phrases;
mod prelude;
mod site;
mod telling;
mod verdicts;

pub use archives::index;
pub use book::single_file;
pub use comparison::{comparison, comparison_in_words};
pub use lang::Lang;

use base::Result;
use records::Run;

use site::{Page, Site};

/// Draws all pages of a run into its folder; the photos' pictures must be there already. The same tables give the same
/// bytes; nothing of `execution` in the manifest appears.
///
/// # Errors
/// [`base::Error::Io`]; [`base::Error::Drawing`] with the page at fault.
pub fn render(run: &Run, lang: Lang) -> Result<()> {
    let site = Site::new(run, lang)?;
    site.press.write_style()?;
    for chapter in chapters::CHAPTERS {
        for plan in (chapter.pages)(&site) {
            let page = Page::new(&site, &plan.path, chapter.name);
            page.put(&plan.make(&page)?)?;
        }
    }
    Ok(())
}
