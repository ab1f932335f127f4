//! As much of Python's pickle machine as `torch.save` needs: containers, numbers, texts, and the calls that rebuild
//! tensors. Anything else is refused by name; nothing is ever executed or imported.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::storage::{Storage, StorageType, View};

/// Bytes of a pickle at most; names and shapes take some two hundred a tensor.
pub(super) const LARGEST: u64 = 16 << 20;
/// So many tensors, and as many storages, may a checkpoint have.
pub(super) const MAX_TENSORS: usize = 100_000;
/// So many axes may a tensor have.
const MAX_AXES: usize = 64;

/// A value of the machine. Containers are numbers into [`Machine`]'s tables, so that a value is small and a deep nest
/// needs no deep stack.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    None,
    Bool(bool),
    Int(i64),
    /// A number that no weight depends on.
    Other,
    Text(Rc<str>),
    Class(Rc<str>, Rc<str>),
    List(usize),
    Tuple(usize),
    Dict(usize),
    Storage(usize),
    Tensor(usize),
}

/// The machine's tables after it has stopped.
#[derive(Debug, Default)]
pub(super) struct Machine {
    pub(super) lists: Vec<Vec<Value>>,
    pub(super) dicts: Vec<Vec<(Value, Value)>>,
    pub(super) storages: Vec<Storage>,
    pub(super) tensors: Vec<View>,
    stack: Vec<Value>,
    marks: Vec<usize>,
    memo: BTreeMap<usize, Value>,
}

/// The bytes of a pickle, read from the front.
struct Source<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Source<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let end = self.at.checked_add(count);
        let taken = end.and_then(|end| self.bytes.get(self.at..end));
        let taken = taken.ok_or("the pickle is cut off")?;
        self.at += count;
        Ok(taken)
    }

    /// A little-endian number of `N` bytes.
    fn number<const N: usize, T>(&mut self, number: fn([u8; N]) -> T) -> Result<T, String> {
        let bytes = self.take(N)?.first_chunk();
        Ok(number(*bytes.ok_or("the pickle is cut off")?))
    }

    fn byte(&mut self) -> Result<u8, String> {
        self.number(u8::from_le_bytes)
    }

    fn u32(&mut self) -> Result<u32, String> {
        self.number(u32::from_le_bytes)
    }

    fn text(&mut self, length: u64) -> Result<Rc<str>, String> {
        let length = usize::try_from(length).map_err(|_| "the pickle is cut off")?;
        let bytes = self.take(length)?;
        let text = std::str::from_utf8(bytes).map_err(|_| "a text is not UTF-8")?;
        Ok(text.into())
    }

    fn line(&mut self) -> Result<Rc<str>, String> {
        let rest = &self.bytes[self.at..];
        let end = rest.iter().position(|byte| *byte == b'\n');
        let text = self.text(end.ok_or("the pickle is cut off")? as u64)?;
        self.at += 1;
        Ok(text)
    }
}

impl Machine {
    /// Runs one pickle from the front of `bytes`: its value, and how many bytes it took.
    pub(super) fn run(&mut self, bytes: &[u8]) -> Result<(Value, usize), String> {
        self.stack.clear();
        self.marks.clear();
        self.memo.clear();
        let mut source = Source { bytes, at: 0 };
        loop {
            let at = source.at;
            let op = source.byte()?;
            if op == b'.' {
                return Ok((self.pop()?, source.at));
            }
            self.step(op, &mut source)
                .map_err(|problem| format!("{problem} (at byte {at} of its pickle)"))?;
        }
    }

