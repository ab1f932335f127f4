"""`python -m deconvscope`."""

from .start import main

main()
