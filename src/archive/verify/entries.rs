//! The files of an archive, one after the other, held against what its first file says; nothing is unpacked.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::{Component, Path};

use base::digest::Digesting;
use records::{Manifest, SCHEMA};
use tar::{Archive, Entry, EntryType, PaxExtensions};

use super::packed::WHOLE;
use super::{check_manifest, Finding, Verdict};
use crate::contents::Contents;
use crate::name::is_name_of;
use crate::{CONTENTS, MANIFEST, RO_CRATE};

/// Most that a list of files is read of: room for a million of them.
const LIST_BYTES: u64 = 256 << 20;
/// Most that a header with a long path is read of.
const PATH_BYTES: u64 = 64 << 10;
/// Most that is passed over of files that should not be there.
const STRANGER_BYTES: u64 = 64 << 20;

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Entries {
    verdict: Verdict,
    top: String,
    contents: Option<Contents>,
    run_json: Option<Vec<u8>>,
    seen: BTreeSet<String>,
    strangers: u64,
    /// Whether all files could be read.
    complete: bool,
}

/// Why there is no use in reading on.
type Stop = Finding;

impl Entries {
    pub(super) fn add(&mut self, finding: Finding) {
        self.verdict.findings.push(finding);
    }

    /// Reads a tar to its end; false where it had to be given up.
    pub(super) fn read(&mut self, source: impl Read) -> bool {
        match self.read_all(&mut Archive::new(source)) {
            Ok(()) => self.complete = true,
            Err(stop) => self.add(stop),
        }
        self.complete
    }

    /// What was found in all, with what only shows at the end.
    pub(super) fn finish(mut self) -> Verdict {
        self.verdict.files = self.seen.len();
        if let (true, Some(contents)) = (self.complete, self.contents.take()) {
            let missing = contents
                .files
                .keys()
                .filter(|file| !self.seen.contains(*file));
            let missing = missing.map(|file| Finding::new(file, "is missing"));
            self.verdict.findings.extend(missing);
            self.check_run(&contents);
            for folder in &contents.left_out {
                let note = format!("{folder} was left out when the run was archived");
                self.verdict.notes.push(note);
            }
        }
        self.verdict
    }

    fn read_all(&mut self, archive: &mut Archive<impl Read>) -> Result<(), Stop> {
        let unreadable = |error: io::Error| Stop::new(WHOLE, format!("cannot be read on: {error}"));
        let mut long_path = None;
        for entry in archive.entries().map_err(unreadable)?.raw(true) {
            let mut entry = entry.map_err(unreadable)?;
            if entry.header().entry_type() == EntryType::XHeader && long_path.is_none() {
                long_path = Some(read_long_path(&mut entry)?);
                continue;
            }
            let path = long_path
                .take()
                .unwrap_or_else(|| entry.path_bytes().into_owned());
            let path = String::from_utf8(path)
                .map_err(|error| Stop::new(error.to_string(), "is not a path in UTF-8"))?;
            self.entry(&path, &mut entry)?;
        }
        match self.contents {
            Some(_) => Ok(()),
            None => Err(Stop::new(WHOLE, "is empty")),
        }
    }

    fn entry(&mut self, path: &str, entry: &mut Entry<'_, impl Read>) -> Result<(), Stop> {
        if self.contents.is_none() {
            return self.first(path, entry);
        }
        let size = entry.size();
        let Some(file) = self.inside(path) else {
            self.add(Finding::new(path, "leads out of the archive's folder"));
            return self.pass_over(path, size);
        };
        let kind = entry.header().entry_type();
        if !kind.is_file() {
            let problem = format!("is {}; an archive holds plain files only", kind_name(kind));
            self.add(Finding::new(file, problem));
            return self.pass_over(path, size);
        }
        let Some(told) = self
            .contents
            .as_ref()
            .and_then(|contents| contents.files.get(&file))
        else {
            self.add(Finding::new(file, "is not part of the archive"));
            return self.pass_over(path, size);
        };
        let told = told.clone();
        if !self.seen.insert(file.clone()) {
            self.add(Finding::new(file, "stands in the archive twice"));
            return self.pass_over(path, size);
        }
        if size != told.bytes {
            let problem = format!("has {size} bytes, expected {}", told.bytes);
            self.add(Finding::new(file, problem));
            return self.pass_over(path, size);
        }
        let unreadable = |error: io::Error| Stop::new(path, format!("cannot be read on: {error}"));
        let mut source = Digesting::new(entry);
        if file == MANIFEST && size <= LIST_BYTES {
            let mut bytes = Vec::new();
            source.read_to_end(&mut bytes).map_err(unreadable)?;
            self.run_json = Some(bytes);
        } else {
            io::copy(&mut source, &mut io::sink()).map_err(unreadable)?;
        }
        if source.length() != size {
            return Err(Stop::new(path, "is cut off"));
        }
        if source.sha256() != told.sha256 {
            let problem = format!(
                "has changed: sha256 is {}, expected {}",
                source.sha256(),
                told.sha256
            );
            self.add(Finding::new(file, problem));
        }
        Ok(())
    }