    fn step(&mut self, op: u8, source: &mut Source<'_>) -> Result<(), String> {
        match op {
            0x80 => match source.byte()? {
                0..=5 => {}
                version => return Err(format!("pickle protocol {version} is not known")),
            },
            0x95 => drop(source.take(8)?),
            b'N' => self.push(Value::None),
            0x88 => self.push(Value::Bool(true)),
            0x89 => self.push(Value::Bool(false)),
            b'K' => self.push(Value::Int(source.byte()?.into())),
            b'M' => self.push(Value::Int(source.number(u16::from_le_bytes)?.into())),
            b'J' => self.push(Value::Int(source.number(i32::from_le_bytes)?.into())),
            0x8a => {
                let length = source.byte()?;
                self.long(source, length.into())?;
            }
            0x8b => {
                let length = source.u32()?;
                self.long(source, length as usize)?;
            }
            b'G' => {
                source.take(8)?;
                self.push(Value::Other);
            }
            b'X' | b'T' | 0x8c | b'U' | 0x8d => {
                let length = match op {
                    b'X' | b'T' => source.u32()?.into(),
                    0x8d => source.number(u64::from_le_bytes)?,
                    _ => source.byte()?.into(),
                };
                self.push(Value::Text(source.text(length)?));
            }
            b'B' | b'C' => {
                let length = match op {
                    b'B' => source.u32()? as usize,
                    _ => source.byte()?.into(),
                };
                source.take(length)?;
                self.push(Value::Other);
            }
            b'(' => self.marks.push(self.stack.len()),
            b'0' => drop(self.pop()?),
            b'1' => drop(self.since_mark()?),
            b'2' => {
                let top = self.stack.last().cloned().ok_or(EMPTY)?;
                self.push(top);
            }
            b']' => self.new_list(Vec::new()),
            b'}' => {
                let empty = self.dict();
                self.push(empty);
            }
            0x8f => self.push(Value::Other),
            b')' => self.new_tuple(Vec::new()),
            b't' => {
                let items = self.since_mark()?;
                self.new_tuple(items);
            }
            0x85..=0x87 => {
                let first = self.stack.len().checked_sub(usize::from(op - 0x84));
                let items = self.stack.split_off(first.ok_or(EMPTY)?);
                self.new_tuple(items);
            }
            b'a' => {
                let item = self.pop()?;
                self.append(vec![item])?;
            }
            b'e' => {
                let items = self.since_mark()?;
                self.append(items)?;
            }
            0x90 => drop(self.since_mark()?),
            b's' => {
                let value = self.pop()?;
                let key = self.pop()?;
                self.set_items(vec![key, value])?;
            }
            b'u' => {
                let items = self.since_mark()?;
                self.set_items(items)?;
            }
            b'q' => self.put(source.byte()?.into())?,
            b'r' => self.put(source.u32()? as usize)?,
            0x94 => self.put(self.memo.len())?,
            b'h' => self.get(source.byte()?.into())?,
            b'j' => self.get(source.u32()? as usize)?,
            b'c' => {
                let (module, name) = (source.line()?, source.line()?);
                self.push(Value::Class(module, name));
            }
            0x93 => match (self.pop()?, self.pop()?) {
                (Value::Text(name), Value::Text(module)) => self.push(Value::Class(module, name)),
                _ => return Err("a class without a name".into()),
            },
            b'R' | 0x81 => {
                let arguments = self.pop()?;
                let class = self.pop()?;
                let made = self.call(class, arguments)?;
                self.push(made);
            }
            // The state of a container or parameter: attributes that no weight depends on.
            b'b' => drop(self.pop()?),
            b'Q' => {
                let id = self.pop()?;
                let found = self.persistent(id)?;
                self.push(found);
            }
            _ => {
                return Err(format!(
                    "pickle opcode 0x{op:02x} is not one that torch.save writes"
                ))
            }
        }
        Ok(())
    }

    fn push(&mut self, value: Value) {
        self.stack.push(value);
    }

    fn pop(&mut self) -> Result<Value, String> {
        let floor = self.marks.last().copied().unwrap_or(0);
        match self.stack.len() > floor {
            true => self.stack.pop().ok_or_else(|| EMPTY.into()),
            false => Err(EMPTY.into()),
        }
    }

    fn since_mark(&mut self) -> Result<Vec<Value>, String> {
        let mark = self
            .marks
            .pop()
            .ok_or("the pickle closes what it did not open")?;
        Ok(self.stack.split_off(mark.min(self.stack.len())))
    }

