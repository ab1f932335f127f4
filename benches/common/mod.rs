//! What the benches share: seeded networks, medians, memory.

#![allow(dead_code, reason = "each bench uses its own part of it")]

use std::sync::Arc;

use deconvscope::network::weights::{Array, Weights};
use deconvscope::network::{fold_batch_norm, zoo, Anatomy, Model, Op, Preprocessing};
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What was typed behind the bench's name, without what cargo adds.
pub(crate) fn arguments() -> Vec<String> {
    let all = std::env::args().skip(1);
    all.filter(|argument| argument != "--bench").collect()
}

/// What stands behind an option, where it was typed.
pub(crate) fn option<'a>(options: &[&'a str], name: &str) -> Option<&'a str> {
    let at = options.iter().position(|option| *option == name)?;
    options.get(at + 1).copied()
}

/// Peak memory of this process so far, in MB.
pub(crate) fn peak() -> Result<f64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib: f64 = line
        .and_then(|line| line.split_whitespace().next())
        .ok_or("no VmHWM")?
        .parse()?;
    Ok(kib * 1024.0 / 1e6)
}

/// 0 where there are none.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// He-normal filters; the batch norms are the identity.
pub(crate) fn model(name: &str) -> Result<Model, Failure> {
    let mut network = zoo::find(name)?.network();
    let mut random = ChaCha8Rng::seed_from_u64(0);
    let parameters = Anatomy::of(network.clone())?.parameters();
    let mut weights = Weights::new();
    for parameter in parameters {
        let cells: usize = parameter.shape.iter().product();
        let inputs: usize = parameter.shape.iter().skip(1).product();
        let node = parameter.name.rsplit_once('.').map_or("", |(node, _)| node);
        let is_norm = network
            .nodes
            .iter()
            .any(|at| at.name == node && matches!(at.op, Op::BatchNorm { .. }));
        let scale = (2.0 / inputs as f32).sqrt();
        let data = match (is_norm, parameter.name.rsplit('.').next()) {
            (true, Some("weight" | "running_var")) => vec![1.0; cells],
            (false, Some("weight")) => (0..cells).map(|_| scale * normal(&mut random)).collect(),
            _ => vec![0.0; cells],
        };
        let shape = parameter.shape;
        weights.insert(parameter.name, Array { shape, data });
    }
    fold_batch_norm(&mut network, &mut weights);
    Ok(Model {
        anatomy: Arc::new(Anatomy::of(network)?),
        weights,
        weights_path: Default::default(),
        weights_sha256: String::new(),
        source: String::new(),
        output: None,
        preprocessing: Preprocessing::torchvision(),
        classes: Vec::new(),
        notes: Vec::new(),
    })
}

/// The sum of four uniform numbers, near enough to normal.
pub(crate) fn normal(random: &mut ChaCha8Rng) -> f32 {
    let sum: f64 = (0..4)
        .map(|_| f64::from(random.next_u32()) / f64::from(u32::MAX))
        .sum();
    ((sum - 2.0) * 3f64.sqrt()) as f32
}
