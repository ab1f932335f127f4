//! Switches of libtorch that tch has no functions for: it has them in C++, and tch wants this one version of it.

use std::ffi::c_void;

use libloading::{Library, Symbol};

/// What libtorch does on a GPU, in all that this process computes there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Switch {
    /// Convolutions may round factors to TF32.
    Tf32OfConvolutions,
    /// Products of matrices may.
    Tf32OfProducts,
    /// Convolutions take only ways that add up in a fixed order, so that a run computes the same bits again.
    FixedOrder,
}

impl Switch {
    /// A method `void at::Context::…(bool)`, as C++ names it on Linux.
    fn method(self) -> &'static [u8] {
        match self {
            Self::Tf32OfConvolutions => b"_ZN2at7Context17setAllowTF32CuDNNEb\0",
            Self::Tf32OfProducts => b"_ZN2at7Context18setAllowTF32CuBLASEb\0",
            Self::FixedOrder => b"_ZN2at7Context21setDeterministicCuDNNEb\0",
        }
    }

    /// Sets it.
    ///
    /// # Errors
    /// What this libtorch lacks.
    #[allow(unsafe_code, reason = "tch does not have these functions")]
    pub(in super::super) fn set(self, is_on: bool) -> Result<(), String> {
        let told = |error: libloading::Error| format!("libtorch's switch {self:?}: {error}");
        // SAFETY: the library is loaded already, and stays so. `at::globalContext()` gives a reference to what lives as long as the
        // process, of which the methods are: by the C++ ABI of Linux, functions of it and their argument.
        unsafe {
            let libtorch = Library::new("libtorch_cpu.so").map_err(told)?;
            let context: Symbol<'_, unsafe extern "C" fn() -> *mut c_void> =
                libtorch.get(b"_ZN2at13globalContextEv\0").map_err(told)?;
            let method: Symbol<'_, unsafe extern "C" fn(*mut c_void, bool)> =
                libtorch.get(self.method()).map_err(told)?;
            method(context(), is_on);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// That the libtorch at hand has it; the others are seen to work where they are used.
    #[test]
    fn convolutions_can_be_told_to_add_up_in_a_fixed_order() {
        Switch::FixedOrder.set(true).unwrap();
    }
}
