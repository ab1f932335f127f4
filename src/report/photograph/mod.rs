//! How photographs appear on pages: as tiles, in grids, with their classes.

mod classes;
mod grid;
mod picture;
mod tile;
mod unit;

pub(super) use classes::top_classes;
pub(super) use grid::{differences, file_name, layers, of_condition, of_photo, units};
pub(super) use picture::{control_outline, field_outline, mask_outlines};
pub(super) use tile::{link, tile};
pub(super) use unit::{field_note, strongest, unit_pictures};
