//! The same bytes for any number of threads and after kills in every part.

use std::path::Path;

use serde_json::Value;

use crate::support::files::{assert_same, files, result, Files};
use crate::support::process::start;
use crate::support::type_in;
use crate::{folder, LINE};

/// Every file of a replication, but the `execution` of its run and of those inside it, and what seals these.
fn results(root: &Path) -> Files {
    let mut found = result(root);
    for (name, bytes) in &mut found {
        if name.ends_with("run.json") {
            let mut manifest: Value = serde_json::from_slice(bytes).unwrap();
            let fields = manifest.as_object_mut().unwrap();
            fields.remove("execution");
            fields.remove("seal");
            let listed = fields["files"].as_object_mut().unwrap();
            listed.retain(|file, _| !file.ends_with("/run.json"));
            *bytes = manifest.to_string().into_bytes();
        }
    }
    found
}

#[test]
fn bytes_are_the_same_for_all_threads_and_after_kills_in_every_part() {
    let folder = folder();
    type_in(folder.path(), &format!("{LINE} --out whole --threads 2")).ok();
    let expected = results(&folder.path().join("whole"));
    assert!(expected.contains_key("data/claims.csv") && expected.contains_key("parts/s/run.json"));
    let line = format!("{LINE} --out o --threads 1");
    let out = folder.path().join("o");
    // In the study, behind it, in the transfer, behind that.
    let moments = [
        "parts/s/variants/base",
        "parts/s/run.json",
        "parts/transfer",
        "parts/transfer/run.json",
    ];
    let mut killed = 0;
    for (number, moment) in moments.iter().enumerate() {
        let resume = if number > 0 { " --resume" } else { "" };
        let mut running = start(folder.path(), &format!("{line}{resume}"));
        running.until(|| out.join(moment).exists());
        killed += usize::from(running.kill());
    }
    assert!(killed > 2, "{killed} kills hit");
    type_in(folder.path(), &format!("{line} --resume")).ok();
    assert_same(&results(&out), &expected, "after kills");
    // A finished one is left as it is.
    let before = files(&out);
    type_in(folder.path(), &format!("{line} --resume")).ok();
    assert_same(&files(&out), &before, "finished");
}
