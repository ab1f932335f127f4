"""Seeded weights for a torch module, calibrated on photographs layer by layer so that values keep a unit-like scale."""

import contextlib

import numpy
import torch

from seeding import across, by_channel, he_normal, near

WEIGHTED = (torch.nn.Conv2d, torch.nn.Linear)


@torch.no_grad()
def seed(model, factor, summand):
    """He-normal filters; batch normalisation multiplies with values around `factor` and adds some around `summand`; layer norms and
    the scales of layers multiply with values around 1."""
    for name, parameter in model.named_parameters():
        if name.endswith(("layer_scale", "gamma")):
            parameter.copy_(torch.from_numpy(near(1, name, parameter.numel())).view_as(parameter))
    for name, module in model.named_modules():
        if isinstance(module, WEIGHTED):
            shape = tuple(module.weight.shape)
            module.weight.copy_(torch.from_numpy(he_normal(name, shape, numpy.prod(shape[1:]))))
        elif isinstance(module, torch.nn.LayerNorm):
            module.weight.copy_(torch.from_numpy(near(1, f"{name}.weight", module.weight.numel())))
            module.bias.copy_(torch.from_numpy(near(0, f"{name}.bias", module.bias.numel())))
        elif isinstance(module, torch.nn.BatchNorm2d):
            count = module.num_features
            module.weight.copy_(torch.from_numpy(factor * near(1, f"{name}.weight", count)))
            module.bias.copy_(torch.from_numpy(near(summand, f"{name}.bias", count)))


@torch.no_grad()
def calibrate(model, photographs):
    """Runs `[N, 3, H, W]` through the model and sets, as they pass, the statistics of batch normalisation and, where a
    layer has a bias, that and the scale of its weights."""
    with contextlib.ExitStack() as hooks:
        for name, module in model.named_modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                hooks.callback(module.register_forward_pre_hook(_normalise).remove)
            elif isinstance(module, WEIGHTED) and module.bias is not None:
                module.bias.zero_()
                standardise = lambda module, _, output, name=name: _standardise(name, module, output)
                hooks.callback(module.register_forward_hook(standardise).remove)
        model(torch.from_numpy(photographs))


def _normalise(module, inputs):
    mean, variance = by_channel(inputs[0].numpy())
    module.running_mean.copy_(torch.from_numpy(mean))
    module.running_var.copy_(torch.from_numpy(variance))


def _standardise(name, module, output):
    """Gives the layer's output, found with a bias of 0, a mean near 0 in each channel and a deviation of 1 in all."""
    # A linear layer of each cell has the channels last.
    last = isinstance(module, torch.nn.Linear)
    values = output.movedim(-1, 1).numpy() if last else output.numpy()
    mean, variance = by_channel(values)
    factor = 1 / numpy.sqrt(variance.mean())
    bias = near(0, f"{name}.bias", mean.size) - mean * factor
    module.weight.mul_(float(factor))
    module.bias.copy_(torch.from_numpy(bias))
    values = torch.from_numpy(values * factor + across(bias, values))
    return values.movedim(1, -1) if last else values
