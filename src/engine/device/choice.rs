//! Devices by the names that the command line has for them, and which of them there are.

use std::str::FromStr;

use base::{Error, Result};
use tch::Device;

/// The devices as named on the command line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum DeviceChoice {
    /// A GPU where there is one that works, the CPU otherwise.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// The GPUs of these numbers, each of them once.
    Cuda(Vec<usize>),
    /// Every GPU.
    All,
}

const EXPECTED: &str =
    "expected auto, cpu, cuda, cuda:N, several of them as in cuda:0,cuda:1, or all (GPUs)";

impl FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => return Ok(Self::Auto),
            "cpu" => return Ok(Self::Cpu),
            "all" => return Ok(Self::All),
            _ => {}
        }
        let mut numbers = Vec::new();
        for name in text.split(',') {
            let number = match name {
                "cuda" => 0,
                "auto" | "cpu" | "all" => {
                    return Err(format!(
                        "{name} stands alone: only GPUs work side by side, as in cuda:0,cuda:1"
                    ))
                }
                _ => name
                    .strip_prefix("cuda:")
                    .and_then(|number| number.parse().ok())
                    .ok_or(EXPECTED)?,
            };
            if numbers.contains(&number) {
                return Err(format!("cuda:{number} is named twice"));
            }
            numbers.push(number);
        }
        Ok(Self::Cuda(numbers))
    }
}

/// What a machine has of GPUs.
pub(super) struct Found {
    /// As many as libtorch counts.
    pub(super) gpus: usize,
    /// Why there are none.
    pub(super) obstacle: Option<String>,
    /// Whether a driver says that there should be some.
    pub(super) driver: bool,
}

impl DeviceChoice {
    /// The devices that are meant; for [`Self::Auto`] on a machine whose driver cannot be used, why it is the CPU.
    ///
    /// # Errors
    /// [`Error::Device`] for one asked for by name and absent.
    pub(super) fn among(&self, found: &Found) -> Result<(Vec<Device>, Option<String>)> {
        let absent = |device: String| Error::Device {
            device,
            problem: match (&found.obstacle, found.gpus) {
                (Some(obstacle), _) => obstacle.clone(),
                (None, 0) => "no NVIDIA GPU or driver was found".into(),
                (None, 1) => "there is one GPU, cuda:0".into(),
                (None, gpus) => format!("there are {gpus} GPUs, cuda:0 to cuda:{}", gpus - 1),
            },
        };
        match self {
            Self::Cpu => Ok((vec![Device::Cpu], None)),
            Self::Auto if found.gpus > 0 => Ok((vec![Device::Cuda(0)], None)),
            Self::Auto => {
                let obstacle = found.obstacle.as_deref().filter(|_| found.driver);
                Ok((vec![Device::Cpu], obstacle.map(on_the_cpu)))
            }
            Self::All if found.gpus == 0 => Err(absent("all".into())),
            Self::All => Ok(((0..found.gpus).map(Device::Cuda).collect(), None)),
            Self::Cuda(numbers) => match numbers.iter().find(|&&number| number >= found.gpus) {
                Some(number) => Err(absent(format!("cuda:{number}"))),
                None => Ok((numbers.iter().copied().map(Device::Cuda).collect(), None)),
            },
        }
    }
}

/// What is said where there should be a GPU and is none to be used.
pub(super) fn on_the_cpu(obstacle: &str) -> String {
    format!("there is an NVIDIA driver, but no GPU can be used: {obstacle}; the CPU is used")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<DeviceChoice, String> {
        text.parse()
    }

    #[test]
    fn devices_are_named_alone_or_side_by_side() {
        assert_eq!(read("auto"), Ok(DeviceChoice::Auto));
        assert_eq!(read("cpu"), Ok(DeviceChoice::Cpu));
        assert_eq!(read("all"), Ok(DeviceChoice::All));
        for (text, numbers) in [
            ("cuda", &[0][..]),
            ("cuda:3", &[3]),
            ("cuda:0,cuda:1", &[0, 1]),
            ("cuda:2,cuda", &[2, 0]),
        ] {
            assert_eq!(read(text), Ok(DeviceChoice::Cuda(numbers.to_vec())));
        }
    }

    #[test]
    fn what_is_no_device_is_told() {
        for (text, problem) in [
            ("gpu", "expected auto, cpu, cuda"),
            ("", "expected auto"),
            ("cuda:", "expected auto"),
            ("cuda:-1", "expected auto"),
            ("cuda:0,", "expected auto"),
            ("cuda:0, cuda:1", "expected auto"),
            ("cuda:99999999999999999999", "expected auto"),
            ("cuda:0,cuda:0", "cuda:0 is named twice"),
            ("cuda,cuda:0", "cuda:0 is named twice"),
            ("cpu,cuda:0", "cpu stands alone"),
            ("cuda:0,all", "all stands alone"),
        ] {
            let told = read(text).unwrap_err();
            assert!(told.contains(problem), "{text}: {told}");
        }
    }

    fn found(gpus: usize, obstacle: Option<&str>, driver: bool) -> Found {
        Found {
            gpus,
            obstacle: obstacle.map(str::to_owned),
            driver,
        }
    }

    #[test]
    fn a_device_that_there_is_not_is_an_error() {
        let problem = |choice: &str, found: &Found| {
            let among = read(choice).unwrap().among(found);
            among.unwrap_err().to_string()
        };
        for (choice, found, parts) in [
            (
                "cuda:9",
                found(2, None, true),
                ["device 'cuda:9'", "2 GPUs, cuda:0 to cuda:1"],
            ),
            (
                "cuda:0,cuda:1",
                found(1, None, true),
                ["device 'cuda:1'", "one GPU, cuda:0"],
            ),
            (
                "cuda",
                found(0, None, false),
                ["device 'cuda:0'", "no NVIDIA GPU or driver"],
            ),
            (
                "all",
                found(0, Some("too old"), true),
                ["device 'all'", "too old"],
            ),
        ] {
            let told = problem(choice, &found);
            assert!(parts.iter().all(|part| told.contains(part)), "{told}");
        }
    }

    #[test]
    fn one_gpu_is_taken_where_none_is_named_and_all_on_request() {
        let two = found(2, None, true);
        let among = |choice: &str, found: &Found| read(choice).unwrap().among(found).unwrap();
        assert_eq!(among("auto", &two), (vec![Device::Cuda(0)], None));
        assert_eq!(among("all", &two).0, [Device::Cuda(0), Device::Cuda(1)]);
        assert_eq!(among("cuda:1", &two).0, [Device::Cuda(1)]);
        assert_eq!(among("cpu", &two).0, [Device::Cpu]);
        // Without a driver nobody expects a GPU; with one it is told why there is none.
        let (devices, note) = among("auto", &found(0, Some("no library"), false));
        assert_eq!((&devices[..], note), (&[Device::Cpu][..], None));
        let (devices, note) = among("auto", &found(0, Some("no library"), true));
        assert_eq!(devices, [Device::Cpu]);
        assert!(note.unwrap().contains("no library; the CPU is used"));
    }
}
