"""What is measured: the program, its benches, weights, photographs and a device, as far as they are here."""

import json
import os
import subprocess
import sys
from pathlib import Path

from bench_common import ROOT, link, photographs


class Missing(Exception):
    """Something that a row needs is not here."""


class Subject:
    def __init__(self, options, scratch):
        self.options, self.scratch = options, scratch
        self.device = options.device
        self.threads = options.threads or len(os.sched_getaffinity(0))
        self.given = options.given.resolve()
        self.environment = self.with_libtorch(self.with_weights(dict(os.environ)))
        self.photos = self.some_photographs()

    def with_weights(self, environment):
        weights = self.given / "weights"
        return {**environment, "DECONVSCOPE_WEIGHTS": str(weights)} if weights.is_dir() else environment

    def with_libtorch(self, environment):
        """That of this Python, where it is the one that the program wants: it has what CUDA needs beside it."""
        try:
            import torch
        except ImportError:
            return environment
        if not torch.__version__.startswith("2.11.0"):
            return environment
        libraries = [str(Path(torch.__file__).parent / "lib"), environment.get("LD_LIBRARY_PATH")]
        return {**environment, "LD_LIBRARY_PATH": ":".join(filter(None, libraries))}

    def some_photographs(self):
        named = self.options.photos or os.environ.get("DECONVSCOPE_PHOTOS") or ROOT / "datasets/sample"
        found = photographs(Path(named))
        if found:
            return found
        noise = self.scratch / "noise"
        noise.mkdir()
        try:
            self.bench("features", "noise", noise, 250)
        except (Missing, subprocess.CalledProcessError):
            pass
        return photographs(noise)

    def described(self):
        return [f"deconvscope {self.version()}", f"device {self.device} ({self.card()})", f"{self.threads} processor cores",
                f"{len(self.photos)} different photographs"]

    def version(self):
        try:
            return self.run(self.file("deconvscope"), "--version").split()[-1]
        except (Missing, subprocess.CalledProcessError) as error:
            return f"not to be run ({error})"

    def card(self):
        if self.device == "cpu":
            return "this processor"
        number = self.device.partition(":")[2] or "0"
        try:
            return self.run("nvidia-smi", f"--id={number}", "--query-gpu=name,driver_version", "--format=csv,noheader").strip()
        except (OSError, subprocess.CalledProcessError):
            return "nvidia-smi does not tell"

    def file(self, name):
        """The program or a bench."""
        if not (self.given / name).is_file():
            raise Missing(f"{name} is not in {self.given}; `scripts/gpu_check.sh gather` builds it")
        return self.given / name

    def run(self, *command, environment=None):
        """What a command prints."""
        return subprocess.run([str(part) for part in command], cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=environment or self.environment).stdout

    def bench(self, name, *arguments):
        return self.run(self.file(name), *arguments)

    def python(self, *command):
        """What a script of ours prints, in this Python with its own libtorch."""
        return self.run(sys.executable, "-W", "ignore", *command, environment=os.environ)

    def needs(self, *modules):
        for module in modules:
            try:
                __import__(module)
            except ImportError:
                raise Missing(f"this Python has no {module}") from None

    def report(self, name, photos, *options, device=None):
        """Makes a report and returns its folder."""
        out = self.scratch / name
        self.run(self.file("deconvscope"), "report", photos, "--device", device or self.device, "--threads", self.threads, "--quiet",
                 "--out", out, *options)
        return out

    def links(self, count):
        if not self.photos:
            raise Missing("no photographs, and no bench to draw some; name a folder with --photos")
        folder = self.scratch / f"links-{count}"
        return folder if folder.is_dir() else link(self.photos, count, folder)


def seconds(run):
    """Of each phase of a run."""
    return json.loads((run / "run.json").read_text())["execution"]["seconds"]
