#!/usr/bin/env bash
# What a GPU does with deconvscope: whether it computes what the CPU does, and how fast, as a table for docs/gpu.md.
#
#   scripts/gpu_check.sh gather [FOLDER]    builds the program and its benches, and puts them with the weights into FOLDER
#                                           (target/gpu), which is all that a machine without Rust or network needs
#   scripts/gpu_check.sh [OPTIONS]          the check itself; --help tells the options
#
# The Python is that of PYTHON, or python3: one with torch 2.11. With torchvision and Captum they are compared with as well.
set -euo pipefail
cd "$(dirname "$0")/.."
exec "${PYTHON:-python3}" -W ignore scripts/gpucheck/main.py "$@"
