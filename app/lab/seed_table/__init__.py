"""The seed table: ways to join windows and to follow strokes, one changed at a time, measured."""
