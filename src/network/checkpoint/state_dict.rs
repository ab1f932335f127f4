//! The tensors of an unpickled checkpoint by name: nested dicts flattened with dots.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::pickle::{Class, Machine, Object, Value, MAX_TENSORS};
use super::storage::{Storage, View};
use super::{to_f32, Tensors};

/// Where a pickle's numbers are stored beside it.
pub(super) trait Storages {
    /// The bytes of a storage, as many as it says.
    fn numbers(&mut self, storage: &Storage) -> Result<Vec<u8>, String>;
}

/// A checkpoint of `torch.save`: what it has by name, and the storages that its tensors are views of.
pub(super) struct Pickled<S> {
    pub(super) entries: Entries,
    pub(super) storages: S,
}

/// What a checkpoint has under names.
#[derive(Debug, Default)]
pub(super) struct Entries {
    /// With its place in the file, from 0.
    tensors: BTreeMap<String, (usize, View)>,
    objects: BTreeMap<String, Class>,
}

impl<S: Storages> Tensors for Pickled<S> {
    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self.entries.tensors.iter().collect();
        names.sort_unstable_by_key(|(_, (place, _))| *place);
        names.into_iter().map(|(name, _)| name.clone()).collect()
    }

    fn shape(&self, name: &str) -> Option<Vec<usize>> {
        Some(self.entries.tensors.get(name)?.1.shape.clone())
    }

    fn values(&mut self, name: &str) -> Result<Vec<f32>, String> {
        let (_, view) = self.entries.tensors.get(name).ok_or("no such tensor")?;
        let kind = view.kind()?;
        let bytes = self.storages.numbers(&view.storage)?;
        view.gather(&to_f32(kind, &bytes)?)
    }

    fn opaque(&self, name: &str) -> Option<String> {
        Some(opaque(self.entries.objects.get(name)?))
    }
}

/// What an object is that is no tensor, and what to do about it.
fn opaque(class: &Class) -> String {
    let cure = match &*class.name {
        "_rebuild_qtensor" => {
            "it is quantised: save the state dict of the network before it was quantised"
        }
        "_rebuild_sparse_tensor" => "it is sparse: save its tensor.to_dense()",
        "_reconstruct" if class.module.starts_with("numpy") => {
            "it is an array of NumPy's: save torch.from_numpy(array)"
        }
        _ => "save a tensor in its place",
    };
    format!("is an object of {class}, not a tensor; {cure}")
}

/// Bytes of a name at most; no network has longer ones.
const LONGEST_NAME: usize = 4096;

fn joined(dict: &str, key: &str) -> Option<String> {
    match (dict, dict.len() + key.len() < LONGEST_NAME) {
        (_, false) => None,
        ("", _) => Some(key.to_owned()),
        _ => Some(format!("{dict}.{key}")),
    }
}

/// All that lies below a value under names: tensors, and objects that are none. What is reached on several ways is read
/// once.
///
/// # Errors
/// What is there instead, where there is no tensor.
pub(super) fn entries(machine: &Machine, root: &Value) -> Result<Entries, String> {
    let mut found = Entries::default();
    let mut dicts = vec![false; machine.dicts.len()];
    let mut objects = vec![false; machine.objects.len()];
    let nameless: Rc<str> = "".into();
    // A dict's name, the entry's key in it, and the entry.
    let mut open = vec![(nameless.clone(), nameless, root)];
    while let Some((dict, key, value)) = open.pop() {
        let name = || joined(&dict, &key);
        let items = match value {
            Value::Tensor(at) => {
                if found.tensors.len() >= MAX_TENSORS {
                    return Err(format!("names more than {MAX_TENSORS} tensors"));
                }
                let entry = (found.tensors.len(), machine.tensors[*at].clone());
                found.tensors.extend(name().map(|name| (name, entry)));
                continue;
            }
            Value::Dict(at) if !std::mem::replace(&mut dicts[*at], true) => &machine.dicts[*at],
            Value::Object(at) if !std::mem::replace(&mut objects[*at], true) => {
                let Object { class, items } = &machine.objects[*at];
                if items.is_empty() && found.objects.len() < MAX_TENSORS {
                    found
                        .objects
                        .extend(name().map(|name| (name, class.clone())));
                }
                items
            }
            _ => continue,
        };
        let Some(name) = name().filter(|_| !items.is_empty()) else {
            continue;
        };
        let name: Rc<str> = name.into();
        for (key, value) in items.iter().rev() {
            if let Value::Text(key) = key {
                open.push((name.clone(), key.clone(), value));
            }
        }
    }
    match found.tensors.is_empty() {
        false => Ok(found),
        true => Err(without_tensors(machine, &found)),
    }
}

/// So many objects are named.
const NAMED: usize = 4;

fn without_tensors(machine: &Machine, found: &Entries) -> String {
    const CURE: &str = "save the state dict alone: torch.save(model.state_dict(), file)";
    if let Some(module) = machine.module {
        let class = &machine.objects[module].class;
        return format!(
            "holds a whole module, {class}, which only Python and its code can build; {CURE}"
        );
    }
    let objects = found.objects.iter().take(NAMED);
    let named: Vec<String> = objects
        .map(|(name, class)| match name.is_empty() {
            true => format!("an object of {class}"),
            false => format!("'{name}', an object of {class}"),
        })
        .collect();
    match named.is_empty() {
        true => format!("holds no tensor under a name; {CURE}"),
        false => format!(
            "holds no tensor under a name, but {}; {CURE}",
            named.join(", ")
        ),
    }
}
