"""The map on disk: project folders, pictures and strokes that come in, pictures that go out."""
