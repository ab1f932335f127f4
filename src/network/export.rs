//! How a network that is not read leaves its own framework as an ONNX file: the lines that messages show.

/// Out of a folder that TensorFlow saved.
pub(crate) const TENSORFLOW: &str =
    "write the model as ONNX, python -m tf2onnx.convert --saved-model FOLDER \
    --output model.onnx, and give it with --model model.onnx";

/// Out of Keras.
pub(crate) const KERAS: &str = "write the model as ONNX, model.export(\"model.onnx\", format=\"onnx\") in Keras 3 or \
    python -m tf2onnx.convert --keras model.h5 --output model.onnx, and give it with --model model.onnx";

/// Out of PyTorch, for square colour photographs of that side.
pub(crate) fn pytorch(side: usize) -> String {
    format!(
        "write an ONNX file in Python and give it with --model model.onnx:\n  \
         model.eval()\n  \
         torch.onnx.export(model, torch.zeros(1, 3, {side}, {side}), \"model.onnx\")  # newer PyTorch: pip install onnx onnxscript"
    )
}
