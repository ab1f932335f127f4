"""Whether a GPU computes what the CPU does, and how fast, as one table that can be pasted into docs/gpu.md.

What is missing here (a bench, weights, torchvision, Captum, a GPU) is told in its row, and the rest is measured. With `--device
cpu` and few photographs it tries itself out on a machine without a GPU.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench_common import ROOT

if sys.argv[1:2] == ["gather"]:
    # Where there is no Python with torch.
    from gpucheck import gather
    sys.exit(gather.gather(*sys.argv[2:]))

from gpucheck import agreement, speed
from gpucheck.subject import Missing, Subject
from gpucheck.table import Table


PARTS = agreement.PARTS + speed.PARTS


def main():
    options = parse()
    started = time.monotonic()
    scratch = Path(tempfile.mkdtemp(prefix="deconvscope-gpu-", dir=options.scratch))
    table = Table()
    try:
        subject = Subject(options, scratch)
        print("\n".join(subject.described()), flush=True)
        for part in PARTS:
            if options.only and part.__name__ not in options.only.split(","):
                continue
            for row in attempted(part, subject):
                table.add(*row)
        print(f"\n{table.markdown(subject)}\nAll of it took {time.monotonic() - started:.0f} s.", flush=True)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return 1 if table.failed else 0


def attempted(part, subject):
    """The rows of a part; where it cannot be measured, one that says why."""
    name = part.__doc__.splitlines()[0].rstrip(".")
    try:
        for what, found, wanted, holds in part(subject):
            # How fast a processor is has no goal here.
            aims = part in agreement.PARTS or subject.device != "cpu"
            yield (what, found, wanted, holds) if aims else (what, found, "", None)
    except Missing as missing:
        yield name, f"missing: {missing}", "", None
    except subprocess.CalledProcessError as failed:
        last = ((failed.stderr or "").strip().splitlines() or [f"status {failed.returncode}"])[-1]
        yield name, f"failed: {last}", "", False
    except (OSError, ValueError, KeyError) as error:
        yield name, f"failed: {type(error).__name__}: {error}", "", False


def parse():
    parser = argparse.ArgumentParser(prog="scripts/gpu_check.sh", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda:0", help="what is held against the CPU (cuda:0)")
    parser.add_argument("--given", type=Path, default=ROOT / "target/gpu",
                        help="the folder that `gather` filled (target/gpu)")
    parser.add_argument("--photos", type=Path, help="photographs (DECONVSCOPE_PHOTOS, datasets/sample, or else pictures of noise)")
    parser.add_argument("--photographs", type=int, default=39000, help="links that are classified (39000)")
    parser.add_argument("--detail", type=int, default=400, help="photographs in detail (400)")
    parser.add_argument("--agree", type=int, default=48, help="photographs that are computed on both (48)")
    parser.add_argument("--networks", default="squeezenet1_1,alexnet,resnet18,vgg16", help="of which occlusion is measured")
    parser.add_argument("--rounds", type=int, default=3, help="of which medians are taken (3)")
    parser.add_argument("--only", help=f"parts of it: {','.join(part.__name__ for part in PARTS)}")
    parser.add_argument("--threads", type=int, help="workers (one for each core)")
    parser.add_argument("--scratch", type=Path, help="where runs are written (the system's folder for such)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
