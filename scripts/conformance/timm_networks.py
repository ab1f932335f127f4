"""timm's networks with seeded weights, calibrated on photographs, as the model hub lays them: timm_networks.py FOLDER

FOLDER/<name> gets timm's own model.safetensors, pytorch_model.bin and config.json, and expected.safetensors with `input` and `logits` of
two photographs.
"""

import sys
from pathlib import Path

import timm
import torch
from safetensors.torch import save_file
from timm.models._hub import save_config_for_hf

import photographs
from torch_weights import calibrate, seed

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from lot import asked_for  # noqa: E402

# What the factors and summands of a network's batch normalisations lie around.
CASES = {
    "resnet18": (1.0, 0.0),
    "efficientnet_b0": (1.0, 0.0),
    "mobilenetv3_small_100": (1.5, 0.5),
    "regnety_004": (1.0, 0.0),
    "convnext_tiny": (1.0, 0.0),
}
CLASSES = 7


def make(name, folder):
    folder.mkdir(parents=True, exist_ok=True)
    model = timm.create_model(name, pretrained=False, num_classes=CLASSES).eval()
    seed(model, *CASES[name])
    calibrate(model, photographs.inputs(photographs.CALIBRATION, 224))
    images = torch.from_numpy(photographs.inputs(photographs.COMPARED, 224))
    with torch.no_grad():
        logits = torch.cat([model(image[None]) for image in images])
    share = photographs.assert_told_apart(name, logits.numpy())
    save_file(model.state_dict(), folder / "model.safetensors")
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    labels = [f"label {number}" for number in range(CLASSES)]
    save_config_for_hf(model, folder / "config.json", model_config={"label_names": labels})
    save_file({"input": images, "logits": logits}, folder / "expected.safetensors")
    print(f"timm/{name}: the photographs' logits differ by {share:.0%} of their range", flush=True)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    torch.set_num_threads(1)  # the last bits depend on it
    for name in asked_for("timm", CASES):
        make(name, Path(sys.argv[1]) / "timm" / name)


if __name__ == "__main__":
    main()
