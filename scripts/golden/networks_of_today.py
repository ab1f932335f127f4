"""Small networks of the kinds that people bring, exported as PyTorch exports them or spelled out with onnx.helper, and
onnxruntime's value of their output for one input each: tests/fixtures/today, read by tests/today.rs."""

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file
from torch import nn
from torch.nn import functional as F

OUT = Path("tests/fixtures/today")


class LayerNorm2d(nn.Module):
    """ConvNeXt's own, over the channels."""

    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(channels) + 0.5)
        self.bias = nn.Parameter(torch.randn(channels) * 0.1)

    def forward(self, x):
        mean = x.mean(1, keepdim=True)
        variance = (x - mean).pow(2).mean(1, keepdim=True)
        x = (x - mean) / torch.sqrt(variance + 1e-6)
        return self.weight[:, None, None] * x + self.bias[:, None, None]


class ConvNextBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.wide, self.narrow = nn.Linear(channels, 4 * channels), nn.Linear(4 * channels, channels)
        self.gamma = nn.Parameter(torch.rand(channels))

    def forward(self, x):
        y = self.depthwise(x).permute(0, 2, 3, 1)
        y = self.gamma * self.narrow(F.gelu(self.wide(self.norm(y))))
        return x + y.permute(0, 3, 1, 2)


def convnext():
    return nn.Sequential(
        nn.Conv2d(3, 6, 4, stride=4), LayerNorm2d(6), ConvNextBlock(6),
        LayerNorm2d(6), nn.Conv2d(6, 8, 2, stride=2), ConvNextBlock(8),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.LayerNorm(8), nn.Linear(8, 5))


class Squeeze(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.less, self.more = nn.Conv2d(channels, 2, 1), nn.Conv2d(2, channels, 1)

    def forward(self, x):
        gate = F.adaptive_avg_pool2d(x, 1)
        return x * torch.sigmoid(self.more(F.silu(self.less(gate))))


def efficientnet():
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(6), nn.SiLU(),
        nn.Conv2d(6, 12, 1, bias=False), nn.BatchNorm2d(12), nn.SiLU(),
        nn.Conv2d(12, 12, 5, stride=2, padding=2, groups=12, bias=False), nn.BatchNorm2d(12), nn.SiLU(),
        Squeeze(12), nn.Conv2d(12, 8, 1, bias=False), nn.BatchNorm2d(8),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5))


class UNet(nn.Module):
    """A classifier whose features come from both ways of a U."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3, padding=1)
        self.second = nn.Conv2d(4, 6, 3, padding=1)
        self.third = nn.Conv2d(6, 6, 3, padding=1)
        self.up = nn.ConvTranspose2d(6, 4, 2, stride=2)
        self.after = nn.Conv2d(10, 4, 3, padding=1)
        self.last = nn.Conv2d(8, 4, 3, padding=1)
        self.head = nn.Linear(4, 5)

    def forward(self, x):
        a = F.relu(self.first(x))
        b = F.relu(self.second(F.max_pool2d(a, 2)))
        c = F.relu(self.third(F.max_pool2d(b, 2)))
        b = F.relu(self.after(torch.cat([self.up(c), b], 1)))
        up = F.interpolate(b, scale_factor=2, mode="bilinear", align_corners=False)
        a = F.relu(self.last(torch.cat([up, a], 1)))
        a = a + F.interpolate(a[:, :, ::2, ::2], scale_factor=2, mode="nearest")
        return self.head(a.mean((2, 3)))


class Focus(nn.Module):
    """YOLO's first layers, both as slices and as the operator."""

    def __init__(self):
        super().__init__()
        self.conv, self.shrink = nn.Conv2d(12, 6, 3, padding=1), nn.PixelUnshuffle(2)
        self.next, self.grow = nn.Conv2d(24, 8, 1), nn.PixelShuffle(2)
        self.head = nn.Linear(2, 5)

    def forward(self, x):
        parts = [x[..., i::2, j::2] for j in (0, 1) for i in (0, 1)]
        x = F.mish(self.conv(torch.cat(parts, 1)))
        x = F.leaky_relu(self.next(self.shrink(x)), 0.1)
        return self.head(F.softplus(self.grow(x)).amax((2, 3)))


def selu():
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, stride=2), nn.SELU(), nn.Conv2d(6, 6, 3), nn.ELU(0.7),
        nn.Conv2d(6, 6, 3), nn.CELU(0.5), nn.InstanceNorm2d(6, affine=True), nn.Hardswish(),
        nn.GroupNorm(3, 6), nn.Softsign(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 5))


