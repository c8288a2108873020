"""Paints windows with a FLUX.2 Klein model; the only package that imports torch."""
