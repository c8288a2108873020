"""The tools of the map: what pressing and dragging on it does."""
