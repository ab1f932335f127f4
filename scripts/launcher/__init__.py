"""deconvscope as a package: the program itself in bin/, and what starts it."""
