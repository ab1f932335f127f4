"""Photographs as network inputs by torchvision's, timm's and Keras' own code, which src/dataset is held against.

    inputs.py FOLDER              60 pictures of many sizes, made by seed, and their inputs, into FOLDER/inputs
    inputs.py FOLDER PHOTOGRAPHS  likewise of 60 photographs of that folder, evenly drawn
    inputs.py fixtures            small pictures and their inputs, into tests/fixtures/preprocessing/judges, and what
                                  onnxruntime says of those in tests/fixtures/inputs

scripts/conformance/make.sh runs it with what it needs: requirements/golden.txt and requirements/inputs.txt.
"""

import json
import os
import random
import sys
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"

import numpy
import onnxruntime
import timm.data
from keras.applications import imagenet_utils
from keras.utils import img_to_array, load_img
from PIL import Image
from safetensors.numpy import save_file
from torchvision import transforms
from torchvision.models import ResNet18_Weights, ResNet50_Weights

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "golden"))
from preprocessing_reference import picture, read  # noqa: E402

JUDGES = ROOT / "tests" / "fixtures" / "preprocessing" / "judges"
ANSWERED = ROOT / "tests" / "fixtures" / "inputs"
SAMPLE = ROOT / "datasets" / "sample"
PHOTOGRAPHS = 60
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}
GREY = transforms.Normalize([0.1307], [0.3081])
COLOUR = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])


def torchvision(*steps):
    """By Pillow's photograph, as torchvision's users compose it."""
    composed = transforms.Compose(steps)
    return lambda path: composed(read(path)).numpy()


def of_timm(**told):
    transform = timm.data.create_transform(is_training=False, **told)
    return lambda path: transform(read(path)).numpy()


def of_keras(size, interpolation="nearest", mode=None, grey=False):
    """`load_img` does not turn a photograph upright; none of those used here lies on its side."""
    def prepare(path):
        colours = "grayscale" if grey else "rgb"
        values = img_to_array(load_img(path, target_size=size, interpolation=interpolation, color_mode=colours))
        if mode:
            values = imagenet_utils.preprocess_input(values[None], data_format="channels_last", mode=mode)[0]
        return numpy.asarray(values).transpose(2, 0, 1)
    return prepare


def large():
    """What is compared: a name, the network's input, what the program is told, and how the judge prepares a file."""
    tensor = transforms.ToTensor()
    return [
        ("torchvision", [3, 224, 224], {"preset": "torchvision"},
         torchvision(ResNet18_Weights.IMAGENET1K_V1.transforms())),
        ("torchvision-v2", [3, 224, 224], {"preset": "torchvision-v2"},
         torchvision(ResNet50_Weights.IMAGENET1K_V2.transforms())),
        ("torchvision-wide", [3, 160, 256], {"preset": "torchvision", "resize": 192},
         torchvision(transforms.Resize(192), transforms.CenterCrop((160, 256)), tensor, COLOUR)),
        ("torchvision-grey", [1, 28, 28], {"preset": "torchvision", "mean": [0.1307], "std": [0.3081]},
         torchvision(transforms.Grayscale(), transforms.Resize(28), transforms.CenterCrop(28), tensor, GREY)),
        ("timm", [3, 224, 224], {"preset": "timm"},
         of_timm(input_size=(3, 224, 224), interpolation="bicubic", crop_pct=0.875)),
        ("timm-0.95", [3, 224, 224], {"preset": "timm", "crop_pct": 0.95},
         of_timm(input_size=(3, 224, 224), interpolation="bicubic", crop_pct=0.95)),
        ("timm-lanczos", [3, 176, 176], {"preset": "timm", "interpolation": "lanczos", "crop_pct": 0.9, "mean": [0.5], "std": [0.5]},
         of_timm(input_size=(3, 176, 176), interpolation="lanczos", crop_pct=0.9, mean=(0.5,) * 3, std=(0.5,) * 3)),
        ("timm-wide", [3, 160, 288], {"preset": "timm", "interpolation": "bilinear"},
         of_timm(input_size=(3, 160, 288), interpolation="bilinear", crop_pct=0.875)),
        ("keras", [3, 224, 224], {"preset": "keras"}, of_keras((224, 224))),
        ("keras-caffe", [3, 224, 224], {"preset": "keras-caffe"}, of_keras((224, 224), mode="caffe")),
        ("keras-tf", [3, 299, 299], {"preset": "keras-tf"}, of_keras((299, 299), mode="tf")),
        ("keras-torch", [3, 224, 224], {"preset": "keras-torch"}, of_keras((224, 224), mode="torch")),
        ("keras-bilinear", [3, 96, 160], {"preset": "keras", "interpolation": "bilinear"}, of_keras((96, 160), "bilinear")),
        ("keras-bicubic", [3, 160, 96], {"preset": "keras", "interpolation": "bicubic"}, of_keras((160, 96), "bicubic")),
        ("keras-lanczos", [3, 128, 128], {"preset": "keras", "interpolation": "lanczos"}, of_keras((128, 128), "lanczos")),
        ("keras-grey", [1, 28, 36], {"preset": "keras", "interpolation": "bilinear"}, of_keras((28, 36), "bilinear", grey=True)),
    ]


