//! Weights that are trained already, trained on.

use crate::support::photos::many_cats_and_dogs;
use crate::support::type_in;

/// How they got photographs stands beside them: they go on so, and the network that is left says it.
#[test]
fn colours_come_as_the_weights_are_used_to_them() {
    let folder = tempfile::tempdir().unwrap();
    many_cats_and_dogs(&folder.path().join("p"), 12);
    std::fs::copy(
        "tests/fixtures/checkpoints/tiny.pth",
        folder.path().join("mine.pth"),
    )
    .unwrap();
    let line =
        "train p --model tiny --weights mine.pth --epochs 1 --batch 4 --micro-batch 2 --detail 0";
    type_in(folder.path(), &format!("{line} --out usual"))
        .ok()
        .says("no mine.toml beside the weights");
    std::fs::write(
        folder.path().join("mine.toml"),
        "[preprocessing]\nchannels = \"BGR\"\nscale = 255.0\nmean = [104.0, 117.0, 123.0]\nstd = [1.0, 1.0, 1.0]\n",
    )
    .unwrap();
    type_in(folder.path(), &format!("{line} --out told")).ok();
    let told = |run: &str| {
        let path = folder.path().join(run).join("network.toml");
        std::fs::read_to_string(path).unwrap()
    };
    assert!(told("usual").contains("channels = \"RGB\""));
    for part in ["channels = \"BGR\"", "scale = 255.0", "104.0", "123.0"] {
        assert!(told("told").contains(part), "{}", told("told"));
    }
}
