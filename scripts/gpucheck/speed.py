"""How fast a device is, beside bare torch and Captum: docs/gpu.md."""

import json
import os
import re
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench_common import ROOT, class_folders, trained
from gpucheck.subject import Missing, seconds

PLAIN = ["--occlusion", "none", "--features", "none", "--arrays", "none"]
CLASSIFY = ["--detail", "0", *PLAIN]
RATE, SHARE_OF_DECODING, DETAIL_SECONDS = 4000, 0.9, 2.0
# Times Captum's speed, and milliseconds on an H200 that are aimed at.
OCCLUSION = {"squeezenet1_1": (2, 15), "alexnet": (1.8, 12), "resnet18": (1.6, 30), "vgg16": (5, 80)}
LAYERS = [("conv1", "features.1"), ("conv3", "features.7"), ("conv5", "features.11")]
SECOND_PASS = 10
# Of trainings: photographs of a step, and steps of an epoch.
TRAININGS = {"zfnet": (128, 64), "resnet18": (128, 32)}
TRAINING = {"zfnet": 0.85}


def classification(subject):
    """Photographs that are classified."""
    rate = rate_of(subject, "classify", *CLASSIFY)
    bare = network_of_nothing(subject.scratch)
    alone = rate_of(subject, "decode", "--model", bare, *CLASSIFY, device="cpu")
    yield ("decoding, resizing and records alone (a network that only averages), photographs a second", f"{alone:,.0f}", "", None)
    yield (f"classification of {subject.options.photographs:,} photographs, a second", f"{rate:,.0f}", f"{RATE:,}", rate >= RATE)
    yield ("share of decoding, resizing and records alone", f"{rate / alone:.0%}", f"{SHARE_OF_DECODING:.0%}",
           rate >= SHARE_OF_DECODING * alone)


def rate_of(subject, name, *options, device=None):
    """Photographs a second in the phase that looks at them, without its first ones."""
    few = min(64, max(2, subject.options.photographs // 4))
    took = []
    for count in few, subject.options.photographs:
        run = subject.report(f"{name}-{count}", subject.links(count), *options, device=device)
        took.append(seconds(run)["photographs"])
        subprocess.run(["rm", "-rf", run], check=True)
    return (subject.options.photographs - few) / max(took[1] - took[0], 1e-3)


def network_of_nothing(folder):
    """A network that costs nothing: the mean of each channel, and a linear layer."""
    arrays = {"scores.weight": [1000, 3], "scores.bias": [1000]}
    header, body = {}, b""
    for name, shape in arrays.items():
        cells = shape[0] * (shape[1] if len(shape) > 1 else 1)
        values = struct.pack(f"<{cells}f", *((7 * cell % 13 - 6) / 10 for cell in range(cells)))
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(body), len(body) + len(values)]}
        body += values
    written = json.dumps(header).encode()
    path = folder / "nothing.safetensors"
    path.write_bytes(struct.pack("<Q", len(written)) + written + body)
    nodes = [("mean", "input", 'op = "global_average_pool"'), ("scores", "mean", 'op = "linear"\nfeatures = 1000'),
             ("probability", "scores", 'op = "softmax"')]
    nodes = "\n".join(f'[[network.nodes]]\nname = "{name}"\ninputs = ["{of}"]\n{op}' for name, of, op in nodes)
    path.with_suffix(".toml").write_text(
        f'source = "nothing"\nclassifier = true\npreset = "torchvision"\n[[stages]]\nname = "mean"\nnode = "mean"\n'
        f'[network]\nname = "nothing"\ninput = [3, 224, 224]\n{nodes}\n')
    return path


def bare_passes(subject):
    """Bare forward passes of ready inputs."""
    for precision in ("float32", "bf16") if subject.device == "cpu" else ("float32", "tf32", "bf16"):
        found = [float(subject.bench("device", "forward", "squeezenet1_1", "--device", subject.device, "--batch", batch,
                                     "--precision", precision)) for batch in (32, 256)]
        yield (f"bare passes of SqueezeNet 1.1 in {precision}, batch 32 / 256, photographs a second",
               " / ".join(f"{rate:,.0f}" for rate in found), "", None)
    subject.needs("torch", "torchvision")
    found = [torch_rate(subject.device, batch) for batch in (32, 256)]
    yield ("PyTorch's own passes of it in float32, batch 32 / 256, photographs a second",
           " / ".join(f"{rate:,.0f}" for rate in found), "", None)


def torch_rate(device, batch):
    import torch
    import torchvision
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    model = torchvision.models.squeezenet1_1(weights=None).eval().to(device)
    images = torch.zeros(batch, 3, 227, 227, device=device)
    with torch.no_grad():
        for _ in range(3):
            model(images).cpu()
        started, passes = time.perf_counter(), 0
        while time.perf_counter() - started < 2:
            model(images).cpu()
            passes += 1
    return passes * batch / (time.perf_counter() - started)


