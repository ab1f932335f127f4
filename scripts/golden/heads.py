"""Heads that people put on a trained network: tests/fixtures/heads, on the zoo's network `tiny`.

HEAD.pth is the state dict of `tiny` with that head in the place of `fc5`; expected.safetensors has `input` [2, 3, 32, 32]
and, under each head's name, what PyTorch gives for it: the head's output, before any Softmax. refused.pth ends in a layer
that is not understood; of quantised-LAYER.pth that layer has been quantised.
"""

import collections
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn
from torch.ao.quantization import default_dynamic_qconfig, quantize_dynamic

OUT = Path("tests/fixtures/heads")


class Tiny(nn.Module):
    """src/network/zoo/tiny.rs."""

    def __init__(self, head):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 5, stride=2, padding=2)
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1, groups=2, bias=False)
        self.bn2 = nn.BatchNorm2d(8)
        self.conv3a = nn.Conv2d(8, 4, 1)
        self.conv3b = nn.Conv2d(8, 6, 3, padding=1)
        self.fc4 = nn.Linear(160, 12)
        self.fc5 = head

    def forward(self, x):
        x = nn.functional.max_pool2d(self.conv1(x).relu(), 3, 2, ceil_mode=True)
        x = nn.functional.local_response_norm(x, 5, alpha=5e-4, beta=0.75, k=2.0)
        x = (x + self.bn2(self.conv2(x))).relu()
        x = torch.cat([self.conv3a(x).relu(), self.conv3b(x).relu()], 1)
        x = nn.functional.avg_pool2d(x, 2).flatten(1)
        return self.fc5(self.fc4(x).relu())


HEADS = {
    "two": lambda: nn.Linear(12, 2),
    "one": lambda: nn.Linear(12, 1),
    "unbiased": lambda: nn.Linear(12, 2, bias=False),
    "dropout": lambda: nn.Sequential(nn.Dropout(), nn.Linear(12, 2)),
    "relu": lambda: nn.Sequential(nn.Linear(12, 6), nn.ReLU(), nn.Linear(6, 3)),
    "relu_dropout": lambda: nn.Sequential(nn.Linear(12, 6), nn.ReLU(), nn.Dropout(), nn.Linear(6, 2)),
    "linear": lambda: nn.Sequential(nn.Linear(12, 6), nn.Linear(6, 2)),
    "normed": lambda: nn.Sequential(nn.Linear(12, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Dropout(), nn.Linear(6, 2)),
    "fastai": lambda: nn.Sequential(
        nn.BatchNorm1d(12), nn.Dropout(), nn.Linear(12, 6, bias=False), nn.ReLU(),
        nn.BatchNorm1d(6), nn.Dropout(), nn.Linear(6, 2, bias=False)),
    "named": lambda: nn.Sequential(collections.OrderedDict(
        hidden=nn.Linear(12, 12), relu=nn.ReLU(), fc=nn.Linear(12, 2))),
    "nested": lambda: nn.Sequential(nn.Sequential(nn.Linear(12, 6), nn.BatchNorm1d(6), nn.ReLU()), nn.Linear(6, 2)),
    "refused": lambda: nn.Sequential(nn.PReLU(12), nn.Linear(12, 2)),
    "layer_normed": lambda: nn.Sequential(nn.LayerNorm(12), nn.Linear(12, 6), nn.LayerNorm(6), nn.ReLU(), nn.Linear(6, 2)),
}


@torch.no_grad()
def spread(model):
    """Weights and statistics that tell one layer from another."""
    for module in model.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            for values in (module.weight, module.bias, module.running_mean):
                values.copy_(torch.randn(values.shape) * 0.3)
            module.weight += 1
            module.running_var.copy_(torch.rand(module.running_var.shape) + 0.5)
        elif isinstance(module, nn.LayerNorm):
            module.weight.copy_(torch.randn(module.weight.shape) * 0.3 + 1)
            module.bias.copy_(torch.randn(module.bias.shape) * 0.3)
        elif isinstance(module, (nn.Conv2d, nn.Linear)):
            fan_in = module.weight[0].numel()
            module.weight.copy_(torch.randn(module.weight.shape) * (2 / fan_in) ** 0.5)


def main():
    OUT.mkdir(exist_ok=True)
    torch.manual_seed(20131112)
    expected = {"input": torch.randn(2, 3, 32, 32)}
    for name, head in HEADS.items():
        model = Tiny(head()).eval()
        spread(model)
        torch.save(model.state_dict(), OUT / f"{name}.pth")
        if name != "refused":
            with torch.no_grad():
                expected[name] = model(expected["input"])
    save_file(expected, OUT / "expected.safetensors")
    for layer in ("fc4", "fc5"):
        model = quantize_dynamic(Tiny(nn.Linear(12, 2)), {layer: default_dynamic_qconfig})
        torch.save(model.state_dict(), OUT / f"quantised-{layer}.pth")


if __name__ == "__main__":
    main()
