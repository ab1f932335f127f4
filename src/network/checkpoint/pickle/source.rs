//! The bytes of a pickle, read from the front.

use std::rc::Rc;

use super::Value;

const CUT_OFF: &str = "the pickle is cut off";

/// Where reading stands.
pub(super) struct Source<'a> {
    bytes: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Source<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let end = self.at.checked_add(count);
        let taken = end.and_then(|end| self.bytes.get(self.at..end));
        let taken = taken.ok_or(CUT_OFF)?;
        self.at += count;
        Ok(taken)
    }

    /// A little-endian number of `N` bytes.
    pub(super) fn number<const N: usize, T>(
        &mut self,
        number: fn([u8; N]) -> T,
    ) -> Result<T, String> {
        let bytes = self.take(N)?.first_chunk();
        Ok(number(*bytes.ok_or(CUT_OFF)?))
    }

    pub(super) fn byte(&mut self) -> Result<u8, String> {
        self.number(u8::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, String> {
        self.number(u32::from_le_bytes)
    }

    /// A length of one, four or eight bytes.
    pub(super) fn length(&mut self, bytes: usize) -> Result<usize, String> {
        let length = match bytes {
            1 => self.byte()?.into(),
            4 => self.u32()?.into(),
            _ => self.number(u64::from_le_bytes)?,
        };
        usize::try_from(length).map_err(|_| CUT_OFF.into())
    }

    /// A text; bytes that are none (Python 2 wrote both alike) are a value that no weight depends on.
    pub(super) fn text(&mut self, length: usize) -> Result<Value, String> {
        let text = std::str::from_utf8(self.take(length)?);
        Ok(text.map_or(Value::Other, |text| Value::Text(text.into())))
    }

    pub(super) fn line(&mut self) -> Result<Rc<str>, String> {
        let rest = &self.bytes[self.at..];
        let end = rest.iter().position(|byte| *byte == b'\n').ok_or(CUT_OFF)?;
        let text = std::str::from_utf8(self.take(end)?).map_err(|_| "a name is not UTF-8")?;
        self.at += 1;
        Ok(text.into())
    }

    /// A whole number of so many bytes; [`Value::Other`] where it is larger than any shape's.
    pub(super) fn long(&mut self, length: usize) -> Result<Value, String> {
        let bytes = self.take(length)?;
        if length > 8 {
            return Ok(Value::Other);
        }
        let is_negative = bytes.last().is_some_and(|last| last & 0x80 > 0);
        let mut whole = [if is_negative { 0xff } else { 0 }; 8];
        whole[..length].copy_from_slice(bytes);
        Ok(Value::Int(i64::from_le_bytes(whole)))
    }

    /// A number or truth value in letters, as the first protocols write them.
    pub(super) fn spelled(&mut self) -> Result<Value, String> {
        let line = self.line()?;
        Ok(match &*line {
            "00" => Value::Bool(false),
            "01" => Value::Bool(true),
            number => number
                .trim_end_matches('L')
                .parse()
                .map_or(Value::Other, Value::Int),
        })
    }
}
