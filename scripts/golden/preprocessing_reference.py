"""Pillow's word on reading and preprocessing photographs, which src/dataset follows.

    preprocessing_reference.py fixtures          makes tests/fixtures/formats, unsupported and preprocessing again
    preprocessing_reference.py inputs 256 227    file names on stdin (one a line) -> their 227x227 crops on stdout (raw RGB)

Needs Pillow alone (requirements/reference.txt). The fixtures in the repository were made with Pillow 13.0.0
(libjpeg-turbo 3.2.0); their pixels are synthetic. JPEGs that Pillow does not write were written by `cjpeg` (libjpeg-turbo 2.1.5);
without one on the PATH they stay as they are.
"""

import io
import math
import random
import shutil
import struct
import subprocess
import sys
import zlib
from pathlib import Path

from PIL import Image, ImageOps, TiffImagePlugin

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


def frame_elsewhere(path, frame, screen, place, **options):
    """A GIF whose first frame lies at `place` of a picture of `screen` pixels; Pillow writes none."""
    frame.save(path, "GIF", **options)
    gif = bytearray(path.read_bytes())
    gif[6:10] = struct.pack("<HH", *screen)
    at = 13 + 3 * 2 ** ((gif[10] & 7) + 1)
    while gif[at] == 0x21:  # extensions: a label, blocks, an empty block
        at += 2
        while gif[at]:
            at += gif[at] + 1
        at += 1
    assert gif[at] == 0x2C
    gif[at + 1:at + 5] = struct.pack("<HH", *place)
    path.write_bytes(gif)


