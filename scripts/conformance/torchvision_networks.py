"""torchvision's networks with seeded weights, calibrated on photographs: torchvision_networks.py FOLDER

FOLDER/<name> gets the same weights as weights.pth, weights.safetensors and model.onnx; expected.safetensors with `input`
and `logits` of two photographs and, for the strongest unit of each of three layers in the first one, the deconvnet's
projection of 1: `naive/<i>` by the twin of deconvolution.py, `captum/<i>` by Captum where it can; and expected.json, which
says for each layer which torch module, unit and ONNX value this is, and by how much (relative to the L2 norm) the twin's
projection differs from itself in float64 (`rounding`) and from Captum's (`captum_error`), or why Captum cannot
(`captum_reason`): it hooks nn.ReLU alone.
"""

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

import captum
import numpy
import onnx
import onnxruntime
import safetensors
import torch
import torchvision
from safetensors.torch import save_file

import deconvolution
import photographs
import runtime
from torch_weights import calibrate, seed

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from lot import asked_for  # noqa: E402

AGREEMENT = 1e-5
OPSET = 17


@dataclass(frozen=True)
class Case:
    """A network, its layers whose units are projected, how it is built, and what the factors and summands of its batch
    normalisation lie around."""

    name: str
    layers: tuple
    side: int = 224
    options: dict = field(default_factory=dict)
    norm: tuple = (1.0, 0.0)


CASES = (
    Case("alexnet", ("features.1", "features.7", "features.11")),
    Case("vgg16", ("features.3", "features.15", "features.29"), options={"init_weights": False}),
    Case("squeezenet1_1", ("features.1", "features.7", "features.12"), side=227),
    Case("resnet18", ("relu", "layer2", "layer4")),
    Case("googlenet", ("conv1", "inception4a", "inception5b"),
         options={"aux_logits": False, "transform_input": False, "init_weights": False}),
    # ReLU6 clips some values of each layer, and few enough that rounding does not grow from layer to layer.
    Case("mobilenet_v2", ("features.0", "features.7.conv.0", "features.18"), norm=(1.5, 1.0)),
    Case("resnext50_32x4d", ("relu", "layer2", "layer4")),
    Case("vgg11_bn", ("features.2", "features.10", "features.27")),
    Case("mnasnet0_5", ("layers.2", "layers.10.0.layers.2", "layers.16"), norm=(1.5, 1.0)),
    Case("shufflenet_v2_x0_5", ("conv1.2", "stage3.7", "conv5.2")),
    Case("regnet_x_400mf", ("stem.2", "trunk_output.block2.block2-1.activation", "trunk_output.block4")),
    Case("inception_v3", ("Conv2d_2b_3x3", "Mixed_6b", "Mixed_7a"), side=299,
         options={"aux_logits": False, "transform_input": False, "init_weights": False}),
    Case("mobilenet_v3_small", ("features.1.block.1", "features.4.block.0", "features.12"), norm=(1.5, 0.5)),
    Case("regnet_y_400mf", ("stem.2", "trunk_output.block2.block2-1.activation", "trunk_output.block4")),
    Case("efficientnet_b0", ("features.2.0.block.0", "features.4.0.block.0", "features.8")),
    Case("efficientnet_v2_s", ("features.1", "features.4.0.block.0", "features.7"), side=224),
    Case("convnext_tiny", ("features.0", "features.3", "features.7")),
    Case("densenet121", ("features.relu0", "features.transition2.relu", "features.denseblock4.denselayer16.relu2")),
)


def network(case):
    """The network, ready to be projected through: no rectifier works in place."""
    model = torchvision.models.get_model(case.name, weights=None, **case.options).eval()
    for module in model.modules():
        if hasattr(module, "inplace"):
            module.inplace = False
    seed(model, *case.norm)
    calibrate(model, photographs.inputs(photographs.CALIBRATION, case.side))
    return model


def export(model, image, path):
    torch.onnx.export(model, (image,), path, dynamo=False, opset_version=OPSET, input_names=["input"], output_names=["logits"])


def value_name(values, expected):
    """The first value of the exported graph that equals `expected` but for rounding; None without one."""
    enough = 1e-4 * float(expected.max() - expected.min())
    same = (name for name, value in values.items()
            if value.shape == expected.shape and abs(value - expected).max() <= enough)
    return next(same, None)


def project(model, layer, image, values):
    """The layer's entry in expected.json, and its projections by method."""
    output, rectifiers, hooked, constants = deconvolution.activation(model, layer, image)
    unit = deconvolution.strongest(output)
    projections = {"naive": deconvolution.naive(model, layer, image, unit)}
    exact = deconvolution.naive(model.double(), layer, image.double(), unit)
    model.float()
    entry = {
        "module": layer,
        "unit": list(unit),
        "value": float(output[0][unit]),
        "onnx_value": value_name(values, output.detach().numpy()),
        "rounding": deconvolution.relative_error(projections["naive"], exact),
        "captum_error": None,
    }
    if hooked == rectifiers and not constants:
        projections["captum"] = deconvolution.captum(model, layer, image, unit)
        entry["captum_error"] = deconvolution.relative_error(projections["captum"], projections["naive"])
        if entry["captum_error"] > AGREEMENT:
            sys.exit(f"error: {layer}: Captum's projection and the twin's differ by {entry['captum_error']:.1e}")
    else:
        gates = f", and derives {constants} gates and norms" if constants else ""
        entry["captum_reason"] = f"Captum hooks nn.ReLU alone: {hooked} of the {rectifiers} rectifiers up to here{gates}"
    return entry, projections


def make(case, folder):
    folder.mkdir(parents=True, exist_ok=True)
    model = network(case)
    images = torch.from_numpy(photographs.inputs(photographs.COMPARED, case.side))
    with torch.no_grad():
        tensors = {"input": images, "logits": torch.cat([model(image[None]) for image in images])}
    share = photographs.assert_told_apart(case.name, tensors["logits"].numpy())
    torch.save(model.state_dict(), folder / "weights.pth")
    save_file(model.state_dict(), folder / "weights.safetensors")
    export(model, images[:1], folder / "model.onnx")
    (values,) = runtime.all_values(onnx.load(folder / "model.onnx"), "input", [images[:1].numpy()])
    layers = []
    for at, layer in enumerate(case.layers):
        entry, projections = project(model, layer, images[:1], values)
        layers.append(entry)
        tensors |= {f"{method}/{at}": projection for method, projection in projections.items()}
    save_file(tensors, folder / "expected.safetensors")
    modules = torch, torchvision, captum, onnx, onnxruntime, safetensors, numpy
    versions = {module.__name__: module.__version__ for module in modules}
    text = json.dumps({"layers": layers, "logits_differ_by": share, "made_with": versions}, indent=1)
    (folder / "expected.json").write_text(text + "\n")
    print(f"torchvision/{case.name}: the photographs' logits differ by {share:.0%} of their range", flush=True)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    torch.set_num_threads(1)  # the last bits depend on it
    cases = {case.name: case for case in CASES}
    for name in asked_for("torchvision", cases):
        make(cases[name], Path(sys.argv[1]) / "torchvision" / name)


if __name__ == "__main__":
    main()
