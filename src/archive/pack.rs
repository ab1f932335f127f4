//! A finished run → one file, the same bytes each time.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use base::digest::{sha256_hex, Digesting};
use base::{Error, Result};
use records::Manifest;
use tar::{Builder, EntryType, Header};

use super::card::ArchiveFacts;
use super::contents::{Contents, FileFacts};
use super::large::Large;
use super::name::{archive_name, finished};
use super::{footer, ro_crate, CONTENTS, MANIFEST, RO_CRATE};

/// zstd's level; part of what makes the bytes the same.
const LEVEL: i32 = 10;

/// A run that is to be packed.
#[derive(Debug)]
pub struct Pack {
    root: PathBuf,
    name: String,
    finished: u64,
    contents: Contents,
    /// Files of the archive that are made here or were read already.
    made: BTreeMap<&'static str, Vec<u8>>,
}

impl Pack {
    /// What the archive of a run will hold; of what is large what was asked for. The run's files are not verified here.
    ///
    /// # Errors
    /// [`Error::RunFolder`] for a run that is not finished, or whose manifest tells no time; [`Error::Io`].
    pub fn plan(root: &Path, large: Large) -> Result<Self> {
        let manifest = Manifest::read(root)?;
        let path = root.join(MANIFEST);
        let run_json = fs::read(&path).map_err(Error::io("cannot read", &path))?;
        let no_time = || {
            let problem = format!(
                "run.json does not tell when it was finished: expected a time as in 2026-11-23T10:00:00Z, found '{}'",
                manifest.execution.finished
            );
            Error::run_folder(root, problem)
        };
        let name = archive_name(&manifest, &run_json).ok_or_else(no_time)?;
        let time = finished(&manifest).ok_or_else(no_time)?.timestamp();

        let (mut files, mut left_out) = (BTreeMap::new(), BTreeSet::new());
        for (file, sha256) in &manifest.files {
            if let Some(folder) = large.leaves_out(file) {
                left_out.insert(folder.to_owned());
                continue;
            }
            let path = root.join(file);
            let bytes = fs::metadata(&path)
                .map_err(Error::io("cannot read", &path))?
                .len();
            let sha256 = sha256.clone();
            files.insert(file.clone(), FileFacts { bytes, sha256 });
        }
        files.insert(MANIFEST.to_owned(), facts(&run_json));
        let ro_crate = ro_crate::metadata(&manifest, &name, &files)?;
        files.insert(RO_CRATE.to_owned(), facts(&ro_crate));
        let mut made = BTreeMap::from([(MANIFEST, run_json), (RO_CRATE, ro_crate)]);
        let contents = Contents::new(left_out.into_iter().collect(), files);
        made.insert(CONTENTS, json(&contents)?);
        Ok(Self {
            root: root.to_owned(),
            name,
            // Times before 1970 have no place in a tar header.
            finished: time.try_into().unwrap_or(0),
            contents,
            made,
        })
    }

    /// The archive's name, and that of its top folder.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Writes the archive; `stopped` is asked again and again whether to give up.
    ///
    /// # Errors
    /// [`Error::Io`], told of `place`; [`Error::RunFolder`] where a file has changed since the run was finished;
    /// [`Error::Stopped`].
    pub fn write(
        &self,
        out: impl Write,
        place: &Path,
        stopped: &dyn Fn() -> bool,
    ) -> Result<ArchiveFacts> {
        let failed = |error| Error::io("cannot write", place)(error);
        let mut out = Digesting::new(out);
        let mut encoder = zstd::Encoder::new(&mut out, LEVEL).map_err(failed)?;
        encoder.include_checksum(true).map_err(failed)?;
        let mut tar = Builder::new(encoder);
        self.append(&mut tar, CONTENTS).map_err(failed)?;
        for (file, facts) in &self.contents.files {
            if self.made.contains_key(file.as_str()) {
                self.append(&mut tar, file).map_err(failed)?;
                continue;
            }
            if stopped() {
                return Err(Error::Stopped);
            }
            let path = self.root.join(file);
            let opened = File::open(&path).map_err(Error::io("cannot read", &path))?;
            let mut source = Digesting::new(opened.take(facts.bytes));
            self.append_from(&mut tar, file, facts.bytes, &mut source)
                .map_err(failed)?;
            if source.sha256() != facts.sha256 {
                let problem =
                    format!("{file} is being changed by somebody else; nothing was archived");
                return Err(Error::run_folder(&self.root, problem));
            }
        }
        tar.into_inner()
            .and_then(zstd::Encoder::finish)
            .map_err(failed)?;
        footer::write(&mut out)
            .and_then(|()| out.flush())
            .map_err(failed)?;
        Ok(ArchiveFacts {
            sha256: out.sha256(),
            bytes: out.length(),
            left_out: self.contents.left_out.clone(),
        })
    }

    fn append(&self, tar: &mut Builder<impl Write>, file: &str) -> io::Result<()> {
        let bytes = self.made.get(file).map_or(&[][..], Vec::as_slice);
        self.append_from(tar, file, bytes.len() as u64, bytes)
    }

    fn append_from(
        &self,
        tar: &mut Builder<impl Write>,
        file: &str,
        bytes: u64,
        source: impl Read,
    ) -> io::Result<()> {
        let path = format!("{}/{file}", self.name);
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(self.finished);
        header.set_size(bytes);
        if header.set_path(&path).is_err() {
            // ustar has no room for it: the pax header before the file tells the path in full.
            tar.append_pax_extensions([("path", path.as_bytes())])?;
            header.set_path(format!("{}/{}", self.name, sha256_hex(path.as_bytes())))?;
        }
        header.set_cksum();
        tar.append(&header, source)
    }
}

fn facts(bytes: &[u8]) -> FileFacts {
    FileFacts {
        bytes: bytes.len() as u64,
        sha256: sha256_hex(bytes),
    }
}

pub(super) fn json(value: &impl serde::Serialize) -> Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|error| Error::Drawing {
        what: "an archive's metadata".into(),
        problem: error.to_string(),
    })?;
    bytes.push(b'\n');
    Ok(bytes)
}
