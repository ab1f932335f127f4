//! In which precision photographs are classified, and convolutions and linear layers multiply in a training. All else, projections,
//! maps and what they are drawn from, is float32.

use std::fmt;
use std::str::FromStr;

use base::{Error, Result};
use network::Window;
use tch::{Device, Kind, TchError, Tensor};

use super::device::Switch;
use super::forward::{spans, vectors};
use super::parameters::Parameters;
use super::{Engine, Recording, Trace};

/// The precision as named on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// 24 significant bits.
    #[default]
    Float32,
    /// Factors of convolutions and linear layers are rounded to 11 significant bits and their products added up in float32: a
    /// GPU's.
    Tf32,
    /// 8 significant bits, but for what makes probabilities of the last sums.
    Bf16,
}

impl FromStr for Precision {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "float32" => Ok(Self::Float32),
            "tf32" => Ok(Self::Tf32),
            "bf16" => Ok(Self::Bf16),
            _ => Err("expected float32, tf32 or bf16".into()),
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Float32 => "float32",
            Self::Tf32 => "tf32",
            Self::Bf16 => "bf16",
        })
    }
}

/// Read by NVIDIA's libraries: 0 forbids TF32 to all of them, whoever asks for it.
const TF32: &str = "NVIDIA_TF32_OVERRIDE";

impl Precision {
    /// Sees to it, before CUDA is opened, that nothing is computed in TF32 but what asks for it by itself.
    ///
    /// # Errors
    /// Why not.
    pub(super) fn prepare(self) -> Result<(), String> {
        match self {
            Self::Float32 | Self::Bf16 => std::env::set_var(TF32, "0"),
            Self::Tf32 => {
                std::env::remove_var(TF32);
                allow_tf32(false)?;
            }
        }
        Ok(())
    }

    /// Whether these devices have it.
    ///
    /// # Errors
    /// [`Error::Usage`].
    pub fn held_against(self, devices: &[Device]) -> Result<()> {
        match self == Self::Tf32 && devices.contains(&Device::Cpu) {
            true => Err(Error::Usage(
                "--precision tf32 is a way of GPUs to multiply, and the CPU is used; it has float32 and bf16".into(),
            )),
            false => Ok(()),
        }
    }
}

/// Whether libtorch's own calls may multiply in TF32, which it allows to convolutions on a GPU by default.
fn allow_tf32(is_allowed: bool) -> Result<(), String> {
    Switch::Tf32OfConvolutions.set(is_allowed)?;
    Switch::Tf32OfProducts.set(is_allowed)
}

/// As long as it lives libtorch may multiply in TF32 on a GPU, in all that this process computes there.
#[derive(Debug)]
pub(super) struct Tf32(());

impl Tf32 {
    pub(super) fn allowed() -> Result<Self, TchError> {
        allow_tf32(true).map_err(TchError::Torch)?;
        Ok(Self(()))
    }
}

impl Drop for Tf32 {
    fn drop(&mut self) {
        // It was found when it was allowed.
        let _ = allow_tf32(false);
    }
}

impl Engine {
    /// The same network, by which photographs are classified in that precision.
    ///
    /// # Errors
    /// [`Error::Compute`].
    pub fn classifying_in(self, precision: Precision) -> Result<Self> {
        let classifier = match precision {
            Precision::Float32 => None,
            Precision::Tf32 => Some(Self {
                tf32: true,
                ..self.clone()
            }),
            Precision::Bf16 => Some(self.of_half_the_bits()?),
        };
        Ok(Self {
            classifier: classifier.map(Box::new),
            ..self
        })
    }

    fn of_half_the_bits(&self) -> Result<Self> {
        let kind = Kind::BFloat16;
        let rounded = |tensor: &Tensor| match tensor.kind() {
            Kind::Int64 => Ok(tensor.shallow_clone()),
            _ => tensor.f_to_kind(kind),
        };
        let parameters = self.parameters.iter();
        let parameters = parameters.map(|parameters| parameters.each(&rounded));
        let parameters = parameters.collect::<Result<Vec<Parameters>, TchError>>();
        Ok(Self {
            parameters: parameters.map_err(Error::compute("rounding the weights"))?,
            kind,
            ..self.clone()
        })
    }

