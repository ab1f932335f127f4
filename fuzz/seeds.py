"""Writes the seeds of the corpus and the dictionaries: small ONNX models that use every operator the reader knows, and
small checkpoints; words of both formats.

    python fuzz/seeds.py            # needs onnx, numpy, torch and safetensors

`cargo fuzz` starts from fuzz/corpus; what it adds there is not kept in the repository.
"""

import argparse
import collections
import datetime
import functools
import pathlib
import zipfile

import numpy as np
import onnx
import safetensors.torch
import torch
from onnx import TensorProto, helper, numpy_helper

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"
RANDOM = np.random.default_rng(1)


def floats(*shape):
    return (RANDOM.normal(size=shape) * 0.5).astype(np.float32)


def ints(*values):
    return np.array(values, dtype=np.int64)


def model(name, nodes, constants=None, opset=13, shape=(1, 2, 6, 6), output="y"):
    """One file: nodes are (operator, inputs, outputs, attributes)."""
    graph = helper.make_graph(
        [helper.make_node(op, i.split(), o.split(), **(a[0] if a else {})) for op, i, o, *a in nodes],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.asarray(v), k) for k, v in (constants or {}).items()],
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    (CORPUS / "onnx" / name).write_bytes(proto.SerializeToString())


def convolutions():
    weights = {"w": floats(4, 2, 3, 3), "b": floats(4), "s": floats(4), "m": floats(4), "v": np.ones(4, np.float32)}
    model(
        "conv-bn-pool",
        [
            ("Conv", "x w b", "a", dict(kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])),
            ("BatchNormalization", "a s b m v", "c", dict(epsilon=1e-3)),
            ("Relu", "c", "d"),
            ("MaxPool", "d", "e", dict(kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)),
            ("GlobalAveragePool", "e", "f"),
            ("Flatten", "f", "h", dict(axis=1)),
            ("Gemm", "h g k", "i", dict(transB=1, alpha=0.5, beta=2.0)),
            ("Softmax", "i", "y", dict(axis=1)),
        ],
        {**weights, "g": floats(3, 4), "k": floats(3)},
    )
    model(
        "conv-pads",
        [
            ("Conv", "x w", "a", dict(auto_pad="SAME_UPPER", strides=[2, 1])),
            ("Conv", "a d", "c", dict(group=4, dilations=[2, 2], pads=[0, 1, 2, 3])),
            ("LeakyRelu", "c", "y", dict(alpha=0.1)),
        ],
        {"w": floats(4, 2, 3, 3), "d": floats(4, 1, 2, 2)},
    )
    model(
        "pools",
        [
            ("MaxPool", "x", "a", dict(kernel_shape=[3, 3], pads=[0, 0, 1, 1], strides=[1, 2])),
            ("AveragePool", "a", "b", dict(kernel_shape=[2, 2], pads=[1, 0, 0, 0], count_include_pad=1)),
            ("AveragePool", "b", "c", dict(kernel_shape=[2, 2], dilations=[2, 1], ceil_mode=1)),
            ("AveragePool", "c", "d", dict(kernel_shape=[2, 2], auto_pad="SAME_LOWER")),
            ("MaxPool", "d", "e", dict(kernel_shape=[2, 1], dilations=[2, 1])),
            ("GlobalMaxPool", "e", "y"),
        ],
        opset=19,
    )
    model("lrn", [("LRN", "x", "a", dict(size=3, alpha=1e-3, beta=0.5, bias=2.0)), ("Relu", "a", "y")])


