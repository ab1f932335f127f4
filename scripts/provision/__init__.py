"""The parts of scripts/setup.py: one module for each thing it fetches, and two for how (files, packages)."""
