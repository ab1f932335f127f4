"""onnxruntime on one thread and without graph optimisations: whole models with all their values, and single nodes."""

import onnx
import onnxruntime
from onnx import TensorProto, helper


def session(model):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # opset 9 lists initialisers as inputs, which it would warn of one by one
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def image_values(graph, image):
    """Names of all that depends on the input `image`, in the graph's order. Dropout's masks are left out."""
    found = {image}
    for node in graph.node:
        if found.intersection(node.input):
            found.update(node.output[:1])
    return [node.output[0] for node in graph.node if node.output[0] in found]


def all_values(model, image, inputs):
    """For each `[1, 3, H, W]` of `inputs` a dict of every value that depends on it, by name."""
    exposed = onnx.ModelProto()
    exposed.CopyFrom(model)
    # Shapes that are computed on the way are no values of the image's.
    known = {info.name: info.type.tensor_type.elem_type for info in onnx.shape_inference.infer_shapes(model).graph.value_info}
    names = [name for name in image_values(model.graph, image) if known.get(name, TensorProto.FLOAT) == TensorProto.FLOAT]
    del exposed.graph.output[:]
    exposed.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    running = session(exposed)
    return [dict(zip(names, running.run(names, {image: one}))) for one in inputs]


def node_alone(node, model):
    """A function from the arrays of the node's inputs to its first output."""
    def run(*arrays):
        feeds = dict(zip(node.input, arrays))
        types = {name: helper.np_dtype_to_tensor_dtype(value.dtype) for name, value in feeds.items()}
        inputs = [helper.make_tensor_value_info(name, kind, None) for name, kind in types.items()]
        output = helper.make_tensor_value_info(node.output[0], types[node.input[0]], None)
        graph = helper.make_graph([node], "alone", inputs, [output])
        alone = helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)
        return session(alone).run([node.output[0]], feeds)[0]
    return run