def elementwise():
    model(
        "arithmetic",
        [
            ("Add", "x c", "a"),
            ("Mul", "a c", "b"),
            ("Sub", "one b", "d"),
            ("Div", "d two", "e"),
            ("Neg", "e", "f"),
            ("Sum", "f x c", "g"),
            ("Mul", "g x", "h"),
            ("Div", "h a", "i"),
            ("Sub", "i x", "y"),
        ],
        {"c": floats(2, 1, 1), "one": floats(1), "two": floats(1, 1, 6, 6)},
    )
    model(
        "old-broadcast",
        [("Add", "x c", "a", dict(broadcast=1, axis=1)), ("Mul", "a c", "y", dict(broadcast=1, axis=1))],
        {"c": floats(2)},
        opset=6,
    )
    model(
        "clips",
        [
            ("Clip", "x lo hi", "a"),
            ("Clip", "a lo", "b"),
            ("Sigmoid", "b", "c"),
            ("HardSigmoid", "b", "d", dict(alpha=0.3, beta=0.4)),
            ("HardSwish", "b", "e"),
            ("Tanh", "b", "f"),
            ("Concat", "c d e f", "y", dict(axis=1)),
        ],
        {"lo": np.float32(0), "hi": np.float32(6)},
        opset=14,
    )
    model("clip-old", [("Clip", "x", "y", dict(min=-1.0, max=1.0))], opset=6)
    model(
        "gate",
        [
            ("Conv", "x w", "a", dict(pads=[1, 1, 1, 1])),
            ("GlobalAveragePool", "a", "b"),
            ("Conv", "b v", "c"),
            ("Sigmoid", "c", "d"),
            ("Mul", "a d", "e"),
            ("Add", "e a", "y"),
        ],
        {"w": floats(3, 2, 3, 3), "v": floats(3, 3, 1, 1)},
    )
    model("logsoftmax", [("ReduceMean", "x", "a", dict(axes=[2, 3], keepdims=0)), ("LogSoftmax", "a", "y")], opset=11)
    model("softmax-old", [("Softmax", "x", "y", dict(axis=2))], opset=9)
    model("softmax-new", [("Softmax", "x", "y", dict(axis=-2))])
    model(
        "casts",
        [
            ("Cast", "x", "a", dict(to=10)),
            ("Identity", "a", "b"),
            ("Dropout", "b r t", "c k"),
            ("Cast", "c", "y", dict(to=1)),
        ],
        {"r": np.float32(0.5), "t": np.bool_(False)},
    )
    model("matmul", [("MatMul", "x w", "y")], {"w": floats(5, 3)}, shape=(1, 5))
    model("gemm-branch", [("Gemm", "x w", "a"), ("Gemm", "a v x", "y")], {"w": floats(3, 4), "v": floats(4, 3)}, shape=(1, 3))


def layout():
    model(
        "shuffle",
        [
            ("Shape", "x", "s"),
            ("Gather", "s zero", "n"),
            ("Unsqueeze", "n axes", "u"),
            ("Concat", "u rest", "r", dict(axis=0)),
            ("Reshape", "x r", "a"),
            ("Transpose", "a", "b", dict(perm=[0, 2, 1, 3, 4])),
            ("Reshape", "b back", "y"),
        ],
        {"zero": np.int64(0), "axes": ints(0), "rest": ints(2, 2, 3, 3), "back": ints(0, -1, 3, 3)},
        shape=(1, 4, 3, 3),
    )
    model(
        "slices",
        [
            ("Slice", "x s e a t", "b"),
            ("Split", "b p", "c d", dict(axis=1)),
            ("Concat", "d c", "f", dict(axis=1)),
            ("Gather", "f g", "h", dict(axis=2)),
            ("Squeeze", "h q", "i"),
            ("Unsqueeze", "i q", "y"),
        ],
        {"s": ints(-1, 0), "e": ints(-99, 5), "a": ints(3, 2), "t": ints(-2, 1), "p": ints(1, 1), "g": ints(2), "q": ints(2)},
    )
    model("slice-old", [("Slice", "x", "y", dict(starts=[1], ends=[2], axes=[1]))], opset=9)
    model("split-18", [("Split", "x", "a b", dict(axis=2, num_outputs=2)), ("Concat", "b a", "y", dict(axis=2))], opset=18)
    model("concat-columns", [("Relu", "x", "a"), ("Concat", "a x a", "y", dict(axis=3))])
    for mode in ["constant", "reflect", "edge", "wrap"]:
        model(f"pad-{mode}", [("Pad", "x p", "y", dict(mode=mode))], {"p": ints(0, 0, 1, 2, 0, 0, 3, 1)}, opset=19)
    model("pad-old", [("Pad", "x", "y", dict(pads=[0, 0, 1, 0, 0, 0, 0, 1], value=1.0))], opset=2 + 1)
    model(
        "channels-last",
        [("Transpose", "x", "a", dict(perm=[0, 3, 1, 2])), ("Conv", "a w", "y")],
        {"w": floats(2, 3, 1, 1)},
        shape=(None, 4, 4, 3),
    )
    model("open-sizes", [("Conv", "x w", "y")], {"w": floats(1, 3, 2, 2)}, shape=("n", 3, "h", "w"))
    model("permute", [("Transpose", "x", "a", dict(perm=[0, 2, 3, 1])), ("Transpose", "a", "y", dict(perm=[0, 3, 1, 2]))])
    model("means", [("ReduceMean", "x a", "b", dict(keepdims=1)), ("Sub", "x b", "y")], {"a": ints(2, 3)}, opset=18)


