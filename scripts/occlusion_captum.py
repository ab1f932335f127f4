"""Seconds of Captum's Occlusion as a user would call it on torchvision's network: one JSON object.

    occlusion_captum.py NETWORK SIZE STRIDE THREADS ROUNDS [PERTURBATIONS_PER_EVAL]

Without the last argument 1 to 32 perturbations an evaluation are tried on few positions, and the fastest is timed.
"""

import json
import statistics
import sys
import time

import torch
import torchvision
from captum.attr import Occlusion


def main():
    name, size, stride, threads, rounds = sys.argv[1], *map(int, sys.argv[2:6])
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    kwargs = {"init_weights": True} if name in ("vgg16", "googlenet") else {}
    model = getattr(torchvision.models, name)(weights=None, **kwargs).eval()
    image = torch.randn(1, 3, 224, 224)
    occlusion = Occlusion(model)

    def seconds(step, per_eval):
        started = time.perf_counter()
        with torch.no_grad():
            occlusion.attribute(image, sliding_window_shapes=(3, size, size), strides=(3, step, step), target=0,
                                baselines=0, perturbations_per_eval=per_eval)
        return time.perf_counter() - started

    if len(sys.argv) > 6:
        best = int(sys.argv[6])
    else:
        # Few positions: Captum allows no larger step than the square.
        coarse = size
        seconds(coarse, 1)
        best = min((1, 2, 4, 8, 16, 32), key=lambda per_eval: min(seconds(coarse, per_eval) for _ in range(2)))
    times = [seconds(stride, best) for _ in range(rounds)]
    print(json.dumps({"network": name, "seconds": statistics.median(times), "perturbations_per_eval": best}))


if __name__ == "__main__":
    main()
