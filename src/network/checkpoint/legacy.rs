//! What `torch.save` wrote before PyTorch 1.6: four pickles in a row, then the storages.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use super::pickle::{self, Machine, Value};
use super::state_dict::{self, Pickled, Storages};
use super::storage::Storage;

/// The first pickle, PyTorch's magic number 0x1950a86a20f9469cfc6c, as protocols 2 to 5 and 1 write it.
const MAGIC: [&[u8]; 5] = [
    b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.",
    b"\x80\x03\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.",
    b"\x80\x04\x95\x0d\0\0\0\0\0\0\0\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.",
    b"\x80\x05\x95\x0d\0\0\0\0\0\0\0\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.",
    b"L119547037146038801333356L\n.",
];
const PROTOCOL: Value = Value::Int(1001);

pub(super) struct Legacy {
    file: File,
    /// By key: where the numbers begin in the file, and how many there are.
    storages: BTreeMap<String, (u64, usize)>,
}

impl Legacy {
    /// The length of the first pickle, where a file begins with it.
    pub(super) fn magic(start: &[u8]) -> Option<usize> {
        let magic = MAGIC.iter().find(|magic| start.starts_with(magic));
        magic.map(|magic| magic.len())
    }

    /// Reads a file behind its first pickle of that length.
    pub(super) fn open(mut file: File, magic: usize) -> Result<Pickled<Self>, String> {
        let unreadable = |error: std::io::Error| error.to_string();
        let length = file.metadata().map_err(unreadable)?.len();
        file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        // The pickles are read whole; the storages, which are most of the file, are not.
        let mut bytes = Vec::new();
        (&mut file)
            .take(pickle::LARGEST)
            .read_to_end(&mut bytes)
            .map_err(unreadable)?;
        let mut at = magic;
        let mut next = |machine: &mut Machine| -> Result<Value, String> {
            let (value, taken) = machine.run(bytes.get(at..).unwrap_or_default())?;
            at += taken;
            Ok(value)
        };
        let mut machine = Machine::default();
        if next(&mut machine)? != PROTOCOL {
            return Err("of another protocol than PyTorch's 1001".into());
        }
        let system = next(&mut machine)?;
        if !is_little_endian(&machine, &system) {
            return Err("written on a big-endian machine, which is not supported".into());
        }
        let root = next(&mut machine)?;
        let keys = next(&mut machine)?;
        let entries = state_dict::entries(&machine, &root)?;
        let storages = places(&machine, &keys, at as u64, &mut file, length)?;
        Ok(Pickled {
            entries,
            storages: Self { file, storages },
            shared: None,
        })
    }
}

fn is_little_endian(machine: &Machine, system: &Value) -> bool {
    let Value::Dict(at) = system else {
        return false;
    };
    let told = machine.dicts[*at]
        .iter()
        .find(|(key, _)| *key == Value::Text("little_endian".into()));
    told.is_none_or(|(_, value)| *value == Value::Bool(true))
}

/// Where each storage lies: in the order of the list of keys, a length of eight bytes and the numbers.
fn places(
    machine: &Machine,
    keys: &Value,
    start: u64,
    file: &mut File,
    length: u64,
) -> Result<BTreeMap<String, (u64, usize)>, String> {
    let Value::List(keys) = keys else {
        return Err("the list of its storages is missing".into());
    };
    let cut_off = |_| "cut off within its storages".to_owned();
    let sizes: BTreeMap<&str, usize> = machine
        .storages
        .iter()
        .map(|storage| (&*storage.key, storage.numbers.size()))
        .collect();
    let mut places = BTreeMap::new();
    let mut at = start;
    for key in &machine.lists[*keys] {
        let Value::Text(key) = key else {
            return Err("a storage without a name".into());
        };
        let size = sizes.get(&**key).copied();
        let size = size.ok_or_else(|| format!("storage {key} belongs to no tensor"))?;
        let mut told = [0; 8];
        file.seek(SeekFrom::Start(at))
            .and_then(|_| file.read_exact(&mut told))
            .map_err(cut_off)?;
        let count = u64::from_le_bytes(told);
        let end = count
            .checked_mul(size as u64)
            .and_then(|bytes| bytes.checked_add(at + 8))
            .filter(|end| *end <= length)
            .ok_or_else(|| {
                format!("storage {key} claims {count} numbers; was the file cut off?")
            })?;
        places.insert(key.to_string(), (at + 8, count as usize));
        at = end;
    }
    Ok(places)
}

impl Storages for Legacy {
    fn numbers(&mut self, storage: &Storage) -> Result<Vec<u8>, String> {
        let (place, count) = self
            .storages
            .get(&*storage.key)
            .ok_or_else(|| format!("its storage {} is missing", storage.key))?;
        let within = storage.start.checked_add(storage.count);
        if within.is_none_or(|end| end > *count) {
            return Err(format!("reaches beyond its storage of {count} numbers"));
        }
        let size = storage.numbers.size();
        let mut bytes = vec![0; storage.count * size];
        let start = place + (storage.start * size) as u64;
        self.file
            .seek(SeekFrom::Start(start))
            .and_then(|_| self.file.read_exact(&mut bytes))
            .map_err(|error| error.to_string())?;
        Ok(bytes)
    }
}
