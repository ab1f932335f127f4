"""Seeded weights for an ONNX graph, calibrated on photographs node by node so that values keep a unit-like scale."""

import numpy

import runtime
from seeding import across, by_channel, he_normal, near

WEIGHTED = ("Conv", "Gemm")
# What batch normalisation adds lies around this. Around 0, rounding grows from layer to layer: two programs' values of
# resnet50 then differ by 7e-5 of a node's range.
SUMMAND = 0.5


def seed(graph, weights):
    """He-normal filters; factors near 1 and summands near 0 where weights are multiplied with or added."""
    for node in graph.node:
        name = weights.source(node.input[1]) if len(node.input) > 1 else None
        if name is None:
            continue
        shape = weights.arrays[name].shape
        if node.op_type in WEIGHTED:
            outputs = shape[0] if node.op_type == "Conv" else weights.arrays[node.input[2]].size
            weights.arrays[name] = he_normal(name, shape, numpy.prod(shape) // outputs)
        elif node.op_type in ("Mul", "Add"):
            weights.arrays[name] = near(1 if node.op_type == "Mul" else 0, name, shape)


def calibrate(model, weights, image, photographs):
    """Runs the photographs through the graph and sets, as they pass, the statistics of batch normalisation and, where a
    layer has a bias, that and the scale of its weights."""
    nodes = model.graph.node
    last_use = {name: at for at, node in enumerate(nodes) for name in node.input}
    values, constants = {image: photographs}, {}

    def constant(name):
        return weights.arrays[name] if name in weights.arrays else constants[name]

    for at, node in enumerate(nodes):
        run = runtime.node_alone(node, model)
        if not any(name in values for name in node.input):
            constants[node.output[0]] = run(*map(constant, node.input))
            continue
        if node.op_type == "BatchNormalization":
            _normalise(node, weights, values[node.input[0]])
        biased = node.op_type in WEIGHTED and len(node.input) > 2
        if biased:
            weights.arrays[node.input[2]] = numpy.zeros_like(weights.arrays[node.input[2]])
        outputs = [
            run(*(values[name][photo] if name in values else constant(name) for name in node.input))
            for photo in range(len(photographs))
        ]
        if biased:
            outputs = _standardise(node, weights, outputs, _wanted_scale(nodes, node))
        values[node.output[0]] = outputs
        for name in [name for name in values if last_use.get(name, at) <= at]:
            del values[name]


def _normalise(node, weights, inputs):
    scale, bias, mean, variance = node.input[1:]
    count = weights.arrays[scale].size
    weights.arrays[mean], weights.arrays[variance] = by_channel(numpy.concatenate(inputs))
    weights.arrays[scale], weights.arrays[bias] = near(1, scale, count), near(SUMMAND, bias, count)


def _standardise(node, weights, outputs, wanted):
    """Gives a layer's outputs, found with a bias of 0, a mean near 0 in each channel and the wanted deviation in all."""
    mean, variance = by_channel(numpy.concatenate(outputs))
    factor = numpy.float32(wanted) / numpy.sqrt(variance.mean())
    bias = near(0, node.input[2], mean.size, wanted) - mean * factor
    weights.arrays[weights.source(node.input[1])] *= factor
    weights.arrays[node.input[2]] = bias
    return [value * factor + across(bias, value) for value in outputs]


def _wanted_scale(nodes, node):
    """1; but as large as the squares that a contrast normalisation sums up must be to change anything."""
    name = node.output[0]
    while True:
        node = next((node for node in nodes if name in node.input), None)
        if node is None or node.op_type not in ("Relu", "MaxPool", "LRN"):
            return 1.0
        if node.op_type == "LRN":
            return next(attribute.f for attribute in node.attribute if attribute.name == "alpha") ** -0.5
        name = node.output[0]