def folded():
    constant = helper.make_tensor("v", TensorProto.FLOAT, [1], [0.25])
    model(
        "weights-of-shape",
        [
            ("Constant", "", "s", dict(value_ints=[2, 2, 1, 1])),
            ("ConstantOfShape", "s", "w", dict(value=constant)),
            ("Conv", "x w", "y"),
        ],
    )
    model(
        "integers",
        [
            ("Shape", "x", "s"),
            ("Slice", "s two four", "hw"),
            ("Cast", "hw", "f", dict(to=1)),
            ("Mul", "f half", "g"),
            ("Floor", "g", "h"),
            ("Cast", "h", "i", dict(to=7)),
            ("Range", "zero three one", "r"),
            ("ReduceProd", "i", "p", dict(keepdims=0)),
            ("Equal", "r one", "q"),
            ("Where", "q r r", "t"),
            ("Gather", "x t", "y", dict(axis=2)),
        ],
        {"two": ints(2), "four": ints(4), "half": np.float32(0.5), "zero": np.int64(0), "three": np.int64(3), "one": np.int64(1)},
    )
    model(
        "numbers",
        [
            ("Pow", "c two", "a"),
            ("Sqrt", "a", "b"),
            ("Exp", "b", "d"),
            ("Ceil", "d", "e"),
            ("Reciprocal", "e", "f"),
            ("Min", "f c", "g"),
            ("Max", "g c one", "h"),
            ("Expand", "h shape", "i"),
            ("Transpose", "i", "j"),
            ("ReduceSum", "j axes", "k", dict(keepdims=0)),
            ("Greater", "k one", "l"),
            ("Less", "k one", "m"),
            ("And", "l m", "n"),
            ("Not", "n", "o"),
            ("Cast", "o", "p", dict(to=1)),
            ("Size", "p", "q"),
            ("Transpose", "p", "t"),
            ("Squeeze", "t", "u"),
            ("Gather", "u zero", "v"),
            ("Add", "x v", "y"),
        ],
        {"c": floats(2, 1), "two": np.float32(2), "one": np.float32(1), "shape": ints(1, 2, 3), "axes": ints(0), "zero": ints(0)},
    )
    graph = [("Add", "x c", "a"), ("Mul", "a d", "b"), ("Add", "b e", "y")]
    tensors = {"c": floats(2, 1, 1).astype(np.float16), "d": floats(1).astype(np.float64)}
    model("types", graph, {**tensors, "e": floats(6)})
    typed = onnx.load(CORPUS / "onnx" / "types")
    for tensor in typed.graph.initializer:
        values = numpy_helper.to_array(tensor)
        flat = values.view(np.uint16).ravel() if values.dtype == np.float16 else values.ravel()
        field = {np.dtype(np.float16): "int32_data", np.dtype(np.float64): "double_data"}.get(values.dtype, "float_data")
        tensor.ClearField("raw_data")
        getattr(tensor, field).extend(flat.tolist())
    (CORPUS / "onnx" / "types-typed").write_bytes(typed.SerializeToString())


