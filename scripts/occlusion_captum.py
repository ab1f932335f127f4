"""Seconds of Captum's Occlusion as a user would call it on torchvision's network: one JSON object.

    occlusion_captum.py NETWORK SIZE STRIDE THREADS ROUNDS [PERTURBATIONS_PER_EVAL]
    occlusion_captum.py NETWORK SIZE STRIDE cuda ROUNDS

Without the last argument 1 to 32 perturbations an evaluation are tried on few positions, and the fastest is timed; on a GPU (float32
without TF32) 64 to 625 on all positions.
"""

import json
import statistics
import sys
import time

import torch
import torchvision
from captum.attr import Occlusion


def main():
    name, size, stride, rounds = sys.argv[1], *map(int, (sys.argv[2], sys.argv[3], sys.argv[5]))
    device = sys.argv[4] if sys.argv[4] == "cuda" else "cpu"
    if device == "cpu":
        torch.set_num_threads(int(sys.argv[4]))
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    torch.manual_seed(0)
    kwargs = {"init_weights": True} if name in ("vgg16", "googlenet") else {}
    model = getattr(torchvision.models, name)(weights=None, **kwargs).eval().to(device)
    image = torch.randn(1, 3, 224, 224, device=device)
    occlusion = Occlusion(model)

    def seconds(step, per_eval):
        started = time.perf_counter()
        with torch.no_grad():
            occlusion.attribute(image, sliding_window_shapes=(3, size, size), strides=(3, step, step), target=0,
                                baselines=0, perturbations_per_eval=per_eval)
        if device == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter() - started

    if len(sys.argv) > 6:
        best = int(sys.argv[6])
    elif device == "cuda":
        best = min((64, 128, 256, 625), key=lambda per_eval: min(seconds(stride, per_eval) for _ in range(3)))
    else:
        # Few positions: Captum allows no larger step than the square.
        coarse = size
        seconds(coarse, 1)
        best = min((1, 2, 4, 8, 16, 32), key=lambda per_eval: min(seconds(coarse, per_eval) for _ in range(2)))
    times = [seconds(stride, best) for _ in range(rounds)]
    print(json.dumps({"network": name, "seconds": statistics.median(times), "perturbations_per_eval": best}))


if __name__ == "__main__":
    main()
