"""What an experiment leaves behind: NAME.md and NAME.json."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Report:
    """A table with the figures behind it.

    Attributes:
        title: of the experiment.
        about: what was done, in a sentence or two.
        columns: of the table, in order.
        rows: of the table.
        details: one entry per single measurement.
    """

    title: str
    about: str
    columns: Sequence[str]
    rows: Sequence[Mapping[str, Any]]
    details: Sequence[Mapping[str, Any]]

    def markdown(self) -> str:
        """The report as a Markdown page."""
        head = "| " + " | ".join(self.columns) + " |"
        rule = "|" + "---|" * len(self.columns)
        body = [
            "| " + " | ".join(_cell(row.get(c)) for c in self.columns) + " |" for row in self.rows
        ]
        return "\n".join([f"# {self.title}", "", self.about, "", head, rule, *body, ""])

    def write(self, out: Path, name: str) -> tuple[Path, Path]:
        """Write NAME.md and NAME.json to a folder and return their paths."""
        page, data = out / f"{name}.md", out / f"{name}.json"
        page.write_text(self.markdown(), encoding="utf-8")
        document = {
            "title": self.title,
            "about": self.about,
            "rows": list(self.rows),
            "details": list(self.details),
        }
        data.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
        return page, data


def _cell(value: Any) -> str:
    return "-" if value is None else str(value)
