//! The tensors of an unpickled checkpoint by name: nested dicts flattened with dots.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::pickle::{Machine, Value, MAX_TENSORS};
use super::storage::{Storage, View};
use super::{to_f32, Tensors};

/// Where a pickle's numbers are stored beside it.
pub(super) trait Storages {
    /// The bytes of a storage, as many as it says.
    fn numbers(&mut self, storage: &Storage) -> Result<Vec<u8>, String>;
}

/// A checkpoint of `torch.save`: tensors by name, and the storages that they are views of.
pub(super) struct Pickled<S> {
    pub(super) tensors: BTreeMap<String, View>,
    pub(super) storages: S,
}

impl<S: Storages> Tensors for Pickled<S> {
    fn names(&self) -> Vec<String> {
        self.tensors.keys().cloned().collect()
    }

    fn shape(&self, name: &str) -> Option<Vec<usize>> {
        Some(self.tensors.get(name)?.shape.clone())
    }

    fn values(&mut self, name: &str) -> Result<Vec<f32>, String> {
        let view = self.tensors.get(name).ok_or("no such tensor")?;
        let kind = view.kind()?;
        let bytes = self.storages.numbers(&view.storage)?;
        view.gather(&to_f32(kind, &bytes)?)
    }
}

/// Dicts inside dicts at most.
const DEPTH: usize = 16;
/// Bytes of a name at most.
const LONGEST_NAME: usize = 4096;

fn joined(dict: &str, key: &str) -> Result<String, String> {
    if dict.len() + key.len() > LONGEST_NAME {
        return Err("a tensor's name is too long".into());
    }
    Ok(match dict {
        "" => key.to_owned(),
        _ => format!("{dict}.{key}"),
    })
}

/// All tensors below a value, by name. Whatever else lies there is left alone.
pub(super) fn tensors(machine: &Machine, root: &Value) -> Result<BTreeMap<String, View>, String> {
    let mut found = BTreeMap::new();
    let nameless: Rc<str> = "".into();
    // A dict's name, the entry's key in it, and the entry.
    let mut open = vec![(nameless.clone(), nameless, root, 0)];
    let mut visits = 0_usize;
    // A dict may be reached on several ways; not more often than there are entries in all.
    let most = 4 * (machine.dicts.iter().map(Vec::len).sum::<usize>() + 1);
    while let Some((dict, key, value, depth)) = open.pop() {
        visits += 1;
        if depth > DEPTH || visits > most {
            return Err("its dicts are nested without end".into());
        }
        match value {
            Value::Tensor(at) => {
                found.insert(joined(&dict, &key)?, machine.tensors[*at].clone());
                if found.len() > MAX_TENSORS {
                    return Err(format!("names more than {MAX_TENSORS} tensors"));
                }
            }
            Value::Dict(at) => {
                let name: Rc<str> = joined(&dict, &key)?.into();
                for (key, value) in &machine.dicts[*at] {
                    if let Value::Text(key) = key {
                        open.push((name.clone(), key.clone(), value, depth + 1));
                    }
                }
            }
            _ => {}
        }
    }
    match found.is_empty() {
        false => Ok(found),
        true => Err("holds no tensor under a name; expected a state dict".into()),
    }
}
