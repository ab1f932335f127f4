//! The experiments of the papers: what each asks of a network's trace, and the record it leaves.
//!
//! Photographs flow through [`pipeline::run`]: [`prepare`] makes the inputs of a photo in all its conditions,
//! [`observe`] runs the network over them, [`record`] turns what was seen into a [`crate::records::PhotoRecord`].
//! When all are done [`summary`] makes the tables, with the figures of [`classification`] and of what the masks did.
//! [`correspondence`], [`invariance`] and [`occlusion`] look at a few photographs again afterwards; [`features`] looks on from
//! the beginning, and again at those in which it found something.

pub mod classification;
pub mod correspondence;
pub mod features;
pub mod invariance;
mod mask_effects;
pub mod masking;
pub mod observe;
pub mod occlusion;
pub mod pipeline;
pub mod prepare;
pub mod record;
pub mod selection;
mod ssim;
pub mod summary;
mod workers;

use crate::dataset::{Dataset, Masks};
use crate::network::receptive_field::Field;
use crate::network::shape::Shape;
use crate::network::{Preprocessing, Stage};
use crate::records::ProjectionKind;

/// What every experiment works with.
#[derive(Debug)]
pub struct Setting<'a> {
    /// The photographs.
    pub dataset: &'a Dataset,
    /// Regions that are hidden before anything else, as if the photographs had been taken so.
    pub applied: &'a Masks,
    /// Regions to hide in turn, beside the photograph as it is.
    pub masks: &'a Masks,
    /// Their parts to compare.
    pub parts: &'a Masks,
    /// From photograph to input.
    pub preprocessing: &'a Preprocessing,
    /// The layers that are shown, from the input upwards.
    pub stages: &'a [Stage],
    /// The shapes of the stages.
    pub shapes: &'a [Shape],
    /// The receptive fields of the stages.
    pub fields: &'a [Field],
    /// What of a layer is projected.
    pub kinds: &'a [ProjectionKind],
    /// Colour of a hidden region.
    pub fill: [u8; 3],
    /// Seed of everything that is drawn by lot.
    pub seed: u64,
    /// Inputs in one pass of the network.
    pub batch: usize,
    /// Whether the raw maps are kept.
    pub arrays: bool,
    /// Workers.
    pub threads: usize,
}
