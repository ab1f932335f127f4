//! What goes to a device and comes back. A thread that feeds a GPU waits for it where values are read back, and nowhere else:
//! a copy that blocks, in either direction, waits for everything that was asked of the device before.

use std::cell::Cell;

use base::{Error, Result};
use tch::kind::Element;
use tch::{Device, TchError, Tensor};

use super::host::Host;

thread_local! {
    static WAITS: Cell<usize> = const { Cell::new(0) };
}

/// How often the calling thread has read something back so far, each time waiting for the device.
pub fn waits() -> usize {
    WAITS.get()
}

/// Counts a wait.
pub(super) fn count_wait() {
    WAITS.set(WAITS.get() + 1);
}

/// Numbers on a device, without waiting for it: what lies in ordinary memory is taken over before the call returns.
pub(super) fn sent<T: Element>(numbers: &[T], device: Device) -> Result<Tensor, TchError> {
    let numbers = Tensor::f_from_slice(numbers)?;
    match device {
        Device::Cpu => Ok(numbers),
        _ => numbers.f_to_device_(device, T::KIND, true, false),
    }
}

/// Values that were read back.
#[derive(Debug)]
pub struct Values(Tensor);

impl Values {
    /// All of them, row-major.
    ///
    /// # Errors
    /// [`Error::Compute`] for other values than `T`.
    pub fn all<T: Element + Copy + Default>(&self) -> Result<Vec<T>> {
        let copy = || -> Result<Vec<T>, TchError> {
            let mut values = vec![T::default(); self.0.numel()];
            self.0.f_copy_data(&mut values, self.0.numel())?;
            Ok(values)
        };
        copy().map_err(Error::compute("reading values back"))
    }

    /// All of them where they lie.
    ///
    /// # Errors
    /// [`Error::Compute`] for other values than `T`.
    pub(super) fn hosted<T: Element>(self) -> Result<Host<T>> {
        Host::of(self.0).map_err(Error::compute("reading values back"))
    }

    /// Some of their rows, which are not copied.
    ///
    /// # Errors
    /// [`Error::Compute`] for rows that there are not.
    pub fn rows(&self, first: usize, count: usize) -> Result<Self> {
        let rows = self.0.f_narrow(0, first as i64, count as i64);
        rows.map(Self)
            .map_err(Error::compute("reading values back"))
    }

    /// Of rows `[rows, columns]` one column.
    ///
    /// # Errors
    /// [`Error::Compute`] for a column that there is not.
    pub fn column(&self, column: usize) -> Result<Self> {
        let column = || {
            let rows = self.0.f_flatten(1, -1)?;
            rows.f_select(1, column as i64)?.f_contiguous()
        };
        let column = column().map_err(Error::compute("reading values back"))?;
        Ok(Self(column))
    }
}

/// Reads tensors back, waiting for their device once for all of them; those that lie on the CPU are not copied.
///
/// # Errors
/// [`Error::Compute`].
pub fn read_back(tensors: &[&Tensor]) -> Result<Vec<Values>> {
    count_wait();
    let copy = |tensor: &&Tensor| -> Result<Values, TchError> {
        let rows = tensor.f_contiguous()?;
        // From a GPU without waiting, into pinned memory that libtorch keeps and uses again.
        let copy = rows.f_to_device_(Device::Cpu, rows.f_kind()?, true, false)?;
        Ok(Values(copy))
    };
    let all = || -> Result<Vec<Values>, TchError> {
        let copies = tensors.iter().map(copy).collect::<Result<_, _>>()?;
        let there = tensors.iter().find(|tensor| {
            let device = tensor.device();
            device != Device::Cpu && tensor.numel() > 0
        });
        if let Some(tensor) = there {
            // What is asked for last comes last.
            let one = tensor.f_as_strided([1], [1], None)?;
            let _ = one.f_to_device(Device::Cpu)?;
        }
        Ok(copies)
    };
    all().map_err(Error::compute("reading values back"))
}
