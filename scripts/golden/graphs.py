"""Small ONNX graphs of the kinds that exporters write at their edges, and what onnxruntime says of one picture:
tests/fixtures/graphs, held against the program by tests/graphs.rs.

Each graph is fed as its exporter's user would feed it: bytes, bytes over 255, or as torchvision normalises. Of graphs that
end in logits the probabilities are computed here.
"""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

OUT = Path("tests/fixtures/graphs")
SIDE = 16
RANDOM = np.random.default_rng(20131112)
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)


def floats(*shape, spread=0.5):
    return (RANDOM.normal(size=shape) * spread).astype(np.float32)


def photograph():
    """Smooth, with every grey level, so that no edge is like another."""
    y, x = np.mgrid[0:SIDE, 0:SIDE] / (SIDE - 1)
    planes = [x, y, (np.sin(5 * x + 3 * y) + 1) / 2]
    noise = RANDOM.uniform(-0.2, 0.2, (SIDE, SIDE, 3))
    return (np.clip(np.stack(planes, -1) + noise, 0, 1) * 255).round().astype(np.uint8)


def fed(picture, how):
    """The picture as a batch: how is the type and range, then the layout."""
    kind, layout = how
    values = {
        "bytes": picture,
        "255": picture.astype(np.float32),
        "1": picture.astype(np.float32) / np.float32(255),
        "torchvision": (picture.astype(np.float32) / 255 - MEAN) / STD,
    }[kind]
    return (values if layout == "nhwc" else values.transpose(2, 0, 1))[None]


def softmax(z):
    e = np.exp(z.astype(np.float64) - z.max())
    return e / e.sum()


def sigmoid(z):
    return 1 / (1 + np.exp(-z.astype(np.float64)))


# From what onnxruntime gives to the scores that are shown.
ENDS = {
    "as it is": lambda z: z,
    "softmax": softmax,
    "sigmoid": sigmoid,
    "pair": lambda p: np.array([1 - p[0], p[0]]),
    "pair of a logit": lambda z: np.array([1 - sigmoid(z)[0], sigmoid(z)[0]]),
    "exponential": lambda z: np.exp(z.astype(np.float64)),
}


class Graph:
    """Nodes are (operator, inputs, outputs[, attributes[, domain]]); outputs are (name, type, shape)."""

    def __init__(self, how, classes=4, opset=13, dims=None):
        self.how, self.classes, self.opset = how, classes, opset
        self.nodes, self.constants, self.functions, self.domains = [], {}, [], []
        self.outputs = []
        kind = TensorProto.UINT8 if how[0] == "bytes" else TensorProto.FLOAT
        usual = [None, SIDE, SIDE, 3] if how[1] == "nhwc" else [None, 3, SIDE, SIDE]
        self.input = helper.make_tensor_value_info("image", kind, dims or usual)

    def constant(self, name, values):
        self.constants[name] = np.asarray(values)
        return name

    def node(self, op, inputs, outputs, domain="", **attributes):
        # Many nodes of a function's body are unnamed; those of a graph are named by exporters.
        self.nodes.append(helper.make_node(op, inputs.split(), outputs.split(), name=outputs.split()[0] + "_node",
                                           domain=domain, **attributes))
        return self

    def body(self, below, channels=3):
        """A padded convolution, so that a shift folded into it would show at the border."""
        self.constant("w", floats(6, channels, 3, 3))
        self.constant("b", floats(6))
        self.node("Conv", f"{below} w b", "c", pads=[1, 1, 1, 1], strides=[2, 2])
        self.node("Relu", "c", "r").node("GlobalAveragePool", "r", "g").node("Flatten", "g", "features")
        return self

    def head(self, output="logits", classes=None):
        self.constant("fc", floats(classes or self.classes, 6, spread=2))
        self.constant("fb", floats(classes or self.classes))
        return self.node("Gemm", "features fc fb", output, transB=1)

    def out(self, name, kind=TensorProto.FLOAT, shape=()):
        self.outputs.append(helper.make_tensor_value_info(name, kind, list(shape) or None))
        return self

    def proto(self):
        if not self.outputs:
            self.out("logits", shape=[None, self.classes])
        graph = helper.make_graph(self.nodes, "g", [self.input], self.outputs,
                                  [numpy_helper.from_array(v, k) for k, v in self.constants.items()])
        imports = [helper.make_opsetid("", self.opset)] + [helper.make_opsetid(*domain) for domain in self.domains]
        return helper.make_model(graph, functions=self.functions, opset_imports=imports, ir_version=10)


