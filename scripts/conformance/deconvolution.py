"""Deconvnet projections of a torch module: by Captum, and by a twin whose rectifiers pass back what is positive, whose gates are
constants and whose layer norms only scale."""

import contextlib

import torch
import torch.nn.functional as F
from captum.attr import NeuronDeconvolution
from torchvision.ops.misc import SqueezeExcitation


class _Rectifier(torch.autograd.Function):
    """Computes what it is given forward; backward it rectifies the gradient, whatever it was given forward."""

    @staticmethod
    def forward(_, values, compute):
        return compute(values)

    @staticmethod
    def backward(_, gradient):
        return gradient.clamp(min=0), None


class Rectifiers:
    """While entered, every rectifier, smooth ones as well, a module's or a function's, is a `_Rectifier`; counts them. The gates of
    squeeze and excitation and the scales of layer norms are constants, which are counted as well."""

    def __init__(self):
        self.count = 0
        self.constants = 0

    def _constant(self, values):
        self.constants += 1
        return values.detach()

    def _apply(self, values, compute):
        self.count += 1
        return _Rectifier.apply(values, compute)

    def _layer_norm(self, values, shape, weight=None, bias=None, eps=1e-5):
        axes = tuple(range(-len(shape), 0))
        mean = values.mean(axes, keepdim=True).detach()
        scale = self._constant((values.var(axes, unbiased=False, keepdim=True) + eps).rsqrt())
        values = (values - mean) * scale
        if weight is not None:
            values = values * weight
        return values if bias is None else values + bias

    def _replace(self, owner, name, replacement):
        self.stack.callback(setattr, owner, name, getattr(owner, name))
        setattr(owner, name, replacement)

    def __enter__(self):
        self.stack = contextlib.ExitStack()
        clamp = lambda low, high: lambda values: values.clamp(low, high)
        self._replace(F, "relu", lambda values, inplace=False: self._apply(values, clamp(0.0, None)))
        self._replace(torch, "relu", lambda values: self._apply(values, clamp(0.0, None)))
        self._replace(F, "relu6", lambda values, inplace=False: self._apply(values, clamp(0.0, 6.0)))
        self._replace(F, "hardtanh", lambda values, low, high, inplace=False: self._apply(values, clamp(low, high)))
        for name in "silu", "hardswish":
            compute = getattr(F, name)
            self._replace(F, name, lambda values, inplace=False, compute=compute: self._apply(values, compute))
        gelu = F.gelu
        self._replace(F, "gelu", lambda values, approximate="none": self._apply(values, lambda at: gelu(at, approximate=approximate)))
        self._replace(F, "layer_norm", self._layer_norm)
        scale = SqueezeExcitation._scale
        self._replace(SqueezeExcitation, "_scale", lambda gate, values: self._constant(scale(gate, values)))
        return self

    def __exit__(self, *exception):
        self.stack.close()


def activation(model, layer, image):
    """What the layer gives for `[1, 3, H, W]`, with its graph, and how many rectifiers led to it (all, nn.ReLU's) and constants."""
    found, modules = [], 0

    def count(*_):
        nonlocal modules
        modules += 1

    with Rectifiers() as rectifiers, contextlib.ExitStack() as hooks:
        for module in model.modules():
            if isinstance(module, torch.nn.ReLU):
                hooks.callback(module.register_forward_hook(count).remove)
        keep = lambda module, inputs, output: found.append((output, rectifiers.count, modules, rectifiers.constants))
        hooks.callback(model.get_submodule(layer).register_forward_hook(keep).remove)
        model(image)
    return found[0]


def naive(model, layer, image, unit):
    image = image.clone().requires_grad_()
    output, *_ = activation(model, layer, image)
    return torch.autograd.grad(output[0][unit], image)[0]


def captum(model, layer, image, unit):
    return NeuronDeconvolution(model, model.get_submodule(layer)).attribute(image, neuron_selector=unit).detach()


def strongest(values):
    """(channel, y, x) of the first maximum of `[1, C, H, W]`."""
    return tuple(int(at) for at in torch.unravel_index(values[0].argmax(), values.shape[1:]))


def relative_error(found, expected):
    return float((found.double() - expected.double()).norm() / expected.double().norm())
