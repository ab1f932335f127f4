"""torchvision's networks with heads of their own, as people save them: fine_tuned.py FOLDER

FOLDER/resnet18 was trained on two classes for a few steps, and is saved as a state dict (state.pth), with optimizer and
epoch beside it (training.pth), under the prefix that DataParallel leaves (parallel.pth), in the format before PyTorch 1.6
(legacy.pth), and as a whole module (module.pth). The other networks, head.pth in each folder, have seeded weights. In
expected.safetensors are `input` of two photographs and `logits`.
"""

import sys
from pathlib import Path

import torch
import torchvision
from safetensors.torch import save_file
from torch import nn

import photographs
from torch_weights import calibrate, seed

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from lot import asked_for  # noqa: E402

LIVING = ("chelsea.png", "astronaut.png", "bald_eagle.jpg", "dung_beetle.jpg", "strawberry.jpg")
STEPS = 4

HEADS = {
    "resnet18": ("fc", lambda: nn.Linear(512, 2)),
    "googlenet": ("fc", lambda: nn.Sequential(nn.Dropout(), nn.Linear(1024, 3))),
    "densenet121": ("classifier", lambda: nn.Sequential(nn.Linear(1024, 64), nn.ReLU(), nn.Dropout(), nn.Linear(64, 3))),
    "mobilenet_v2": ("classifier", lambda: nn.Linear(1280, 3)),
    "squeezenet1_1": ("classifier.1", lambda: nn.Conv2d(512, 3, 1)),
    "vgg16": ("classifier", lambda: nn.Linear(25088, 3)),
    "alexnet": ("classifier", lambda: nn.Sequential(nn.Linear(9216, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 3))),
}
SIDES = {"squeezenet1_1": 227}
# Those of scripts/conformance/torchvision_networks.py; GoogLeNet has its auxiliary heads, which are left alone.
OPTIONS = {
    "vgg16": {"init_weights": False},
    "googlenet": {"aux_logits": True, "transform_input": False, "init_weights": False},
}
NORMS = {"mobilenet_v2": (1.5, 1.0)}


def network(name):
    model = torchvision.models.get_model(name, weights=None, **OPTIONS.get(name, {})).eval()
    head, make = HEADS[name]
    parent, _, last = head.rpartition(".")
    setattr(model.get_submodule(parent), last, make().eval())
    seed(model, *NORMS.get(name, (1.0, 0.0)))
    calibrate(model, photographs.inputs(photographs.CALIBRATION, SIDES.get(name, 224)))
    return model


def train(model):
    """A few steps on the calibration photographs: is it a living thing? The optimizer as it is then."""
    names = photographs.CALIBRATION
    images = torch.from_numpy(photographs.inputs(names, 224))
    labels = torch.tensor([int(name in LIVING) for name in names])
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)
    model.train()
    for _ in range(STEPS):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(images), labels).backward()
        optimizer.step()
    model.eval()
    return optimizer


def save_in_all_forms(model, optimizer, folder):
    state = model.state_dict()
    torch.save(state, folder / "state.pth")
    torch.save({"epoch": STEPS, "model": state, "optimizer": optimizer.state_dict()}, folder / "training.pth")
    torch.save(nn.DataParallel(model).state_dict(), folder / "parallel.pth")
    torch.save(state, folder / "legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(model, folder / "module.pth")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    torch.set_num_threads(1)  # the last bits depend on it
    torch.manual_seed(20131112)
    for name in asked_for("fine_tuned", HEADS):
        folder = Path(sys.argv[1]) / "fine_tuned" / name
        folder.mkdir(parents=True, exist_ok=True)
        model = network(name)
        if name == "resnet18":
            save_in_all_forms(model, train(model), folder)
        else:
            torch.save(model.state_dict(), folder / "head.pth")
        images = torch.from_numpy(photographs.inputs(photographs.COMPARED, SIDES.get(name, 224)))
        with torch.no_grad():
            logits = torch.cat([model(image[None]) for image in images])
        share = photographs.assert_told_apart(name, logits.numpy())
        save_file({"input": images, "logits": logits}, folder / "expected.safetensors")
        print(f"fine_tuned/{name}: the photographs' logits differ by {share:.0%} of their range", flush=True)


if __name__ == "__main__":
    main()
