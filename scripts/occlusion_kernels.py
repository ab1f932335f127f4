"""What one core makes of the ops that occlusion by windows is built of: the figures of docs/occlusion.md.

    PYTHON scripts/occlusion_kernels.py        needs PyTorch; see scripts/bench_occlusion.py for one

GFLOP/s count the products that are needed: of a padded window those of its own cells alone. Medians of five.
"""

import statistics
import time

import torch
import torch.nn.functional as F

convolve = torch.ops.aten.mkldnn_convolution
CHANNELS_LAST = torch.channels_last


def seconds(call):
    call()
    times = []
    for _ in range(5):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def rates(what, products, **calls):
    each = ", ".join(f"{name} {2 * products / seconds(call) / 1e9:.0f}" for name, call in calls.items())
    print(f"{what}: GFLOP/s {each}", flush=True)


def convolutions():
    for images, maps, side, padding, what in (
        (1, 64, 224, 1, "whole maps"), (1, 256, 56, 1, "whole maps"), (1, 512, 14, 1, "whole maps"),
        (16, 64, 34, 2, "windows"), (16, 256, 13, 2, "windows"), (16, 512, 11, 2, "windows"), (16, 512, 9, 2, "windows"),
    ):
        x = torch.randn(images, maps, side, side)
        filters = torch.randn(maps, maps, 3, 3)
        rows, ordered = (t.contiguous(memory_format=CHANNELS_LAST) for t in (x, filters))
        packed = torch.ops.aten.mkldnn_reorder_conv2d_weight(filters.to_mkldnn(), [padding] * 2, [1, 1], [1, 1], 1,
                                                             [images, maps, side, side])
        products = images * maps * maps * 9 * side * side
        rates(f"3×3 convolution of {what}, {images} × {maps} maps of {side}², padding {padding}", products,
              planes=lambda: F.conv2d(x, filters, None, 1, padding),
              channels_last=lambda: F.conv2d(rows, ordered, None, 1, padding),
              packed_filters=lambda: convolve(rows, packed, None, [padding] * 2, [1, 1], [1, 1], 1))


def one_by_one():
    for maps, outputs in ((64, 512), (512, 1000), (512, 64)):
        x = torch.randn(8, maps, 13, 13).contiguous(memory_format=CHANNELS_LAST)
        filters = torch.randn(outputs, maps, 1, 1).contiguous(memory_format=CHANNELS_LAST)
        rates(f"1×1 convolution, 8 × {maps} maps of 13² to {outputs}", 8 * maps * outputs * 169,
              conv2d=lambda: F.conv2d(x, filters), by_name=lambda: convolve(x, filters, None, [0, 0], [1, 1], [1, 1], 1))


def linear():
    for positions in (16, 64, 256):
        for features, outputs in ((9216, 4096), (25088, 4096)):
            x, matrix = torch.randn(positions, features), torch.randn(outputs, features)
            image = matrix.view(1, 1, outputs, features).permute(0, 3, 1, 2)
            filters = x.view(positions, features, 1, 1)
            rates(f"linear layer of {features} to {outputs}, {positions} positions", positions * features * outputs,
                  matrix_product=lambda: F.linear(x, matrix),
                  as_convolution=lambda: convolve(image, filters, None, [0, 0], [1, 1], [1, 1], 1))


def copies():
    cells = torch.randn(28 * 28, 512)
    corners = torch.randint(0, 15 * 28, (16, 1))
    window = (torch.arange(13)[:, None] * 28 + torch.arange(13)[None]).view(1, -1)
    numbers = (corners + window).view(-1)
    gathered = cells.index_select(0, numbers)
    for what, call in (("gather", lambda: cells.index_select(0, numbers)), ("copy", lambda: gathered.clone()),
                       ("add in place", lambda: gathered.add_(1e-9)), ("relu in place", lambda: gathered.relu_())):
        print(f"{what} of 16 windows of 13² × 512 values: {seconds(call) / gathered.numel() * 1e9:.2f} ns a value")


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    convolutions()
    one_by_one()
    linear()
    copies()
