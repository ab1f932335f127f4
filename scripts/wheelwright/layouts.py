"""Ways in which a wheel and torch come to lie on a machine: environments of one Python, in folders with blanks in their names."""

import os
import subprocess
from pathlib import Path


class Layout:
    """What starts the program, and the environment that it is started in."""

    def __init__(self, name, command, **variables):
        self.name, self.command, self.variables = name, command, variables


def venv(python, folder):
    """A fresh virtual environment: the path of its Python."""
    pip(["-m", "venv", str(folder)], python)
    return folder / "bin" / "python"


def site_packages(python):
    """Where this Python has its packages."""
    program = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return Path(subprocess.run([python, "-c", program], stdout=subprocess.PIPE, text=True, check=True).stdout.strip())


def link_torch(torch, folder):
    """Puts a torch package and all that lies beside it into a folder of packages, by links."""
    folder.mkdir(parents=True, exist_ok=True)
    for entry in torch.parent.iterdir():
        place = folder / entry.name
        if not place.exists() and (entry.suffix == ".dist-info" or (entry.is_dir() and not entry.name.startswith("_"))):
            place.symlink_to(entry)


def install(python, wheel, *options, **variables):
    """Installs the wheel without network, and without torch, which is there."""
    pip(["-m", "pip", "install", "--quiet", "--no-index", "--no-deps", *options, str(wheel)], python, **variables)


def pip(arguments, python, **variables):
    """Runs this Python on arguments of pip or venv; ends with what it said where it fails."""
    done = subprocess.run([python, *arguments], env=environment(**variables), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise SystemExit(f"wheel-check: {python} {' '.join(arguments)}:\n{done.stdout}")


def environment(**variables):
    """This process's without what would lead a Python or the program elsewhere, and with these variables."""
    elsewhere = ("PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE", "LD_LIBRARY_PATH", "DECONVSCOPE_WEIGHTS")
    own = {name: value for name, value in os.environ.items() if name not in elsewhere}
    return {**own, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_WARN_SCRIPT_LOCATION": "1", **variables}


def beside(python, wheel, torch, folder):
    """A virtual environment that has both."""
    own = venv(python, folder / "beside")
    link_torch(torch, site_packages(own))
    install(own, wheel)
    return Layout("beside torch", [str(own.with_name("deconvscope"))])


def elsewhere(python, wheel, torch, folder):
    """A virtual environment that has torch from another folder, by a .pth file."""
    own = venv(python, folder / "elsewhere")
    (site_packages(own) / "torch.pth").write_text(f"{torch.parent}\n")
    install(own, wheel)
    return Layout("torch by a .pth file", [str(own.with_name("deconvscope"))])


def target(python, wheel, torch, folder):
    """Each in a folder of its own (`--target`), NVIDIA's libraries too, named by PYTHONPATH."""
    own, ours = venv(python, folder / "target"), folder / "our packages"
    install(own, wheel, "--target", str(ours))
    theirs, nvidias = folder / "their packages", folder / "NVIDIA's packages"
    # File by file: through a link to their folder the libraries would find what lies beside that.
    (theirs / "torch" / "lib").mkdir(parents=True)
    for path in ("__init__.py", "version.py", *(f"lib/{path.name}" for path in (torch / "lib").glob("*.so*"))):
        (theirs / "torch" / path).symlink_to(torch / path)
    nvidias.mkdir()
    if (torch.parent / "nvidia").is_dir():
        (nvidias / "nvidia").symlink_to(torch.parent / "nvidia")
    return Layout("--target", [str(own), "-m", "deconvscope"], PYTHONPATH=f"{ours}:{theirs}:{nvidias}")


def user(python, wheel, torch, folder):
    """Both among the user's own packages (`--user`)."""
    base = folder / "the user"
    install(python, wheel, "--user", "--break-system-packages", PYTHONUSERBASE=str(base))
    link_torch(torch, next((base / "lib").glob("python*/site-packages")))
    return Layout("--user", [str(base / "bin" / "deconvscope")], PYTHONUSERBASE=str(base))


ALL = [beside, elsewhere, target, user]
