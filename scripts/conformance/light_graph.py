"""Weights of an ONNX graph as arrays by name, whether the file stores them or computes them from constants."""

import numpy
from onnx import TensorProto, helper, numpy_helper


def image_input(graph):
    """The one input that no initialiser gives."""
    given = {tensor.name for tensor in graph.initializer}
    (image,) = (value.name for value in graph.input if value.name not in given)
    return image


def store_computed_weights(graph):
    """Puts initialisers in place of the ConstantOfShape nodes and of the shapes that only they read."""
    shapes = {tensor.name: tensor for tensor in graph.initializer}
    for node in [node for node in graph.node if node.op_type == "ConstantOfShape"]:
        graph.node.remove(node)
        shape = shapes[node.input[0]]
        sides = numpy_helper.to_array(shape).tolist()
        graph.initializer.append(numpy_helper.from_array(numpy.zeros(sides, numpy.float32), node.output[0]))
        graph.input.append(helper.make_tensor_value_info(node.output[0], TensorProto.FLOAT, sides))
        graph.initializer.remove(shape)
        for value in [value for value in graph.input if value.name == shape.name]:
            graph.input.remove(value)


class Weights:
    """The initialisers by name; that of a reshaped one is found through the nodes that reshape it."""

    def __init__(self, graph):
        self.arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
        self.reshaped = {
            node.output[0]: node.input[0] for node in graph.node if node.op_type in ("Reshape", "Unsqueeze")
        }

    def source(self, name):
        """The initialiser whose values `name` has; None if it depends on the image."""
        while name in self.reshaped:
            name = self.reshaped[name]
        return name if name in self.arrays else None

    def store(self, graph):
        del graph.initializer[:]
        graph.initializer.extend(numpy_helper.from_array(array, name) for name, array in self.arrays.items())
