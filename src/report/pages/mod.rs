//! One file for each kind of page: its content as ready-made strings, then its template.

pub(super) mod bridge;
pub(super) mod features;
mod features_filters;
pub(super) mod features_layer;
pub(super) mod features_map;
mod features_random;
mod features_sheet;
pub(super) mod layer;
