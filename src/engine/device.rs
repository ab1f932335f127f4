//! Where the network runs: choosing the device, opening CUDA's library, and how many threads libtorch may use.

use std::str::FromStr;

use base::{Error, Result};
use tch::{Cuda, Device};

/// The device as named on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeviceChoice {
    /// A GPU where there is one, the CPU otherwise.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// The GPU of that number.
    Cuda(usize),
}

impl FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda(0)),
            _ => text
                .strip_prefix("cuda:")
                .and_then(|number| number.parse().ok())
                .map(Self::Cuda)
                .ok_or_else(|| "expected auto, cpu, cuda or cuda:N".into()),
        }
    }
}

/// Opens CUDA where it is and picks the device. A device asked for by name and absent is an error; where a GPU's
/// driver is there and `auto` cannot use it, the second value says why.
///
/// # Errors
/// [`Error::Device`].
pub fn open(choice: DeviceChoice) -> Result<(Device, Option<String>)> {
    if choice == DeviceChoice::Cpu {
        return Ok((Device::Cpu, None));
    }
    let opened = open_cuda_library();
    let found = if Cuda::is_available() {
        Cuda::device_count().max(0) as usize
    } else {
        0
    };
    match choice {
        DeviceChoice::Cuda(number) if number < found => Ok((Device::Cuda(number), None)),
        DeviceChoice::Cuda(number) => Err(Error::Device {
            device: format!("cuda:{number}"),
            problem: match (opened, found) {
                (Err(reason), _) => format!("CUDA's part of libtorch cannot be opened ({reason}); with an NVIDIA driver installed, `make setup` installs all of it"),
                (Ok(()), 0) => "no NVIDIA GPU or driver was found".into(),
                (Ok(()), found) => format!("there are {found} GPUs, counted from 0"),
            },
        }),
        _ if found > 0 => Ok((Device::Cuda(0), None)),
        _ => {
            let driver = std::path::Path::new("/proc/driver/nvidia").exists();
            let reason = opened.err().filter(|_| driver);
            let note = reason.map(|reason| {
                format!("there is an NVIDIA driver, but CUDA's part of libtorch cannot be opened ({reason}); the CPU is used")
            });
            Ok((Device::Cpu, note))
        }
    }
}

/// Lets libtorch compute with one thread in the calling thread: a worker of ours is its own parallelism, and the bits
/// of a result do not depend on how many there are.
pub fn one_thread_here() {
    tch::set_num_threads(1);
}

/// The device's name in reports (`cpu`, `cuda:0`).
pub fn name(device: Device) -> String {
    match device {
        Device::Cuda(number) => format!("cuda:{number}"),
        _ => "cpu".into(),
    }
}

/// Version of the libtorch that this binary was built with.
pub fn libtorch_version() -> &'static str {
    env!("DECONVSCOPE_LIBTORCH_VERSION")
}

/// Nothing in the binary refers to CUDA's library, so that one binary serves machines with and without it; opened
/// here, it registers itself with libtorch.
#[allow(unsafe_code, reason = "opening a library runs its initialisers")]
fn open_cuda_library() -> Result<(), String> {
    // Full float32 in convolutions, as on the CPU; read by cuDNN when CUDA is opened.
    std::env::set_var("NVIDIA_TF32_OVERRIDE", "0");
    // SAFETY: libtorch_cuda's initialisers only register kernels, as they do when it is linked.
    let library = unsafe { libloading::Library::new("libtorch_cuda.so") };
    match library {
        Ok(library) => {
            std::mem::forget(library);
            Ok(())
        }
        Err(error) => Err(std::error::Error::source(&error)
            .map_or_else(|| error.to_string(), ToString::to_string)),
    }
}
