"""Deconvnet projections of a torch module: by Captum, and by a twin whose rectifiers pass back what is positive."""

import contextlib

import torch
import torch.nn.functional as F
from captum.attr import NeuronDeconvolution


class _Rectifier(torch.autograd.Function):
    """Clamps forward; backward it rectifies the gradient, whatever it was given forward."""

    @staticmethod
    def forward(_, values, low, high):
        return values.clamp(low, high)

    @staticmethod
    def backward(_, gradient):
        return gradient.clamp(min=0), None, None


class Rectifiers:
    """While entered, every rectifier, a module's or a function's, is a `_Rectifier`; counts them."""

    def __init__(self):
        self.count = 0

    def _apply(self, values, low=0.0, high=None):
        self.count += 1
        return _Rectifier.apply(values, low, high)

    def __enter__(self):
        self.stack = contextlib.ExitStack()
        for owner, name, replacement in (
            (F, "relu", lambda values, inplace=False: self._apply(values)),
            (F, "relu6", lambda values, inplace=False: self._apply(values, 0.0, 6.0)),
            (F, "hardtanh", lambda values, low, high, inplace=False: self._apply(values, low, high)),
            (torch, "relu", self._apply),
        ):
            self.stack.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, replacement)
        return self

    def __exit__(self, *exception):
        self.stack.close()


def activation(model, layer, image):
    """What the layer gives for `[1, 3, H, W]`, with its graph, and how many rectifiers led to it: (all, nn.ReLU's)."""
    found, modules = [], 0

    def count(*_):
        nonlocal modules
        modules += 1

    with Rectifiers() as rectifiers, contextlib.ExitStack() as hooks:
        for module in model.modules():
            if isinstance(module, torch.nn.ReLU):
                hooks.callback(module.register_forward_hook(count).remove)
        keep = lambda module, inputs, output: found.append((output, rectifiers.count, modules))
        hooks.callback(model.get_submodule(layer).register_forward_hook(keep).remove)
        model(image)
    output, every, hooked = found[0]
    return output, every, hooked


def naive(model, layer, image, unit):
    image = image.clone().requires_grad_()
    output, _, _ = activation(model, layer, image)
    return torch.autograd.grad(output[0][unit], image)[0]


def captum(model, layer, image, unit):
    return NeuronDeconvolution(model, model.get_submodule(layer)).attribute(image, neuron_selector=unit).detach()


def strongest(values):
    """(channel, y, x) of the first maximum of `[1, C, H, W]`."""
    return tuple(int(at) for at in torch.unravel_index(values[0].argmax(), values.shape[1:]))


def relative_error(found, expected):
    return float((found.double() - expected.double()).norm() / expected.double().norm())
