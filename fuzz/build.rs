//! Turns ONNX's schema into types, as the crate's own build script does.

fn main() {
    const FOLDER: &str = "../src/network/onnx";
    const SCHEMA: &str = "../src/network/onnx/onnx.proto";
    println!("cargo:rerun-if-changed={SCHEMA}");
    protobuf_codegen::Codegen::new()
        .pure()
        .cargo_out_dir("onnx")
        .include(FOLDER)
        .input(SCHEMA)
        .customize(protobuf_codegen::Customize::default().lite_runtime(true))
        .run_from_script();
}
