//! All photographs in a list, and a page for each that is shown in detail.

mod list;
mod photo;
mod region;

use std::rc::Rc;

use super::{Chapter, Plan};
use crate::lookup::Photo;
use crate::site::{photo_page, Site};

pub(super) const CHAPTER: Chapter = Chapter {
    name: "nav.photos",
    holds: "front.contents_photos",
    pages,
};

fn pages<'s>(site: &'s Site<'s>) -> Vec<Plan<'s>> {
    let parts = list::parts(site);
    let list = (0..parts).map(|part| {
        Plan::new(list::path(part), move |page| {
            list::content(page, (part, parts))
        })
    });
    let detailed: Rc<[&Photo<'_>]> = site.lookup.detailed().collect();
    let photos = (0..detailed.len()).map(|at| {
        let detailed = Rc::clone(&detailed);
        Plan::new(photo_page(detailed[at].id()), move |page| {
            photo::content(page, &detailed, at)
        })
    });
    list.chain(photos).collect()
}
