//! One file for each kind of page: its content as ready-made strings, then its template.

pub(super) mod classification;
mod confusion;
pub(super) mod correspondence;
pub(super) mod front;
mod front_example;
mod front_tiles;
pub(super) mod masks;
mod masks_effect;
mod masks_layers;
pub(super) mod method;
pub(super) mod occlusion;
mod occlusion_found;
mod occlusion_numbers;
mod occlusion_panels;
pub(super) mod occlusion_photo;
mod occlusion_readings;
pub(super) mod photo;
mod photo_region;
pub(super) mod photos;
pub(super) mod provenance;
