"""Which way a stroke flows, and how its stencil fades from the centre line to the banks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zones.errors import InputError

FLOW_LEVELS = 8
"""Steps in which a flow stencil fades from its banks to its centre line."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Flow along a stroke.

    Attributes:
        angle_deg: between the flow and the stroke's own direction, clockwise on the map, in
            [-360, 360]: 0 flows from the first point to the last, 180 the other way.
        strength: how much weaker the stencil is at the banks than on the centre line, in [0, 1].

    Raises:
        InputError: a value is out of its range.
    """

    angle_deg: float = 0.0
    strength: float = 1.0

    def __post_init__(self) -> None:
        if not -360 <= self.angle_deg <= 360:  # noqa: PLR2004 - degrees of a circle
            raise InputError("a flow's angle must be a number from -360 to 360 degrees; give one")
        if not 0 <= self.strength <= 1:
            raise InputError("a flow's strength must be a number from 0 to 1; give one")


def flow_directions(points: npt.NDArray[np.float64], flow: Flow) -> npt.NDArray[np.float64]:
    """Where it flows at each point of a stroke: what a stencil of directions is made from.

    Args:
        points: float64 (n, 3) or (n, 2) in map px; y points down.
        flow: relative to the line.

    Returns:
        float64 (n, 2) unit vectors; zero where the line has no direction.
    """
    places = points[:, :2]
    ahead = np.diff(places, axis=0, append=places[-1:])
    behind = np.diff(places, axis=0, prepend=places[:1])
    along = ahead + behind
    lengths = np.hypot(along[:, 0], along[:, 1])[:, None]
    along = np.divide(along, lengths, out=np.zeros_like(along), where=lengths > 0)
    turn = np.deg2rad(flow.angle_deg)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return np.asarray(along @ rotation)


def flow_levels(flow: Flow) -> tuple[tuple[float, float], ...]:
    """A flow stencil as ever narrower strokes: share of the width and opacity of each.

    The narrowest comes last and has opacity 1; the widest has `1 - strength` and one step.
    """
    steps = [(level + 1) / FLOW_LEVELS for level in range(FLOW_LEVELS)]
    return tuple((1 - (step - steps[0]), 1 - flow.strength * (1 - step)) for step in steps)
