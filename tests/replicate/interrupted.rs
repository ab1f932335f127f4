//! The same bytes for any number of threads and after kills in every part.

use crate::support::files::{assert_same, files, results};
use crate::support::process::start;
use crate::support::type_in;
use crate::{folder, LINE};

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