GRAPHS = {}


def graph(make):
    GRAPHS[make.__name__.replace("_", "-")] = make
    return make


# Between the image and the first convolution. Each gives the graph and how its output becomes scores.

FRONT = dict(perm=[0, 3, 1, 2])


@graph
def nhwc_rescaling():
    g = Graph(("255", "nhwc"))
    g.constant("s", np.float32(1 / 255))
    g.constant("o", np.float32(0))
    g.node("Mul", "image s", "m").node("Add", "m o", "a").node("Transpose", "a", "t", **FRONT)
    return g.body("t").head(), "softmax"


@graph
def nhwc_normalization():
    g = Graph(("255", "nhwc"))
    g.constant("mean", (MEAN * 255).reshape(1, 1, 1, 3))
    g.constant("std", (STD * 255).reshape(1, 1, 1, 3))
    g.node("Sub", "image mean", "m").node("Div", "m std", "a").node("Transpose", "a", "t", **FRONT)
    return g.body("t").head(), "softmax"


@graph
def nhwc_caffe():
    g = Graph(("255", "nhwc"))
    for name, value in dict(starts=[-1], ends=[-(1 << 31)], axes=[3], steps=[-1]).items():
        g.constant(name, np.array(value, np.int64))
    g.constant("mean", np.array([103.939, 116.779, 123.68], np.float32))
    g.node("Slice", "image starts ends axes steps", "bgr").node("Sub", "bgr mean", "a")
    g.node("Transpose", "a", "t", **FRONT)
    g.body("t")
    g.constants["w"] /= 60
    return g.head(), "softmax"


@graph
def nhwc_tf():
    g = Graph(("255", "nhwc"))
    g.constant("half", np.float32(127.5))
    g.constant("one", np.float32(1))
    g.node("Div", "image half", "m").node("Sub", "m one", "a").node("Transpose", "a", "t", **FRONT)
    return g.body("t").head(), "softmax"


@graph
def nhwc_bytes():
    g = Graph(("bytes", "nhwc"))
    g.constant("s", np.float32(1 / 255))
    g.node("Cast", "image", "f", to=TensorProto.FLOAT).node("Mul", "f s", "a").node("Transpose", "a", "t", **FRONT)
    return g.body("t").head(), "softmax"


@graph
def nhwc_cast_identity():
    g = Graph(("torchvision", "nhwc"))
    g.node("Identity", "image", "i").node("Cast", "i", "f", to=TensorProto.FLOAT)
    g.node("Transpose", "f", "t", **FRONT)
    return g.body("t").head(), "softmax"


@graph
def nhwc_channels_apart():
    """Each channel scaled by itself and all put together again."""
    g = Graph(("255", "nhwc"))
    g.node("Split", "image", "r0 g0 b0", axis=3)
    for at, name in enumerate("rgb"):
        g.constant(f"s{name}", np.float32(1 / (255 * STD[at])))
        g.constant(f"o{name}", np.float32(-MEAN[at] / STD[at]))
        g.node("Mul", f"{name}0 s{name}", f"{name}1").node("Add", f"{name}1 o{name}", f"{name}2")
    g.node("Concat", "b2 g2 r2", "a", axis=3).node("Transpose", "a", "t", **FRONT)
    return g.body("t").head(), "softmax", {"scale": 255, "mean": 0, "std": 1}


@graph
def nhwc_gather_clip():
    g = Graph(("255", "nhwc"))
    g.constant("order", np.array([2, 1, 0], np.int64))
    g.constant("s", np.float32(1 / 200))
    g.constant("lo", np.float32(0.1))
    g.constant("hi", np.float32(1))
    g.node("Gather", "image order", "bgr", axis=3).node("Mul", "bgr s", "m").node("Clip", "m lo hi", "a")
    g.node("Transpose", "a", "t", **FRONT)
    return g.body("t").head(), "softmax"


@graph
def nhwc_without_a_move():
    """A linear layer on the cells in the graph's own order."""
    g = Graph(("255", "nhwc"))
    g.constant("s", np.float32(1 / 255))
    g.constant("flat", np.array([-1, SIDE * SIDE * 3], np.int64))
    g.constant("w", floats(SIDE * SIDE * 3, 4, spread=0.1))
    g.node("Mul", "image s", "m").node("Reshape", "m flat", "f").node("MatMul", "f w", "logits")
    return g, "softmax"


