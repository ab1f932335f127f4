//! Folders of many archives, made up from the card of one.

use crate::support::files::files;
use crate::{archive, copy_of_run};
use serde_json::{json, Value};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder to be filled, and a card to fill it with.
pub(crate) struct Shelf {
    folder: TempDir,
    card: Value,
}

impl Shelf {
    pub(crate) fn new() -> Self {
        let folder = copy_of_run();
        archive(folder.path(), "o --to made --name made");
        let card = std::fs::read(folder.path().join("made/made.json")).unwrap();
        std::fs::create_dir(folder.path().join("shelf")).unwrap();
        Self {
            card: serde_json::from_slice(&card).unwrap(),
            folder,
        }
    }

    pub(crate) fn parent(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("shelf")
    }

    /// An archive with three files, whose card says so.
    pub(crate) fn add(&self, name: &str, dataset: &str, network: &str, finished: &str) {
        self.add_with(name, dataset, network, finished, |_| {});
    }

    pub(crate) fn add_with(
        &self,
        name: &str,
        dataset: &str,
        network: &str,
        finished: &str,
        change: impl FnOnce(&mut Value),
    ) {
        let mut card = self.card.clone();
        card["name"] = json!(name);
        card["run"]["dataset"]["root"] = json!(dataset);
        card["run"]["model"]["name"] = json!(network);
        card["run"]["execution"]["finished"] = json!(finished);
        change(&mut card);
        let write = |end: &str, bytes: &[u8]| {
            std::fs::write(self.path().join(format!("{name}{end}")), bytes).unwrap();
        };
        write(".json", &serde_json::to_vec(&card).unwrap());
        write(".html", b"<!doctype html>");
        write(".tar.zst", b"archive");
    }

    /// Names of the archives whose card is there.
    pub(crate) fn names(&self) -> Vec<String> {
        let cards = files(&self.path()).into_keys();
        let names = cards.filter_map(|name| name.strip_suffix(".json").map(str::to_owned));
        names.collect()
    }
}
