"""The desk: one open map with its tiles, runs and background work, as canvas and panels see it."""
