"""What a person does in the first ten minutes, by mouse and keys, with a picture of each stage."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.e2e.program import Program
from tests.e2e.screen import Screen

MAP_PX = (576, 384)
"""Size of the new map: 3 x 2 tiles of the bundled model, whose borders lie every 192 px."""

NAME = "Isle of Tests"
FOREST, WATER, ROCK = 2, 3, 5
RUN_S = 240.0
CLOSE_S = 3.0
_PICTURE_PX = (960, 600)
_QUALITY = 82
_SETTLE_S = 0.6
"""What fades and loads after a step has this long before its picture is taken."""


class Story:
    """The steps of one run.

    Args:
        screen: with mouse and keys.
        home: the user's folder, empty.
        out: gets the pictures.
    """

    def __init__(self, screen: Screen, home: Path, out: Path) -> None:
        self.screen, self.home, self.out = screen, home, out
        self.project = home / "Documents" / f"{NAME}.tilewright"
        self.times: dict[str, float] = {}

    def tell(self) -> None:
        """Play the whole story; an AssertionError says where it went otherwise."""
        with Program(self.screen, self.home) as program:
            for act in (
                self.first_start, self.new_map, self.paint_zones, self.draw_river, self.generate,
                self.reroll, self.export, self.close,
            ):  # fmt: skip
                self._timed(act, program)
        with Program(self.screen, self.home, self.project) as program:
            self._timed(self.reopen, program)

    # --- acts ---

    def first_start(self, program: Program) -> None:
        """The sample world with hints."""
        facts = program.until(lambda facts: facts["map"], "the sample world", 60)
        self.times["usable_window"] = time.monotonic() - program.started
        assert not facts["torch"]
        program.until(lambda facts: facts["hints"], "the hints")
        self.picture("first-start")
        self.screen.click(program.where("No more hints"))
        program.until(lambda facts: not facts["hints"], "the hints to go")

    def new_map(self, program: Program) -> None:
        """A new empty map of 3 x 2 tiles."""
        self.screen.key("ctrl+n")
        program.until(lambda facts: facts["dialogs"], "the dialog")
        self.write(program, "Name", NAME)
        self.write(program, "Width", str(MAP_PX[0]))
        self.write(program, "Height", str(MAP_PX[1]))
        self.screen.key("Tab")
        program.where("6 tiles (3 × 2)", part=True)
        self.picture("new-map")
        self.screen.click(program.where("Make the map"))
        facts = program.until(lambda facts: facts["map"] == str(self.project), "the new map")
        self.screen.focus(NAME)
        assert facts["size"] == list(MAP_PX)
        assert set(facts["tiles"].values()) == {"empty"}

    def paint_zones(self, program: Program) -> None:
        """A forest by brush, a lake by lasso, a mountain by rectangle."""
        screen, at = self.screen, program.map
        screen.key("b", str(FOREST), *["bracketright"] * 4)
        screen.drag(at(60, 60), at(200, 50), at(210, 120), at(80, 130), at(120, 90))
        screen.key("l", str(WATER))
        shore = [(430, 220), (540, 215), (560, 300), (520, 370), (420, 360), (400, 290)]
        screen.drag(*(at(x, y) for x, y in [*shore, shore[0]]))
        screen.key("shift+l", str(ROCK))
        screen.drag(at(430, 20), at(560, 120))
        program.until(lambda facts: {FOREST, WATER, ROCK} <= set(facts["zones"]), "three zones")
        self.picture("zones")

    def draw_river(self, program: Program) -> None:
        """A river from the mountain to the lake, across the border between two rows of tiles."""
        screen, at = self.screen, program.map
        screen.key("r")
        for place in [(440, 100), (380, 150), (330, 200), (350, 270)]:
            screen.click(at(*place))
        screen.click(at(430, 300), times=2)
        facts = program.until(lambda facts: facts["strokes"], "the river")
        kind, points = facts["strokes"][0]
        across = [point[1] for point in points]
        assert kind == "river"
        assert min(across) < 192 < max(across), "the river crosses no tile border"
        self.picture("river")

    def generate(self, program: Program) -> None:
        """All tiles, watched while they come."""
        self.screen.key("F4", "ctrl+g")
        program.until(lambda facts: facts["done"] >= 2 and _previewing(facts), "previews", RUN_S)
        self.picture("generating", settle_s=0.0)
        start = time.monotonic()
        facts = program.until(lambda facts: not facts["running"], "the run's end", RUN_S)
        self.times["rest_of_run"] = time.monotonic() - start
        assert facts["done"] == len(facts["tiles"]), facts["problems"]
        assert set(facts["tiles"].values()) <= {"done", "flagged"}
        self.screen.key("F3")
        self.picture("finished")

    def reroll(self, program: Program) -> None:
        """One tile again, with another seed."""
        before = program.facts()["seeds"]
        shown = self.screen.pixels()
        self.screen.key("s")
        self.screen.click(program.map(300, 300))
        facts = program.until(lambda facts: facts["tile"], "a selected tile")
        assert facts["tile"] == [1, 1]
        self.screen.key("ctrl+r")
        program.until(lambda facts: facts["seeds"] != before, "the other try", RUN_S)
        facts = program.until(lambda facts: not facts["running"], "its end", RUN_S)
        changed = {name for name, seed in facts["seeds"].items() if seed != before[name]}
        assert changed == {"1,1"}
        x, y = program.map(300, 300)
        spot = np.s_[y - 20 : y + 20, x - 20 : x + 20]

        def repainted() -> bool:
            return bool((self.screen.pixels()[spot] != shown[spot]).any())

        program.wait(repainted, "other pixels on the screen")
        self.picture("another-try")

    def export(self, program: Program) -> None:
        """The map as one picture."""
        out = self.home / "Documents" / "isle.png"
        self.screen.key("ctrl+e")
        program.until(lambda facts: facts["dialogs"], "the dialog")
        self.write(program, "File", str(out))
        self.picture("export")
        self.screen.click(program.where("Export"))
        program.wait(out.is_file, "the picture")
        self.screen.click(program.where("Close"))
        program.until(lambda facts: not facts["dialogs"], "the dialog to close")
        self.screen.focus(NAME)
        with Image.open(out) as picture:
            assert picture.size == MAP_PX
            colours = np.asarray(picture.convert("RGB")).reshape(-1, 3)
        assert len(np.unique(colours, axis=0)) > 2000, "the exported map is flat"

    def close(self, program: Program) -> None:
        """Save and quit."""
        self.screen.key("ctrl+s")
        program.until(lambda facts: not facts["changes"] and not facts["busy"], "the save")
        self.screen.key("ctrl+q")
        took_s = program.ended()
        self.times["quit"] = took_s
        assert took_s < CLOSE_S, f"closing took {took_s:.1f} s"

    def reopen(self, program: Program) -> None:
        """Everything is there again."""
        facts = program.until(lambda facts: facts["map"], "the map", 60)
        assert facts["map"] == str(self.project)
        facts = program.until(
            lambda facts: set(facts["tiles"].values()) <= {"done", "flagged"}, "fresh tiles"
        )
        assert {FOREST, WATER, ROCK} <= set(facts["zones"])
        assert [kind for kind, _ in facts["strokes"]] == ["river"]
        self.screen.focus(NAME)
        self.screen.key("F3")
        self.picture("reopened")
        self.screen.key("ctrl+q")
        program.ended()

    # --- hands and eyes ---

    def write(self, program: Program, name: str, text: str) -> None:
        """Replace what stands in a field."""
        self.screen.click(program.where(name))
        self.screen.key("ctrl+a")
        self.screen.type(text)

    def picture(self, name: str, settle_s: float = _SETTLE_S) -> None:
        """Keep a picture of the screen."""
        time.sleep(settle_s)
        shot = Image.fromarray(self.screen.pixels())
        number = len(list(self.out.glob("*.jpg"))) + 1
        shot.resize(_PICTURE_PX, Image.Resampling.LANCZOS).save(
            self.out / f"{number:02d}-{name}.jpg", quality=_QUALITY, optimize=True
        )

    def _timed(self, act: Callable[[Program], None], program: Program) -> None:
        start = time.monotonic()
        try:
            act(program)
        except BaseException:
            Image.fromarray(self.screen.pixels()).save(self.out / "failed.png")
            raise
        name = act.__name__
        print(f"{name:12s} {time.monotonic() - start:6.1f} s", flush=True)


def _previewing(facts: dict[str, Any]) -> bool:
    return any(done for done, _ in facts["steps"].values())
