"""Pillow's word on reading and preprocessing photographs, which src/dataset follows.

    preprocessing_reference.py fixtures          makes tests/fixtures/formats and tests/fixtures/preprocessing again
    preprocessing_reference.py inputs 256 227    file names on stdin (one a line) -> their 227x227 crops on stdout (raw RGB)

Needs Pillow alone (requirements/reference.txt). The fixtures in the repository were made with Pillow 13.0.0
(libjpeg-turbo 3.2.0); their pixels are synthetic.
"""

import math
import random
import struct
import sys
import zlib
from pathlib import Path

from PIL import Image, ImageOps

FIXTURES = Path(__file__).resolve().parents[2] / "tests" / "fixtures"
ORIENTATION = 0x0112


def read(path):
    """A photograph as torchvision's users get it: upright, RGB."""
    photo = ImageOps.exif_transpose(Image.open(path))
    if photo.mode == "I;16":  # convert() would clip at 255 and leave all white
        photo = Image.frombytes("L", photo.size, photo.tobytes()[1::2])
    return photo.convert("RGB")


def network_input(photo, resize, crop):
    """Shorter side to `resize`, centre crop; the crop's offset is rounded down, as in Caffe."""
    width, height = photo.size
    if width <= height:
        size = resize, int(resize * height / width)
    else:
        size = int(resize * width / height), resize
    photo = photo.resize(size, Image.Resampling.BILINEAR)
    left, top = ((side - crop) // 2 for side in size)
    return photo.crop((left, top, left + crop, top + crop))


def picture(width, height, seed=0):
    """Smooth colours, a grating that grows finer, some noise, and hard edges."""
    noise = random.Random(seed)
    image = Image.new("RGB", (width, height))
    for y in range(height):
        for x in range(width):
            wave = 60 * math.sin(x * x / width * 0.35) + 40 * math.cos(y * 0.2)
            red, green, blue = 128 + wave, 255 * y / height, 255 * x / width
            if (x // 12 + y // 9) % 5 == 0:
                red, green, blue = 240, 20, 60
            image.putpixel((x, y), tuple(
                max(0, min(255, round(value + noise.gauss(0, 6)))) for value in (red, green, blue)))
    return image


def png_of_16_bits(path, width, height):
    """A 16-bit RGB PNG, which Pillow reads but does not write."""
    rows = b"".join(
        b"\0" + b"".join(struct.pack(">3H", x * 2700, y * 4000, (x * y * 911) % 65536) for x in range(width))
        for y in range(height))
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows))
                     + chunk(b"IEND", b""))


def formats(folder):
    """One small file for each kind of photograph, beside it what Pillow reads."""
    folder.mkdir(parents=True, exist_ok=True)
    base = picture(24, 16)
    alpha = base.convert("RGBA")
    alpha.putalpha(Image.linear_gradient("L").resize(base.size))
    deep = Image.new("I;16", base.size)
    for x in range(24):
        for y in range(16):
            deep.putpixel((x, y), x * 2730 + y)
    palette = base.quantize(16)

    for name, image, options in [
        ("cmyk.jpg", base.convert("CMYK"), {"quality": 90}),
        ("grey.jpg", base.convert("L"), {"quality": 90}),
        ("progressive.jpg", base, {"quality": 90, "progressive": True}),
        ("alpha.png", alpha, {}),
        ("grey-alpha.png", alpha.convert("LA"), {}),
        ("grey-16-bit.png", deep, {}),
        ("palette.png", palette, {"transparency": 3}),
        ("one-bit.png", base.convert("1"), {}),
        ("alpha.webp", alpha, {"lossless": True, "exact": True}),
        ("lossy.webp", base, {"quality": 80}),
        ("palette.gif", palette, {"transparency": 3}),
        ("palette.bmp", palette, {}),
        ("cmyk.tiff", base.convert("CMYK"), {}),
        ("alpha.tiff", alpha, {"compression": "tiff_lzw"}),
    ]:
        image.save(folder / name, **options)
    png_of_16_bits(folder / "16-bit.png", 24, 16)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        base.save(folder / f"orientation-{orientation}.jpg", quality=90, exif=exif)
    for extension in ("png", "webp", "tiff"):
        exif = Image.Exif()
        exif[ORIENTATION] = 6
        base.save(folder / f"orientation-6.{extension}", exif=exif, **({"lossless": True} if extension == "webp" else {}))
    for path in sorted(folder.iterdir()):
        if not path.name.endswith(".pillow.png"):
            read(path).save(folder / f"{path.name}.pillow.png")


def preprocessing(folder):
    """Photographs of several sizes and their network inputs (shorter side 64, crop 55)."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, size, options in [
        ("landscape.jpg", (151, 100), {"quality": 85, "subsampling": 2}),
        ("portrait.jpg", (97, 143), {"quality": 75, "subsampling": 1}),
        ("small.jpg", (40, 33), {"quality": 90, "subsampling": 0}),
        ("large.jpg", (320, 233), {"quality": 60, "subsampling": 2}),
        ("square.png", (90, 90), {}),
        ("strip.png", (170, 31), {}),
    ]:
        picture(*size, seed=len(name)).save(folder / name, **options)
        network_input(read(folder / name), 64, 55).save(folder / f"{name}.pillow.png")


def main():
    match sys.argv[1:]:
        case ["fixtures"]:
            formats(FIXTURES / "formats")
            preprocessing(FIXTURES / "preprocessing")
        case ["inputs", resize, crop]:
            for line in sys.stdin:
                pixels = network_input(read(line.rstrip("\n")), int(resize), int(crop))
                sys.stdout.buffer.write(pixels.tobytes())
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