def edges():
    """What lies between an image and the first layer, ends of several kinds, functions. Numbers of their own, so that the other
    seeds stay as they are."""
    random = np.random.default_rng(2)

    def small(*shape):
        return random.normal(size=shape).astype(np.float32)

    def write(name, nodes, constants, outputs, kind=TensorProto.FLOAT, shape=(1, 2, 6, 6), opset=13, functions=(), domains=()):
        graph = helper.make_graph(
            [helper.make_node(op, i.split(), o.split(), **(a[0] if a else {})) for op, i, o, *a in nodes],
            "g",
            [helper.make_tensor_value_info("x", kind, shape)],
            outputs,
            [numpy_helper.from_array(np.asarray(v), k) for k, v in constants.items()],
        )
        imports = [helper.make_opsetid("", opset)] + [helper.make_opsetid(*domain) for domain in domains]
        proto = helper.make_model(graph, functions=list(functions), opset_imports=imports, ir_version=8)
        (CORPUS / "onnx" / name).write_bytes(proto.SerializeToString())

    def value(name, kind=TensorProto.FLOAT, shape=None):
        return helper.make_tensor_value_info(name, kind, shape)

    write(
        "channels-last-bytes",
        [
            ("Cast", "x", "f", dict(to=TensorProto.FLOAT)),
            ("Mul", "f s", "m"),
            ("Slice", "m o e a p", "b"),
            ("Sub", "b u", "n"),
            ("Transpose", "n", "t", dict(perm=[0, 3, 1, 2])),
            ("Conv", "t w", "y"),
        ],
        {"s": np.float32(1 / 255), "o": ints(-1), "e": ints(-(1 << 31)), "a": ints(3), "p": ints(-1), "u": small(3),
         "w": small(2, 3, 3, 3)},
        [value("y")], TensorProto.UINT8, (1, 6, 6, 3),
    )
    write(
        "channels-last-apart",
        [
            ("Split", "x", "r g b", dict(axis=3)),
            ("Add", "g u", "h"),
            ("Concat", "b h r", "c", dict(axis=3)),
            ("Pad", "c p", "q"),
            ("Transpose", "q", "y", dict(perm=[0, 3, 1, 2])),
        ],
        {"u": np.float32(2), "p": ints(0, 1, 1, 0, 0, 1, 1, 0)}, [value("y")], shape=(1, 6, 6, 3),
    )
    head = [("GlobalAveragePool", "x", "p"), ("Flatten", "p", "f"), ("Gemm", "f w", "z", dict(transB=1))]
    write("one-logit", head, {"w": small(1, 2)}, [value("z")])
    write("sigmoids", [*head, ("Sigmoid", "z", "s"), ("Flatten", "s", "y")], {"w": small(3, 2)}, [value("y")])
    write(
        "softmax-spelled-out",
        [*head, ("Exp", "z", "e"), ("ReduceSum", "e a", "s", dict(keepdims=1)), ("Div", "e s", "y")],
        {"w": small(3, 2), "a": ints(1)}, [value("y")],
    )
    write(
        "labels",
        [
            *head,
            ("ArgMax", "z", "m", dict(axis=1, keepdims=0)),
            ("ArrayFeatureExtractor", "n m", "l", dict(domain="ai.onnx.ml")),
            ("ZipMap", "z", "k", dict(domain="ai.onnx.ml", classlabels_strings=["a", "b", "c"])),
        ],
        {"w": small(3, 2), "n": np.array(["a", "b", "c"], object)},
        [value("f", shape=(1, 2)), value("l", TensorProto.STRING), value("k"), value("z", shape=(1, 3))],
        domains=[("ai.onnx.ml", 2)],
    )
    leaky = helper.make_node("LeakyRelu", ["x"], ["y"])
    leaky.attribute.append(onnx.AttributeProto(name="alpha", ref_attr_name="slope", type=onnx.AttributeProto.FLOAT))
    inner = helper.make_function("own", "Leaky", ["x"], ["y"], [leaky], [helper.make_opsetid("", 13)],
                                 attribute_protos=[helper.make_attribute("slope", 0.3)])
    outer = helper.make_function(
        "own", "Twice", ["x"], ["y", "x"],
        [helper.make_node("Leaky", ["x"], ["t"], domain="own"), helper.make_node("Leaky", ["t"], ["y"], domain="own", slope=0.5)],
        [helper.make_opsetid("", 13), helper.make_opsetid("own", 1)],
    )
    write("functions", [("Twice", "x", "a b", dict(domain="own")), ("Add", "a b", "y")], {}, [value("y")],
          functions=[outer, inner], domains=[("own", 1)])
