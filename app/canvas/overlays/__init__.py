"""Layers over the map: tiles and their states, seams, change map, protection, grids."""
