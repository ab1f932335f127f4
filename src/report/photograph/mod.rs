//! How photographs appear on pages: as tiles, in grids, with their classes.

mod classes;
mod grid;
mod picture;
mod tile;
mod unit;

pub(super) use classes::class_charts;
pub(super) use grid::{differences, layers, of_condition, of_photo, units};
pub(super) use picture::{control_outline, field_outline, mask_outlines};
pub(super) use tile::{file_name, link, photo_link, tile};
pub(super) use unit::{field_note, strongest, unit_pictures};
