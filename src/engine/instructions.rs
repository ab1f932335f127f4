//! Which of the processor's instructions libtorch computes with. Its libraries choose kernels by them, and kernels sum in
//! different orders: under one setting the bits of a result are the same on every processor that has the instructions.

use std::fmt;
use std::str::FromStr;

use base::{Error, Result};

/// The instructions as named on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Instructions {
    /// The best that the processor has, of each library's own choosing.
    #[default]
    Auto,
    /// What every 64-bit x86 processor since 2008 has.
    Sse41,
    /// Without AVX-512.
    Avx2,
    /// With AVX-512.
    Avx512,
}

/// What each library reads when it is first used, with its value for [`Instructions::NAMED`] in their order. oneDNN computes
/// convolutions, ATen most other ops, MKL linear layers; MKL chooses by the processor's maker as well, so it is held to the
/// one way that it has for all of them.
const LIBRARIES: [(&str, [&str; 3]); 3] = [
    ("ATEN_CPU_CAPABILITY", ["default", "avx2", "avx512"]),
    ("ONEDNN_MAX_CPU_ISA", ["SSE41", "AVX2", "AVX512_CORE"]),
    ("MKL_CBWR", ["COMPATIBLE"; 3]),
];

/// Older names, and other switches that have a say as well.
const ALSO: [&str; 2] = ["DNNL_MAX_CPU_ISA", "MKL_ENABLE_INSTRUCTIONS"];

impl Instructions {
    /// Those that are named, the least first.
    pub const NAMED: [Self; 3] = [Self::Sse41, Self::Avx2, Self::Avx512];

    /// Holds libtorch to these instructions, before anything is computed with it, and tells what is in force: the name of a
    /// setting; for [`Self::Auto`] what it depends on, the processor's maker and best instructions and what the environment
    /// says.
    ///
    /// # Errors
    /// [`Error::Usage`] where the processor does not have them.
    pub fn put_in_force(self) -> Result<String> {
        let best = Self::best_here();
        let Some(level) = Self::NAMED.iter().position(|&named| named == self) else {
            return Ok(automatic(best));
        };
        if best.is_none_or(|best| best < level) {
            return Err(Error::Usage(format!(
                "--instructions {self}: this processor does not have them; {}",
                match best {
                    Some(best) => format!("its best are {}", Self::NAMED[best]),
                    None =>
                        "it is no x86 processor, and --instructions auto is all there is".into(),
                }
            )));
        }
        for (name, values) in LIBRARIES {
            std::env::set_var(name, values[level]);
        }
        for name in ALSO {
            std::env::remove_var(name);
        }
        Ok(self.to_string())
    }

    /// The number in [`Self::NAMED`] of the best that this processor has.
    fn best_here() -> Option<usize> {
        #[cfg(target_arch = "x86_64")]
        {
            let has = [
                is_x86_feature_detected!("sse4.1"),
                is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
                is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl"),
            ];
            has.iter().take_while(|&&has| has).count().checked_sub(1)
        }
        #[cfg(not(target_arch = "x86_64"))]
        None
    }
}

impl FromStr for Instructions {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "sse41" => Ok(Self::Sse41),
            "avx2" => Ok(Self::Avx2),
            "avx512" => Ok(Self::Avx512),
            _ => Err("expected auto, sse41, avx2 or avx512".into()),
        }
    }
}

impl fmt::Display for Instructions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Sse41 => "sse41",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        })
    }
}

/// `auto (AuthenticAMD, avx512)`, with what the environment says about it.
fn automatic(best: Option<usize>) -> String {
    let level = best.map_or(std::env::consts::ARCH.to_owned(), |best| {
        Instructions::NAMED[best].to_string()
    });
    let names = LIBRARIES.into_iter().map(|(name, _)| name).chain(ALSO);
    let told = names.filter_map(|name| Some(format!("{name}={}", std::env::var(name).ok()?)));
    let parts: Vec<String> = maker().into_iter().chain([level]).chain(told).collect();
    format!("auto ({})", parts.join(", "))
}

/// The processor's maker, as Linux tells it.
fn maker() -> Option<String> {
    let processors = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = processors
        .lines()
        .find(|line| line.starts_with("vendor_id"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for named in Instructions::NAMED.into_iter().chain([Instructions::Auto]) {
            assert_eq!(named.to_string().parse(), Ok(named));
        }
        assert!("AVX2".parse::<Instructions>().is_err());
    }
}
