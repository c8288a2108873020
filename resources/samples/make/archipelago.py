"""archipelago: a snow-capped volcano, green islands with beaches, and reefs of pale sand."""

from __future__ import annotations

from resources.samples.make.files import Line, SampleWorld
from resources.samples.make.shapes import (
    FIELD,
    FOREST,
    GRASS,
    ROCK,
    SAND,
    SNOW,
    SWAMP,
    U8,
    WATER,
    Knot,
    Point,
    ZoneCanvas,
)

# fmt: off
_LAND: tuple[tuple[Point, ...], ...] = (
    ((290, 120), (380, 130), (470, 90), (570, 130), (600, 220), (680, 280), (690, 370),
    (630, 400),
     (600, 480), (520, 520), (470, 460), (420, 450), (390, 520), (290, 540), (200, 490),
     (130, 420),
     (150, 320), (210, 280), (200, 180)),
    ((740, 560), (810, 530), (850, 560), (930, 500), (1030, 520), (1100, 590), (1060, 660),
     (1100, 720), (1020, 770), (980, 850), (880, 880), (800, 830), (720, 850), (660, 780),
     (690, 700), (740, 650)),
    ((800, 90), (880, 50), (960, 80), (1040, 70), (1090, 140), (1040, 200), (1050, 270),
    (950, 280),
     (900, 230), (830, 290), (770, 210)),
    ((150, 700), (230, 640), (310, 680), (390, 670), (450, 760), (420, 850), (330, 880),
    (280, 830),
     (180, 870), (120, 790)),
    ((520, 640), (580, 610), (620, 660), (580, 740), (520, 720)),
    ((50, 90), (120, 60), (170, 110), (140, 180), (70, 200), (40, 150)),
    ((1060, 380), (1110, 350), (1130, 410), (1080, 440), (1050, 420)),
    ((520, 850), (600, 830), (640, 870), (580, 910), (520, 890)),
)
_STREAM: tuple[Knot, ...] = (
    (424, 340, 14), (460, 366, 15), (444, 396, 16), (424, 424, 18), (436, 464, 24),
)
_WEST_STREAM: tuple[Knot, ...] = (
    (340, 296, 14), (296, 296, 14), (282, 336, 15), (234, 346, 16), (210, 386, 17),
    (160, 394, 20),
    (120, 424, 24), (106, 432, 25),
)
_EAST_RIVER: tuple[Knot, ...] = (
    (912, 560, 14), (900, 606, 15), (846, 616, 16), (838, 666, 17), (790, 680, 18),
    (784, 730, 20),
    (732, 744, 22), (710, 790, 24), (664, 810, 28), (644, 816, 29),
)
_RING_PATH: tuple[Knot, ...] = (
    (236, 178, 10), (296, 200, 10), (370, 180, 10), (446, 186, 10), (520, 204, 10),
    (566, 262, 10),
    (560, 330, 10), (590, 380, 10), (540, 440, 10), (540, 500, 10),
)
_SUMMIT_PATH: tuple[Knot, ...] = (
    (520, 204, 10), (496, 240, 10), (508, 284, 10), (460, 300, 10), (430, 300, 10),
)
_ROAD: tuple[Knot, ...] = (
    (1084, 570, 14), (1030, 600, 14), (970, 606, 14), (930, 650, 14), (890, 690, 14),
    (880, 750, 14),
    (830, 780, 14), (790, 828, 14),
)
_EAST_PATH: tuple[Knot, ...] = (
    (890, 690, 10), (950, 690, 10), (1000, 720, 10), (1084, 716, 10),
)
_WEST_PATH: tuple[Knot, ...] = (
    (126, 770, 10), (190, 774, 10), (226, 730, 10), (290, 734, 10), (320, 780, 10),
    (380, 790, 10),
    (440, 776, 10),
)
_NORTH_PATH: tuple[Knot, ...] = (
    (824, 272, 10), (820, 216, 10), (860, 180, 10), (900, 196, 10), (950, 160, 10),
    (1000, 150, 10),
    (1050, 96, 10),
)
# fmt: on


def make_world() -> SampleWorld:
    """Return the world; equal on every call."""
    return SampleWorld(
        name="archipelago",
        title="Archipelago",
        map_prompt="summer",
        seed=3,
        credits="Painted by a script of the Tilewright project.",
        zones=_zones(),
        lines=(
            Line("river", _STREAM),
            Line("river", _WEST_STREAM),
            Line("river", _EAST_RIVER),
            Line("path", _RING_PATH),
            Line("path", _SUMMIT_PATH),
            Line("path", _EAST_PATH),
            Line("path", _WEST_PATH),
            Line("path", _NORTH_PATH),
            Line("road", _ROAD),
        ),
    )


def _zones() -> U8:
    canvas = ZoneCanvas(WATER, 303)
    for outline in _LAND:
        canvas.area(GRASS, outline, 18)
    canvas.fringe(SAND, WATER, 17, 16, (GRASS,))
    _volcano(canvas)
    _farm_island(canvas)
    _small_islands(canvas)
    _reefs(canvas)
    return canvas.tidied()


