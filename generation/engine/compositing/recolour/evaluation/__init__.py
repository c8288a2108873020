"""Measures colour correction in latents against changing the pixels."""
