"""The tests, which begin here: what has to be said before NumPy is imported."""

import os

# Tests run several at once, and threads for products of matrices wait for those of others without rest: what is learned
# through a JPEG took 7.4 s of processor time in place of 1.1. Processes that tests start inherit it.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
