"""ONNX's `light` architectures with seeded weights, calibrated on photographs: light.py TEST_DATA FOLDER

TEST_DATA is onnx/backend/test/data. The files there compute constant weights; here each is an initialiser. FOLDER/<name>
gets model.onnx and expected.safetensors: `input` and `output` of two photographs, `logits` (what a last Softmax is
given, else the output), and onnxruntime's `value:<name>` of every node that depends on the input, of the first
photograph alone where all would take more than LIMIT bytes.
"""

import sys
from pathlib import Path

import numpy
import onnx
import onnxruntime
from safetensors.numpy import save_file

import photographs
import runtime
from light_graph import Weights, image_input, store_computed_weights
from light_weights import calibrate, seed

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from lot import asked_for  # noqa: E402

NAMES = (
    "bvlc_alexnet", "densenet121", "inception_v1", "inception_v2", "resnet50", "shufflenet", "squeezenet", "vgg19", "zfnet512",
)
SIDE = 224
LIMIT = 200_000_000


def logits_name(graph):
    last = graph.node[-1]
    return last.input[0] if last.op_type == "Softmax" else last.output[0]


def expected(model, image, inputs):
    """The tensors of expected.safetensors."""
    first, second = runtime.all_values(model, image, inputs)
    for name, value in first.items():
        if not (numpy.isfinite(value).all() and value.max() > value.min()):
            sys.exit(f"error: {model.graph.name}: {name} is constant or not finite")
    both = 2 * sum(value.nbytes for value in first.values()) <= LIMIT
    whole = {name: numpy.concatenate([first[name], second[name]]) for name in first} if both else first
    tensors = {f"value:{name}": value for name, value in whole.items()}
    for key, name in (("logits", logits_name(model.graph)), ("output", model.graph.output[0].name)):
        tensors[key] = numpy.concatenate([first[name], second[name]]).reshape(2, -1)
    return {"input": numpy.concatenate(inputs), **tensors}


def make(name, source, folder):
    model = onnx.load(source)
    image = image_input(model.graph)
    store_computed_weights(model.graph)
    weights = Weights(model.graph)
    seed(model.graph, weights)
    calibrate(model, weights, image, [one[None] for one in photographs.inputs(photographs.CALIBRATION, SIDE)])
    weights.store(model.graph)
    onnx.checker.check_model(model)
    inputs = [one[None] for one in photographs.inputs(photographs.COMPARED, SIDE)]
    tensors = expected(model, image, inputs)
    share = photographs.assert_told_apart(name, tensors["logits"])
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(model, folder / "model.onnx")
    made_with = f"onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}, numpy {numpy.__version__}"
    save_file(tensors, folder / "expected.safetensors", {"made_with": made_with})
    size = sum(value.nbytes for value in tensors.values()) / 1e6
    told_apart = f"the photographs' logits differ by {share:.0%} of their range"
    print(f"light/{name}: {len(tensors) - 3} values, {size:.0f} MB; {told_apart}", flush=True)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    data, folder = map(Path, sys.argv[1:])
    for name in asked_for("light", NAMES):
        make(name, data / "light" / f"light_{name}.onnx", folder / "light" / name)


if __name__ == "__main__":
    main()