# fmt: off
def _volcano(canvas: ZoneCanvas) -> None:
    """The western island: forest, bare rock and a snow cap with a crater."""
    canvas.area(FOREST, (
        (300, 170), (420, 140), (520, 150), (570, 220), (640, 300), (640, 350), (590, 400),
        (520, 420),
        (470, 420), (380, 430), (330, 500), (240, 480), (190, 420), (230, 330), (240, 230),
    ), 24, (GRASS,))
    canvas.area(ROCK, (
        (340, 240), (420, 200), (500, 230), (540, 300), (500, 370), (410, 400), (330, 380),
        (280, 310),
    ), 26)
    canvas.area(SNOW, (
        (350, 270), (424, 240), (480, 270), (484, 330), (420, 360), (356, 336),
    ), 22, (ROCK,))
    canvas.area(ROCK, ((390, 286), (424, 274), (446, 300), (428, 326), (396, 318)), 7)
    canvas.area(ROCK, ((590, 440), (620, 380), (690, 360), (700, 410),
        (630, 440)), 14, (GRASS, SAND))


def _farm_island(canvas: ZoneCanvas) -> None:
    """The eastern island: fields along a road, woods and a swampy river mouth."""
    canvas.area(FOREST, (
        (770, 560), (820, 550), (870, 580), (910, 530), (960, 520), (940, 570), (870, 640),
        (800, 650), (750, 640),
    ), 18, (GRASS,))
    canvas.area(FOREST, (
        (940, 740), (1010, 740), (970, 790), (940, 840), (890, 850), (890, 800),
    ), 18, (GRASS,))
    canvas.area(SWAMP, (
        (700, 710), (780, 660), (820, 690), (800, 770), (740, 810), (680, 826), (666, 770),
    ), 14, (GRASS, SAND))
    canvas.plots((
        (950, 520), (1030, 526), (1090, 560), (1020, 590), (960, 590), (920, 620), (930, 570),
    ), -14, (64, 44), (GRASS,))
    canvas.plots((
        (950, 636), (990, 616), (1040, 610), (1060, 660), (1070, 704), (1000, 706), (950, 674),
    ), -14, (64, 44), (GRASS,))
    canvas.plots((
        (830, 700), (876, 690), (868, 740), (816, 770), (780, 820), (750, 816), (800, 770),
    ), -40, (56, 44), (GRASS,))
    canvas.fringe(GRASS, SAND, 8, 3, (FIELD,))


def _small_islands(canvas: ZoneCanvas) -> None:
    """Woods, rocks and a marsh on the smaller islands."""
    canvas.area(FOREST, (
        (840, 110), (890, 90), (940, 110), (1010, 110), (1050, 140), (1010, 200), (950, 240),
        (890, 190), (840, 220), (800, 180),
    ), 20, (GRASS,))
    canvas.area(ROCK, ((880, 120), (940, 126), (960, 170), (920, 200), (880, 170)), 18, (FOREST,))
    canvas.area(FOREST, (
        (180, 700), (250, 670), (320, 700), (330, 740), (260, 760), (200, 750),
    ), 18, (GRASS,))
    canvas.area(FOREST, ((340, 770), (400, 720), (430, 770), (390, 840),
        (330, 850)), 18, (GRASS,))
    canvas.area(SWAMP, ((170, 800), (220, 790), (270, 800), (230, 840), (180, 850)), 14, (GRASS,))
    canvas.area(FOREST, ((536, 660), (570, 636), (600, 660), (576, 710),
        (540, 700)), 10, (GRASS,))
    canvas.area(FOREST, ((80, 110), (120, 90), (140, 120), (120, 160), (76, 160)), 12, (GRASS,))
    canvas.area(FOREST, ((550, 864), (590, 850), (616, 870), (580, 890)), 8, (GRASS,))
    canvas.area(ROCK, ((1070, 384), (1104, 370), (1112, 404), (1080, 420)), 10)


def _reefs(canvas: ZoneCanvas) -> None:
    """Bars, a broken ring of sand and a few rocks in the shallows."""
    water = (WATER,)
    canvas.brush(SAND, (
        (756, 420, 20), (790, 370, 30), (850, 350, 36), (910, 366, 34), (946, 410, 22),
    ), 12, water)
    canvas.brush(SAND, ((930, 460, 18), (880, 480, 28), (820, 476, 24),
        (780, 460, 18)), 12, water)
    canvas.brush(FOREST, ((840, 352, 10), (876, 354, 18), (906, 370, 12)), 4, (SAND,))
    canvas.brush(SAND, ((40, 560, 14), (76, 590, 30), (80, 640, 26), (50, 680, 14)), 12, water)
    canvas.brush(SAND, ((650, 50, 14), (690, 80, 32), (720, 140, 26), (712, 190, 12)), 12, water)
    canvas.brush(SAND, ((400, 600, 14), (440, 580, 28), (480, 600, 16)), 10, water)
    canvas.brush(SAND, ((1030, 900, 14), (1080, 870, 30), (1110, 820, 16)), 10, water)
    canvas.brush(ROCK, ((706, 466, 24), (724, 496, 34)), 12, water)
    canvas.brush(ROCK, ((210, 590, 30), (236, 600, 20)), 12, water)
    canvas.brush(ROCK, ((250, 60, 30), (272, 56, 22)), 12, water)
# fmt: on
