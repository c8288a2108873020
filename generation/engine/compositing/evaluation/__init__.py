"""Measures compositors: how close each comes to the composite of the pixels, and what it costs."""
