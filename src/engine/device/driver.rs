//! What the NVIDIA driver tells of its cards. libtorch's interface counts them and no more.

use std::ffi::{c_char, c_int, c_uint, CStr};

use libloading::Library;

/// A graphics card as the driver knows it, by the number that libtorch has for it too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Card {
    /// `NVIDIA H200`.
    pub(super) name: String,
    /// What its instructions are, `9.0`.
    pub(super) capability: String,
}

/// The driver's functions, under their names in CUDA's driver API; each returns 0 for success.
struct Driver {
    init: unsafe extern "C" fn(c_uint) -> c_int,
    count: unsafe extern "C" fn(*mut c_int) -> c_int,
    get: unsafe extern "C" fn(*mut c_int, c_int) -> c_int,
    name: unsafe extern "C" fn(*mut c_char, c_int, c_int) -> c_int,
    attribute: unsafe extern "C" fn(*mut c_int, c_int, c_int) -> c_int,
}

const CAPABILITY_MAJOR: c_int = 75;
const CAPABILITY_MINOR: c_int = 76;

/// The cards that this process may use; none where there is no driver or it does not tell.
pub(super) fn cards() -> Vec<Card> {
    let driver = Driver::open();
    driver.and_then(|driver| driver.cards()).unwrap_or_default()
}

#[allow(unsafe_code, reason = "the driver is a C library")]
impl Driver {
    /// The driver's library, which stays open.
    fn open() -> Option<Self> {
        // SAFETY: the library that CUDA's runtime opens itself; its initialisers run but once.
        let library = unsafe { Library::new("libcuda.so.1") }.ok()?;
        let library: &'static Library = Box::leak(Box::new(library));
        // SAFETY: the signatures are those of cuda.h, which have stood since CUDA 2.
        unsafe {
            Some(Self {
                init: *library.get(b"cuInit\0").ok()?,
                count: *library.get(b"cuDeviceGetCount\0").ok()?,
                get: *library.get(b"cuDeviceGet\0").ok()?,
                name: *library.get(b"cuDeviceGetName\0").ok()?,
                attribute: *library.get(b"cuDeviceGetAttribute\0").ok()?,
            })
        }
    }

    fn cards(&self) -> Option<Vec<Card>> {
        let number = |call: &dyn Fn(*mut c_int) -> c_int| {
            let mut value = 0;
            (call(&mut value) == 0).then_some(value)
        };
        // SAFETY: each call writes at most one number, or as many bytes as it is told, to where it is told.
        unsafe {
            if (self.init)(0) != 0 {
                return None;
            }
            let count = number(&|count| (self.count)(count))?;
            let card = |ordinal: c_int| {
                let device = number(&|device| (self.get)(device, ordinal))?;
                let mut name: [c_char; 256] = [0; 256];
                if (self.name)(name.as_mut_ptr(), 255, device) != 0 {
                    return None;
                }
                let attribute =
                    |which: c_int| number(&|value| (self.attribute)(value, which, device));
                Some(Card {
                    name: CStr::from_ptr(name.as_ptr()).to_string_lossy().into_owned(),
                    capability: format!(
                        "{}.{}",
                        attribute(CAPABILITY_MAJOR)?,
                        attribute(CAPABILITY_MINOR)?
                    ),
                })
            };
            (0..count).map(card).collect()
        }
    }
}

#[cfg(test)]
#[allow(unsafe_code, reason = "a driver that is none is a C library as well")]
mod tests {
    use super::*;

    unsafe extern "C" fn init(_: c_uint) -> c_int {
        0
    }

    unsafe extern "C" fn no_driver(_: c_uint) -> c_int {
        100
    }

    unsafe extern "C" fn count(count: *mut c_int) -> c_int {
        *count = 2;
        0
    }

    unsafe extern "C" fn get(device: *mut c_int, ordinal: c_int) -> c_int {
        *device = 10 + ordinal;
        0
    }

    unsafe extern "C" fn name(name: *mut c_char, length: c_int, device: c_int) -> c_int {
        let text = format!("Card {device}");
        let bytes = text.bytes().chain([0]).take(length as usize);
        bytes
            .enumerate()
            .for_each(|(at, byte)| *name.add(at) = byte as c_char);
        0
    }

    unsafe extern "C" fn attribute(value: *mut c_int, which: c_int, device: c_int) -> c_int {
        *value = if which == CAPABILITY_MAJOR { device } else { 5 };
        0
    }

    fn driver() -> Driver {
        Driver {
            init,
            count,
            get,
            name,
            attribute,
        }
    }

    #[test]
    fn cards_are_told_in_their_order() {
        let told = driver().cards().unwrap();
        let told: Vec<(&str, &str)> = told
            .iter()
            .map(|card| (&*card.name, &*card.capability))
            .collect();
        assert_eq!(told, [("Card 10", "10.5"), ("Card 11", "11.5")]);
        let broken = Driver {
            init: no_driver,
            ..driver()
        };
        assert_eq!(broken.cards(), None);
    }
}
