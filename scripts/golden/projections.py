"""Makes tests/fixtures/golden: SqueezeNet 1.1 on two inputs, computed by PyTorch and by Captum.

    projections.py        needs .deps/weights (make setup), datasets/sample/chelsea.png, torch, torchvision, captum

For each input NAME.png (a 227×227 crop, 8-bit RGB) a NAME.safetensors with
    exact/probabilities                f64 [1000], computed in float64
    probabilities                      f32 [1000], computed in float32: what PyTorch's own rounding does
    unit/<stage>/place                 i32: feature, y, x of the strongest activation, in float64 as all that follows
    unit/<stage>/positions, layer/positions
                                       i32, places in the flat [3, 227, 227] projection, drawn by a fixed seed
    exact/<kind>/<stage>/values        f64, deconvnet.py's projection there
    exact/<kind>/<stage>/captum        f64, for kind unit: Captum's NeuronDeconvolution there
    exact/<kind>/<stage>/whole         f64: L2 norm and largest value of the whole projection
    <kind>/<stage>/values              f32, that projection there walked in float32 through the switches of float64, from
                                       float64's activations
Versions of all that took part are in the metadata.

Float64 leaves no window to chance: of two values that float32 cannot tell apart it sees the larger, on any processor.

Captum starts from a gradient of 1 at the unit, the deconvnet from the unit's activation: its map is multiplied by that. It names
layers by module: a stage is the output of a Fire module or of a ReLU. It hooks ReLU modules, which must not work in
place, and pools through their gradient, which adds up where windows overlap, as the deconvnet does here. The map
is laid beside ours whole before anything is written, as is kind layer, for which Captum is asked for the
gradient of half the stage's squared activations.
"""

import sys
from pathlib import Path

import captum
import numpy
import PIL
import torch
import torchvision
from captum.attr import NeuronDeconvolution
from PIL import Image
from safetensors.torch import load_file, save_file

import deconvnet
from deconvnet import KINDS, STAGES, relative_error
from preprocessing_reference import network_input, read

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "fixtures" / "golden"
WEIGHTS = ROOT / ".deps" / "weights" / "squeezenet1_1.safetensors"
CHELSEA = ROOT / "datasets" / "sample" / "chelsea.png"
SIDE = 227
SAMPLE = 1750
AGREEMENT = 1e-10
MODULES = {"conv1": "features.1", "fire3": "features.4", "fire5": "features.7", "fire9": "features.12", "conv10": "classifier.2"}


def rings():
    """Three systems of rings, one a colour, finer outwards: no patch of one colour, so no pool is tied throughout."""
    y, x = numpy.mgrid[0:SIDE, 0:SIDE]
    centres = ((60, 70, 23), (113, 160, 31), (170, 90, 41))
    channels = [((x - a) ** 2 + (y - b) ** 2) // pace % 256 for a, b, pace in centres]
    return Image.fromarray(numpy.stack(channels, 2).astype(numpy.uint8))


def tensor(image):
    """BGR from 0 to 255, less the mean."""
    pixels = numpy.asarray(image.convert("RGB"), dtype=numpy.float32)[:, :, ::-1]
    centred = pixels - numpy.array(deconvnet.MEAN_BGR, dtype=numpy.float32)
    return torch.from_numpy(numpy.ascontiguousarray(centred.transpose(2, 0, 1)))


def torchvision_network():
    """torchvision's SqueezeNet 1.1 in float64 with our weights and ReLUs that leave their input alone."""
    model = torchvision.models.squeezenet1_1(weights=None)
    model.load_state_dict(load_file(WEIGHTS))
    for module in model.modules():
        if isinstance(module, torch.nn.ReLU):
            module.inplace = False
    return model.double().eval()


def by_captum(model, image, kind, stage, unit, value):
    method = NeuronDeconvolution(model, model.get_submodule(MODULES[stage]))
    if kind == "unit":
        return method.attribute(image[None], neuron_selector=unit)[0].detach() * value
    return method.attribute(image[None], neuron_selector=lambda out: (out * out).sum((1, 2, 3)) / 2)[0].detach()


def sample(projection, generator):
    """Places drawn from the projection's bounding box, all of it where it is small: a unit sees little of the input."""
    _, ys, xs = projection.nonzero(as_tuple=True)
    inside = torch.zeros(projection.shape, dtype=torch.bool)
    inside[:, ys.min() : ys.max() + 1, xs.min() : xs.max() + 1] = True
    places = inside.flatten().nonzero()[:, 0]
    chosen = torch.randperm(len(places), generator=generator)[:SAMPLE]
    return places[chosen].sort().values.to(torch.int32)


def agree(what, found, expected):
    error = relative_error(found, expected)
    print(f"  {what}: {error:.1e}")
    if error > AGREEMENT:
        sys.exit(f"error: {what} disagrees by {error:.1e}; nothing was written")


def golden(exact, single, model, image):
    """`exact` and `single` are the network in float64 and in float32."""
    trace, rounded = exact.forward(image), single.forward(image)
    with torch.no_grad():
        agree("torchvision's probabilities", model(image[None].double()).softmax(1)[0], trace.probabilities)
    generator = torch.Generator().manual_seed(0)
    tensors = {"exact/probabilities": trace.probabilities, "probabilities": rounded.probabilities}
    tensors["layer/positions"] = sample(torch.ones_like(image), generator)
    for stage in STAGES:
        activation = trace.stages[stage]
        unit = deconvnet.strongest(activation)
        value = activation[unit].float()  # as a run's tables have it
        tensors[f"unit/{stage}/place"] = torch.tensor(unit, dtype=torch.int32)
        for kind in KINDS:
            seed = activation if kind == "layer" else deconvnet.unit_seed(activation, unit, value)
            projection = exact.project(trace, stage, seed)
            captums = by_captum(model, image.double(), kind, stage, unit, value)
            agree(f"Captum's {kind} {stage}", captums, projection)
            name = f"{kind}/{stage}"
            if kind == "unit":
                tensors[f"{name}/positions"] = sample(projection, generator)
                tensors[f"exact/{name}/captum"] = captums.flatten()[tensors[f"{name}/positions"]]
            places = tensors[f"{name}/positions" if kind == "unit" else "layer/positions"]
            tensors[f"exact/{name}/values"] = projection.flatten()[places]
            tensors[f"exact/{name}/whole"] = torch.stack([projection.norm(), projection.max()])
            tensors[f"{name}/values"] = single.project(trace, stage, seed).flatten()[places]
    return tensors


def main():
    if len(sys.argv) > 1:
        sys.exit(__doc__)
    torch.set_num_threads(1)  # the last bits depend on it
    GOLDEN.mkdir(parents=True, exist_ok=True)
    exact, single = deconvnet.SqueezeNet(WEIGHTS, torch.float64), deconvnet.SqueezeNet(WEIGHTS)
    model = torchvision_network()
    versions = {"torch": torch, "torchvision": torchvision, "captum": captum, "numpy": numpy, "pillow": PIL}
    metadata = {"made_with": ", ".join(f"{name} {module.__version__}" for name, module in versions.items())}
    for name, image in (("chelsea", network_input(read(CHELSEA), 256, SIDE)), ("rings", rings())):
        print(name)
        tensors = golden(exact, single, model, tensor(image))
        image.save(GOLDEN / f"{name}.png", optimize=True)
        path = GOLDEN / f"{name}.safetensors"
        save_file({key: value.contiguous() for key, value in tensors.items()}, path, metadata)
        path.chmod(0o644)
    print(metadata["made_with"])


if __name__ == "__main__":
    main()
