"""The map view, its tools and its overlays."""