    fn long(&mut self, source: &mut Source<'_>, length: usize) -> Result<(), String> {
        let bytes = source.take(length)?;
        let value = match length {
            0..=8 => {
                let sign = bytes
                    .last()
                    .map_or(0, |last| if last & 0x80 > 0 { 0xff } else { 0 });
                let mut whole = [sign; 8];
                whole[..length].copy_from_slice(bytes);
                Value::Int(i64::from_le_bytes(whole))
            }
            _ => Value::Other,
        };
        self.push(value);
        Ok(())
    }

    fn new_list(&mut self, items: Vec<Value>) {
        self.lists.push(items);
        self.push(Value::List(self.lists.len() - 1));
    }

    fn new_tuple(&mut self, items: Vec<Value>) {
        self.lists.push(items);
        self.push(Value::Tuple(self.lists.len() - 1));
    }

    fn dict(&mut self) -> Value {
        self.dicts.push(Vec::new());
        Value::Dict(self.dicts.len() - 1)
    }

    fn append(&mut self, items: Vec<Value>) -> Result<(), String> {
        match self.stack.last() {
            Some(Value::List(list)) => self.lists[*list].extend(items),
            Some(Value::Other) => {}
            _ => return Err("something is appended to what is no list".into()),
        }
        Ok(())
    }

    fn set_items(&mut self, items: Vec<Value>) -> Result<(), String> {
        if !items.len().is_multiple_of(2) {
            return Err("a key without a value".into());
        }
        let Some(Value::Dict(dict)) = self.stack.last() else {
            return Err("an item is set in what is no dict".into());
        };
        let mut items = items.into_iter();
        while let (Some(key), Some(value)) = (items.next(), items.next()) {
            self.dicts[*dict].push((key, value));
        }
        Ok(())
    }

    fn put(&mut self, place: usize) -> Result<(), String> {
        let top = self.stack.last().cloned().ok_or(EMPTY)?;
        self.memo.insert(place, top);
        Ok(())
    }

    fn get(&mut self, place: usize) -> Result<(), String> {
        let known = self.memo.get(&place).cloned();
        self.push(known.ok_or("the pickle refers to what it did not put down")?);
        Ok(())
    }

    fn items(&self, value: &Value) -> Result<&[Value], String> {
        match value {
            Value::Tuple(at) | Value::List(at) => Ok(&self.lists[*at]),
            _ => Err("expected a tuple".into()),
        }
    }

    /// The calls that stand for containers and tensors.
    fn call(&mut self, class: Value, arguments: Value) -> Result<Value, String> {
        let Value::Class(module, name) = class else {
            return Err("a call of what is no class".into());
        };
        match (&*module, &*name) {
            ("collections", "OrderedDict") => Ok(self.dict()),
            ("torch", "Size") => Ok(arguments),
            ("torch", "device") => Ok(Value::Other),
            ("torch._utils", "_rebuild_tensor_v2" | "_rebuild_tensor") => self.tensor(&arguments),
            ("torch._utils", "_rebuild_parameter" | "_rebuild_parameter_with_state") => {
                match self.items(&arguments)?.first() {
                    Some(tensor @ Value::Tensor(_)) => Ok(tensor.clone()),
                    _ => Err("a parameter without a tensor".into()),
                }
            }
            _ => Err(format!(
                "holds an object of {module}.{name}, which is neither a tensor nor a container of them; save the state dict alone: torch.save(model.state_dict(), file)"
            )),
        }
    }

