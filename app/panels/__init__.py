"""The docks around the map."""
