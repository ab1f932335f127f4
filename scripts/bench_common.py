"""What the benches' scripts share: what is built, the Python that references are computed with, folders of photographs."""

import argparse
import json
import os
import re
import struct
import subprocess
import tempfile
import zlib
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[1]
BINARY = ROOT / "target/release/deconvscope"
IMAGES = {".jpg", ".jpeg", ".png"}
# Pictures of noise, and their side in pixels.
NOISE, SIDE = 50, 48


def build(name):
    """The path of the Rust bench."""
    cargo = os.environ.get("CARGO", "cargo")
    command = [cargo, "bench", "--locked", "--no-run", "--bench", name, "--message-format", "json"]
    lines = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    made = [json.loads(line) for line in lines]
    return next(m["executable"] for m in made
                if m.get("reason") == "compiler-artifact" and m["target"]["name"] == name and m["executable"])


def reference_python():
    """The path of a Python that has PyTorch, torchvision and Captum."""
    script = 'modules="torch, torchvision, captum"; source scripts/reference_python.sh; echo "$python"'
    return subprocess.run(["bash", "-ec", script], cwd=ROOT, check=True, stdout=subprocess.PIPE,
                          text=True).stdout.strip().splitlines()[-1]


def run(*command):
    """What a command prints."""
    command = [str(part) for part in command]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE,
                          text=True).stdout


def photographs(folder):
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in IMAGES)


def link(photos, count, folder):
    """A folder of so many links to photographs, which are repeated."""
    folder.mkdir()
    for number in range(count):
        photo = photos[number % len(photos)].resolve()
        (folder / f"{number:05}{photo.suffix}").symlink_to(photo)
    return folder


def noise(folder):
    """Pictures of coarse noise as PNG."""
    folder.mkdir()
    random = Random(0)
    for number in range(NOISE):
        levels = [[random.randbytes(3) for _ in range(SIDE // 4)] for _ in range(SIDE // 4)]
        rows = b"".join(b"\0" + b"".join(pixel * 4 for pixel in row) for row in levels for _ in range(4))
        chunks = [(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
        body = b"".join(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
                        for kind, data in chunks)
        (folder / f"{number:02}.png").write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    return photographs(folder)


# What a training says of its second epoch.
OF_EPOCH = re.compile(r"^epoch 2 of .* ([0-9.]+) photographs/s", re.MULTILINE)


def trained(program, photos, network, batch, micro, *options, environment=None):
    """Photographs a second of the second epoch of a training with dropout; it is ended behind that.

    A training that ends before it has said so is a CalledProcessError with all that it said."""
    with tempfile.TemporaryDirectory() as out:
        command = [program, "train", photos, "--model", network, "--recipe", "small", "--dropout", "0.5", "--lr", "1e-4", "--epochs", "3",
                   "--batch", batch, "--micro-batch", micro, "--cache", "memory", "--snapshots", "none", "--detail", "0",
                   "--out", Path(out) / "run", *options]
        command = [str(part) for part in command]
        child = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, env=environment)
        said = ""
        for line in child.stderr:
            said += line
            if found := OF_EPOCH.search(said):
                child.kill()
                child.wait()
                return float(found[1])
        raise subprocess.CalledProcessError(child.wait() or 1, command, stderr=said)


def class_folders(scratch, training, validation):
    """A data set of two classes of noise: so many pictures to train on, so many to hold back."""
    kept = noise(scratch / "noise")
    for split, photos in (("train", training), ("val", validation)):
        for number in range(photos):
            folder = scratch / "photos" / split / f"class{number % 2}"
            folder.mkdir(parents=True, exist_ok=True)
            photo = kept[number % len(kept)]
            (folder / f"{number:05}{photo.suffix}").symlink_to(photo)
    return scratch / "photos"


# A report of very many photographs in which nothing but them costs anything.
MANY_LINE = ["--model", "tiny", "--weights", ROOT / "tests/fixtures/checkpoints/tiny.pth",
             "--detail", 20, "--arrays", "none", "--features", "none", "--occlusion", "none", "--quiet"]


def many_options(description, few, many):
    """The options of a bench over few and many photographs."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--few", type=int, default=few)
    parser.add_argument("--many", type=int, default=many)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--binary", type=Path, default=BINARY)
    return parser


def few_and_many(arguments, cost):
    """What `cost` gives for folders of few and of many links to pictures of noise; its second argument is where to work."""
    with tempfile.TemporaryDirectory(prefix="deconvscope-bench-") as scratch:
        scratch = Path(scratch)
        photos = noise(scratch / "noise")
        return [cost(link(photos, count, scratch / str(count)), scratch) for count in (arguments.few, arguments.many)]
