//! Values in the host's memory that libtorch holds: written and read where they lie, kept and used again where a device copies
//! from them.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

use tch::{kind::Element, Device, Kind, TchError, Tensor};

/// Buffers are as large as a multiple of this many values, so that one fits passes of several sizes.
const STEP: usize = 1 << 18;
/// Buffers of a pool that wait to be used again, at most; more are given back to the system.
const WAITING: usize = 8;

/// Values in the host's memory. What borrowed a buffer from a pool gives it back when it is dropped.
#[derive(Debug)]
pub struct Host<T> {
    tensor: Tensor,
    length: usize,
    home: Option<Arc<Pool>>,
    kind: PhantomData<T>,
}

// SAFETY: what can be done with a shared one is to read its values, which nobody writes: its tensor is its own, and `Host::of` is
// given tensors that nothing writes to any more.
#[allow(
    unsafe_code,
    reason = "a tensor is not Sync because it may be written to"
)]
unsafe impl<T: Sync> Sync for Host<T> {}

impl<T: Element> Host<T> {
    /// Room for so many values, which are yet to be written.
    pub(super) fn new(length: usize) -> Result<Self, TchError> {
        Self::of(Tensor::f_zeros([length as i64], (T::KIND, Device::Cpu))?)
    }

    /// A tensor of this kind as it is, without a copy where it lies in one piece on the CPU. Nothing may write to it any more.
    pub(super) fn of(tensor: Tensor) -> Result<Self, TchError> {
        if tensor.f_kind()? != T::KIND || tensor.device() != Device::Cpu {
            return Err(TchError::Kind("values of another kind or place".into()));
        }
        let tensor = tensor.f_contiguous()?.f_view([-1])?;
        Ok(Self {
            length: tensor.numel(),
            tensor,
            home: None,
            kind: PhantomData,
        })
    }

    /// The values as a tensor of that shape, but for those of a pool.
    pub(super) fn into_tensor(self, shape: &[i64]) -> Result<Tensor, TchError> {
        match self.home {
            None => self.tensor.f_view(shape),
            Some(_) => Err(TchError::Kind("a pool's buffer would be written to".into())),
        }
    }

    /// The tensor, one axis.
    pub(super) fn as_tensor(&self) -> Result<Tensor, TchError> {
        self.tensor.f_narrow(0, 0, self.length as i64)
    }
}

impl<T: Element> Deref for Host<T> {
    type Target = [T];

    #[allow(unsafe_code, reason = "tch copies tensors only")]
    fn deref(&self) -> &[T] {
        if self.length == 0 {
            return &[];
        }
        // SAFETY: a contiguous tensor of this kind on the CPU with at least so many values, which it keeps where they are.
        unsafe { std::slice::from_raw_parts(self.tensor.data_ptr().cast(), self.length) }
    }
}

impl<T: Element> AsRef<[T]> for Host<T> {
    fn as_ref(&self) -> &[T] {
        self
    }
}

impl<T: Element> DerefMut for Host<T> {
    #[allow(unsafe_code, reason = "tch copies tensors only")]
    fn deref_mut(&mut self) -> &mut [T] {
        if self.length == 0 {
            return &mut [];
        }
        // SAFETY: as above; and nobody else has it as long as it is borrowed.
        unsafe { std::slice::from_raw_parts_mut(self.tensor.data_ptr().cast(), self.length) }
    }
}

impl<T> Drop for Host<T> {
    fn drop(&mut self) {
        if let Some(home) = &self.home {
            home.take_back(self.tensor.shallow_clone());
        }
    }
}

/// Buffers of bytes that a device copies from, kept and used again; pinned for a GPU, so that it copies at full speed and beside
/// other work.
#[derive(Debug)]
pub(super) struct Pool {
    device: Device,
    waiting: Mutex<Vec<Tensor>>,
}

impl Pool {
    pub(super) fn new(device: Device) -> Arc<Self> {
        Arc::new(Self {
            device,
            waiting: Mutex::default(),
        })
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<Tensor>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A buffer of so many bytes: the smallest that waits and is large enough, or a new one.
    pub(super) fn take(self: &Arc<Self>, length: usize) -> Result<Host<u8>, TchError> {
        let mut waiting = self.waiting();
        let fitting = waiting.iter().enumerate();
        let fitting = fitting.filter(|(_, tensor)| tensor.numel() >= length);
        let smallest = fitting.min_by_key(|(_, tensor)| tensor.numel());
        let found = smallest.map(|(at, _)| at).map(|at| waiting.swap_remove(at));
        drop(waiting);
        let tensor = match found {
            Some(tensor) => tensor,
            None => self.fresh(length.max(1).next_multiple_of(STEP))?,
        };
        Ok(Host {
            tensor,
            length,
            home: Some(Arc::clone(self)),
            kind: PhantomData,
        })
    }

    /// Of too many that wait the smallest is let go.
    fn take_back(&self, tensor: Tensor) {
        let mut waiting = self.waiting();
        waiting.push(tensor);
        if waiting.len() > WAITING {
            let sizes = waiting.iter().map(Tensor::numel).enumerate();
            if let Some((at, _)) = sizes.min_by_key(|(_, size)| *size) {
                drop(waiting.swap_remove(at));
            }
        }
    }

    fn fresh(&self, length: usize) -> Result<Tensor, TchError> {
        let zeros = Tensor::f_zeros([length as i64], (Kind::Uint8, self.device))?;
        if self.device == Device::Cpu {
            return Ok(zeros);
        }
        // What comes from a GPU without a wait comes into pinned memory; `pin_memory` itself, as tch calls it, warns of its argument.
        let buffer = zeros.f_to_device_(Device::Cpu, Kind::Uint8, true, false)?;
        // Nobody may write there before it has come.
        let _ = zeros.f_narrow(0, 0, 1)?.f_to_device(Device::Cpu)?;
        Ok(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_and_read_where_they_lie() {
        let mut host = Host::<f32>::new(6).unwrap();
        host.copy_from_slice(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let tensor = host.into_tensor(&[2, 3]).unwrap();
        let turned = tensor.f_transpose(0, 1).unwrap();
        let turned = Host::<f32>::of(turned).unwrap();
        assert_eq!(*turned, [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
        assert!(Host::<u8>::of(tensor).is_err());
        assert!(Host::<f32>::new(0).unwrap().is_empty());
    }

    #[test]
    fn buffers_are_used_again() {
        let pool = Pool::new(Device::Cpu);
        let first = pool.take(10).unwrap();
        let place = first.as_ptr();
        drop(first);
        let mut again = pool.take(STEP).unwrap();
        assert_eq!((again.as_ptr(), again.len()), (place, STEP));
        again.fill(7);
        let other = pool.take(1).unwrap();
        assert_ne!(other.as_ptr(), place);
        drop((again, other));
        assert_eq!(pool.waiting().len(), 2);
        assert_eq!(pool.take(STEP + 1).unwrap().len(), STEP + 1);
        assert_eq!(pool.waiting().len(), 3);
        let many: Vec<_> = (0..2 * WAITING)
            .map(|number| pool.take(number * STEP + 1).unwrap())
            .collect();
        drop(many);
        let waiting = pool.waiting();
        let smallest = waiting.iter().map(Tensor::numel).min();
        assert_eq!(
            (waiting.len(), smallest),
            (WAITING, Some((WAITING + 1) * STEP))
        );
    }
}