def small():
    """The same, small enough for the repository; sizes whose rests are rounded in both directions."""
    tensor = transforms.ToTensor()
    return [
        ("torchvision", [3, 41, 41], {"preset": "torchvision", "resize": 48},
         torchvision(transforms.Resize(48), transforms.CenterCrop(41), tensor, COLOUR)),
        ("torchvision-padded", [3, 24, 45], {"preset": "torchvision", "resize": 31},
         torchvision(transforms.Resize(31), transforms.CenterCrop((24, 45)), tensor, COLOUR)),
        ("torchvision-grey", [1, 28, 28], {"preset": "torchvision", "resize": 31, "mean": [0.1307], "std": [0.3081]},
         torchvision(transforms.Grayscale(), transforms.Resize(31), transforms.CenterCrop(28), tensor, GREY)),
        ("timm", [3, 37, 37], {"preset": "timm", "crop_pct": 0.925},
         of_timm(input_size=(3, 37, 37), interpolation="bicubic", crop_pct=0.925)),
        ("timm-wide", [3, 24, 41], {"preset": "timm", "interpolation": "bilinear"},
         of_timm(input_size=(3, 24, 41), interpolation="bilinear", crop_pct=0.875)),
        ("keras-caffe", [3, 32, 32], {"preset": "keras-caffe"}, of_keras((32, 32), mode="caffe")),
        ("keras-tf", [3, 24, 40], {"preset": "keras-tf", "interpolation": "lanczos"}, of_keras((24, 40), "lanczos", "tf")),
        ("keras-grey", [1, 28, 20], {"preset": "keras", "interpolation": "bicubic"}, of_keras((28, 20), "bicubic", grey=True)),
    ]


def small_pictures():
    paths = []
    for width, height in [(75, 50), (49, 72), (40, 33), (31, 77), (64, 64), (121, 25)]:
        paths.append(JUDGES / f"{width}x{height}.png")
        picture(width, height, seed=width).save(paths[-1])
    return paths


def drawn(folder):
    """60 pictures of sizes drawn by seed: cut out of the sample's photographs where they are, and resized."""
    lot = random.Random(15)
    sources = sorted(path for path in SAMPLE.iterdir() if path.suffix in SUFFIXES)
    if not sources:
        sys.exit(f"error: no photographs in {SAMPLE}; run make setup")
    folder.mkdir(parents=True)
    kinds = [(200, 700), (480, 520), (224, 260), (20, 120)]
    paths = []
    for number in range(PHOTOGRAPHS):
        least, most = kinds[number % len(kinds)]
        width, height = lot.randint(least, most), lot.randint(least, most)
        if number % 7 == 0:
            width = 5 * height
        if number % 7 == 3:
            height = 4 * width
        photo = read(sources[number % len(sources)])
        left, top = lot.randrange(photo.width // 2), lot.randrange(photo.height // 2)
        part = photo.crop((left, top, photo.width, photo.height))
        paths.append(folder / f"{number:02}-{width}x{height}.png")
        part.resize((width, height), Image.Resampling.LANCZOS).save(paths[-1])
    return paths


def chosen(folder):
    """60 photographs of a folder, evenly; copies lie nowhere, their paths are told."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    upright = [path for path in paths if Image.open(path).getexif().get(0x0112, 1) == 1]
    if len(upright) < PHOTOGRAPHS:
        sys.exit(f"error: {folder} has {len(upright)} upright photographs, expected at least {PHOTOGRAPHS}")
    return [upright[at * len(upright) // PHOTOGRAPHS] for at in range(PHOTOGRAPHS)]


def write(folder, cases, paths):
    folder.mkdir(parents=True, exist_ok=True)
    told = []
    for name, shape, options, prepare in cases:
        inputs = {str(number): numpy.ascontiguousarray(prepare(path), dtype=numpy.float32) for number, path in enumerate(paths)}
        for number, values in inputs.items():
            if list(values.shape) != shape:
                sys.exit(f"error: {name}: {paths[int(number)]} became {list(values.shape)}, expected {shape}")
        path = folder / f"{name}.safetensors"
        save_file(inputs, path)
        path.chmod(0o644)
        preset = options.pop("preset")
        told.append({"name": name, "input": shape, "preset": preset, "told": options})
        print(f"{name}: {len(inputs)} inputs of {shape}", flush=True)
    listed = {"photographs": [os.path.relpath(path, folder) for path in paths], "cases": told}
    (folder / "cases.json").write_text(json.dumps(listed, indent=1) + "\n")


def answers():
    """Of a Keras network that squashes (channels last), and one of one channel: its scores become probabilities."""
    tensor = transforms.ToTensor()
    cases = {
        "keras": ((0, 2, 3, 1), of_keras((64, 64), mode="tf")),
        "grey": ((0, 1, 2, 3), torchvision(transforms.Grayscale(), transforms.Resize(28), transforms.CenterCrop(28), tensor, GREY)),
    }
    told = {}
    for name, (order, prepare) in cases.items():
        network = onnxruntime.InferenceSession(ANSWERED / f"{name}.onnx")
        of_photos = {}
        for path in sorted((ANSWERED / "p").iterdir()):
            values = numpy.ascontiguousarray(prepare(path)[None].transpose(order), dtype=numpy.float32)
            scores = network.run(None, {network.get_inputs()[0].name: values})[0][0].astype(float)
            if name == "grey":
                scores = numpy.exp(scores - scores.max())
                scores /= scores.sum()
            of_photos[path.name] = [float(f"{score:.8g}") for score in scores]
        told[name] = of_photos
    (ANSWERED / "answers.json").write_text(json.dumps(told, indent=1) + "\n")


def main():
    match sys.argv[1:]:
        case ["fixtures"]:
            write(JUDGES, small(), small_pictures())
            answers()
        case [folder]:
            folder = Path(folder) / "inputs"
            write(folder, large(), drawn(folder / "photographs"))
        case [folder, photographs]:
            write(Path(folder) / "inputs", large(), chosen(Path(photographs).resolve()))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