@graph
def nhwc_open():
    g = Graph(("255", "nhwc"), dims=[None, None, None, 3])
    g.constant("s", np.full((1, 1, 1, 3), 1 / 255, np.float32))
    g.node("Mul", "image s", "m").node("Transpose", "m", "t", **FRONT)
    return g.body("t").head(), "softmax"


@graph
def nchw_normalisation():
    g = Graph(("1", "nchw"))
    g.constant("mean", MEAN.reshape(1, 3, 1, 1))
    g.constant("std", STD.reshape(1, 3, 1, 1))
    g.node("Sub", "image mean", "m").node("Div", "m std", "a")
    return g.body("a").head(), "softmax"


@graph
def nchw_flipped():
    g = Graph(("255", "nchw"))
    g.constant("order", np.array([2, 1, 0], np.int64))
    g.constant("s", np.float32(1 / 255))
    g.constant("o", np.float32(-0.5))
    g.node("Gather", "image order", "bgr", axis=1).node("Mul", "bgr s", "m").node("Add", "m o", "a")
    return g.body("a").head(), "softmax"


@graph
def nchw_bytes():
    g = Graph(("bytes", "nchw"))
    g.constant("whole", np.float32(255))
    g.constant("mean", MEAN.reshape(3, 1, 1))
    g.constant("std", STD.reshape(3, 1, 1))
    g.node("Cast", "image", "f", to=TensorProto.FLOAT).node("Div", "f whole", "d")
    g.node("Sub", "d mean", "m").node("Div", "m std", "a")
    return g.body("a").head(), "softmax"


# Ends.


def plain(**options):
    return Graph(("torchvision", "nchw"), **options).body("image")


@graph
def one_logit():
    return plain(classes=1).head(), "pair of a logit"


@graph
def one_sigmoid():
    g = plain(classes=1).head("z").node("Sigmoid", "z", "p")
    return g.out("p", shape=[None, 1]), "pair"


@graph
def one_sigmoid_of_a_map():
    g = Graph(("torchvision", "nchw")).body("image")
    g.constant("w2", floats(1, 6, 1, 1, spread=2))
    g.node("Conv", "g w2", "z").node("Sigmoid", "z", "s").node("Flatten", "s", "p")
    return g.out("p", shape=[None, 1]), "pair"


@graph
def one_logit_without_its_axis():
    g = plain(classes=1).head("z")
    g.constant("ax", np.array([1], np.int64))
    g.node("Squeeze", "z ax", "y")
    return g.out("y", shape=[None]), "pair of a logit"


@graph
def several_sigmoids():
    g = plain().head("z").node("Sigmoid", "z", "p")
    return g.out("p", shape=[None, 4]), "as it is"


@graph
def sigmoids_of_maps():
    g = plain()
    g.constant("w2", floats(4, 6, 1, 1, spread=2))
    g.node("Conv", "g w2", "z").node("Sigmoid", "z", "p")
    return g.out("p", shape=[None, 4, 1, 1]), "as it is"


@graph
def log_softmax():
    g = plain().head("z").node("LogSoftmax", "z", "l", axis=1).node("Flatten", "l", "y")
    return g.out("y", shape=[None, 4]), "exponential"


@graph
def softmax_spelled_out():
    g = plain().head("z")
    g.constant("ax", np.array([1], np.int64))
    g.node("ReduceMax", "z", "m", axes=[1], keepdims=1).node("Sub", "z m", "d").node("Exp", "d", "e")
    g.node("ReduceSum", "e ax", "s", keepdims=1).node("Div", "e s", "p")
    return g.out("p", shape=[None, 4]), "as it is"


@graph
def softmax_of_maps():
    g = plain()
    g.constant("w2", floats(4, 6, 1, 1, spread=2))
    g.constant("flat", np.array([-1, 4], np.int64))
    g.node("Conv", "g w2", "z").node("Softmax", "z", "s", axis=1).node("Reshape", "s flat", "p")
    return g.out("p", shape=[None, 4]), "as it is"


# Several outputs.


@graph
def embedding_first():
    g = plain().head()
    return g.out("features", shape=[None, 6]).out("logits", shape=[None, 4]), "softmax", {}, "logits"


@graph
def unnamed_embedding_first():
    g = plain().node("Identity", "features", "495").head("503")
    return g.out("495", shape=[None, 6]).out("503", shape=[None, 4]), "softmax", {}, "503"


