"""Measures a model against rendered truth: the figures of a model card."""
