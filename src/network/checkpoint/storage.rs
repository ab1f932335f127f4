//! What a pickled tensor is: a strided view of a storage.

use std::rc::Rc;

use safetensors::Dtype;

use crate::strided::Strided;

/// So many numbers may a tensor have that repeats those of a smaller storage.
const MOST_REPEATED: usize = 1 << 24;

/// The type of a storage, by PyTorch's class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StorageType {
    /// Numbers that can be weights.
    Float(Dtype),
    /// Whole numbers and truth values, with their size in bytes.
    Other(usize),
}

impl StorageType {
    pub(super) fn of(class: &str) -> Option<Self> {
        Some(match class {
            "FloatStorage" => Self::Float(Dtype::F32),
            "HalfStorage" => Self::Float(Dtype::F16),
            "BFloat16Storage" => Self::Float(Dtype::BF16),
            "DoubleStorage" => Self::Float(Dtype::F64),
            "LongStorage" | "ComplexFloatStorage" => Self::Other(8),
            "IntStorage" | "QInt32Storage" => Self::Other(4),
            "ShortStorage" => Self::Other(2),
            "CharStorage" | "ByteStorage" | "BoolStorage" | "QInt8Storage" | "QUInt8Storage"
            | "UntypedStorage" => Self::Other(1),
            "ComplexDoubleStorage" => Self::Other(16),
            _ => return None,
        })
    }

    /// Bytes of a number.
    pub(super) fn size(self) -> usize {
        match self {
            Self::Float(kind) => kind.bitsize() / 8,
            Self::Other(size) => size,
        }
    }
}

/// Numbers in a row, told by the pickle and stored beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Storage {
    pub(super) key: Rc<str>,
    pub(super) numbers: StorageType,
    pub(super) count: usize,
    /// Where it begins in the storage of that key, which another may be a part of.
    pub(super) start: usize,
}

/// A strided view of a storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct View {
    pub(super) storage: Storage,
    pub(super) offset: usize,
    pub(super) shape: Vec<usize>,
    pub(super) strides: Vec<usize>,
}

impl View {
    /// Numbers in all; `None` for more than there can be.
    pub(super) fn count(&self) -> Option<usize> {
        self.shape
            .iter()
            .try_fold(1_usize, |cells, side| cells.checked_mul(*side))
    }

    /// The kind of its numbers.
    pub(super) fn kind(&self) -> Result<Dtype, String> {
        match self.storage.numbers {
            StorageType::Float(kind) => Ok(kind),
            StorageType::Other(_) => Err("holds whole numbers; expected floating point".into()),
        }
    }

    /// Whether every number lies inside the storage.
    pub(super) fn fits(&self) -> bool {
        if self.shape.len() != self.strides.len() {
            return false;
        }
        if self.count() == Some(0) {
            return true;
        }
        let reach = self.shape.iter().zip(&self.strides);
        let last = reach
            .map(|(side, stride)| side.checked_sub(1)?.checked_mul(*stride))
            .try_fold(self.offset, |sum, reach| sum.checked_add(reach?));
        self.count().is_some() && last.is_some_and(|last| last < self.storage.count)
    }

    /// The view's numbers in row-major order, out of those of its storage.
    pub(super) fn gather(&self, storage: &[f32]) -> Result<Vec<f32>, String> {
        let count = self.count().unwrap_or(0);
        if count == 0 {
            return Ok(Vec::new());
        }
        if count > MOST_REPEATED.max(storage.len()) {
            return Err(format!(
                "repeats the {} numbers of its storage to {count}; save a dense copy",
                storage.len()
            ));
        }
        let view = Strided::view(&self.shape, &self.strides, self.offset);
        Ok(view.read(storage))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(offset: usize, shape: &[usize], strides: &[usize]) -> View {
        View {
            storage: Storage {
                key: "0".into(),
                numbers: StorageType::Float(Dtype::F32),
                count: 12,
                start: 0,
            },
            offset,
            shape: shape.to_vec(),
            strides: strides.to_vec(),
        }
    }

    #[test]
    fn strides_are_followed_and_kept_inside_the_storage() {
        let storage: Vec<f32> = (0..12u8).map(f32::from).collect();
        assert_eq!(
            view(2, &[2, 2], &[2, 1]).gather(&storage).unwrap(),
            [2.0, 3.0, 4.0, 5.0]
        );
        let transposed = view(0, &[3, 2], &[1, 3]);
        assert_eq!(
            transposed.gather(&storage).unwrap(),
            [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]
        );
        assert_eq!(view(11, &[1], &[7]).gather(&storage).unwrap(), [11.0]);
        assert_eq!(view(1, &[3], &[0]).gather(&storage).unwrap(), [1.0; 3]);
        let claims = view(0, &[1 << 40], &[0]);
        assert!(claims.fits());
        assert!(claims.gather(&storage).unwrap_err().contains("repeats"));
        assert!(view(2, &[2, 5], &[5, 1]).fits());
        assert!(!view(3, &[2, 5], &[5, 1]).fits());
        assert!(!view(0, &[2], &[1, 1]).fits());
        assert!(!view(0, &[usize::MAX, 2], &[0, 0]).fits());
        assert!(!view(usize::MAX, &[2], &[usize::MAX]).fits());
        for empty in [
            view(99, &[0, 4], &[4, 1]),
            view(99, &[0, usize::MAX, 2], &[1, 2, 1]),
        ] {
            assert!(empty.fits());
            assert!(empty.gather(&storage).unwrap().is_empty());
        }
    }
}