@graph
def logits_and_probabilities():
    g = plain().head("y1").node("Softmax", "y1", "y2", axis=1)
    return g.out("y1", shape=[None, 4]).out("y2", shape=[None, 4]), "as it is", {}, "y2"


@graph
def embedding_beside():
    """Neither is computed from the other; the names of the classes tell."""
    g = plain()
    g.constant("ew", floats(8, 6))
    g.node("Gemm", "features ew", "left", transB=1).head("right")
    return g.out("left", shape=[None, 8]).out("right", shape=[None, 4]), "softmax", {}, "right"


@graph
def label_and_map():
    """As Azure's Custom Vision and scikit-learn's converters end: a text and a list of maps."""
    g = plain(classes=3).head("z").node("Softmax", "z", "scores", axis=1)
    g.domains = [("ai.onnx.ml", 2)]
    g.constant("one", np.array([1], np.int64))
    names = ["cat", "dog", "fox"]
    g.constants["names"] = np.array(names, object)
    g.node("ArgMax", "scores", "first", axis=1, keepdims=0)
    g.node("ArrayFeatureExtractor", "names first", "text", domain="ai.onnx.ml")
    g.node("Reshape", "text one", "classLabel")
    g.node("ZipMap", "scores", "loss", domain="ai.onnx.ml", classlabels_strings=names)
    g.out("classLabel", TensorProto.STRING, [None])
    value = helper.make_sequence_type_proto(helper.make_map_type_proto(
        TensorProto.STRING, helper.make_tensor_type_proto(TensorProto.FLOAT, [])))
    g.outputs.append(helper.make_value_info("loss", value))
    return g, "as it is", {}, "scores"


@graph
def label_alone():
    g = plain().head("z").node("ArgMax", "z", "label", axis=1, keepdims=0)
    return g.out("label", TensorProto.INT64, [None]), "softmax", {}, "z"


@graph
def five_best():
    g = plain(classes=7).head("z").node("Softmax", "z", "p", axis=1)
    g.constant("k", np.array([5], np.int64))
    g.node("TopK", "p k", "values places", axis=1)
    return g.out("values", shape=[None, 5]).out("places", TensorProto.INT64, [None, 5]), "as it is", {}, "p"


@graph
def maps_beside_logits():
    g = plain().head("out")
    return g.out("r", shape=[None, 6, 8, 8]).out("out", shape=[None, 4]), "softmax", {}, "out"


# Functions.


def function(name, inputs, outputs, nodes, opset, attributes=(), defaults=(), domain="own"):
    return helper.make_function(domain, name, inputs, outputs, nodes,
                                [helper.make_opsetid("", opset), helper.make_opsetid("own", 1)],
                                attributes=list(attributes),
                                attribute_protos=[helper.make_attribute(*default) for default in defaults])


def referring(op, inputs, outputs, references, **attributes):
    node = helper.make_node(op, inputs, outputs, **attributes)
    for name, (theirs, kind) in references.items():
        attribute = onnx.AttributeProto(name=name, ref_attr_name=theirs, type=kind)
        node.attribute.append(attribute)
    return node


@graph
def functions():
    """Nested, with attributes passed on and left to their defaults, and an opset of their own."""
    leaky = function("Leaky", ["x"], ["y"], [
        referring("LeakyRelu", ["x"], ["y"], {"alpha": ("slope", onnx.AttributeProto.FLOAT)}),
    ], 17, defaults=[("slope", 0.3)])
    clipped = function("Clipped", ["x"], ["y"], [
        referring("Constant", [], ["low"], {"value_float": ("low", onnx.AttributeProto.FLOAT)}),
        helper.make_node("Clip", ["x", "low"], ["y"]),
    ], 17, attributes=["low"])
    block = function("Block", ["x", "w"], ["y", "same"], [
        referring("Conv", ["x", "w"], ["t"], {"strides": ("strides", onnx.AttributeProto.INTS)}, pads=[1, 1, 1, 1]),
        helper.make_node("Leaky", ["t"], ["u"], domain="own"),
        referring("Leaky", ["u"], ["y"], {"slope": ("second", onnx.AttributeProto.FLOAT)}, domain="own"),
        helper.make_node("Identity", ["x"], ["same"]),
    ], 17, attributes=["strides", "second"])
    g = Graph(("torchvision", "nchw"), opset=17)
    g.domains = [("own", 1)]
    g.functions = [block, leaky, clipped]
    g.constant("w1", floats(6, 3, 3, 3))
    g.constant("w2", floats(6, 6, 3, 3))
    g.node("Block", "image w1", "t same", domain="own", strides=[2, 2], second=0.5)
    g.node("Block", "t w2", "u same2", domain="own", strides=[1, 1], second=0.7)
    g.node("GlobalAveragePool", "u", "g").node("Clipped", "g", "h", domain="own", low=0.1)
    g.node("Flatten", "h", "features")
    return g.head(), "softmax"


