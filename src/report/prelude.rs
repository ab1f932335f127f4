//! What every page is written with: blocks and what stands on a page, the photographs and the words for them, numbers as
//! people read them.

pub(super) use super::blocks::*;
pub(super) use super::frame::{Content, Leaf};
pub(super) use super::lang::{Gap, Texts};
pub(super) use super::lookup::{distinct, Photo};
pub(super) use super::numbers;
pub(super) use super::photograph::{file_name, link, photo_link};
pub(super) use super::site::{words, Page};
pub(super) use base::Result;
