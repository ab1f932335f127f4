"""The networks that trainings are held against, as PyTorch's users write them: a state dict of ours loads into each by its names."""

import torch
from torch import nn
from torch.nn import functional as F

NAMES = ("zfnet", "zfnet_small", "alexnet_original", "resnet18")


def network(name, classes, shifted=None):
    """A network for so many classes; `shifted` is the shape of a mean that is subtracted first, where it has one."""
    if name == "resnet18":
        import torchvision

        return torchvision.models.resnet18(num_classes=classes)
    return LAYERS[name](classes, shifted)


def side(name):
    """Rows and columns of its input."""
    return {"zfnet_small": 64, "alexnet_original": 227}.get(name, 224)


class Five(nn.Module):
    """Five convolutions and three linear layers."""

    def __init__(self, convolutions, cells, width, classes, shifted):
        super().__init__()
        self.pixel_mean = Shift(shifted) if shifted is not None else nn.Identity()
        for number, convolution in enumerate(convolutions, 1):
            self.add_module(f"conv{number}", convolution)
        for number, (inputs, outputs) in enumerate([(cells, width), (width, width), (width, classes)], 6):
            self.add_module(f"fc{number}", nn.Linear(inputs, outputs))

    def forward(self, x, masks=None):
        """Logits; `masks` take the place of dropout's own."""
        x = self.maps(self.pixel_mean(x)).flatten(1)
        for number in (6, 7):
            x = torch.relu(getattr(self, f"fc{number}")(x))
            x = F.dropout(x, 0.5, self.training) if masks is None else x * masks[f"drop{number}"].flatten(1)
        return self.fc8(x)


class ZFNet(Five):
    def maps(self, x):
        for number in range(1, 6):
            x = torch.relu(getattr(self, f"conv{number}")(x))
            if number in (1, 2, 5):
                x = F.max_pool2d(x, 3, 2, ceil_mode=True)
            if number in (1, 2):
                x = contrast(x)
        return x


class AlexNet(Five):
    def maps(self, x):
        for number in range(1, 6):
            x = torch.relu(getattr(self, f"conv{number}")(x))
            if number in (1, 2):
                x = contrast(x)
            if number in (1, 2, 5):
                x = F.max_pool2d(x, 3, 2)
        return x


class Shift(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(shape))

    def forward(self, x):
        return x + self.bias


def contrast(x):
    return F.local_response_norm(x, 5, alpha=5e-4, beta=0.75, k=2.0)


def zfnet(classes, shifted):
    widths = [3, 96, 256, 384, 384, 256]
    kernels = [(7, 2, 1), (5, 2, 0), (3, 1, 1), (3, 1, 1), (3, 1, 1)]
    return ZFNet(convolutions(widths, kernels), 256 * 6 * 6, 4096, classes, shifted)


def zfnet_small(classes, shifted):
    widths = [3, 32, 64, 96, 96, 64]
    kernels = [(7, 2, 1), (5, 1, 2), (3, 1, 1), (3, 1, 1), (3, 1, 1)]
    return ZFNet(convolutions(widths, kernels), 64 * 3 * 3, 256, classes, shifted)


def alexnet_original(classes, shifted):
    widths = [3, 96, 256, 384, 384, 256]
    kernels = [(11, 4, 0), (5, 1, 2), (3, 1, 1), (3, 1, 1), (3, 1, 1)]
    return AlexNet(convolutions(widths, kernels, (1, 2, 1, 2, 2)), 256 * 6 * 6, 4096, classes, shifted)


def convolutions(widths, kernels, groups=(1,) * 5):
    each = zip(widths, widths[1:], kernels, groups)
    return [nn.Conv2d(a, b, size, stride, padding, groups=split) for a, b, (size, stride, padding), split in each]


LAYERS = {"zfnet": zfnet, "zfnet_small": zfnet_small, "alexnet_original": alexnet_original}