def few_colours(path, image, bits):
    """A TIFF of 2 ** `bits` colours, each pixel in so many bits; Pillow writes none."""
    width, height = image.size
    indices, per_byte = list(image.getdata()), 8 // bits
    packed = bytes(
        sum(index << 8 - bits * (place + 1) for place, index in enumerate(indices[at:at + per_byte]))
        for at in range(0, len(indices), per_byte))
    Image.frombytes("P", (width // per_byte, height), packed).save(path, "TIFF")
    tiff = bytearray(path.read_bytes())
    ifd, = struct.unpack_from("<I", tiff, 4)
    entries, = struct.unpack_from("<H", tiff, ifd)
    for entry in range(ifd + 2, ifd + 2 + 12 * entries, 12):
        tag, kind, _, value = struct.unpack_from("<HHII", tiff, entry)
        if tag == 256:
            struct.pack_into("<HHII", tiff, entry, tag, 4, 1, width)
        elif tag == 258:
            struct.pack_into("<HHII", tiff, entry, tag, 3, 1, bits)
        elif tag == 320:
            struct.pack_into("<HHII", tiff, entry, tag, kind, 3 << bits, value)
            levels = image.getpalette()[:3 << bits]
            colours = [level * 257 for channel in range(3) for level in levels[channel::3]]
            struct.pack_into(f"<{3 << bits}H", tiff, value, *colours)
    path.write_bytes(tiff)


def tiles(path, image, side):
    """A TIFF of tiles that reach beyond the picture, compressed by LZW; Pillow writes strips."""
    width, height = image.size
    parts = []
    for y in range(0, height, side):
        for x in range(0, width, side):
            strip = io.BytesIO()
            image.crop((x, y, x + side, y + side)).save(strip, "TIFF", compression="tiff_lzw")
            tags = Image.open(strip).tag_v2
            (offset,), (length,) = tags[273], tags[279]
            parts.append(strip.getvalue()[offset:offset + length])
    tags = {256: [width], 257: [height], 258: [8] * 3, 259: [5], 262: [2], 277: [3], 322: [side], 323: [side],
            324: [0] * len(parts), 325: [len(part) for part in parts]}
    values = 8 + 2 + 12 * len(tags) + 4
    after = values + sum(4 * len(numbers) for numbers in tags.values() if len(numbers) > 1)
    tags[324] = [after + sum(map(len, parts[:at])) for at in range(len(parts))]
    directory, beside = struct.pack("<H", len(tags)), b""
    for tag, numbers in tags.items():
        place = numbers[0] if len(numbers) == 1 else values + len(beside)
        directory += struct.pack("<HHII", tag, 4, len(numbers), place)
        beside += struct.pack(f"<{len(numbers)}I", *numbers) if len(numbers) > 1 else b""
    path.write_bytes(b"II*\0" + struct.pack("<I", 8) + directory + bytes(4) + beside + b"".join(parts))


def adobe(path, image, transform):
    """A JPEG whose colours Adobe's marker alone says; its components have the numbers that others have."""
    image.save(path, "JPEG", quality=90)
    jpeg = path.read_bytes()
    assert jpeg[2:4] in (b"\xff\xe0", b"\xff\xee")  # JFIF's or Pillow's own of Adobe
    rest = jpeg[4 + int.from_bytes(jpeg[4:6], "big"):]
    path.write_bytes(jpeg[:2] + b"\xff\xee\0\x0eAdobe\0\x64" + bytes(4) + bytes([transform]) + rest)


# What `cjpeg` is told for each.
BY_CJPEG = {
    "4-4-0.jpg": "-sample 1x2",
    "4-1-1.jpg": "-sample 4x1",
    "4-4-1.jpg": "-sample 1x4",
    "4-1-0.jpg": "-sample 4x2 -progressive",
    "by-three.jpg": "-sample 3x1",
    "of-its-own-each.jpg": "-sample 2x2,2x1,1x2",
    "finer-colours.jpg": "-sample 1x1,2x2,2x1",
    "restarts.jpg": "-sample 2x2 -restart 1B",
    "arithmetic.jpg": "-sample 2x1 -arithmetic",
    "arithmetic-progressive.jpg": "-sample 2x2 -arithmetic -progressive",
    "scan-of-each.jpg": "-sample 2x2 -scans",
}


def by_cjpeg(path, options, scans="0; 1; 2;"):
    """A JPEG whose sides are no multiple of any block's; with `-scans` the components in scans like these."""
    if not (cjpeg := shutil.which("cjpeg")):
        return
    pixels, script = io.BytesIO(), path.with_suffix(".scans")
    picture(37, 23).save(pixels, "PPM")
    options = options.split()
    if options[-1] == "-scans":
        script.write_text(scans)
        options.append(script)
    done = subprocess.run([cjpeg, "-quality", "85", *options], input=pixels.getvalue(), stdout=subprocess.PIPE, check=True)
    path.write_bytes(done.stdout)
    script.unlink(missing_ok=True)


def unsupported(folder):
    """Sound pictures that are not read: each is to be named so."""
    folder.mkdir(parents=True, exist_ok=True)
    base = picture(24, 16)
    base.save(folder / "photo.avif")
    base.save(folder / "photo.jp2")
    # As an iPhone's begins; Pillow writes none.
    (folder / "photo.heic").write_bytes(struct.pack(">I", 24) + b"ftypheic" + bytes(4) + b"mif1heic" + bytes(200))
    base.save(folder / "lzma.tiff", compression="lzma")
    by_cjpeg(folder / "scan-of-two.jpg", "-sample 2x2 -scans", scans="0; 1 2;")
    base.convert("LA").save(folder / "grey-alpha-jpeg.tiff", compression="jpeg")
    Image.merge("LAB", base.split()).save(folder / "lab.tiff")
    base.convert("F").save(folder / "float.tiff")
    base.convert("I").save(folder / "int32.tiff")
    for name, tags in [
        ("camera.dng", {254: 1, 50706: b"\1\4\0\0"}),  # DNGVersion
        ("camera.nef", {254: 1}),
        ("thumbnail.tiff", {254: 1, 330: 8}),  # a thumbnail with something below it
    ]:
        info = TiffImagePlugin.ImageFileDirectory_v2()
        for tag, value in tags.items():
            info[tag] = value
            info.tagtype[tag] = 1 if isinstance(value, bytes) else 4
        base.save(folder / name, "TIFF", tiffinfo=info)


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
        ("palette.tiff", palette, {}),
        ("palette-packbits.tiff", base.quantize(200), {"compression": "packbits"}),
        ("palette-alpha.tiff", palette.convert("PA"), {}),
        ("grey-alpha.tiff", alpha.convert("LA"), {}),
        ("grey-16-bit.tiff", deep, {}),
        ("one-bit.tiff", base.convert("1"), {"compression": "group4"}),
        ("ycbcr.tiff", base.convert("YCbCr"), {}),
        ("ycbcr-lzw.tiff", base.convert("YCbCr"), {"compression": "tiff_lzw"}),
        ("zstd.tiff", base, {"compression": "zstd"}),
        ("big.tiff", base, {"big_tiff": True}),
        ("big-palette.tiff", palette, {"big_tiff": True, "compression": "tiff_adobe_deflate"}),
        ("lossy.tiff", base, {"compression": "jpeg", "quality": 90}),
    ]:
        image.save(folder / name, **options)
    png_of_16_bits(folder / "16-bit.png", 24, 16)
    for name, image, transform in [("adobe-rgb.jpg", base, 0), ("adobe-ycbcr.jpg", base, 1), ("adobe-ycck.jpg", base.convert("CMYK"), 2),
                                   ("adobe-ycck-1.jpg", base.convert("CMYK"), 1)]:
        adobe(folder / name, image, transform)
    for name, subsampling in [("cmyk-4-2-2.jpg", 1), ("cmyk-4-2-0.jpg", 2)]:
        picture(37, 23).convert("CMYK").save(folder / name, quality=90, subsampling=subsampling)
    for name, options in BY_CJPEG.items():
        by_cjpeg(folder / name, options)
    tiles(folder / "tiles.tiff", picture(40, 35), 16)
    for bits in (1, 2, 4):
        few_colours(folder / f"palette-{bits}-bit.tiff", base.quantize(2 ** bits), bits)
    frame_elsewhere(folder / "frame-elsewhere.gif", palette, (40, 30), (9, 5))
    frame_elsewhere(folder / "frame-elsewhere-transparent.gif", palette, (40, 30), (0, 5), transparency=3)
    frame_elsewhere(folder / "frame-beyond.gif", palette, (10, 10), (3, 2))
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
            unsupported(FIXTURES / "unsupported")
            preprocessing(FIXTURES / "preprocessing")
        case ["inputs", resize, crop]:
            for line in sys.stdin:
                pixels = network_input(read(line.rstrip("\n")), int(resize), int(crop))
                sys.stdout.buffer.write(pixels.tobytes())
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