def detail(subject):
    """Photographs in detail."""
    count, took = subject.options.detail, []
    for number in range(subject.options.rounds):
        started = time.monotonic()
        run = subject.report(f"detail-{number}", subject.links(count), "--detail", "all", *PLAIN)
        took.append((seconds(run)["photographs"], time.monotonic() - started))
        subprocess.run(["rm", "-rf", run], check=True)
    phase, whole = (statistics.median(each) for each in zip(*took))
    yield (f"{count} photographs all in detail, the phase *photographs* (the whole command)", f"{phase:.2f} s ({whole:.1f} s)",
           f"{DETAIL_SECONDS} s", phase <= DETAIL_SECONDS)


def occlusion_maps(subject):
    """Occlusion maps beside Captum's."""
    for network in subject.options.networks.split(","):
        told = subject.bench("occlusion", "windows", network, 32, 8, "--device", subject.device, "--rounds",
                             2 * subject.options.rounds, "--threads", subject.threads)
        ours = float(re.search(r"then ([0-9.]+) ms", told).group(1))
        goal, aim = OCCLUSION[network]
        try:
            subject.needs("torch", "torchvision", "captum")
            device = "cuda" if subject.device != "cpu" else subject.threads
            captum = json.loads(subject.python("scripts/occlusion_captum.py", network, 32, 8, device, subject.options.rounds))
        except Missing as missing:
            yield (f"occlusion of a photo, {network}", f"{ours:.1f} ms; Captum missing: {missing}", f"{aim} ms", None)
            continue
        times = captum["seconds"] * 1e3 / ours
        yield (f"occlusion of a photo, {network}: ours, Captum's, times its speed",
               f"{ours:.1f} ms, {captum['seconds'] * 1e3:.1f} ms, {times:.1f}", f"{goal} (aim {aim} ms)", times >= goal)


def features(subject):
    """The second pass of features beside Captum's NeuronDeconvolution."""
    subject.needs("torch", "torchvision", "captum", "safetensors")
    folder = subject.links(min(250, subject.options.photographs))
    captum_device = "cuda" if subject.device != "cpu" else subject.threads
    for stage, module in LAYERS:
        reference = subject.scratch / f"{stage}.safetensors"
        ours = asked(subject, subject.file("features"), "projections", "alexnet", stage, folder, reference, "--threads",
                     subject.threads, "--device", subject.device, *(["--maps", 4] if subject.device == "cpu" else []))
        theirs = asked(subject, sys.executable, "-W", "ignore", "scripts/features_captum.py", "alexnet", module, reference,
                       captum_device, environment=os.environ)
        ratio = theirs[1]["seconds"] * ours[0]["units"] / ours[1]["second_pass"]
        yield (f"second pass of features, AlexNet {stage}: a unit, Captum's, times its speed",
               f"{ours[1]['second_pass'] / ours[0]['units'] * 1e3:.3f} ms, {theirs[1]['seconds'] * 1e3:.2f} ms, {ratio:.1f}",
               f"{SECOND_PASS}", ratio >= SECOND_PASS)


def examples(subject):
    """Occlusion with examples and curves."""
    took = []
    for count in 8, 40:
        run = subject.report(f"occlusion-{count}", subject.links(count), "--occlusion", "all", "--occluder-stride", "8", "--detail", "0",
                             "--features", "none", "--arrays", "none")
        took.append(seconds(run)["experiments"])
        subprocess.run(["rm", "-rf", run], check=True)
    yield ("occlusion of a photo with examples and curves, in a report", f"{(took[1] - took[0]) / 32 * 1e3:.1f} ms", "", None)


def training(subject):
    """Training beside a bare PyTorch loop."""
    if subject.device == "cpu":
        raise Missing("on a processor make bench-training measures it")
    subject.needs("torch", "torchvision")
    for network, (batch, steps) in TRAININGS.items():
        with tempfile.TemporaryDirectory(dir=subject.scratch) as scratch:
            photos = class_folders(Path(scratch), batch * steps, 2)
            for precision in "float32", "tf32", "bf16":
                ours = trained(subject.file("deconvscope"), photos, network, batch, batch, "--precision", precision,
                               "--device", subject.device, "--threads", subject.threads, environment=subject.environment)
                bare = float(subject.python("scripts/training_bare.py", network, batch, steps, precision))
                yield (f"training {network}, batch {batch}, in {precision}: photographs a second, a bare loop's, ours as a part of it",
                       f"{ours:,.0f}, {bare:,.0f}, {ours / bare:.2f}", *wanted_of(network, ours / bare))


def wanted_of(network, ratio):
    wanted = TRAINING.get(network)
    return (f"{wanted}", ratio >= wanted) if wanted else ("", None)


def asked(subject, *command, environment=None):
    """What a bench says when it is ready, and its answer to one round."""
    told = subprocess.run([str(part) for part in command], cwd=ROOT, check=True, text=True, input="\n", stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=environment or subject.environment).stdout
    return [json.loads(line) for line in told.splitlines()[:2]]


PARTS = [classification, bare_passes, detail, occlusion_maps, examples, features, training]
