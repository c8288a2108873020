"""Colour correction of regions in latents: changes of tone and colour, learnt for a VAE."""
