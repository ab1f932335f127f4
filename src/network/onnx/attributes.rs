//! What a node says beside its inputs: values by name, asked for by type.

use std::collections::BTreeMap;

use super::messages::attribute_proto::AttributeType;
use super::messages::AttributeProto;

use super::external::Folder;
use super::tensor::Tensor;

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum Attribute {
    /// One integer.
    Int(i64),
    /// A list of integers.
    Ints(Vec<i64>),
    /// One float.
    Float(f32),
    /// A list of floats.
    Floats(Vec<f32>),
    /// A text.
    Text(String),
    /// A list of texts.
    Texts(Vec<String>),
    /// A tensor.
    Tensor(Tensor),
    /// What cannot be used, in words.
    Other(String),
}

impl Attribute {
    fn from_proto(mut proto: AttributeProto, folder: &Folder) -> Self {
        if proto.ref_attr_name.is_some() {
            return Self::Other("a reference out of a function".into());
        }
        match proto.type_.unwrap_or_default().enum_value() {
            Ok(AttributeType::INT) => Self::Int(proto.i()),
            Ok(AttributeType::INTS) => Self::Ints(proto.ints),
            Ok(AttributeType::FLOAT) => Self::Float(proto.f()),
            Ok(AttributeType::FLOATS) => Self::Floats(proto.floats),
            Ok(AttributeType::STRING) => match String::from_utf8(proto.take_s()) {
                Ok(text) => Self::Text(text),
                Err(_) => Self::Other("a text that is not UTF-8".into()),
            },
            Ok(AttributeType::STRINGS) => {
                let texts = proto.strings.into_iter().map(String::from_utf8);
                match texts.collect() {
                    Ok(texts) => Self::Texts(texts),
                    Err(_) => Self::Other("texts that are not UTF-8".into()),
                }
            }
            Ok(AttributeType::TENSOR) => {
                let tensor = proto.t.take().ok_or("missing".to_owned());
                match tensor.and_then(|tensor| Tensor::from_proto(tensor, folder)) {
                    Ok(tensor) => Self::Tensor(tensor),
                    Err(problem) => Self::Other(format!("a tensor {problem}")),
                }
            }
            Ok(other) => Self::Other(format!("of type {other:?}")),
            Err(other) => Self::Other(format!("of unknown type {other}")),
        }
    }

    fn describe(&self) -> &str {
        match self {
            Self::Int(_) => "an integer",
            Self::Ints(_) => "a list of integers",
            Self::Float(_) => "a float",
            Self::Floats(_) => "a list of floats",
            Self::Text(_) => "a text",
            Self::Texts(_) => "a list of texts",
            Self::Tensor(_) => "a tensor",
            Self::Other(what) => what,
        }
    }
}

/// The attributes of a node.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Attributes(BTreeMap<String, Attribute>);

impl Attributes {
    /// # Errors
    /// A name that is there twice.
    pub(super) fn from_protos(
        protos: Vec<AttributeProto>,
        folder: &Folder,
    ) -> Result<Self, String> {
        let mut attributes = BTreeMap::new();
        for mut proto in protos {
            let name = proto.take_name();
            let value = Attribute::from_proto(proto, folder);
            if attributes.insert(name.clone(), value).is_some() {
                return Err(format!("attribute '{name}' is there twice"));
            }
        }
        Ok(Self(attributes))
    }

    /// Whether there is one of this name.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// An integer, or the default where it is left out.
    ///
    /// # Errors
    /// What it is instead.
    pub fn int(&self, name: &str, default: i64) -> Result<i64, String> {
        match self.0.get(name) {
            None => Ok(default),
            Some(Attribute::Int(value)) => Ok(*value),
            Some(other) => Err(mismatch(name, "an integer", other)),
        }
    }

    /// A list of integers, where it is there.
    ///
    /// # Errors
    /// What it is instead.
    pub fn ints(&self, name: &str) -> Result<Option<&[i64]>, String> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Attribute::Ints(values)) => Ok(Some(values)),
            Some(other) => Err(mismatch(name, "a list of integers", other)),
        }
    }

    /// A float, or the default where it is left out.
    ///
    /// # Errors
    /// What it is instead.
    pub fn float(&self, name: &str, default: f32) -> Result<f32, String> {
        match self.0.get(name) {
            None => Ok(default),
            Some(Attribute::Float(value)) => Ok(*value),
            Some(other) => Err(mismatch(name, "a float", other)),
        }
    }

    /// A list of floats, where it is there.
    ///
    /// # Errors
    /// What it is instead.
    pub fn floats(&self, name: &str) -> Result<Option<&[f32]>, String> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Attribute::Floats(values)) => Ok(Some(values)),
            Some(other) => Err(mismatch(name, "a list of floats", other)),
        }
    }

    /// A text, where it is there.
    ///
    /// # Errors
    /// What it is instead.
    pub fn string(&self, name: &str) -> Result<Option<&str>, String> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Attribute::Text(text)) => Ok(Some(text)),
            Some(other) => Err(mismatch(name, "a text", other)),
        }
    }

    /// A list of texts, where it is there.
    ///
    /// # Errors
    /// What it is instead.
    pub fn strings(&self, name: &str) -> Result<Option<&[String]>, String> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Attribute::Texts(texts)) => Ok(Some(texts)),
            Some(other) => Err(mismatch(name, "a list of texts", other)),
        }
    }

    /// A tensor, where it is there.
    ///
    /// # Errors
    /// What it is instead.
    pub fn tensor(&self, name: &str) -> Result<Option<&Tensor>, String> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Attribute::Tensor(tensor)) => Ok(Some(tensor)),
            Some(other) => Err(mismatch(name, "a tensor", other)),
        }
    }
}

impl<const N: usize> From<[(&str, Attribute); N]> for Attributes {
    fn from(attributes: [(&str, Attribute); N]) -> Self {
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value));
        Self(attributes.into())
    }
}

fn mismatch(name: &str, expected: &str, found: &Attribute) -> String {
    format!(
        "attribute '{name}': expected {expected}, found {}",
        found.describe()
    )
}
