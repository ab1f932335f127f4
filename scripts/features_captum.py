"""Seconds of Captum's NeuronDeconvolution as a user would call it on torchvision's network.

    features_captum.py NETWORK MODULE REFERENCE THREADS
    features_captum.py NETWORK MODULE REFERENCE cuda

REFERENCE is what benches/features wrote. On a GPU (float32 without TF32) inputs lie there before the clock starts, and it stops when
the last projection lies there. First some projections are laid beside those that it holds, and one JSON object
says by how much they differ at worst, relative to the greatest value. Then each line on stdin is answered with the seconds
that a unit takes, the mean of all units in the file.

The filters are the bench's, the linear layers torchvision's own: they take the same time, and no projection sees them.
Captum hooks ReLU modules, which must not work in place. It starts from a gradient of 1 at the unit, the deconvnet from the
unit's activation.
"""

import json
import sys
import time

import torch
import torchvision
from captum.attr import NeuronDeconvolution
from safetensors.torch import load_file


def main():
    name, module, path, where = sys.argv[1:]
    device = where if where == "cuda" else "cpu"
    if device == "cpu":
        torch.set_num_threads(int(where))
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    torch.manual_seed(0)
    reference = load_file(path)
    model = network(name, reference).to(device)
    inputs = reference["inputs"].to(device)
    method = NeuronDeconvolution(model, model.get_submodule(module))
    units = [tuple(unit) for unit in reference["units"].tolist()]

    def project(row, *unit):
        return method.attribute(inputs[row][None], neuron_selector=tuple(unit))

    differences = []
    for at, ours in zip(reference["checked"].tolist(), reference["projections"]):
        theirs = project(*units[at])[0].detach().cpu() * reference["activations"][at]
        differences.append(((ours - theirs).abs().max() / theirs.abs().max()).item())
    print(json.dumps({"worst": max(differences), "checked": len(differences)}), flush=True)
    for _ in sys.stdin:
        started = time.perf_counter()
        for unit in units:
            project(*unit)
        if device == "cuda":
            torch.cuda.synchronize()
        print(json.dumps({"seconds": (time.perf_counter() - started) / len(units)}), flush=True)


def network(name, reference):
    model = getattr(torchvision.models, name)(weights=None)
    filters = {key: value for key, value in reference.items() if key.startswith("features.")}
    if set(filters) != {key for key in model.state_dict() if key.startswith("features.")}:
        sys.exit(f"error: the reference has other filters than torchvision's {name}")
    model.load_state_dict(filters, strict=False)
    for each in model.modules():
        if isinstance(each, torch.nn.ReLU):
            each.inplace = False
    return model.eval()


if __name__ == "__main__":
    main()
