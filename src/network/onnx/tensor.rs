//! Constants of a graph as plain numbers, from any element type that ONNX has for them.

use super::messages::tensor_proto::{DataLocation, DataType};
use super::messages::TensorProto;
use half::{bf16, f16};
use protobuf::Enum;

use super::external::Folder;
use super::size::{elements, sizes};

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
        let kind = Kind::of(proto.data_type())?;
        if proto.segment.is_some() {
            return Err("stored in segments, which is not supported".into());
        }
        let size = count * kind.size();
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

/// The element types that become numbers here.
#[derive(Clone, Copy)]
enum Kind {
    F16,
    Bf16,
    F32,
    F64,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    Bool,
}

impl Kind {
    fn of(data_type: i32) -> Result<Self, String> {
        let known = DataType::from_i32(data_type)
            .ok_or_else(|| format!("of unknown element type {data_type}"))?;
        Ok(match known {
            DataType::FLOAT16 => Self::F16,
            DataType::BFLOAT16 => Self::Bf16,
            DataType::FLOAT => Self::F32,
            DataType::DOUBLE => Self::F64,
            DataType::INT8 => Self::I8,
            DataType::INT16 => Self::I16,
            DataType::INT32 => Self::I32,
            DataType::INT64 => Self::I64,
            DataType::UINT8 => Self::U8,
            DataType::UINT16 => Self::U16,
            DataType::UINT32 => Self::U32,
            DataType::UINT64 => Self::U64,
            DataType::BOOL => Self::Bool,
            DataType::UNDEFINED => return Err("of no element type".into()),
            other => return Err(format!("of element type {other:?}, which is not supported")),
        })
    }

    /// Bytes of an element.
    fn size(self) -> usize {
        match self {
            Self::I8 | Self::U8 | Self::Bool => 1,
            Self::F16 | Self::Bf16 | Self::I16 | Self::U16 => 2,
            Self::F32 | Self::I32 | Self::U32 => 4,
            Self::F64 | Self::I64 | Self::U64 => 8,
        }
    }
}

/// Little-endian numbers, one after the other.
fn from_bytes(kind: Kind, bytes: &[u8]) -> Result<Numbers, String> {
    fn each<const N: usize, T>(bytes: &[u8], number: impl Fn([u8; N]) -> T) -> Vec<T> {
        let (chunks, _) = bytes.as_chunks::<N>();
        chunks.iter().map(|chunk| number(*chunk)).collect()
    }
    Ok(match kind {
        Kind::F16 => Numbers::Floats(each(bytes, |b| f16::from_le_bytes(b).to_f32())),
        Kind::Bf16 => Numbers::Floats(each(bytes, |b| bf16::from_le_bytes(b).to_f32())),
        Kind::F32 => Numbers::Floats(each(bytes, f32::from_le_bytes)),
        Kind::F64 => Numbers::Floats(each(bytes, |b| f64::from_le_bytes(b) as f32)),
        Kind::I8 => Numbers::Integers(each(bytes, |b| i8::from_le_bytes(b).into())),
        Kind::I16 => Numbers::Integers(each(bytes, |b| i16::from_le_bytes(b).into())),
        Kind::I32 => Numbers::Integers(each(bytes, |b| i32::from_le_bytes(b).into())),
        Kind::I64 => Numbers::Integers(each(bytes, i64::from_le_bytes)),
        Kind::U8 => Numbers::Integers(each(bytes, |[b]| b.into())),
        Kind::U16 => Numbers::Integers(each(bytes, |b| u16::from_le_bytes(b).into())),
        Kind::U32 => Numbers::Integers(each(bytes, |b| u32::from_le_bytes(b).into())),
        Kind::U64 => signed(&each(bytes, u64::from_le_bytes))?,
        Kind::Bool => Numbers::Integers(each(bytes, |[b]| (b != 0).into())),
    })
}

/// Numbers from the field that ONNX has for their kind.
fn from_typed(kind: Kind, proto: &mut TensorProto) -> Result<Numbers, String> {
    /// The lower bits, which is where the field of 32-bit integers has the halves.
    fn halves(data: &[i32], number: impl Fn(u16) -> f32) -> Numbers {
        Numbers::Floats(data.iter().map(|bits| number(*bits as u16)).collect())
    }
    Ok(match kind {
        Kind::F16 => halves(&proto.int32_data, |bits| f16::from_bits(bits).to_f32()),
        Kind::Bf16 => halves(&proto.int32_data, |bits| bf16::from_bits(bits).to_f32()),
        Kind::F32 => Numbers::Floats(std::mem::take(&mut proto.float_data)),
        Kind::F64 => Numbers::Floats(proto.double_data.iter().map(|v| *v as f32).collect()),
        Kind::I64 => Numbers::Integers(std::mem::take(&mut proto.int64_data)),
        Kind::U32 | Kind::U64 => signed(&proto.uint64_data)?,
        Kind::I8 | Kind::I16 | Kind::I32 | Kind::U8 | Kind::U16 => {
            Numbers::Integers(proto.int32_data.iter().map(|v| i64::from(*v)).collect())
        }
        Kind::Bool => {
            Numbers::Integers(proto.int32_data.iter().map(|v| (*v != 0).into()).collect())
        }
    })
}

fn signed(values: &[u64]) -> Result<Numbers, String> {
    let values = values.iter().map(|value| i64::try_from(*value));
    let values = values.collect::<Result<_, _>>();
    values
        .map(Numbers::Integers)
        .map_err(|_| format!("holds a number above {}", i64::MAX))
}
