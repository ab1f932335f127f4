//! One file for each kind of page: its content as ready-made strings, then its template.

pub(super) mod features;
mod features_filters;
pub(super) mod features_layer;
pub(super) mod features_map;
mod features_random;
mod features_sheet;
pub(super) mod front;
mod front_example;
mod front_tiles;
pub(super) mod layer;
pub(super) mod method;
pub(super) mod photo;
mod photo_region;
pub(super) mod photos;
pub(super) mod provenance;
