"""What same.py asks: whether the runs of two programs hold the same. A module a kind of thing."""
