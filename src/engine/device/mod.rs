//! Where the network runs: choosing devices, opening CUDA's library, and how many threads libtorch may use.

mod choice;
mod driver;
mod switch;

use base::{Error, Result};
use tch::{Cuda, Device, Kind, TchError, Tensor};

pub use choice::DeviceChoice;
use choice::{on_the_cpu, Found};
pub(super) use switch::Switch;

use super::Precision;

/// Opens CUDA where it is, for passes of that precision, and picks the devices, of which each is seen to compute: one where several are not asked for. A
/// device asked for by name and absent is an error; where a GPU's driver is there and `auto` cannot use it, the second value
/// says why.
///
/// # Errors
/// [`Error::Device`].
pub fn open(choice: &DeviceChoice, precision: Precision) -> Result<(Vec<Device>, Option<String>)> {
    if *choice == DeviceChoice::Cpu {
        return Ok((vec![Device::Cpu], None));
    }
    let (devices, note) = choice.among(&found(precision))?;
    match devices.iter().try_for_each(|&device| try_out(device)) {
        Ok(()) => Ok((devices, note)),
        Err(Error::Device { problem, .. }) if *choice == DeviceChoice::Auto => {
            Ok((vec![Device::Cpu], Some(on_the_cpu(&problem))))
        }
        Err(error) => Err(error),
    }
}

/// Lets libtorch compute with one thread in the calling thread: a worker of ours is its own parallelism, and the bits
/// of a result do not depend on how many there are.
pub fn one_thread_here() {
    tch::set_num_threads(1);
}

/// A device's name on the command line (`cpu`, `cuda:0`).
pub fn name(device: Device) -> String {
    match device {
        Device::Cuda(number) => format!("cuda:{number}"),
        _ => "cpu".into(),
    }
}

/// What devices are, on whose kind rounding depends and not on their numbers: `cpu`, `cuda (NVIDIA H200)`.
pub fn kind(devices: &[Device]) -> String {
    let mut names: Vec<String> = devices.iter().filter_map(|&gpu| card_name(gpu)).collect();
    names.sort();
    names.dedup();
    match (devices.contains(&Device::Cpu), names.is_empty()) {
        (true, _) => "cpu".into(),
        (false, true) => "cuda".into(),
        (false, false) => format!("cuda ({})", names.join(", ")),
    }
}

/// Each device with what it is: `cuda:1 (NVIDIA H200)`.
pub fn descriptions(devices: &[Device]) -> Vec<String> {
    let described = |&device: &Device| match card_name(device) {
        Some(card) => format!("{} ({card})", name(device)),
        None => name(device),
    };
    devices.iter().map(described).collect()
}

/// Version of the libtorch that this binary was built with.
pub fn libtorch_version() -> &'static str {
    env!("DECONVSCOPE_LIBTORCH_VERSION")
}

fn card_name(device: Device) -> Option<String> {
    Some(card(device)?.name)
}

fn card(device: Device) -> Option<driver::Card> {
    let Device::Cuda(number) = device else {
        return None;
    };
    driver::cards().into_iter().nth(number)
}

/// The GPUs, with CUDA opened.
fn found(precision: Precision) -> Found {
    let opened = open_cuda_library(precision);
    let gpus = match Cuda::is_available() {
        true => Cuda::device_count().max(0) as usize,
        false => 0,
    };
    let obstacle = match (opened, gpus) {
        (Err(reason), _) => Some(format!("CUDA's part of libtorch cannot be opened ({reason}); with an NVIDIA driver installed, `make setup` installs all of it, as pip does with a torch that has CUDA")),
        // What counts them is silent about the reason; what uses one is not.
        (Ok(()), 0) => computed(Device::Cuda(0)).err().map(|error| first_line(&error)),
        (Ok(()), _) => None,
    };
    Found {
        gpus,
        obstacle,
        driver: std::path::Path::new("/proc/driver/nvidia").exists(),
    }
}

/// Has a device compute something: a card that is too old for this libtorch's kernels, or that another process has to itself,
/// is counted like any other and refuses only then.
fn try_out(device: Device) -> Result<()> {
    computed(device).map_err(|error| Error::Device {
        device: name(device),
        problem: refusal(&first_line(&error), card(device).as_ref()),
    })
}

fn computed(device: Device) -> Result<(), TchError> {
    let one = Tensor::f_ones([1], (Kind::Float, device))?;
    match one.f_add_scalar(1.0)?.f_double_value(&[0])? == 2.0 {
        true => Ok(()),
        false => Err(TchError::Torch("1 + 1 is not 2 there".into())),
    }
}

fn first_line(error: &TchError) -> String {
    let told = match error {
        TchError::Torch(told) => told.clone(),
        other => other.to_string(),
    };
    told.lines().next().unwrap_or_default().to_owned()
}

/// What it means that a card refuses, in libtorch's own words, and what to do about it.
fn refusal(told: &str, card: Option<&driver::Card>) -> String {
    let has = |words: &str| told.contains(words);
    let advice = if has("no kernel image is available") {
        let card = card.map_or("this card".into(), |card| {
            format!("{} (compute capability {})", card.name, card.capability)
        });
        format!("this libtorch was built without kernels for {card}, most often because the card is too old for it; take another --device, or build with a libtorch {} that has them (LIBTORCH)", libtorch_version())
    } else if has("busy or unavailable") || has("out of memory") {
        "another process may be using it; nvidia-smi tells which".into()
    } else if has("driver version is insufficient") || has("unsupported toolchain") {
        "the NVIDIA driver is too old for this libtorch; install a newer one".into()
    } else {
        "nvidia-smi tells how it is".into()
    };
    format!("{told}: {advice}")
}

/// Nothing in the binary refers to CUDA's library, so that one binary serves machines with and without it; opened
/// here, it registers itself with libtorch.
#[allow(unsafe_code, reason = "opening a library runs its initialisers")]
fn open_cuda_library(precision: Precision) -> Result<(), String> {
    precision.prepare()?;
    Switch::FixedOrder.set(true)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_computes() {
        assert!(try_out(Device::Cpu).is_ok());
        let (devices, note) = open(&DeviceChoice::Cpu, Precision::Float32).unwrap();
        assert_eq!((&devices[..], note), (&[Device::Cpu][..], None));
        assert_eq!(kind(&devices), "cpu");
        assert_eq!(descriptions(&devices), ["cpu"]);
    }

    /// In the words of CUDA's runtime, which libtorch repeats.
    #[test]
    fn a_card_that_refuses_says_why() {
        let old = driver::Card {
            name: "Tesla K80".into(),
            capability: "3.7".into(),
        };
        let told = |words: &str| refusal(&format!("CUDA error: {words}"), Some(&old));
        for (words, advice) in [
            (
                "no kernel image is available for execution on the device",
                "Tesla K80 (compute capability 3.7), most often because the card is too old",
            ),
            (
                "CUDA-capable device(s) is/are busy or unavailable",
                "another process",
            ),
            ("out of memory", "another process"),
            (
                "CUDA driver version is insufficient for CUDA runtime version",
                "driver is too old",
            ),
            ("unspecified launch failure", "nvidia-smi tells"),
        ] {
            let told = told(words);
            assert!(told.contains(words) && told.contains(advice), "{told}");
        }
        assert!(refusal("no kernel image is available", None).contains("for this card"));
    }
}
