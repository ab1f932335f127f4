#!/usr/bin/env python3
"""Makes a data set to train on of a few photographs: each is a class, of which crops are shown (Dosovitskiy et al. 2014).

    python3 scripts/crops.py PHOTOGRAPHS FOLDER [--training 150] [--validation 12]

leaves FOLDER/train/CLASS/*.png and FOLDER/val/CLASS/*.png: squares of a quarter to half of a photograph's shorter side, drawn by
lot, the same each time. Crops for validation lie in the lower right quarter of a photograph, which no crop for training touches.
Needs Pillow (`python3 scripts/setup.py reference`).
"""

import argparse
import pathlib
import random
import shutil

from PIL import Image

SHARES = 0.25, 0.5
SIDE = 96


def crops(photo, count, is_held_back, draw):
    """Squares inside the lower right quarter, or outside it; resized."""
    width, height = photo.size
    left, top = width // 2, height // 2
    while count:
        side = int(min(width, height) * draw.uniform(*SHARES))
        x, y = draw.randint(0, width - side), draw.randint(0, height - side)
        inside, outside = x >= left and y >= top, x + side <= left or y + side <= top
        if inside if is_held_back else outside:
            count -= 1
            yield photo.crop((x, y, x + side, y + side)).resize((SIDE, SIDE), Image.BILINEAR)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("photographs", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--training", type=int, default=150)
    parser.add_argument("--validation", type=int, default=12)
    asked = parser.parse_args()
    parts = ("train", False, asked.training), ("val", True, asked.validation)
    for name, *_ in parts:
        shutil.rmtree(asked.folder / name, ignore_errors=True)
    for path in sorted(asked.photographs.glob("*")):
        if path.suffix.lower() not in (".jpg", ".png"):
            continue
        photo = Image.open(path).convert("RGB")
        draw = random.Random(path.name)
        for name, is_held_back, count in parts:
            folder = asked.folder / name / path.stem
            folder.mkdir(parents=True)
            for number, crop in enumerate(crops(photo, count, is_held_back, draw)):
                crop.save(folder / f"{number:03}.png")


if __name__ == "__main__":
    main()
