"""mountain-pass: a road climbs from farmland past a lake, through forest and between peaks."""

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
    ZoneCanvas,
)

# fmt: off
_ROAD = (
    (196, 960, 15), (226, 890, 15), (300, 846, 15), (392, 836, 15), (470, 800, 15),
    (500, 736, 15),
    (470, 676, 14), (486, 618, 14), (560, 590, 14), (640, 596, 14), (690, 556, 14),
    (660, 504, 14),
    (588, 486, 14), (560, 436, 14), (596, 388, 14), (660, 366, 14), (682, 310, 14),
    (650, 250, 14),
    (664, 188, 14), (730, 140, 14), (760, 76, 14), (744, 0, 14),
)
_OUTFLOW = (
    (830, 716, 18), (800, 762, 18), (742, 776, 19), (706, 822, 20), (640, 826, 21),
    (590, 862, 22),
    (596, 918, 23), (560, 960, 24),
)
_STREAM = (
    (936, 330, 14), (908, 376, 14), (926, 430, 14), (888, 480, 15), (902, 540, 16),
    (880, 590, 17),
    (884, 630, 18),
)
_WEST_STREAM = (
    (300, 380, 14), (326, 430, 14), (308, 484, 14), (346, 530, 14), (350, 590, 15),
    (394, 640, 15),
    (376, 704, 16), (404, 760, 16), (376, 820, 17), (420, 872, 18), (500, 880, 18),
    (588, 868, 18),
)
_LAKE_PATH = (
    (640, 596, 10), (696, 624, 10), (724, 676, 10), (772, 690, 10), (784, 640, 10),
    (840, 586, 10),
    (950, 570, 10), (1020, 520, 10), (1040, 450, 10), (1098, 410, 10), (1152, 400, 10),
)
_FARM_PATH = (
    (300, 846, 10), (250, 790, 10), (190, 770, 10), (140, 710, 10), (76, 700, 10), (0, 660, 10),
)
# fmt: on


def make_world() -> SampleWorld:
    """Return the world; equal on every call."""
    return SampleWorld(
        name="mountain-pass",
        title="Mountain pass",
        map_prompt="autumn",
        seed=7,
        credits="Painted by a script of the Tilewright project.",
        zones=_zones(),
        lines=(
            Line("river", _WEST_STREAM),
            Line("river", _STREAM),
            Line("river", _OUTFLOW),
            Line("path", _LAKE_PATH),
            Line("path", _FARM_PATH),
            Line("road", _ROAD),
        ),
    )


def _zones() -> U8:
    canvas = ZoneCanvas(FOREST, 202)
    _ranges(canvas)
    _pass(canvas)
    _lake(canvas)
    _valley(canvas)
    return canvas.tidied()


# fmt: off
def _ranges(canvas: ZoneCanvas) -> None:
    """Two ranges of rock with snow along their crests."""
    canvas.area(ROCK, (
        (-80, -80), (690, -80), (640, 60), (590, 150), (596, 240), (520, 320), (470, 400),
        (380, 440), (300, 420), (240, 470), (120, 480), (-80, 540),
    ), 36)
    canvas.area(ROCK, (
        (820, -80), (1240, -80), (1240, 420), (1130, 370), (1060, 420), (960, 390), (880, 420),
        (800, 350), (770, 260), (800, 150), (850, 60),
    ), 36)
    canvas.area(SNOW, (
        (-80, 30), (80, 0), (160, 60), (300, -20), (420, -80), (560, -80), (540, 20), (480, 110),
        (430, 200), (360, 260), (310, 340), (240, 330), (250, 250), (170, 260), (90, 340),
        (40, 300), (-80, 360),
    ), 30, (ROCK,))
    canvas.area(SNOW, (
        (900, -80), (1240, -80), (1240, 250), (1150, 230), (1080, 290), (1000, 270), (950, 310),
        (890, 250), (920, 170), (880, 80),
    ), 30, (ROCK,))
    canvas.area(ROCK, ((110, 160), (190, 90), (290, 80), (350, 40), (370, 70), (300, 130),
        (220, 150), (150, 200)), 16, (SNOW,))
    canvas.area(ROCK, ((980, 90), (1050, 80), (1110, 110), (1170, 90), (1180, 124),
        (1110, 160), (1040, 130)), 14, (SNOW,))
    canvas.area(ROCK, ((1090, 500), (1240, 450), (1240, 640), (1150, 640), (1100, 580)), 24)
    canvas.area(SNOW, ((1140, 520), (1240, 490), (1240, 590), (1170, 590)), 14, (ROCK,))


