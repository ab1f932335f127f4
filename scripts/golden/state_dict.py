"""Names and shapes of torchvision's ResNet18 for ten classes: tests/fixtures/training/resnet18.csv."""

import csv
import pathlib

import torchvision

folder = pathlib.Path("tests/fixtures/training")
with open(folder / "resnet18.csv", "w", newline="", encoding="utf-8") as file:
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(["name", "shape"])
    for name, value in torchvision.models.resnet18(num_classes=10).state_dict().items():
        rows.writerow([name, "x".join(map(str, value.shape))])
