"""What a tile and a run are doing, as plain values for whoever draws them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from generation.run.jobs import Repaired

TileKind = Literal["empty", "stale", "queued", "generating", "done", "flagged", "failed"]

ModelState = Literal["none", "loading", "ready", "failed"]
"""`none`: not loaded yet, a run loads it; `failed`: see the problem `engine`."""


@dataclass(frozen=True, slots=True, eq=False)
class TileState:
    """What is known of one tile.

    Attributes:
        kind: `flagged` is done with a visible seam.
        step: denoising steps done, while generating.
        steps: of the window, while generating.
        reason: of a failure, one sentence, or "".
        preview: uint8 (h, w, 3) of what the window is becoming, or None.
    """

    kind: TileKind
    step: int = 0
    steps: int = 0
    reason: str = ""
    preview: npt.NDArray[np.uint8] | None = None


@dataclass(frozen=True, slots=True)
class RunStatus:
    """All runs together, queued ones included.

    Attributes:
        running: whether tiles are being painted or wait for it.
        paused: whether painting waits for `resume`.
        done: tiles finished since the queue was last empty.
        total: tiles asked for since then.
        failed: tiles that failed since then.
        seconds_left: from measured tile times; None before there is a measure.
        label: of the run that is painting, or "".
        model_state: of the engine.
        superseded: of those done, tiles whose zones were changed meanwhile; only their history
            has the result.
        repaired: how repairs of tiles went since then.
        repairs_superseded: of the superseded tiles, those that were repairs.
    """

    running: bool = False
    paused: bool = False
    done: int = 0
    total: int = 0
    failed: int = 0
    seconds_left: float | None = None
    label: str = ""
    model_state: ModelState = "none"
    superseded: int = 0
    repaired: tuple[Repaired, ...] = ()
    repairs_superseded: int = 0

    @property
    def unchanged(self) -> int:
        """Of those done, tiles of which a repair found nothing better."""
        return sum(not one.is_better for one in self.repaired)
