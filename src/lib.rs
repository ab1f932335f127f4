//! deconvscope: what a ConvNet looks at, and what it loses when part of the image is hidden.
//!
//! ```text
//! folder ─ dataset ─▶ Photo ─ preprocess ─▶ Input ─ engine::forward ─▶ Trace ─ experiments ─▶ records ─▶ figures ─▶ report
//!                                               (activations, switches)        (numbers on disk) (pictures) (HTML, CSV)
//! ```
//!
//! ```text
//! train:  Photo ─▶ frames of bytes ─▶ micro-batches ─ engine::learn ─▶ checkpoints, rows ─▶ the same report on what was held back
//! ```
//!
//! ```text
//! shards: plan ─▶ work (any machine, any order, any number of times) ─▶ merge ─▶ the run folder of one machine
//! ```
//!
//! Left of *records* live tensors; right of it only numbers and files, so that a report is drawn again without
//! running a network and an interrupted run goes on where it stopped.
//!
//! | room | what it is for |
//! | --- | --- |
//! | [`cli`], [`commands`] | the command line, and one recipe for each subcommand |
//! | [`dataset`] | a folder of photographs: labels, masks, photo → input and the way back to photo pixels |
//! | [`network`] | a ConvNet as data: nodes, shapes, receptive fields, the zoo, ONNX and checkpoint readers |
//! | [`engine`] | the only place that computes with libtorch: forward pass, projection, occlusion, training; the workers that do it |
//! | [`experiments`] | what is asked of a trace, and the record each experiment leaves |
//! | [`records`] | the run folder: records, tables, arrays, manifest |
//! | [`comparison`] | finished runs held against each other, photo by photo |
//! | [`figures`] | records → pictures |
//! | [`report`] | records and pictures → pages |
//! | [`archive`] | finished runs as evidence: packed, verified, listed, thinned out |
//! | [`checks`] | rules that a run must keep, and how they are told |
//! | [`claims`] | what the papers claim, held against what runs measured |
//! | [`classifiers`] | linear classifiers, solved on inner products of features |
//! | [`statistics`] | intervals and tests |
//! | `base` | what every room may use: [`Error`], digests, text files and tables of others, words of messages |
//! | [`vocabulary`], [`progress`] | what options are made of; what is said while a run goes on |

pub mod cli;
pub mod commands;

pub use archive;
pub use base::{Error, Result};
pub use checks;
pub use claims;
pub use classifiers;
pub use comparison;
pub use dataset;
pub use engine;
pub use experiments;
pub use figures;
pub use network;
pub use progress;
pub use records;
pub use report;
pub use statistics;
pub use vocabulary;
