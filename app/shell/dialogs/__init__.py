"""Dialogs: a new map, export, settings, the model, and what the program is."""
