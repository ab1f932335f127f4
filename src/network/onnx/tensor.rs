//! Constants of a graph as plain numbers, from any element type that ONNX has for them.

use super::messages::tensor_proto::{DataLocation, DataType};
use super::messages::TensorProto;
use half::{bf16, f16};
use protobuf::Enum;

use super::external::Folder;
use super::size::{elements, sizes};
use crate::little_endian::numbers;

/// A constant: its shape and its values in row-major order.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// Its shape; empty for a single number.
    pub dims: Vec<usize>,
    /// As many as the shape says.
    pub values: Numbers,
}

/// Values of one of two kinds.
#[derive(Debug, Clone, PartialEq)]
pub enum Numbers {
    /// Floating point of any width.
    Floats(Vec<f32>),
    /// Integers of any width, and booleans as 0 and 1.
    Integers(Vec<i64>),
}

/// Applies its second part to the values of either kind and keeps the kind.
macro_rules! each {
    ($numbers:expr, $values:ident => $result:expr) => {
        match $numbers {
            Numbers::Floats($values) => Numbers::Floats($result),
            Numbers::Integers($values) => Numbers::Integers($result),
        }
    };
}
pub(super) use each;

impl Numbers {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Floats(values) => values.len(),
            Self::Integers(values) => values.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Tensor {
    /// A tensor of floats of this shape.
    pub fn floats(dims: Vec<usize>, values: Vec<f32>) -> Self {
        let values = Numbers::Floats(values);
        Self { dims, values }
    }

    /// A float without axes.
    pub fn number(value: f32) -> Self {
        Self::floats(vec![], vec![value])
    }

    /// A tensor of integers of this shape.
    pub fn integers(dims: Vec<usize>, values: Vec<i64>) -> Self {
        let values = Numbers::Integers(values);
        Self { dims, values }
    }

    /// The values, which must be integers.
    ///
    /// # Errors
    /// What they are instead.
    pub fn as_integers(&self) -> Result<&[i64], String> {
        match &self.values {
            Numbers::Integers(values) => Ok(values),
            Numbers::Floats(_) => Err("expected integers, found floats".into()),
        }
    }

    /// The values, which must be floats.
    ///
    /// # Errors
    /// What they are instead.
    pub fn as_floats(&self) -> Result<&[f32], String> {
        match &self.values {
            Numbers::Floats(values) => Ok(values),
            Numbers::Integers(_) => Err("expected floats, found integers".into()),
        }
    }

    /// The tensor of a message, whose numbers may lie in a file of `folder`.
    ///
    /// # Errors
    /// What about it contradicts itself or is not supported, without the tensor's name.
    pub(super) fn from_proto(mut proto: TensorProto, folder: &Folder) -> Result<Self, String> {
        let dims = sizes(&proto.dims)?;
        let count = elements(&dims)?;
        let kind = DataType::from_i32(proto.data_type())
            .ok_or_else(|| format!("of unknown element type {}", proto.data_type()))?;
        let each = size(kind)?;
        if proto.segment.is_some() {
            return Err("stored in segments, which is not supported".into());
        }
        let size = count * each;
        let bytes = match proto.data_location() {
            DataLocation::EXTERNAL => Some(folder.read(&proto.external_data, size)?),
            DataLocation::DEFAULT => proto.raw_data.take().filter(|bytes| !bytes.is_empty()),
        };
        let values = match bytes {
            None => from_typed(kind, &mut proto)?,
            Some(bytes) if bytes.len() == size => from_bytes(kind, &bytes)?,
            Some(bytes) => {
                return Err(format!(
                    "shape {dims:?} needs {size} bytes, {} are there",
                    bytes.len()
                ))
            }
        };
        if values.len() != count {
            return Err(format!(
                "shape {dims:?} needs {count} values, {} are there",
                values.len()
            ));
        }
        Ok(Self { dims, values })
    }
}

/// Bytes of an element, for the types that become numbers here.
///
/// # Errors
/// Another type.
pub(super) fn size(kind: DataType) -> Result<usize, String> {
    match kind {
        DataType::INT8 | DataType::UINT8 | DataType::BOOL => Ok(1),
        DataType::FLOAT16 | DataType::BFLOAT16 | DataType::INT16 | DataType::UINT16 => Ok(2),
        DataType::FLOAT | DataType::INT32 | DataType::UINT32 => Ok(4),
        DataType::DOUBLE | DataType::INT64 | DataType::UINT64 => Ok(8),
        DataType::UNDEFINED => Err("of no element type".into()),
        other => Err(unsupported(other)),
    }
}

fn unsupported(kind: DataType) -> String {
    format!("of element type {kind:?}, which is not supported")
}

/// Numbers that stand one after the other.
fn from_bytes(kind: DataType, bytes: &[u8]) -> Result<Numbers, String> {
    Ok(match kind {
        DataType::FLOAT16 => Numbers::Floats(numbers(bytes, |b| f16::from_le_bytes(b).to_f32())),
        DataType::BFLOAT16 => Numbers::Floats(numbers(bytes, |b| bf16::from_le_bytes(b).to_f32())),
        DataType::FLOAT => Numbers::Floats(numbers(bytes, f32::from_le_bytes)),
        DataType::DOUBLE => Numbers::Floats(numbers(bytes, |b| f64::from_le_bytes(b) as f32)),
        DataType::INT8 => Numbers::Integers(numbers(bytes, |b| i8::from_le_bytes(b).into())),
        DataType::INT16 => Numbers::Integers(numbers(bytes, |b| i16::from_le_bytes(b).into())),
        DataType::INT32 => Numbers::Integers(numbers(bytes, |b| i32::from_le_bytes(b).into())),
        DataType::INT64 => Numbers::Integers(numbers(bytes, i64::from_le_bytes)),
        DataType::UINT8 => Numbers::Integers(numbers(bytes, |[b]| b.into())),
        DataType::UINT16 => Numbers::Integers(numbers(bytes, |b| u16::from_le_bytes(b).into())),
        DataType::UINT32 => Numbers::Integers(numbers(bytes, |b| u32::from_le_bytes(b).into())),
        DataType::UINT64 => signed(&numbers(bytes, u64::from_le_bytes))?,
        DataType::BOOL => Numbers::Integers(numbers(bytes, |[b]| (b != 0).into())),
        other => return Err(unsupported(other)),
    })
}

/// Numbers from the field that ONNX has for their kind.
fn from_typed(kind: DataType, proto: &mut TensorProto) -> Result<Numbers, String> {
    /// The lower bits, which is where the field of 32-bit integers has the halves.
    fn halves(data: &[i32], number: impl Fn(u16) -> f32) -> Numbers {
        Numbers::Floats(data.iter().map(|bits| number(*bits as u16)).collect())
    }
    Ok(match kind {
        DataType::FLOAT16 => halves(&proto.int32_data, |bits| f16::from_bits(bits).to_f32()),
        DataType::BFLOAT16 => halves(&proto.int32_data, |bits| bf16::from_bits(bits).to_f32()),
        DataType::FLOAT => Numbers::Floats(std::mem::take(&mut proto.float_data)),
        DataType::DOUBLE => Numbers::Floats(proto.double_data.iter().map(|v| *v as f32).collect()),
        DataType::INT64 => Numbers::Integers(std::mem::take(&mut proto.int64_data)),
        DataType::UINT32 | DataType::UINT64 => signed(&proto.uint64_data)?,
        DataType::INT8 | DataType::INT16 | DataType::INT32 | DataType::UINT8 | DataType::UINT16 => {
            Numbers::Integers(proto.int32_data.iter().map(|v| i64::from(*v)).collect())
        }
        DataType::BOOL => {
            Numbers::Integers(proto.int32_data.iter().map(|v| (*v != 0).into()).collect())
        }
        other => return Err(unsupported(other)),
    })
}

fn signed(values: &[u64]) -> Result<Numbers, String> {
    let values = values.iter().map(|value| i64::try_from(*value));
    let values = values.collect::<Result<_, _>>();
    values
        .map(Numbers::Integers)
        .map_err(|_| format!("holds a number above {}", i64::MAX))
}