def prelu():
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, stride=2, padding=1), nn.PReLU(6),
        nn.Conv2d(6, 6, 3, padding=1, groups=6), nn.PReLU(6), nn.Conv2d(6, 8, 1), nn.BatchNorm2d(8),
        nn.Conv2d(8, 8, 16, groups=8), nn.Flatten(), nn.Linear(8, 5), nn.PReLU())


class Attention(nn.Module):
    """Channels and places gated (CBAM), normalised lengths, choices."""

    def __init__(self):
        super().__init__()
        self.conv, self.place = nn.Conv2d(3, 6, 3, stride=2), nn.Conv2d(2, 1, 5, padding=2)
        self.mlp = nn.Sequential(nn.Conv2d(6, 2, 1), nn.ReLU(), nn.Conv2d(2, 6, 1))
        self.head = nn.Linear(6, 5)

    def forward(self, x):
        x = F.gelu(self.conv(x), approximate="tanh")
        x = x * torch.sigmoid(self.mlp(x.mean((2, 3), keepdim=True)) + self.mlp(x.amax((2, 3), keepdim=True)))
        x = x * torch.sigmoid(self.place(torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], 1)))
        x = x / x.pow(2).sum(1, keepdim=True).sqrt().clamp(min=1e-3)
        x = torch.where(x > 0.1, x, 0.2 * x.abs())
        return self.head(torch.maximum(x, -x).mean((2, 3)))


NETWORKS = {
    "convnext": convnext, "efficientnet": efficientnet, "unet": UNet, "focus": Focus, "selu": selu,
    "prelu": prelu, "attention": Attention,
}


def exported(name, make, opset):
    network = make().eval()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.5, 1.5)
        if isinstance(module, nn.PReLU):
            module.weight.data.uniform_(-0.2, 0.6)
    path = OUT / f"{name}-{opset}.onnx"
    torch.onnx.export(network, torch.zeros(1, 3, 32, 32), path, dynamo=False, opset_version=opset,
                      input_names=["image"], output_names=["scores"])
    return onnx.load(path)


def quantised():
    """Weights stored as integers, for each channel with its scale."""
    rng = np.random.default_rng(5)
    first = helper.make_tensor("first", TensorProto.INT8, [4, 3, 3, 3], rng.integers(-128, 128, 108))
    zero = helper.make_tensor("zero", TensorProto.INT8, [4], [0, 3, -2, 0])
    second = helper.make_tensor("second", TensorProto.UINT8, [4, 5], rng.integers(0, 256, 20))
    middle = helper.make_tensor("middle", TensorProto.UINT8, [], [128])
    scales = numpy_helper.from_array(rng.uniform(0.001, 0.01, 4).astype(np.float32), "scales")
    scale = numpy_helper.from_array(np.float32(0.01), "scale")
    nodes = [
        helper.make_node("DequantizeLinear", ["first", "scales", "zero"], ["filters"], axis=0),
        helper.make_node("Conv", ["image", "filters"], ["conv"], strides=[2, 2]),
        helper.make_node("Relu", ["conv"], ["relu"]),
        helper.make_node("GlobalAveragePool", ["relu"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["flat"]),
        helper.make_node("DequantizeLinear", ["second", "scale", "middle"], ["matrix"]),
        helper.make_node("MatMul", ["flat", "matrix"], ["scores"]),
    ]
    graph = helper.make_graph(
        nodes, "quantised",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, 32, 32])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 5])],
        [first, zero, second, middle, scales, scale])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def judged(name, model):
    """Keeps the model, an input and what onnxruntime makes of it."""
    onnx.checker.check_model(model)
    onnx.save(model, OUT / f"{name}.onnx")
    image = np.random.default_rng(len(name)).normal(size=(1, 3, 32, 32)).astype(np.float32)
    # Optimised, it rounds products with stored integers to integers.
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    scores, = session.run(["scores"], {"image": image})
    assert np.ptp(scores) > 1e-3, name
    save_file({"image": image, "scores": scores}, OUT / f"{name}.safetensors",
              {"onnxruntime": onnxruntime.__version__, "torch": torch.__version__, "onnx": onnx.__version__})


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    for name, make in NETWORKS.items():
        for opset in (12, 20):
            torch.manual_seed(len(name))
            judged(f"{name}-{opset}", exported(name, make, opset))
    judged("quantised", quantised())


if __name__ == "__main__":
    sys.exit(main())
