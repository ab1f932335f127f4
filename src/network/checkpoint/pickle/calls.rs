//! The calls that stand for containers and tensors. What another call would make is opaque.

use super::super::storage::{Storage, StorageType, View};
use super::{Class, Items, Machine, Value, MAX_TENSORS};

/// So many axes may a tensor have.
const MAX_AXES: usize = 64;

impl Machine {
    pub(super) fn items(&self, value: &Value) -> Result<&[Value], String> {
        match value {
            Value::Tuple(at) | Value::List(at) => Ok(&self.lists[*at]),
            _ => Err("expected a tuple".into()),
        }
    }

    pub(super) fn call(&mut self, callee: Value, arguments: &Value) -> Result<Value, String> {
        let class = match callee {
            Value::Class(class) => class,
            Value::Object(at) => self.objects[at].class.clone(),
            _ => return Err("a call of what is no class".into()),
        };
        match (&*class.module, &*class.name) {
            ("collections", "OrderedDict") => self.ordered_dict(arguments),
            ("torch", "Size") => match self.items(arguments)? {
                [shape @ Value::Tuple(_)] => Ok(shape.clone()),
                _ => Ok(self.object(class)),
            },
            ("torch._utils", "_rebuild_tensor_v2" | "_rebuild_tensor") => self.tensor(arguments),
            ("torch._utils", "_rebuild_parameter" | "_rebuild_parameter_with_state") => {
                match self.items(arguments)?.first() {
                    Some(tensor @ (Value::Tensor(_) | Value::Object(_))) => Ok(tensor.clone()),
                    _ => Err("a parameter without a tensor".into()),
                }
            }
            // A tensor that has attributes, or a class derived from Tensor: how it is rebuilt, its class, with what.
            ("torch._tensor", "_rebuild_from_type_v2" | "_rebuild_from_type") => {
                match self.items(arguments)? {
                    [Value::Class(rebuild), _, arguments, ..] if rebuild.module != class.module => {
                        let (rebuild, arguments) = (rebuild.clone(), arguments.clone());
                        self.call(Value::Class(rebuild), &arguments)
                    }
                    _ => Ok(self.object(class)),
                }
            }
            _ => Ok(self.object(class)),
        }
    }

    /// Empty, and filled afterwards; Python 2 gave it a list of pairs.
    fn ordered_dict(&mut self, arguments: &Value) -> Result<Value, String> {
        let pairs = match self.items(arguments)?.first() {
            Some(Value::List(pairs)) => self.lists[*pairs].clone(),
            _ => Vec::new(),
        };
        self.copied += pairs.len();
        if self.copied > MAX_TENSORS {
            return Err(format!("more than {MAX_TENSORS} entries of dicts in lists"));
        }
        let pair = |pair: &Value| match self.items(pair)? {
            [key, value] => Ok((key.clone(), value.clone())),
            _ => Err("a key without a value".to_owned()),
        };
        let items: Items = pairs.iter().map(pair).collect::<Result<_, _>>()?;
        Ok(self.dict(items))
    }

    fn tensor(&mut self, arguments: &Value) -> Result<Value, String> {
        let (storage, offset, shape, strides) = match self.items(arguments)? {
            // It is as opaque as what it would be made of.
            [object @ Value::Object(_), ..] => return Ok(object.clone()),
            [Value::Storage(storage), Value::Int(offset), shape, strides, ..] => {
                (*storage, *offset, shape, strides)
            }
            _ => return Err("a tensor without a storage, an offset, a shape and strides".into()),
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
            storage: self.storages[storage].clone(),
            offset: usize::try_from(offset).map_err(|_| "a negative offset")?,
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

    /// `('storage', class, key, device, count[, view])`, PyTorch's way of telling numbers that are stored elsewhere; and
    /// `('module', class, …)` for a class, before 1.6.
    pub(super) fn persistent(&mut self, id: &Value) -> Result<Value, String> {
        let items = self.items(id)?;
        match items {
            [Value::Text(what), class @ Value::Class(_), ..] if &**what == "module" => {
                Ok(class.clone())
            }
            [Value::Text(what), Value::Class(class), Value::Text(key), _, Value::Int(count), rest @ ..]
                if &**what == "storage" =>
            {
                let count =
                    usize::try_from(*count).map_err(|_| "a storage of a negative length")?;
                let Some(numbers) = numbers(class) else {
                    let class = class.clone();
                    return Ok(self.object(class));
                };
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
                    let place =
                        |number: &i64| usize::try_from(*number).map_err(|_| "a negative place");
                    (storage.start, storage.count) = (place(start)?, place(count)?);
                }
                if self.storages.len() >= MAX_TENSORS {
                    return Err(format!("more than {MAX_TENSORS} storages"));
                }
                self.storages.push(storage);
                Ok(Value::Storage(self.storages.len() - 1))
            }
            _ => Err("a reference of another kind than PyTorch's storages".into()),
        }
    }
}

fn numbers(class: &Class) -> Option<StorageType> {
    StorageType::of(&class.name).filter(|_| class.module.starts_with("torch"))
}