def _pass(canvas: ZoneCanvas) -> None:
    """Meadows along the pass and scree below the cliffs."""
    canvas.brush(GRASS, (
        (750, -20, 80), (756, 80, 74), (690, 160, 84), (660, 240, 96), (680, 320, 110),
        (620, 390, 130), (600, 470, 120), (660, 540, 130), (590, 600, 100), (500, 650, 90),
        (480, 740, 110), (460, 820, 130),
    ), 22, (FOREST, ROCK))
    canvas.area(FOREST, ((520, 340), (560, 320), (570, 380), (530, 440), (490, 420)), 10)
    canvas.area(SAND, ((810, 400), (860, 410), (870, 470), (830, 500),
        (800, 450)), 12, (FOREST, GRASS))
    canvas.area(GRASS, ((930, 420), (1030, 410), (1080, 450), (1030, 540),
        (950, 530)), 16, (FOREST,))


def _lake(canvas: ZoneCanvas) -> None:
    """The lake under the eastern range, with a shingle shore and a marshy outflow."""
    canvas.area(GRASS, (
        (730, 650), (800, 580), (900, 570), (1010, 590), (1080, 660), (1040, 760), (920, 800),
        (780, 810), (700, 760),
    ), 20, (FOREST, ROCK))
    canvas.area(WATER, (
        (816, 660), (850, 620), (920, 616), (980, 640), (1030, 690), (1000, 736), (930, 744),
        (880, 726), (836, 730),
    ), 16)
    canvas.fringe(SAND, WATER, 13, 8, (GRASS,))
    canvas.area(SWAMP, ((750, 744), (800, 730), (830, 760), (790, 810), (720, 820),
        (690, 790)), 12, (GRASS, SAND, FOREST))
    canvas.area(FOREST, ((930, 676), (956, 668), (970, 690), (944, 704), (924, 694)), 4, (WATER,))


def _valley(canvas: ZoneCanvas) -> None:
    """Farmland in the south-west, open ground in the south-east."""
    canvas.area(GRASS, (
        (-80, 620), (80, 610), (180, 660), (290, 700), (340, 780), (460, 800), (600, 790),
        (700, 830),
        (760, 900), (740, 1040), (-80, 1040),
    ), 24, (FOREST, ROCK))
    canvas.area(GRASS, ((860, 860), (960, 830), (1080, 850), (1240, 800), (1240, 1040),
        (900, 1040)), 20)
    canvas.plots((
        (-20, 720), (70, 716), (140, 730), (190, 786), (250, 806), (280, 838), (216, 880),
        (180, 980),
        (-20, 980),
    ), 24, (96, 62), (GRASS,))
    canvas.plots(((244, 900), (310, 864), (400, 856), (420, 896), (540, 900), (560, 920),
        (530, 980), (220, 980)), -8, (90, 54), (GRASS,))
    canvas.plots(((940, 880), (1080, 860), (1240, 830), (1240, 980),
        (900, 980)), -12, (96, 64), (GRASS,))
    canvas.fringe(GRASS, FOREST, 14, 4, (FIELD,))
    canvas.area(FOREST, ((630, 880), (690, 870), (720, 910), (690, 960), (640, 940)), 14)
    canvas.area(FOREST, ((20, 640), (70, 632), (100, 664), (50, 690), (14, 674)), 8)
# fmt: on
