"""What to paint, in which order and how it is put together and measured; no torch, no Qt."""
