"""The overlap experiment: windows blended where they meet, in pixels and in latents."""
