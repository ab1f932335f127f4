//! One file for each kind of page: its content as ready-made strings, then its template.

pub(super) mod bridge;
pub(super) mod classification;
mod confusion;
pub(super) mod correspondence;
pub(super) mod features;
mod features_filters;
pub(super) mod features_layer;
pub(super) mod features_map;
mod features_random;
mod features_sheet;
pub(super) mod layer;
pub(super) mod masks;
mod masks_effect;
mod masks_layers;
pub(super) mod occlusion;
mod occlusion_found;
mod occlusion_numbers;
mod occlusion_panels;
pub(super) mod occlusion_photo;
mod occlusion_readings;
