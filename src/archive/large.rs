//! What of a run is large and looked at by few: packed only where it is asked for.

use records::{PARTS, VARIANTS};

/// Raw maps.
const ARRAYS: &str = "arrays/";
/// Weights as they were while the network was trained.
const SNAPSHOTS: &str = "snapshots/";

/// What of it is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Large {
    /// The raw maps.
    pub arrays: bool,
    /// The weights that a training kept while it went on; what came of it in the end is always packed.
    pub snapshots: bool,
}

impl Large {
    /// The folder of a file that is left out, with a `/` at its end: of the run, or of one inside it, a study's variant or a
    /// replication's part. `None` where it is packed.
    pub(super) fn leaves_out<'a>(&self, file: &'a str) -> Option<&'a str> {
        let inside = |file: &&'a str| -> Option<&'a str> {
            let mut folders = [VARIANTS, PARTS].into_iter();
            let run = folders.find_map(|folder| file.strip_prefix(folder)?.strip_prefix('/'))?;
            run.split_once('/').map(|(_, inside)| inside)
        };
        let of_run = std::iter::successors(Some(file), inside).last()?;
        let left_out = [(ARRAYS, self.arrays), (SNAPSHOTS, self.snapshots)];
        let mut left_out = left_out.iter().filter(|(_, is_packed)| !is_packed);
        let (folder, _) = left_out.find(|(folder, _)| of_run.starts_with(folder))?;
        Some(&file[..file.len() - of_run.len() + folder.len()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_the_run_and_of_variants_are_left_out() {
        let (all, none) = (
            Large {
                arrays: true,
                snapshots: true,
            },
            Large::default(),
        );
        for (file, left_out) in [
            ("arrays/a.safetensors", Some("arrays/")),
            ("snapshots/epoch-001.safetensors", Some("snapshots/")),
            ("variants/a/arrays/b/c", Some("variants/a/arrays/")),
            ("variants/a/snapshots/b", Some("variants/a/snapshots/")),
            ("parts/train/snapshots/b", Some("parts/train/snapshots/")),
            (
                "parts/s/variants/a/arrays/b",
                Some("parts/s/variants/a/arrays/"),
            ),
            ("parts/arrays/data/b", None),
            ("variants/arrays/data/b", None),
            ("pages/snapshots/b", None),
            ("snapshots", None),
            ("network.safetensors", None),
        ] {
            assert_eq!(none.leaves_out(file), left_out, "{file}");
            assert_eq!(all.leaves_out(file), None, "{file}");
        }
        let arrays = Large {
            arrays: true,
            ..none
        };
        assert_eq!(arrays.leaves_out("arrays/a"), None);
        assert_eq!(arrays.leaves_out("snapshots/a"), Some("snapshots/"));
    }
}
