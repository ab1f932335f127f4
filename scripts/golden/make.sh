#!/usr/bin/env bash
# Makes the golden files in tests/fixtures again: Pillow's pictures and inputs, PyTorch's and Captum's projections,
# SciPy's statistics, the same weights in every form of torch.save.
#
#   scripts/golden/make.sh          in an environment of its own, .deps/golden (once 2.7 GB from the package index)
#   PYTHON=/path/to/python ...      in one that can import all of $modules below
#
# Needs what `make setup` installs. Afterwards `git diff --stat tests/fixtures` shows what has changed.
set -euo pipefail
cd "$(dirname "$0")/../.."

modules="torch, torchvision, captum, safetensors, numpy, PIL, scipy, statsmodels"
environment=.deps/golden
pins=requirements/golden.txt

can_import() { "$1" -c "import $modules" 2>/dev/null; }

for needed in .deps/weights/squeezenet1_1.safetensors datasets/sample/chelsea.png; do
    [ -f "$needed" ] || { echo "error: no $needed; run make setup" >&2; exit 1; }
done

python=${PYTHON:-python3}
if ! can_import "$python"; then
    if ! cmp -s "$pins" "$environment/installed-from"; then
        if ! "$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))'; then
            echo "error: $pins is for CPython 3.11; let PYTHON name one, or one that can import $modules" >&2
            exit 1
        fi
        echo "$python cannot import all of $modules: making $environment" >&2
        rm -rf "$environment"
        "$python" -m venv "$environment"
        "$environment/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary=:all: --require-hashes -r "$pins"
        cp "$pins" "$environment/installed-from"
    fi
    python=$environment/bin/python
fi

"$python" scripts/golden/preprocessing_reference.py fixtures
"$python" -W ignore scripts/golden/projections.py
"$python" scripts/golden/statistics.py
"$python" -W ignore scripts/golden/checkpoints.py
