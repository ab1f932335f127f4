"""The parts of scripts/wheel.py: what a program asks of a system, and an archive of the same bytes each time."""
