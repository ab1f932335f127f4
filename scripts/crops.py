#!/usr/bin/env python3
"""Makes a data set to train on of a few photographs: each is a class, of which crops are shown (Dosovitskiy et al. 2014).

    python3 scripts/crops.py PHOTOGRAPHS FOLDER [--training 48] [--validation 12]

leaves FOLDER/train/CLASS/*.png and FOLDER/val/CLASS/*.png: squares of a third to two thirds of a photograph's shorter side, drawn by
lot, the same each time. Crops for validation come from the last two fifths of a photograph along its longer side, which no crop for
training touches. Needs Pillow (`python3 scripts/setup.py reference`).
"""

import argparse
import pathlib
import random

from PIL import Image

HELD_BACK = 0.4
SIDE = 96


def crops(photo, part, count, draw):
    """Squares inside a part of the photograph, resized."""
    left, top, right, bottom = part
    width, height = right - left, bottom - top
    shorter = min(photo.size)
    for _ in range(count):
        side = min(int(shorter * draw.uniform(1 / 3, 2 / 3)), width, height)
        x, y = left + draw.randint(0, width - side), top + draw.randint(0, height - side)
        yield photo.crop((x, y, x + side, y + side)).resize((SIDE, SIDE), Image.BILINEAR)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("photographs", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--training", type=int, default=48)
    parser.add_argument("--validation", type=int, default=12)
    asked = parser.parse_args()
    for path in sorted(asked.photographs.glob("*")):
        if path.suffix.lower() not in (".jpg", ".png"):
            continue
        photo = Image.open(path).convert("RGB")
        width, height = photo.size
        draw = random.Random(path.name)
        if width >= height:
            cut = int(width * (1 - HELD_BACK))
            parts = (0, 0, cut, height), (cut, 0, width, height)
        else:
            cut = int(height * (1 - HELD_BACK))
            parts = (0, 0, width, cut), (0, cut, width, height)
        for name, part, count in zip(("train", "val"), parts, (asked.training, asked.validation)):
            folder = asked.folder / name / path.stem
            folder.mkdir(parents=True, exist_ok=True)
            for number, crop in enumerate(crops(photo, part, count, draw)):
                crop.save(folder / f"{number:03}.png")


if __name__ == "__main__":
    main()
