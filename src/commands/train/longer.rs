//! A training that is gone on with for more epochs than it was begun with.

use std::path::Path;

use base::{Error, Result};
use records::{Plan, RunFolder};
use serde_json::Value;

/// The plan that a folder is taken into use with: the one that it was begun with where nothing but the number of epochs has risen,
/// the one at hand otherwise.
///
/// # Errors
/// [`Error::RunFolder`] where more epochs would not come to what a training of as many comes to.
pub(super) fn begun(root: &Path, now: &Plan) -> Result<Plan> {
    let found = RunFolder::begun_with(root)?;
    let Some((before, is_finished)) = found.filter(|(before, _)| is_longer(before, now)) else {
        return Ok(now.clone());
    };
    let refused = |problem: String| Err(Error::run_folder(root, problem));
    let (was, is) = (value(&before, "epochs"), value(now, "epochs"));
    if value(now, "schedule") == "cosine" {
        return refused(format!(
            "was begun with {was} epochs, and a cosine over {is} would have had other rates from the first one on; go on with --epochs {was}, or begin anew with --overwrite"
        ));
    }
    if is_finished {
        return refused(format!(
            "is finished, and with it what more epochs would go on from; begin from its network in another --out: --weights {}",
            root.join(network::TRAINED).display()
        ));
    }
    Ok(before)
}

/// Whether the two are the same but for more epochs.
fn is_longer(before: &Plan, now: &Plan) -> bool {
    let epochs = |plan| value(plan, "epochs").as_u64();
    let mut same = before.clone();
    if let Some(training) = same.options.experiments.get_mut("training") {
        training["epochs"] = value(now, "epochs");
    }
    epochs(before) < epochs(now) && same == *now
}

fn value(plan: &Plan, name: &str) -> Value {
    let training = plan.options.experiments.get("training");
    training.map_or(Value::Null, |training| training[name].clone())
}
