//! Where libtorch is when a program is built: shared by the build scripts of those that compute with it.

use std::env;
use std::path::PathBuf;

/// Lets the package's programs, tests and benches find libtorch at start, without `LD_LIBRARY_PATH`; gives its folder.
///
/// torch-sys tells its direct dependants in `DEP_TCH_LIBTORCH_LIB` which folder it links against: `lib` in `LIBTORCH`,
/// which `.cargo/config.toml` points to `.deps/libtorch/torch` (`make setup`) unless it is set already. That folder
/// becomes the rpath.
pub(crate) fn find_at_start() -> Option<PathBuf> {
    println!("cargo:rerun-if-env-changed=DEP_TCH_LIBTORCH_LIB");
    let folder = env::var_os("DEP_TCH_LIBTORCH_LIB").map(PathBuf::from);
    match &folder {
        Some(folder) => println!("cargo:rustc-link-arg=-Wl,-rpath,{}", folder.display()),
        None => println!("cargo:warning=torch-sys names no libtorch folder; the binary will need LD_LIBRARY_PATH"),
    }
    folder
}
