"""Training of klein-mini: rendered worlds, the VAE, the transformer and the export."""