    fn tensor(&mut self, arguments: &Value) -> Result<Value, String> {
        let [Value::Storage(storage), Value::Int(offset), shape, strides, ..] =
            self.items(arguments)?
        else {
            return Err("a tensor without a storage, an offset, a shape and strides".into());
        };
        let sides = |value: &Value| -> Result<Vec<usize>, String> {
            let side = |value: &Value| match value {
                Value::Int(side) => usize::try_from(*side).ok(),
                _ => None,
            };
            let items = self.items(value)?;
            if items.len() > MAX_AXES {
                return Err(format!("a tensor of {} axes", items.len()));
            }
            let sides: Option<Vec<usize>> = items.iter().map(side).collect();
            sides.ok_or_else(|| "a shape or stride that is no number".into())
        };
        let view = View {
            storage: self.storages[*storage].clone(),
            offset: usize::try_from(*offset).map_err(|_| "a negative offset")?,
            shape: sides(shape)?,
            strides: sides(strides)?,
        };
        if !view.fits() {
            return Err(format!(
                "a tensor of shape {:?} reaches beyond its storage of {} numbers",
                view.shape, view.storage.count
            ));
        }
        if self.tensors.len() >= MAX_TENSORS {
            return Err(format!("more than {MAX_TENSORS} tensors"));
        }
        self.tensors.push(view);
        Ok(Value::Tensor(self.tensors.len() - 1))
    }

    /// `('storage', class, key, device, count[, view])`, PyTorch's way of telling numbers that are stored elsewhere.
    fn persistent(&mut self, id: Value) -> Result<Value, String> {
        let items = self.items(&id)?;
        let [Value::Text(what), Value::Class(module, class), Value::Text(key), _, Value::Int(count), rest @ ..] =
            items
        else {
            return Err("a reference of another kind than PyTorch's storages".into());
        };
        if &**what != "storage" {
            return Err(format!("a reference to a '{what}', which is no storage"));
        }
        let numbers = StorageType::of(class).filter(|_| module.starts_with("torch"));
        let numbers =
            numbers.ok_or_else(|| format!("a storage of unknown kind {module}.{class}"))?;
        let count = usize::try_from(*count).map_err(|_| "a storage of a negative length")?;
        let mut storage = Storage {
            key: key.clone(),
            numbers,
            count,
            start: 0,
        };
        if let Some(view @ Value::Tuple(_)) = rest.first() {
            let [_, Value::Int(start), Value::Int(count)] = self.items(view)? else {
                return Err("a part of a storage without a place".into());
            };
            let place = |number: &i64| usize::try_from(*number).map_err(|_| "a negative place");
            (storage.start, storage.count) = (place(start)?, place(count)?);
        }
        if self.storages.len() >= MAX_TENSORS {
            return Err(format!("more than {MAX_TENSORS} storages"));
        }
        self.storages.push(storage);
        Ok(Value::Storage(self.storages.len() - 1))
    }
}

const EMPTY: &str = "the pickle takes what it did not make";

#[cfg(test)]
mod tests {
    use super::*;

    /// A call that makes a tensor of so many axes, all of length 1; class and arguments are put down as 0 and 1.
    fn tensor(axes: usize) -> Vec<u8> {
        let mut bytes = b"ctorch._utils\n_rebuild_tensor_v2\nq\x00".to_vec();
        bytes.extend(b"((U\x07storagectorch\nFloatStorage\nU\x010NK\x01tQK\x00");
        for number in [1, 0] {
            bytes.push(b'(');
            bytes.extend([b'K', number].repeat(axes));
            bytes.push(b't');
        }
        bytes.extend(b"tq\x01R");
        bytes
    }

    fn run(bytes: &[u8]) -> Result<Machine, String> {
        let mut machine = Machine::default();
        machine.run(bytes).map(|_| machine)
    }

    #[test]
    fn a_tensor_has_as_many_axes_as_pytorch_computes_with() {
        let of = |axes| run(&[tensor(axes), b".".to_vec()].concat());
        assert_eq!(of(64).unwrap().tensors[0].shape, [1; 64]);
        assert!(of(65).unwrap_err().contains("65 axes"));
    }

    /// A few bytes are enough to rebuild what was put down.
    #[test]
    fn tensors_are_counted() {
        let again = b"0h\x00h\x01R".repeat(MAX_TENSORS - 1);
        let most = [tensor(1), again].concat();
        let end = |end: &[u8]| run(&[&most[..], end].concat());
        assert_eq!(end(b".").unwrap().tensors.len(), MAX_TENSORS);
        assert!(end(b"0h\x00h\x01R.")
            .unwrap_err()
            .contains("more than 100000 tensors"));
    }
}
