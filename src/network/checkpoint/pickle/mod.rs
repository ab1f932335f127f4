//! As much of Python's pickle machine as `torch.save` needs: containers, numbers, texts, and the calls that rebuild
//! tensors. Any other object is opaque, a name and no more; nothing is ever executed or imported.

mod calls;
mod source;

use std::collections::BTreeMap;
use std::rc::Rc;

use super::storage::{Storage, View};
use source::Source;

/// Bytes of a pickle at most; names and shapes take some two hundred a tensor.
pub(super) const LARGEST: u64 = 16 << 20;
/// So many tensors, and as many storages, may a checkpoint have.
pub(super) const MAX_TENSORS: usize = 100_000;
/// A module's attributes begin with PyTorch's own; so many are looked at.
const FIRST_ATTRIBUTES: usize = 32;

/// A value of the machine. Containers are numbers into [`Machine`]'s tables, so that a value is small and a deep nest
/// needs no deep stack.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    None,
    Bool(bool),
    Int(i64),
    /// A number, bytes or set that no weight depends on.
    Other,
    Text(Rc<str>),
    Class(Class),
    List(usize),
    Tuple(usize),
    Dict(usize),
    Storage(usize),
    Tensor(usize),
    Object(usize),
}

/// A class or function by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Class {
    pub(super) module: Rc<str>,
    pub(super) name: Rc<str>,
}

/// So much of a name is shown.
const SHOWN: usize = 80;

impl std::fmt::Display for Class {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let module = self.module.chars().take(SHOWN);
        let name = self.name.chars().take(SHOWN);
        let mut shown = module.chain(['.']).chain(name);
        shown.try_for_each(|letter| write!(f, "{}", letter.escape_debug()))
    }
}

/// What a class or function that is not known here would have made.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) class: Class,
    /// What it holds as a dict, where it is one.
    pub(super) items: Items,
}

/// A dict's keys and values.
pub(super) type Items = Vec<(Value, Value)>;

/// The machine's tables after it has stopped.
#[derive(Debug, Default)]
pub(super) struct Machine {
    pub(super) lists: Vec<Vec<Value>>,
    pub(super) dicts: Vec<Items>,
    pub(super) storages: Vec<Storage>,
    pub(super) tensors: Vec<View>,
    pub(super) objects: Vec<Object>,
    /// The last object that is a PyTorch module by its attributes: the outermost.
    pub(super) module: Option<usize>,
    /// Items of dicts that were given as lists, which a few bytes can give again.
    copied: usize,
    stack: Vec<Value>,
    marks: Vec<usize>,
    memo: BTreeMap<usize, Value>,
}

const EMPTY: &str = "the pickle takes what it did not make";

impl Machine {
    /// Runs one pickle from the front of `bytes`: its value, and how many bytes it took.
    pub(super) fn run(&mut self, bytes: &[u8]) -> Result<(Value, usize), String> {
        self.stack.clear();
        self.marks.clear();
        self.memo.clear();
        let mut source = Source::new(bytes);
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
            0x8a | 0x8b => {
                let length = source.length(if op == 0x8a { 1 } else { 4 })?;
                let number = source.long(length)?;
                self.push(number);
            }
            b'I' | b'L' => {
                let number = source.spelled()?;
                self.push(number);
            }
            b'G' => {
                source.take(8)?;
                self.push(Value::Other);
            }
            b'U' | 0x8c | b'X' | b'T' | 0x8d => {
                let length = source.length(match op {
                    b'U' | 0x8c => 1,
                    b'X' | b'T' => 4,
                    _ => 8,
                })?;
                let text = source.text(length)?;
                self.push(text);
            }
            b'C' | b'B' | 0x8e | 0x96 => {
                let length = source.length(match op {
                    b'C' => 1,
                    b'B' => 4,
                    _ => 8,
                })?;
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
                let empty = self.dict(Vec::new());
                self.push(empty);
            }
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
            // Sets: empty, more of one, and a frozen one.
            0x8f => self.push(Value::Other),
            0x90 => drop(self.since_mark()?),
            0x91 => {
                self.since_mark()?;
                self.push(Value::Other);
            }
            b'a' => {
                let item = self.pop()?;
                self.append(vec![item])?;
            }
            b'e' => {
                let items = self.since_mark()?;
                self.append(items)?;
            }
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
                self.push(Value::Class(Class { module, name }));
            }
            0x93 => match (self.pop()?, self.pop()?) {
                (Value::Text(name), Value::Text(module)) => {
                    self.push(Value::Class(Class { module, name }));
                }
                _ => return Err("a class without a name".into()),
            },
            b'R' | 0x81 | 0x92 => {
                if op == 0x92 {
                    self.pop()?;
                }
                let arguments = self.pop()?;
                let class = self.pop()?;
                let made = self.call(class, &arguments)?;
                self.push(made);
            }
            b'b' => {
                let state = self.pop()?;
                self.note_module(&state);
            }
            b'Q' => {
                let id = self.pop()?;
                let found = self.persistent(&id)?;
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

    fn new_list(&mut self, items: Vec<Value>) {
        self.lists.push(items);
        self.push(Value::List(self.lists.len() - 1));
    }

    fn new_tuple(&mut self, items: Vec<Value>) {
        self.lists.push(items);
        self.push(Value::Tuple(self.lists.len() - 1));
    }

    fn dict(&mut self, items: Items) -> Value {
        self.dicts.push(items);
        Value::Dict(self.dicts.len() - 1)
    }

    fn object(&mut self, class: Class) -> Value {
        let items = Vec::new();
        self.objects.push(Object { class, items });
        Value::Object(self.objects.len() - 1)
    }

    fn append(&mut self, items: Vec<Value>) -> Result<(), String> {
        match self.stack.last() {
            Some(Value::List(list)) => self.lists[*list].extend(items),
            Some(Value::Other | Value::Object(_)) => {}
            _ => return Err("something is appended to what is no list".into()),
        }
        Ok(())
    }

    fn set_items(&mut self, items: Vec<Value>) -> Result<(), String> {
        if !items.len().is_multiple_of(2) {
            return Err("a key without a value".into());
        }
        let held = match self.stack.last() {
            Some(Value::Dict(dict)) => &mut self.dicts[*dict],
            Some(Value::Object(object)) => &mut self.objects[*object].items,
            _ => return Err("an item is set in what is no dict".into()),
        };
        let mut items = items.into_iter();
        while let (Some(key), Some(value)) = (items.next(), items.next()) {
            held.push((key, value));
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

    /// Attributes are of no use here, but they tell a PyTorch module.
    fn note_module(&mut self, state: &Value) {
        let (Some(Value::Object(object)), Value::Dict(attributes)) = (self.stack.last(), state)
        else {
            return;
        };
        let mut first = self.dicts[*attributes].iter().take(FIRST_ATTRIBUTES);
        if first.any(|(key, _)| matches!(key, Value::Text(key) if &**key == "_parameters")) {
            self.module = Some(*object);
        }
    }
}

#[cfg(test)]
mod tests;
