#!/usr/bin/env bash
# Makes the golden files in tests/fixtures again: Pillow's pictures and inputs, PyTorch's and Captum's projections,
# SciPy's statistics, scikit-learn's classifiers, the same weights in every form of torch.save, heads of other networks with what PyTorch makes of them,
# onnxruntime's scores of small graphs and of today's networks.
#
#   scripts/golden/make.sh          in an environment of its own, .deps/golden (once 2.8 GB from the package index)
#   PYTHON=/path/to/python ...      in one that can import all of $modules below
#
# Needs what `make setup` installs. Afterwards `git diff --stat tests/fixtures` shows what has changed.
set -euo pipefail
cd "$(dirname "$0")/../.."

modules="torch, torchvision, captum, safetensors, numpy, PIL, scipy, sklearn, statsmodels, onnx, onnxruntime"

for needed in .deps/weights/squeezenet1_1.safetensors datasets/sample/chelsea.png; do
    [ -f "$needed" ] || { echo "error: no $needed; run make setup" >&2; exit 1; }
done

source scripts/reference_python.sh

"$python" scripts/golden/preprocessing_reference.py fixtures
"$python" -W ignore scripts/golden/projections.py
"$python" scripts/golden/statistics.py
"$python" scripts/golden/measures.py
"$python" scripts/golden/classifiers.py
# Sets in one order; without the scripts' folder, whose statistics.py is not the one that torch imports.
PYTHONHASHSEED=0 "$python" -P -W ignore scripts/golden/checkpoints.py
"$python" -W ignore scripts/golden/heads.py
"$python" scripts/golden/graphs.py
"$python" -W ignore scripts/golden/networks_of_today.py
"$python" -W ignore scripts/golden/training.py
"$python" -W ignore scripts/golden/state_dict.py