def today():
    """The operators of today's networks, in the order of the years in which they came."""
    curves = "Elu Selu Celu Softplus Softsign Mish ThresholdedRelu Abs Exp Erf".split()
    nodes = [(op, "x" if at == 0 else f"v{at - 1}", f"v{at}") for at, op in enumerate(curves)]
    model("curves", [*nodes, ("Gelu", "v9", "g", dict(approximate="tanh")), ("PRelu", "g s", "y")], {"s": floats(2, 1, 1)}, opset=20)
    model(
        "gelu-spelled",
        [("Div", "x root", "a"), ("Erf", "a", "b"), ("Add", "b one", "c"), ("Mul", "x c", "d"), ("Mul", "d half", "y")],
        {"root": np.float32(2 ** 0.5), "one": np.float32(1), "half": np.float32(0.5)},
    )
    model(
        "choices",
        [
            ("Greater", "x c", "a"), ("LessOrEqual", "x c", "b"), ("Or", "a b", "d"), ("Xor", "d a", "e"), ("Not", "e", "f"),
            ("Max", "x c", "g"), ("Min", "g x c", "h"), ("Pow", "h two", "i"), ("Where", "f i c", "y"),
        ],
        {"c": floats(2, 1, 1), "two": np.float32(2)},
        opset=16,
    )
    model(
        "reduced",
        [
            ("ReduceMax", "x", "a", dict(axes=[1])), ("ReduceMin", "x", "b", dict(axes=[2, 3])), ("ReduceL2", "x", "c", dict(axes=[1])),
            ("ReduceSum", "x axes", "d"), ("Sub", "a b", "e"), ("Div", "e c", "f"), ("Add", "f d", "y"),
        ],
        {"axes": ints(3)},
    )
    model(
        "norms",
        [
            ("Transpose", "x", "a", dict(perm=[0, 2, 3, 1])),
            ("LayerNormalization", "a s b", "c", dict(epsilon=1e-3)),
            ("MatMul", "c w", "d"),
            ("Transpose", "d", "e", dict(perm=[0, 3, 1, 2])),
            ("InstanceNormalization", "e t t", "f"),
            ("GroupNormalization", "f t t", "y", dict(num_groups=2)),
        ],
        {"s": floats(2), "b": floats(2), "w": floats(2, 4), "t": floats(4)},
        opset=21,
    )
    for mode, coordinates in [("nearest", "asymmetric"), ("linear", "half_pixel"), ("cubic", "align_corners"), ("linear", "tf_crop_and_resize")]:
        attributes = dict(mode=mode, coordinate_transformation_mode=coordinates, antialias=int(mode == "cubic"))
        roi = np.array([0, 0, 0.1, 0.2, 1, 1, 0.9, 1.1], np.float32)
        model(f"resize-{mode}-{coordinates}", [("Resize", "x roi none sizes", "y", attributes)],
              {"roi": roi, "none": np.zeros(0, np.float32), "sizes": ints(1, 2, 9, 4)}, opset=18)
    model("upsample", [("Upsample", "x s", "y", dict(mode="linear"))], {"s": np.array([1, 1, 2, 1.5], np.float32)}, opset=9)
    model(
        "transposed",
        [
            ("ConvTranspose", "x w b", "a", dict(strides=[2, 2], pads=[1, 0, 1, 1], output_padding=[1, 0])),
            ("ConvTranspose", "a v", "c", dict(group=2, output_shape=[12, 11], strides=[1, 1], auto_pad="SAME_UPPER")),
            ("Resize", "c none factors", "d"),
            ("SpaceToDepth", "d", "e", dict(blocksize=2)),
            ("DepthToSpace", "e", "y", dict(blocksize=2, mode="CRD")),
        ],
        {"w": floats(2, 4, 3, 3), "b": floats(4), "v": floats(4, 1, 2, 2), "none": np.zeros(0, np.float32), "factors": np.array([1, 1, 1, 1.1], np.float32)},
    )
    model(
        "blocks-spelled",
        [
            ("Reshape", "x apart", "a"), ("Transpose", "a", "b", dict(perm=[0, 1, 3, 5, 2, 4])), ("Reshape", "b deep", "c"),
            ("Reshape", "c cells", "d"), ("Transpose", "d", "e", dict(perm=[0, 3, 4, 1, 5, 2])), ("Reshape", "e whole", "y"),
        ],
        {"apart": ints(1, 2, 3, 2, 3, 2), "deep": ints(1, 8, 3, 3), "cells": ints(1, 2, 2, 2, 3, 3), "whole": ints(1, 2, 6, 6)},
    )
    stored = {"q": np.arange(8, dtype=np.int8).reshape(4, 2, 1, 1), "s": floats(4), "z": np.ones(4, np.int8)}
    model("dequantised", [("DequantizeLinear", "q s z", "w", dict(axis=0)), ("Conv", "x w", "y")], stored)