    /// Runs a batch as [`Engine::forward`] does; its `output` is in the precision of [`Engine::classifying_in`], float32 numbers
    /// all the same, what is recorded in float32.
    ///
    /// # Errors
    /// Those of [`Engine::forward`].
    pub fn classify(&self, input: &Tensor, recording: &Recording) -> Result<Trace> {
        let Some(classifier) = &self.classifier else {
            return self.forward(input, recording);
        };
        let classified = classifier.forward(input, &Recording::default())?;
        let output = classified.output.f_to_kind(self.kind);
        let output = output.map_err(Error::compute("classifying"))?;
        let recorded = match recording.activations.is_empty() && recording.rule.is_none() {
            true => classified,
            false => self.forward(input, recording)?,
        };
        Ok(Trace { output, ..recorded })
    }
}

/// A convolution that may round its factors to TF32, where the device has that.
pub(super) fn convolution(
    x: &Tensor,
    (weight, bias): (&Tensor, Option<&Tensor>),
    window: &Window,
    groups: usize,
) -> Result<Tensor, TchError> {
    let ([stride, padding, dilation], none) = (spans(window), [0i64, 0]);
    x.f_internal_convolution(
        weight,
        bias,
        stride,
        padding,
        dilation,
        false,
        none,
        groups as i64,
        false,
        false,
        true,
        true,
    )
}

/// Likewise a linear layer of vectors `[N, F]`, to maps of one cell: as a convolution, for which alone libtorch can be told.
pub(super) fn linear(
    x: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
) -> Result<Tensor, TchError> {
    let cell = Window::square(1, 1, 0);
    convolution(&vectors(x)?, (&vectors(weight)?, bias), &cell, 1)
}

#[cfg(test)]
mod tests {
    use std::ffi::c_void;

    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for precision in [Precision::Float32, Precision::Tf32, Precision::Bf16] {
            assert_eq!(precision.to_string().parse(), Ok(precision));
        }
        assert!("fp16".parse::<Precision>().is_err());
    }

    #[test]
    fn a_processor_has_no_tf32() {
        let on = |devices: &[Device]| Precision::Tf32.held_against(devices);
        assert!(on(&[Device::Cpu]).is_err());
        assert!(on(&[Device::Cuda(0), Device::Cuda(1)]).is_ok());
        assert!(Precision::Bf16.held_against(&[Device::Cpu]).is_ok());
    }

    #[test]
    #[allow(unsafe_code, reason = "tch does not have this function")]
    fn libtorch_can_be_told_to_do_without_tf32() {
        // With a `std::optional<at::Float32Op>` that has no value, and without an argument.
        type OfConvolutions = unsafe extern "C" fn(*mut c_void, u64) -> bool;
        type OfProducts = unsafe extern "C" fn(*mut c_void) -> bool;
        let allowed = || unsafe {
            let libtorch = libloading::Library::new("libtorch_cpu.so").unwrap();
            let context = libtorch
                .get::<unsafe extern "C" fn() -> *mut c_void>(b"_ZN2at13globalContextEv\0")
                .unwrap();
            let convolutions = libtorch
                .get::<OfConvolutions>(
                    b"_ZNK2at7Context14allowTF32CuDNNESt8optionalINS_9Float32OpEE\0",
                )
                .unwrap();
            let products = libtorch
                .get::<OfProducts>(b"_ZNK2at7Context15allowTF32CuBLASEv\0")
                .unwrap();
            [convolutions(context(), 0), products(context())]
        };
        assert_eq!(allowed(), [true, false]);
        allow_tf32(false).unwrap();
        assert_eq!(allowed(), [false, false]);
        let guard = Tf32::allowed().unwrap();
        assert_eq!(allowed(), [true, true]);
        drop(guard);
        assert_eq!(allowed(), [false, false]);
    }
}
