"""Paints windows with a FLUX.2 Klein model; the only package that imports torch."""

import os

_SPINS = "1000"
"""Some 50 microseconds. Threads of one computation wait for each other by spinning, by default for
milliseconds: beside any other busy program they then wait longer than they compute."""

if "OMP_WAIT_POLICY" not in os.environ:  # which says the same, and would be overruled
    os.environ.setdefault("GOMP_SPINCOUNT", _SPINS)  # read when torch is loaded, on Linux alone
