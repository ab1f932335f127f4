"""The deconvnet of Zeiler & Fergus on SqueezeNet 1.1, written by hand in PyTorch: what src/engine is compared with.

Nothing here knows the Rust code: convolutions are F.conv2d and F.conv_transpose2d, the switches are those of
F.max_pool2d, and the signal is put back through them with scatter_add (overlapping windows add up).
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from safetensors.torch import load_file

MEAN_BGR = (104.006, 116.669, 122.679)
STAGES = ("conv1", "fire3", "fire5", "fire9", "conv10")
KINDS = ("unit", "layer")

# (what, the checkpoint's name, the stage whose activation comes out)
STEPS = (
    ("conv", "features.0", "conv1"),
    ("pool", "features.2", None),
    ("fire", "features.3", None),
    ("fire", "features.4", "fire3"),
    ("pool", "features.5", None),
    ("fire", "features.6", None),
    ("fire", "features.7", "fire5"),
    ("pool", "features.8", None),
    ("fire", "features.9", None),
    ("fire", "features.10", None),
    ("fire", "features.11", None),
    ("fire", "features.12", "fire9"),
    ("conv", "classifier.1", "conv10"),
)
STRIDE = {"features.0": 2, "classifier.1": 1}


@dataclass
class Trace:
    """One image run forward: activations by stage; by pool its input before the ReLU and its switches; probabilities."""

    stages: dict
    pooled: dict
    switches: dict
    probabilities: torch.Tensor


class SqueezeNet:
    """SqueezeNet 1.1 as published for Caffe: no padding at conv1, ReLU after conv10, pools in ceil mode."""

    def __init__(self, weights, dtype=torch.float32):
        self.dtype = dtype
        self.parameters = {name: value.to(dtype) for name, value in load_file(weights).items()}

    def _conv(self, x, name, stride=1, padding=0):
        weight, bias = self.parameters[f"{name}.weight"], self.parameters[f"{name}.bias"]
        return F.conv2d(x, weight, bias, stride=stride, padding=padding)

    def _transposed(self, signal, name, stride=1, padding=0):
        """Through the ReLU after a convolution (the signal is rectified) and through its transposed filters."""
        return F.conv_transpose2d(signal.clamp(min=0), self.parameters[f"{name}.weight"], stride=stride, padding=padding)

    @torch.no_grad()
    def forward(self, image):
        """Runs `[3, 227, 227]`."""
        trace = Trace({}, {}, {}, None)
        x = image.to(self.dtype)[None]
        for kind, name, stage in STEPS:
            if kind == "conv":
                before = self._conv(x, name, STRIDE[name])
                x = F.relu(before)
            elif kind == "fire":
                x = F.relu(self._conv(x, f"{name}.squeeze"))
                before = torch.cat([self._conv(x, f"{name}.expand1x1"), self._conv(x, f"{name}.expand3x3", padding=1)], 1)
                x = F.relu(before)
            else:
                trace.pooled[name] = before[0]
                x, switches = F.max_pool2d(x, 3, 2, ceil_mode=True, return_indices=True)
                trace.switches[name] = switches[0]
            if stage:
                trace.stages[stage] = x[0]
        trace.probabilities = F.softmax(x.mean((2, 3)), 1)[0]
        return trace

    def project(self, trace, stage, seed, switches=None, unpooled=None):
        """Walks `seed`, shaped like the stage, back to `[3, 227, 227]`, by the trace's switches or by others. What
        arrives at each pool, what leaves it, and that rectified is noted in `unpooled` for automatic differentiation
        (clamp passes a gradient at 0, where relu does not: a signal may come to stand where there was none)."""
        switches = switches or trace.switches
        top = next(at for at, step in enumerate(STEPS) if step[2] == stage)
        signal = seed.to(self.dtype)[None].requires_grad_(unpooled is not None)
        with torch.set_grad_enabled(unpooled is not None):
            for kind, name, _ in reversed(STEPS[: top + 1]):
                if kind == "conv":
                    signal = self._transposed(signal, name, STRIDE[name])
                elif kind == "fire":
                    left, right = signal.split(signal.shape[1] // 2, 1)
                    left = self._transposed(left, f"{name}.expand1x1")
                    right = self._transposed(right, f"{name}.expand3x3", padding=1)
                    signal = self._transposed(left + right, f"{name}.squeeze")
                else:
                    plane = unpool(signal[0], switches[name], trace.pooled[name].shape)
                    rectified = plane.clamp(min=0)
                    if unpooled is not None:
                        rectified.retain_grad()
                        unpooled[name] = signal[0].detach(), plane.detach(), rectified
                    signal = rectified[None]
        return signal[0]


def unpool(signal, switches, shape):
    """Each value to the place of its window's maximum; a cell that is the maximum of several windows gets the sum."""
    plane = signal.new_zeros(shape[0], shape[1] * shape[2])
    return plane.scatter_add(1, switches.flatten(1), signal.flatten(1)).view(shape)


def strongest(activation):
    """(feature, y, x) of the first maximum."""
    at = int(activation.flatten().argmax())
    _, height, width = activation.shape
    return at // (height * width), at // width % height, at % width


def unit_seed(activation, unit, value=None):
    """Zero but for one unit, which keeps its value or has another."""
    seed = torch.zeros_like(activation)
    seed[unit] = activation[unit] if value is None else value
    return seed


def relative_error(found, expected):
    """L2 of the difference over L2 of what is expected."""
    scale = float(expected.double().norm())
    return float((found.double() - expected.double()).norm()) / scale if scale else float(found.double().norm())
