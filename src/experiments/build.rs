//! Lets the experiments' tests find libtorch.

#[path = "../engine/build/libtorch.rs"]
mod libtorch;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    libtorch::find_at_start();
}
