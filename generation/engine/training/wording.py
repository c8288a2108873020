"""Prompts of training windows in varied words, with some wordings held out for figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from zones.prompt import filled

PROMPT_TEMPLATE = "[{map_prompt}, ]{zones}[, crossed by {stencils}]"
"""The template of klein-mini's own profile."""

ZONE_WORDS: dict[int, tuple[str, ...]] = {
    1: ("green grassland", "grass", "meadow", "grassy plain", "pasture", "open grassland"),
    2: ("dense forest", "forest", "woods", "trees", "a thick wood", "woodland"),
    3: ("open water", "water", "a lake", "sea", "deep blue water", "a calm lake"),
    4: ("sandy ground", "sand", "desert", "a beach", "dunes", "desert sand"),
    5: ("bare rock", "rock", "mountains", "stony ground", "cliffs", "rocky mountains"),
    6: ("deep snow", "snow", "ice and snow", "a snowfield", "glacier", "snowy ground"),
    7: ("reedy swamp", "swamp", "marsh", "wetland", "bog", "a marshy swamp"),
    8: ("farm fields", "fields", "farmland", "crops", "ploughed fields", "farm land"),
}
"""Words per zone id; the first is the palette's, the last is held out."""

STENCIL_WORDS: dict[str, tuple[str, ...]] = {
    "river": ("a river", "river", "a stream", "a winding river", "a broad river"),
    "path": ("a dirt path", "path", "a trail", "a footpath", "a dirt trail"),
    "road": ("a paved road", "road", "a stone road", "a cobbled road", "a paved street"),
}
"""Words per stencil; the first is the palette's, the last is held out."""

LOOK_WORDS: dict[str, tuple[str, ...]] = {
    "summer": (
        "summer",
        "a lush summer landscape",
        "hand-painted summer map",
        "in summer",
        "fresh green summer colours",
        "bright painted summer terrain",
        "a map of summer country",
    ),
    "autumn": (
        "autumn",
        "an autumn landscape",
        "hand-painted autumn map",
        "in autumn",
        "red and golden autumn colours",
        "warm painted fall terrain",
        "a map of autumn country",
    ),
    "ink": (
        "ink",
        "pen and ink drawing",
        "hand-drawn ink map",
        "in ink on parchment",
        "antique map in ink and wash",
        "old ink drawing on paper",
        "a map of inked country",
    ),
}
"""Words per look, all of them trained."""

HELD_OUT_LOOKS = {
    "summer": "a bright summer country",
    "autumn": "a golden autumn country",
    "ink": "an old map in ink",
}
"""Looks in held-out words: known words, never seen in this order."""

TEMPLATES = (
    PROMPT_TEMPLATE,
    "{zones}[, {stencils}][, {map_prompt}]",
    "[{map_prompt}: ]{zones}[ with {stencils}]",
    "top-down map[, {map_prompt}], {zones}[ and {stencils}]",
    "a map seen from above of {zones}[ with {stencils}][, {map_prompt}]",
    "{zones}[. {stencils}.][ {map_prompt}]",
    "fantasy map[, {map_prompt}], {zones}[, {stencils}]",
    "bird's-eye view of {zones}[ crossed by {stencils}][, {map_prompt}]",
)
"""Sentences; the last is held out."""

OTHER_WORDS_SHARE = 0.2
"""Share of prompts with a few words that mean nothing to the picture, as map makers write them."""

DEFAULT_LOOK = "summer"
"""What a prompt that names no look means."""


@dataclass(frozen=True)
class Scene:
    """What a window shows.

    Attributes:
        zones: zone ids by falling area.
        stencils: kinds of the strokes that show.
        look: the look of the finished picture.
    """

    zones: tuple[int, ...]
    stencils: tuple[str, ...]
    look: str


def palette_prompt(scene: Scene) -> str:
    """The prompt as the compiler writes it with the default palette and klein-mini's template."""
    zones = [ZONE_WORDS[zone][0] for zone in scene.zones]
    stencils = [STENCIL_WORDS[kind][0] for kind in scene.stencils]
    return filled(PROMPT_TEMPLATE, zones, stencils, LOOK_WORDS[scene.look][0])


def training_prompt(scene: Scene, rng: np.random.Generator) -> str:
    """A prompt in random words; never a held-out word or sentence.

    Half of the prompts use the palette's words and the profile's template, as the compiler does.
    """
    plain = rng.random() < 0.5  # noqa: PLR2004 - half
    zones = [ZONE_WORDS[zone][_pick(rng, ZONE_WORDS[zone], plain=plain)] for zone in scene.zones]
    stencils = [
        STENCIL_WORDS[kind][_pick(rng, STENCIL_WORDS[kind], plain=plain)] for kind in scene.stencils
    ]
    looks = LOOK_WORDS[scene.look]
    silent = scene.look == DEFAULT_LOOK and rng.random() < 0.3  # noqa: PLR2004 - a third
    look = "" if silent else looks[int(rng.integers(len(looks)))]
    if rng.random() < OTHER_WORDS_SHARE:
        look = f"{look} {' '.join(rng.choice(_OTHER_WORDS, int(rng.integers(1, 4))))}"
    template = TEMPLATES[_pick(rng, TEMPLATES, plain=plain)]
    return filled(template, zones, stencils, look)


def held_out_prompt(scene: Scene) -> str:
    """A prompt in held-out words and the held-out sentence only."""
    zones = [ZONE_WORDS[zone][-1] for zone in scene.zones]
    stencils = [STENCIL_WORDS[kind][-1] for kind in scene.stencils]
    return filled(TEMPLATES[-1], zones, stencils, HELD_OUT_LOOKS[scene.look])


def all_wordings() -> Iterator[str]:
    """Every sentence, word and plain letter that the tokenizer should know well."""
    for words in (*ZONE_WORDS.values(), *STENCIL_WORDS.values(), *LOOK_WORDS.values(), _COMMON):
        for word in words:
            yield from (word, f", {word}", f" {word}.", word.capitalize())
    for template in TEMPLATES:
        yield filled(template, ["grass"], ["a river"], "summer")


def _pick(rng: np.random.Generator, words: Sequence[str], *, plain: bool) -> int:
    """Index of the first of `words` if `plain`, else of any but the held-out last."""
    return 0 if plain else int(rng.integers(len(words) - 1))


_COMMON = (
    "the and of with in on a an to from by at near under over between",
    "small large wide narrow deep dark light bright warm cold soft old new wild quiet",
    "winter spring night day morning evening sunny misty rainy dry wet frozen lush barren",
    "island coast shore bay hill valley mountain pass bridge village town castle ruin wall tower",
    "painted drawn hand-painted watercolour style colours texture map terrain landscape fantasy",
    "ancient antique parchment medieval realistic detailed simple cartoon game board world",
    "red orange yellow green blue brown grey white black golden silver pale",
    "north south east west left right top bottom edge corner centre middle",
)

_OTHER_WORDS = tuple(word for line in _COMMON for word in line.split())
