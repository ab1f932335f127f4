//! Pages (being written).

use std::path::Path;

use crate::error::Result;
use crate::records::Run;

/// Language of the pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Korean.
    Ko,
}

impl std::str::FromStr for Lang {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "en" => Ok(Self::En),
            "ko" => Ok(Self::Ko),
            _ => Err("expected en or ko".into()),
        }
    }
}

impl std::fmt::Display for Lang {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::En => "en",
            Self::Ko => "ko",
        })
    }
}

/// Writes the pages.
///
/// # Errors
/// None yet.
pub fn render(run: &Run, _lang: Lang) -> Result<()> {
    crate::records::write_whole(&run.root.join("index.html"), |_| Ok(()))
}

/// Writes one file.
///
/// # Errors
/// None yet.
pub fn single_file(_root: &Path, _out: &Path) -> Result<()> {
    Ok(())
}
