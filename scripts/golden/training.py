"""What PyTorch's SGD makes of a small network: tests/fixtures/training/steps.safetensors.

A network with a convolution without bias, a batch norm, contrast normalisation, groups, overlapping pools and two linear layers,
in float64: each step is made of micro-batches, whose gradients add up and whose batch norms see them alone. The file holds the
parameters and statistics before the first step and behind each, and the velocities at the end.
"""

import pathlib

import torch
from safetensors.torch import save_file
from torch import nn

STEPS, BATCH, MICRO = 6, 7, 3
RATE, MOMENTUM, DECAY, SMOOTHING = 0.05, 0.9, 1e-2, 0.1


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 5, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(8, eps=1e-5, momentum=0.1)
        self.conv2 = nn.Conv2d(8, 12, 3, padding=1, groups=2)
        self.fc3 = nn.Linear(12 * 3 * 3, 10)
        self.fc4 = nn.Linear(10, 4)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        x = nn.functional.max_pool2d(x, 3, 2, ceil_mode=True)
        x = nn.functional.local_response_norm(x, 5, alpha=5e-4, beta=0.75, k=2.0)
        x = torch.relu(self.conv2(x))
        x = nn.functional.avg_pool2d(x, 2, 2)
        x = torch.relu(self.fc3(x.flatten(1)))
        return self.fc4(x)


def main():
    torch.manual_seed(17)
    torch.set_default_dtype(torch.float64)
    net = Small()
    kept = {}

    def keep(when):
        for name, value in net.state_dict().items():
            if not name.endswith("num_batches_tracked"):
                kept[f"{when}/{name}"] = value.detach().clone()

    with torch.no_grad():
        # As float32 has them: the weights come into the test through float32.
        for value in net.state_dict().values():
            value.copy_(value.float().to(value.dtype))
    images = torch.randn(STEPS * BATCH, 3, 27, 27).float().double()
    classes = torch.randint(0, 4, (STEPS * BATCH,))
    kept["images"], kept["classes"] = images, classes
    keep("0")
    descent = torch.optim.SGD(net.parameters(), lr=RATE, momentum=MOMENTUM, weight_decay=DECAY)
    losses = []
    for step in range(STEPS):
        descent.zero_grad()
        total = 0.0
        for first in range(step * BATCH, (step + 1) * BATCH, MICRO):
            part = slice(first, min(first + MICRO, (step + 1) * BATCH))
            loss = nn.functional.cross_entropy(
                net(images[part]), classes[part], reduction="sum", label_smoothing=SMOOTHING
            )
            (loss / BATCH).backward()
            total += loss.item()
        descent.step()
        losses.append(total)
        keep(str(step + 1))
    kept["losses"] = torch.tensor(losses)
    for name, value in net.named_parameters():
        kept[f"velocity/{name}"] = descent.state[value]["momentum_buffer"]
    folder = pathlib.Path("tests/fixtures/training")
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: value.contiguous() for name, value in kept.items()}, folder / "steps.safetensors")


main()
