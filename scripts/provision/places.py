"""Where this tree is, a checkout or the package of a wheel, and where things that are fetched are kept."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "requirements"
CHECKOUT = (ROOT / "Cargo.toml").is_file()


def _data_folder():
    """The user's, by the XDG rules: nothing is written into an installed package."""
    named = os.environ.get("XDG_DATA_HOME", "")
    return Path(named if os.path.isabs(named) else os.path.expanduser("~/.local/share")) / "deconvscope"


DEPS = ROOT / ".deps" if CHECKOUT else _data_folder()
WEIGHTS = DEPS / "weights"
SAMPLE = ROOT / "datasets" / "sample" if CHECKOUT else DEPS / "sample"


def shown(path):
    """A path as messages name it: within a checkout from there."""
    return path.relative_to(ROOT) if CHECKOUT else path