def function_of_an_older_opset(older):
    """Squeeze and Clip have their numbers as attributes before opsets 13 and 11; onnxruntime reads a function's nodes as of
    the model's opset, so the same graph without the function is its twin."""
    g = Graph(("torchvision", "nchw"), opset=17)
    g.constant("w", floats(6, 3, 3, 3))
    g.node("Conv", "image w", "c").node("GlobalAveragePool", "c", "g")
    if older:
        g.domains = [("own", 1)]
        g.functions = [function("Squeezed", ["x"], ["y"], [
            helper.make_node("Clip", ["x"], ["t"], min=-0.4, max=0.4),
            referring("Squeeze", ["t"], ["y"], {"axes": ("axes", onnx.AttributeProto.INTS)}),
        ], 10, attributes=["axes"])]
        g.node("Squeezed", "g", "features", domain="own", axes=[2, 3])
    else:
        for name, values in dict(low=np.float32(-0.4), high=np.float32(0.4), axes=np.array([2, 3], np.int64)).items():
            g.constant(name, values)
        g.node("Clip", "g low high", "t").node("Squeeze", "t axes", "features")
    return g.head()


# Batch norms in training mode, with the value of the same graph in inference.


def batch_norm(opset, outputs="n", **attributes):
    g = Graph(("torchvision", "nchw"), opset=opset)
    g.constant("w", floats(6, 3, 3, 3))
    for name in ("scale", "shift", "mean"):
        g.constant(name, floats(6))
    g.constant("var", np.abs(floats(6)) + np.float32(0.5))
    g.node("Conv", "image w", "c", strides=[2, 2])
    g.node("BatchNormalization", "c scale shift mean var", outputs, **attributes)
    g.node("Relu", "n", "r").node("GlobalAveragePool", "r", "g").node("Flatten", "g", "features")
    return g.head()


def trained(opset, training, inference):
    # onnxruntime has batch norms of opset 7 on.
    return lambda is_twin: batch_norm(max(opset, 9), **inference) if is_twin else batch_norm(opset, **training)


# Graphs that onnxruntime computes otherwise or not at all, and what they are to be taken for.
TWINS = {
    "training-14": trained(15, dict(training_mode=1, outputs="n m2 v2"), dict(training_mode=0)),
    "training-9": trained(9, dict(outputs="n m2 v2 sm sv"), {}),
    "training-6": trained(6, dict(is_test=0, outputs="n m2 v2 sm sv"), {}),
    "function-of-an-older-opset": lambda is_twin: function_of_an_older_opset(not is_twin),
}


def run(proto, values):
    session = onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"image": values})


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    picture = photograph()
    Image.fromarray(picture).save(OUT / "photograph.png")
    expected = {}

    def keep(name, g, proto, end, told, output, values):
        (OUT / f"{name}.onnx").write_bytes(proto.SerializeToString())
        expected[name] = {"output": output, "told": told,
                          "scores": [float(value) for value in ENDS[end](np.asarray(values).reshape(-1))]}

    for name, make in GRAPHS.items():
        g, end, *rest = make()
        told, output = (rest + [{}, None][len(rest):])[:2]
        proto = g.proto()
        if output is None:
            output = g.outputs[0].name
        # The chosen value, whether the graph gives it out or not.
        shown = onnx.ModelProto()
        shown.CopyFrom(proto)
        del shown.graph.output[:]
        shown.graph.output.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, None))
        keep(name, g, proto, end, told, output, run(shown, fed(picture, g.how))[0])
    for name, make in TWINS.items():
        state = RANDOM.bit_generator.state
        g = make(False)
        RANDOM.bit_generator.state = state
        values = run(make(True).proto(), fed(picture, g.how))[0]
        keep(name, g, g.proto(), "softmax", {}, "logits", values)
    (OUT / "expected.json").write_text(json.dumps({
        "made with": {"onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__},
        "graphs": expected,
    }, indent=1) + "\n")


if __name__ == "__main__":
    main()
