"""A copy of the tree as it stands, with what was fetched, to be changed and built apart from it."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def copy(tree):
    """Copies the files that git knows or would know."""
    shutil.rmtree(tree, ignore_errors=True)
    files = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    for name in filter(None, files.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)
    (tree / ".deps").symlink_to(ROOT / ".deps")
    for photograph in (ROOT / "datasets" / "sample").glob("*.[jp][pn]g"):
        (tree / "datasets" / "sample" / photograph.name).symlink_to(photograph)


def seed(build):
    """Gives a build folder the dependencies that are compiled already, of the program's own build."""
    release, own = ROOT / "target" / "release", build / "release"
    if own.exists() or not release.exists():
        return
    for part in (".fingerprint", "build"):
        shutil.copytree(release / part, own / part, symlinks=True)
    (own / "deps").mkdir()
    for path in (release / "deps").iterdir():
        if path.suffix in (".rlib", ".rmeta", ".so", ".d") and "deconvscope" not in path.name:
            shutil.copy2(path, own / "deps" / path.name)


def packages():
    """The names of the program and of its rooms."""
    return ["deconvscope", *sorted(f"deconvscope-{room.parent.name}" for room in (ROOT / "src").glob("*/Cargo.toml"))]


def environment(build):
    """What cargo needs to build a copy into that folder."""
    libtorch = os.environ.get("LIBTORCH", ROOT / ".deps" / "libtorch" / "torch")
    return dict(os.environ, CARGO_TARGET_DIR=str(build), LIBTORCH=str(libtorch))
