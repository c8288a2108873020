"""`make e2e`: the program in a real window, used by mouse and keys, with pictures of each stage."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.e2e.screen import Screen
from tests.e2e.story import Story


def main() -> None:
    """Play the story once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/e2e"), help="Gets the pictures.")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("*.[jp][pn]g"):
        old.unlink()
    with tempfile.TemporaryDirectory(prefix="home-") as home, Screen() as screen:
        (Path(home) / "Documents").mkdir()
        story = Story(screen, Path(home), out)
        story.tell()
    for name, seconds in story.times.items():
        print(f"{name}: {seconds:.2f} s")
    print(f"pictures: {out}")


if __name__ == "__main__":
    main()
