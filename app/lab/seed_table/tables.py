"""The seed table as Markdown and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.lab.seed_table.rows import Row
from app.lab.seed_table.statistics import Comparison, Place, compare, interval_of
from generation.plan.intervals import Interval


@dataclass(frozen=True, slots=True)
class Figure:
    """A column of the table.

    Attributes:
        name: of the figure in a map's file.
        title: of the column.
        low_is_good: whether less is better; None where neither is.
    """

    name: str
    title: str
    low_is_good: bool | None = True


GROUPS: Mapping[str, tuple[Figure, ...]] = {
    "Seams": (
        Figure("flagged_share", "flagged lines"),
        Figure("lines", "lines", None),
        Figure("free", "delta_e, both free"),
        Figure("free_feature", "on stencils"),
        Figure("delta_e_soft", "delta_e_soft"),
        Figure("excess_met", "excess where they meet"),
        Figure("excess_met_feature", "on stencils"),
        Figure("step", "step", None),
        Figure("step_off", "off by"),
        Figure("step_max", "largest step"),
        Figure("edge", "edge"),
        Figure("cut_share", "cut lines"),
        Figure("floor", "VAE floor", None),
    ),
    "Routing": (
        Figure("routing_px", "distance, px"),
        Figure("routing_iou", "IoU", low_is_good=False),
        Figure("found", "found", low_is_good=False),
        Figure("continuous", "continuous crossings", low_is_good=False),
        Figure("compliance", "compliance", low_is_good=False),
    ),
    "Looks and time": (
        Figure("detail", "detail", None),
        Figure("detail_off", "detail off by"),
        Figure("detail_stencils", "detail in stencils", None),
        Figure("detail_stencils_off", "off by"),
        Figure("blends", "detail in blends", low_is_good=False),
        Figure("features", "feature distance"),
        Figure("colour", "colour shift"),
        Figure("colour_stencils", "colour shift in stencils"),
        Figure("first_to_last", "first to last"),
        Figure("held", "held pixels"),
        Figure("held_shift", "colour shift when held"),
        Figure("cpu_seconds", "processor s", None),
    ),
}

ABOUT = """\
Mean over maps with its bootstrapped 95 % interval. `better` and `worse`: the interval lies apart
from that of the row compared with, over the same maps; `equal`: the two overlap. A row is compared
with stencil-only under the same reference, strength, noise, steps and overlap.

- *flagged lines*: share of hand-over lines whose step exceeds the 99th percentile of lines where
  nothing is joined. *step*: 1.0 is invisible, less is a blur; *off by*: how far its logarithm is
  from 0.
- *edge*: the strongest straight edge anywhere in the blend of a line, over that at places inside
  windows; 1.0 is nothing special. *cut lines*: share above the 99th percentile of those places.
- *delta_e*: CIEDE2000 between the two windows' own pixels, where neither was held on the other
  (*both free*), in the soft band, and where neither was anchored (*where they meet*: both of
  them). *excess*: beyond the VAE's own round trip (*VAE floor*).
- *distance*: mean distance of a stroke's found centre line from the painted one.
  *continuous crossings*: no gap, in place, and as wide on both sides within 20 %.
- *detail*: energy finer than 8 px as a share of the rendered truth's, on open terrain and well
  inside stencils. *detail in blends*: detail where two windows are blended over that where one
  shows alone; blurred below 1. *feature distance*: kernel distance of crops to the truth's, 0 as
  the truth, 1 as the flat canvas. *colour shift*: Lab distance of each zone's mean colour from the
  truth's; *first to last*: from the first window painted to the last. *held pixels*: delta_e of
  pixels that a window holds on its neighbours, before they are pasted over; *colour shift when
  held*: Lab distance between their mean colours, zone by zone.
"""

Measured = Mapping[Row, Mapping[Place, Mapping[str, Any]]]
"""The figures of every row by world and seed."""


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of one base point over some worlds.

    Attributes:
        title: heading.
        rows: in order, each with its maps.
    """

    title: str
    rows: Measured


def values_of(maps: Mapping[Place, Mapping[str, Any]], name: str) -> dict[Place, float]:
    """One figure of a row by map, without the maps that have none."""
    return {
        place: float(found[name])
        for place, found in sorted(maps.items())
        if found.get(name) is not None
    }


def markdown(title: str, sections: Sequence[Section]) -> str:
    """The page."""
    parts = [f"# {title}", "", ABOUT]
    for section in sections:
        for group, figures in GROUPS.items():
            parts += [f"## {section.title}: {group}", "", *_table(section, figures), ""]
    return "\n".join(parts)


def _table(section: Section, figures: Sequence[Figure]) -> Iterator[str]:
    titles = ["row", "maps", *(figure.title for figure in figures)]
    yield "| " + " | ".join(titles) + " |"
    yield "|" + "---|" * len(titles)
    for row, maps in section.rows.items():
        cells = [_cell(section, row, figure) for figure in figures]
        yield "| " + " | ".join([row.name, str(len(maps)), *cells]) + " |"


def _cell(section: Section, row: Row, figure: Figure) -> str:
    own = interval_of(list(values_of(section.rows[row], figure.name).values()))
    if own is None:
        return "-"
    found = comparison(section, row, figure)
    verdict = "" if found is None or found.verdict is None else f" {found.verdict}"
    return f"{_number(own.value)} ({_number(own.low)} to {_number(own.high)}){verdict}"


def comparison(section: Section, row: Row, figure: Figure) -> Comparison | None:
    """A row's figure beside that of the row it is compared with; None where there is none."""
    other = next((each for each in section.rows if each.name == row.against), None)
    if other is None or other == row or figure.low_is_good is None:
        return None
    ours, theirs = (values_of(section.rows[each], figure.name) for each in (row, other))
    return compare(ours, theirs, low_is_good=figure.low_is_good)


def document(title: str, sections: Sequence[Section]) -> str:
    """The same and more as JSON: every interval, every paired difference, every map."""
    content = {
        "title": title,
        "sections": [
            {
                "title": section.title,
                "rows": [_row_json(section, row) for row in section.rows],
            }
            for section in sections
        ],
    }
    return json.dumps(content, indent=1, allow_nan=False) + "\n"


def _row_json(section: Section, row: Row) -> dict[str, Any]:
    maps = section.rows[row]
    figures = {}
    for figure in (each for group in GROUPS.values() for each in group):
        found = comparison(section, row, figure)
        values = list(values_of(maps, figure.name).values())
        figures[figure.name] = {
            "interval": _interval_json(interval_of(values), len(values)),
            "difference": None if found is None else _interval_json(found.difference, found.maps),
            "verdict": None if found is None else found.verdict,
        }
    return {
        "row": row.name,
        "base": row.base,
        "against": row.against,
        "changes": dict(row.changes),
        "figures": figures,
        "maps": [dict(found) for _, found in sorted(maps.items())],
    }


def _interval_json(found: Interval | None, maps: int) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"mean": found.value, "low": found.low, "high": found.high, "maps": maps}


def _number(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"  # noqa: PLR2004 - three digits
