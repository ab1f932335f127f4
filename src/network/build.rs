//! Turns ONNX's schema into types.

/// ONNX's messages as Rust, in `onnx/` of the build's output folder.
fn main() {
    const FOLDER: &str = "onnx";
    const SCHEMA: &str = "onnx/onnx.proto";
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={SCHEMA}");
    protobuf_codegen::Codegen::new()
        .pure()
        .cargo_out_dir("onnx")
        .include(FOLDER)
        .input(SCHEMA)
        .customize(protobuf_codegen::Customize::default().lite_runtime(true))
        .run_from_script();
}
