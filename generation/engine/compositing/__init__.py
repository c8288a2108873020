"""Composites latents under a full-resolution mask so that the decoded picture is right."""
