"""Photographs of datasets/sample as network inputs, prepared as torchvision does."""

import sys
from pathlib import Path

import numpy
from PIL import Image, ImageOps
from torchvision import transforms

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "datasets" / "sample"
COMPARED = ("chelsea.png", "coffee.png")
CALIBRATION = (*COMPARED, "astronaut.png", "bald_eagle.jpg", "dung_beetle.jpg", "jeep_1.jpg", "strawberry.jpg", "yurt.jpg")
DIFFERENCE = 0.1


def inputs(names, side):
    """`[N, 3, side, side]`."""
    prepare = transforms.Compose([
        transforms.Resize(max(256, side)),
        transforms.CenterCrop(side),
        transforms.ToTensor(),
        transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    ])
    photos = (ImageOps.exif_transpose(Image.open(SAMPLE / name)).convert("RGB") for name in names)
    return numpy.stack([prepare(photo).numpy() for photo in photos])


def assert_told_apart(network, logits):
    """That the compared photographs' logits differ by a tenth of their range, without which any program would agree."""
    first, second = logits.reshape(2, -1)
    share = float(abs(first - second).max() / (logits.max() - logits.min()))
    if not share >= DIFFERENCE:
        sys.exit(f"error: {network}: the logits of two photographs differ by {share:.1%} of their range, not {DIFFERENCE:.0%}")
    return share