def checkpoints():
    torch.manual_seed(1)
    folder = CORPUS / "checkpoint"
    plain = {"c.weight": torch.randn(2, 1, 2, 2), "c.bias": torch.randn(2)}
    nested = {"epoch": 3, "state_dict": {"module.a": torch.randn(3).half(), "module.b": torch.randn(2).bfloat16()}, "loss": [0.5, None, True]}
    base = torch.arange(12.0)
    views = collections.OrderedDict(a=base[2:6].view(2, 2).t(), b=base[::3], c=torch.zeros(1).expand(4), d=torch.zeros(0, 3))
    kinds = {"f": torch.ones(2, dtype=torch.float64), "i": torch.ones(3, dtype=torch.int64), "p": torch.nn.Parameter(torch.ones(2))}
    parameter = torch.nn.Parameter(torch.ones(2))
    parameter.tag = "a"
    counts = collections.defaultdict(list, a=[1], b=torch.ones(1))
    objects = {"best": np.float64(0.5), "args": argparse.Namespace(lr=0.1), "set": {1}, "part": functools.partial(int, base=2), "counts": counts,
               "when": datetime.date(2026, 6, 1), "quantised": torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8), "p": parameter}
    module = {"whole": torch.nn.Linear(1, 1), "w": torch.ones(1)}
    states = [("plain", plain), ("nested", nested), ("views", views), ("kinds", kinds), ("objects", objects), ("module", module)]
    for name, state in states:
        torch.save(state, folder / f"{name}-zip")
        with zipfile.ZipFile(folder / f"{name}-zip") as archive:
            (folder / f"{name}-pickle").write_bytes(archive.read(f"{name}-zip/data.pkl"))
        if name != "module":  # which has its source in it
            torch.save(state, folder / f"{name}-legacy", _use_new_zipfile_serialization=False)
    safetensors.torch.save_file(plain, folder / "plain-safetensors")
    halves = {name: tensor.half() for name, tensor in plain.items()}
    halves["e"] = torch.zeros(0, 2)
    safetensors.torch.save_file(halves, folder / "halves-safetensors", metadata={"format": "pt"})


