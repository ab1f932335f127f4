//! The tensors of an unpickled checkpoint by name: nested dicts flattened with dots.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::pickle::{Class, Machine, Value, MAX_TENSORS};
use super::storage::{Storage, View};
use super::{alone, to_f32, Tensors};

/// Where a pickle's numbers are stored beside it.
pub(super) trait Storages {
    /// The bytes of a storage, as many as it says.
    fn numbers(&mut self, storage: &Storage) -> Result<Vec<u8>, String>;
}

/// A checkpoint of `torch.save`: what it has by name, and the storages that its tensors are views of.
pub(super) struct Pickled<S> {
    pub(super) entries: Entries,
    pub(super) storages: S,
    /// The last storage that a tensor was a part of: others may be parts of it too.
    pub(super) shared: Option<(Storage, Vec<f32>)>,
}

/// What a checkpoint has under names.
#[derive(Debug, Default)]
pub(super) struct Entries {
    /// With its place in the file, from 0.
    tensors: BTreeMap<String, (usize, View)>,
    objects: BTreeMap<String, Class>,
    /// The outermost PyTorch module.
    module: Option<Class>,
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
        let kept = self.shared.take();
        let numbers = match kept.filter(|(storage, _)| *storage == view.storage) {
            Some((_, numbers)) => numbers,
            None => to_f32(kind, &self.storages.numbers(&view.storage)?)?,
        };
        let values = view.gather(&numbers);
        if view.count() != Some(numbers.len()) {
            self.shared = Some((view.storage.clone(), numbers));
        }
        values
    }

    fn opaque(&self, name: &str) -> Option<String> {
        Some(opaque(self.entries.objects.get(name)?))
    }

    fn module(&self) -> Option<String> {
        self.entries.module.as_ref().map(module)
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
/// Bytes of all names at most.
const MOST_NAMED: usize = 1 << 26;

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
    let module = machine.module.map(|at| machine.objects[at].class.clone());
    let mut found = Entries {
        module,
        ..Entries::default()
    };
    let mut named = 0;
    let mut dicts = vec![false; machine.dicts.len()];
    let mut objects = vec![false; machine.objects.len()];
    let nameless: Rc<str> = "".into();
    // A dict's name, the entry's key in it, and the entry.
    let mut open = vec![(nameless.clone(), nameless, root)];
    while let Some((dict, key, value)) = open.pop() {
        let items = match value {
            Value::Tensor(_) => &[][..],
            Value::Dict(at) if !std::mem::replace(&mut dicts[*at], true) => &machine.dicts[*at],
            Value::Object(at) if !std::mem::replace(&mut objects[*at], true) => {
                &machine.objects[*at].items
            }
            _ => continue,
        };
        let Some(name) = joined(&dict, &key) else {
            continue;
        };
        named += name.len();
        if found.tensors.len() + found.objects.len() >= MAX_TENSORS || named > MOST_NAMED {
            return Err(format!(
                "has more than {MAX_TENSORS} tensors and objects, or more than {MOST_NAMED} letters of names"
            ));
        }
        match value {
            Value::Tensor(at) => {
                let place = found.tensors.len();
                let view = machine.tensors[*at].clone();
                found.tensors.insert(name, (place, view));
                continue;
            }
            Value::Object(at) if items.is_empty() => {
                let class = machine.objects[*at].class.clone();
                found.objects.insert(name, class);
                continue;
            }
            _ => {}
        }
        let name: Rc<str> = name.into();
        for (key, value) in items.iter().rev() {
            if let Value::Text(key) = key {
                open.push((name.clone(), key.clone(), value));
            }
        }
    }
    match found.tensors.is_empty() {
        false => Ok(found),
        true => Err(without_tensors(&found)),
    }
}

fn module(class: &Class) -> String {
    format!(
        "holds a whole module, {class}, which only Python and its code can build; {}",
        alone()
    )
}

/// So many objects are named.
const NAMED: usize = 4;

fn without_tensors(found: &Entries) -> String {
    if let Some(class) = &found.module {
        return module(class);
    }
    let objects = found.objects.iter().take(NAMED);
    let named: Vec<String> = objects
        .map(|(name, class)| match name.is_empty() {
            true => format!("an object of {class}"),
            false => format!("'{name:.80}', an object of {class}"),
        })
        .collect();
    match named.is_empty() {
        true => format!("holds no tensor under a name; {}", alone()),
        false => format!(
            "holds no tensor under a name, but {}; {}",
            named.join(", "),
            alone()
        ),
    }
}
