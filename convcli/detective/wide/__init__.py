"""Wide kernels by their families: on spectra first, then on a few rows as `apply` filters them."""