def names():
    """Class names in every form that is read, and tables of labels in the dialects of spreadsheets."""
    texts = {
        "lines": "cat\ndog\n",
        "wordnet": "n02123045 tabby\nn02085620 Chihuahua\n",
        "numbered": "0 cat\n1: dog\n",
        "marked": "1: 'dog',\n0: 'cat',\n",
        "csv": "name\ncat\ndog\n",
        "index-csv": "Index;Name\r\n1;dog\r\n0;cat\r\n",
        "wordnet-csv": "index,wnid,name\n0,n02123045,tabby\n",
        "list": '["cat", ["n02085620", "Chihuahua"]]',
        "dict": '{"0": "cat", "1": ["n02085620", "Chihuahua"]}',
        "by-name": '{"cat": 0, "dog": 1}',
        "python": "{0: 'cat', 1: \"dog's\",}  # two\n",
        "hugging-face": '{"id2label": {"0": "cat", "1": "\\u00e9\\ud83d\\ude00"}, "eps": 1e-05, "x": null}',
        "records": '[{"id": 1, "name": "dog"}, {"id": 0, "name": "cat"}]',
        "labels": "path,label\ncats/0.jpg,1\n",
        "kaggle": "sep=;\r\nId;Label\r\n0;1,5\r\n;\r\n",
        "tabs": '\ufeff"path"\t"label"\n"a\nb"\tc\n',
    }
    for name, text in texts.items():
        (CORPUS / "names" / name).write_bytes(text.encode())
    (CORPUS / "names" / "utf-16").write_bytes("name\r\ncat\r\n".encode("utf-16"))


def dictionary(name, words):
    quoted = ["".join(f"\\x{byte:02x}" for byte in word) for word in words]
    (CORPUS.parent / f"{name}.dict").write_text("".join(f'"{word}"\n' for word in quoted))


def dictionaries():
    """Operators and attributes as protobuf has them, with tag and length; what a pickle of torch.save is made of."""
    operators, attributes, words = set(), set(), set()
    for path in sorted((CORPUS / "onnx").iterdir()):
        for node in onnx.load(path).graph.node:
            operators.add(node.op_type)
            attributes.update(attribute.name for attribute in node.attribute)
            words.update(attribute.s.decode() for attribute in node.attribute if attribute.s)
    operators |= {"QLinearConv", "If"}
    attributes |= {"transA", "allowzero", "noop_with_empty_axes", "spatial", "training_mode", "is_test", "start", "end", "value_floats"}
    tagged = [(0x22, operators), (0x0A, attributes), (0x22, words)]
    dictionary("onnx", [bytes([tag, len(word)]) + word.encode() for tag, group in tagged for word in sorted(group)])
    classes = ["collections OrderedDict", "collections defaultdict", "torch._tensor _rebuild_from_type_v2", "argparse Namespace", "torch Size", "torch device", "torch._utils _rebuild_tensor_v2", "torch._utils _rebuild_parameter"]
    classes += [f"torch {kind}Storage" for kind in ["Float", "Half", "BFloat16", "Double", "Long", "Bool", "Untyped"]]
    pickled = ["c{}\n{}\n".format(*name.split()).encode() for name in classes]
    texts = [b"storage", b"module", b"cpu", b"state_dict", b"little_endian", b"weight", b"_parameters"]
    pickled += [b"X" + len(text).to_bytes(4, "little") + text for text in texts]
    pickled += [b"\x80\x02", b"\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.", b"M\xe9\x03.", b"(tQ", b"tR", b"K\x00", b"\x85", b"\x86", b"}(", b"u.", b")\x81}b", b"\x8f(\x90", b"(\x91", b")}\x92", b"I01\n", b"L7L\n"]
    zipped = [b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b"/data.pkl", b"/data/0", b"/byteorder", b"little"]
    header = [b'{"a":{"dtype":"', b'"shape":[', b'"data_offsets":[', b'"__metadata__":{', b'"F32"', b'"F16"', b'"BF16"', b'"F64"', b'"I64"']
    dictionary("checkpoint", pickled + zipped + header)


def main():
    for name in ["onnx", "checkpoint", "names"]:
        (CORPUS / name).mkdir(parents=True, exist_ok=True)
    convolutions()
    elementwise()
    layout()
    folded()
    edges()
    today()
    checkpoints()
    names()
    dictionaries()


if __name__ == "__main__":
    main()