    /// `archive.json` in the top folder.
    fn first(&mut self, path: &str, entry: &mut Entry<'_, impl Read>) -> Result<(), Stop> {
        let foreign = || {
            let problem = format!(
                "is not one of deconvscope's: expected {CONTENTS} as its first file, found {path}"
            );
            Stop::new(WHOLE, problem)
        };
        let (top, file) = path.split_once('/').ok_or_else(foreign)?;
        if file != CONTENTS || !is_plain(path) || !entry.header().entry_type().is_file() {
            return Err(foreign());
        }
        if entry.size() > LIST_BYTES {
            return Err(Stop::new(
                file,
                format!("is too long: {} bytes", entry.size()),
            ));
        }
        let mut bytes = Vec::new();
        entry
            .read_to_end(&mut bytes)
            .map_err(|error| Stop::new(file, format!("cannot be read: {error}")))?;
        let contents = Contents::parse(&bytes).map_err(|problem| Stop::new(file, problem))?;
        self.top = top.to_owned();
        self.contents = Some(contents);
        Ok(())
    }

    /// A path below the top folder, where it is one.
    fn inside(&self, path: &str) -> Option<String> {
        let file = path.strip_prefix(&self.top)?.strip_prefix('/')?;
        is_plain(path).then(|| file.to_owned())
    }

    /// Goes on to the next file, unless what stands in between could be endless.
    fn pass_over(&mut self, path: &str, size: u64) -> Result<(), Stop> {
        self.strangers = self.strangers.saturating_add(size);
        match self.strangers > STRANGER_BYTES {
            true => Err(Stop::new(path, "is too long to look further")),
            false => Ok(()),
        }
    }

    /// The archive holds the run that its `run.json` tells of.
    fn check_run(&mut self, contents: &Contents) {
        let Some(bytes) = self.run_json.take() else {
            return;
        };
        let manifest: Manifest = match serde_json::from_slice(&bytes) {
            Ok(manifest) => manifest,
            Err(error) => return self.add(Finding::new(MANIFEST, format!("is damaged: {error}"))),
        };
        if manifest.schema > SCHEMA {
            let note = format!(
                "was made by a newer version (schema {}, this one reads up to {SCHEMA})",
                manifest.schema
            );
            return self.add(Finding::new(MANIFEST, note));
        }
        check_manifest(&bytes, &manifest, &mut self.verdict);
        for (file, sha256) in &manifest.files {
            match contents.files.get(file) {
                Some(told) if told.sha256 == *sha256 => {}
                Some(_) => self.add(Finding::new(file, "is not the file that run.json lists")),
                None if contents.leaves_out(file) => {}
                None => self.add(Finding::new(file, "is missing: run.json lists it")),
            }
        }
        let of_archive = |file: &String| [MANIFEST, RO_CRATE].contains(&file.as_str());
        for file in contents.files.keys().filter(|file| !of_archive(file)) {
            if !manifest.files.contains_key(file) {
                self.add(Finding::new(file, "is not part of the run"));
            }
        }
        if !is_name_of(&self.top, &bytes) {
            let problem = format!("the folder {} is not named after the run in it", self.top);
            self.add(Finding::new(WHOLE, problem));
        }
    }
}

/// The path that a pax header tells of the file after it.
fn read_long_path(entry: &mut Entry<'_, impl Read>) -> Result<Vec<u8>, Stop> {
    let unexpected = || Stop::new(WHOLE, "holds a header that deconvscope does not write");
    if entry.size() > PATH_BYTES {
        return Err(unexpected());
    }
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes).map_err(|_| unexpected())?;
    let mut fields = PaxExtensions::new(&bytes);
    match (fields.next(), fields.next()) {
        (Some(Ok(field)), None) if field.key_bytes() == b"path" => {
            Ok(field.value_bytes().to_owned())
        }
        _ => Err(unexpected()),
    }
}

/// Relative, without `..`, `.`, doubled slashes or backslashes.
fn is_plain(path: &str) -> bool {
    let parts: Option<Vec<&str>> = Path::new(path)
        .components()
        .map(|part| match part {
            Component::Normal(part) => part.to_str(),
            _ => None,
        })
        .collect();
    !path.contains('\\') && parts.is_some_and(|parts| parts.join("/") == path)
}

fn kind_name(kind: EntryType) -> &'static str {
    match kind {
        EntryType::Link => "a hard link",
        EntryType::Symlink => "a symbolic link",
        EntryType::Char | EntryType::Block => "a device",
        EntryType::Directory => "a folder",
        EntryType::Fifo => "a pipe",
        _ => "neither file nor folder",
    }
}
