"""river-delta: a river fans out through swamp into the sea; a road bridges it among fields."""

from __future__ import annotations

from resources.samples.make.files import Line, SampleWorld
from resources.samples.make.shapes import (
    FIELD,
    FOREST,
    GRASS,
    ROCK,
    SAND,
    SWAMP,
    U8,
    WATER,
    ZoneCanvas,
)

# fmt: off
_MAIN = (
    (186, 0, 28), (206, 60, 29), (276, 96, 30), (330, 140, 30), (318, 206, 31), (366, 262, 31),
    (446, 280, 32), (484, 336, 33), (506, 392, 33), (566, 424, 34), (580, 480, 35),
    (606, 528, 36),
)
_SOUTH = (
    (636, 580, 31), (618, 640, 29), (650, 696, 29), (630, 756, 30), (658, 818, 32),
    (648, 872, 36), (656, 902, 38),
)
_WEST = (
    (588, 500, 26), (574, 556, 26), (520, 590, 25), (506, 646, 25), (446, 676, 25),
    (430, 736, 26),
    (372, 764, 27), (346, 816, 30), (318, 860, 33), (310, 884, 34),
)
_EAST = (
    (598, 516, 26), (656, 540, 26), (690, 590, 25), (758, 584, 25), (806, 632, 25),
    (876, 632, 26), (916, 684, 28), (978, 694, 31), (1022, 728, 34), (1042, 738, 34),
)
_FORK = (
    (622, 630, 18), (680, 656, 19), (704, 704, 19), (764, 724, 19), (786, 776, 21),
    (836, 800, 23), (858, 850, 27), (868, 872, 28),
)
_ROAD = (
    (0, 452, 14), (100, 424, 14), (210, 424, 14), (330, 402, 14), (420, 408, 14), (506, 392, 14),
    (596, 352, 14), (710, 330, 14), (830, 340, 14), (940, 306, 14), (1050, 300, 14),
    (1152, 266, 14),
)
_COAST_PATH = (
    (210, 424, 10), (196, 492, 10), (232, 556, 10), (216, 632, 10), (166, 690, 10),
    (176, 756, 10),
    (140, 800, 10),
)
_WOOD_PATH = (
    (710, 330, 10), (738, 262, 10), (706, 196, 10), (740, 126, 10), (816, 96, 10), (876, 60, 10),
    (960, 74, 10), (1012, 40, 10),
)
# fmt: on


def make_world() -> SampleWorld:
    """Return the world; equal on every call."""
    return SampleWorld(
        name="river-delta",
        title="River delta",
        map_prompt="summer",
        seed=20,
        credits="Painted by a script of the Tilewright project.",
        zones=_zones(),
        lines=(
            Line("river", _WEST),
            Line("river", _EAST),
            Line("river", _FORK),
            Line("river", _MAIN + _SOUTH),
            Line("path", _COAST_PATH),
            Line("path", _WOOD_PATH),
            Line("road", _ROAD),
        ),
    )


def _zones() -> U8:
    canvas = ZoneCanvas(GRASS, 101)
    _hills(canvas)
    _sea(canvas)
    _swamp(canvas)
    _farms(canvas)
    _shore(canvas)
    return canvas.tidied()


# fmt: off
def _hills(canvas: ZoneCanvas) -> None:
    """Woods in the north and west, rock in the north-east corner."""
    canvas.area(FOREST, (
        (-60, -60), (110, -60), (130, 40), (196, 150), (150, 250), (70, 320), (-60, 336),
    ), 20)
    canvas.area(FOREST, (
        (430, -60), (1220, -60), (1220, 180), (1060, 190), (930, 166), (850, 216), (770, 240),
        (660, 206), (590, 130), (480, 90),
    ), 22)
    canvas.area(GRASS, (
        (690, 170), (720, 110), (800, 66), (880, 44), (950, 66), (900, 110), (820, 130),
        (750, 190),
    ), 10)
    canvas.area(ROCK, (
        (930, -60), (1220, -60), (1220, 150), (1120, 136), (1050, 84), (960, 60),
    ), 20)
    canvas.area(FOREST, ((20, 520), (110, 490), (170, 560), (140, 660), (60, 690), (10, 620)), 20)
    canvas.area(FOREST, ((280, 700), (350, 690), (370, 740), (310, 780), (262, 750)), 12)


def _sea(canvas: ZoneCanvas) -> None:
    """The sea in the south and east, with a delta that pushes out into it."""
    canvas.area(WATER, (
        (-80, 860), (40, 850), (140, 806), (220, 830), (270, 872), (330, 850), (390, 866),
        (450, 848), (530, 890), (590, 866), (660, 884), (740, 892), (800, 850), (870, 850),
        (920, 800), (960, 740), (1030, 722), (1040, 670), (1100, 600), (1240, 550),
        (1240, 1060), (-80, 1060),
    ), 12)


def _swamp(canvas: ZoneCanvas) -> None:
    """Swamp between the arms of the delta, with dry rises, woods and a lagoon in it."""
    canvas.area(SWAMP, (
        (590, 550), (660, 560), (700, 600), (770, 600), (830, 650), (890, 660), (990, 716),
        (1010, 760), (850, 900), (700, 940), (480, 940), (330, 900), (352, 800), (400, 750),
        (440, 690), (500, 670), (530, 610),
    ), 14, (GRASS, FOREST))
    canvas.brush(SWAMP, ((236, 118, 20), (282, 150, 52), (290, 214, 56),
        (330, 274, 40)), 8, (GRASS,))
    canvas.brush(SWAMP, ((470, 270, 20), (520, 316, 40), (536, 360, 30)), 6, (GRASS,))
    canvas.area(GRASS, ((534, 660), (580, 640), (596, 700), (588, 780), (530, 800),
        (500, 740)), 10, (SWAMP,))
    canvas.area(FOREST, ((690, 748), (730, 750), (752, 800), (764, 850), (710, 862),
        (676, 810)), 10, (SWAMP,))
    canvas.area(FOREST, ((780, 664), (850, 676), (896, 720), (880, 776), (830, 760),
        (796, 710)), 10, (SWAMP,))
    canvas.area(WATER, ((440, 786), (490, 780), (520, 820), (486, 838), (436, 822)), 6, (SWAMP,))


def _farms(canvas: ZoneCanvas) -> None:
    """Field plots along the road on both banks."""
    dry = (GRASS,)
    canvas.plots((
        (210, 190), (270, 200), (296, 290), (360, 300), (440, 310), (470, 372), (330, 384),
        (190, 404), (150, 330),
    ), -5, (84, 58), dry)
    canvas.plots(((0, 330), (130, 330), (170, 408), (80, 412), (0, 428)), -8, (84, 54), dry)
    canvas.plots((
        (238, 442), (420, 428), (500, 416), (548, 446), (556, 520), (490, 570), (470, 640),
        (400, 680), (260, 690), (262, 560),
    ), -6, (92, 62), dry)
    canvas.plots((
        (620, 370), (720, 352), (836, 362), (950, 328), (1110, 316), (1130, 420), (1080, 570),
        (960, 640), (820, 590), (760, 556), (700, 550), (640, 500),
    ), -9, (104, 68), dry)
    canvas.plots(((540, 190), (600, 200), (690, 250), (690, 312), (570, 344),
        (530, 300)), -14, (80, 54), dry)
    canvas.area(FOREST, ((800, 440), (850, 420), (900, 446), (880, 500), (815, 500)), 14)
    canvas.area(WATER, ((966, 436), (1010, 420), (1046, 450), (1020, 494), (968, 484)), 8)
    canvas.fringe(GRASS, WATER, 12, 4, (FIELD,))


def _shore(canvas: ZoneCanvas) -> None:
    """Beaches, bars off the river mouths and an island."""
    sea_side = ((-80, 780), (200, 770), (400, 810), (620, 830), (820, 800), (930, 660),
        (1060, 560),
                (1240, 500), (1240, 1060), (-80, 1060))
    before = canvas.zones.copy()
    canvas.fringe(SAND, WATER, 20, 14, (GRASS, SWAMP, FOREST))
    inland = canvas.outside(sea_side)
    canvas.zones[inland] = before[inland]
    canvas.area(SAND, ((1050, 640), (1110, 580), (1240, 520), (1240, 590), (1120, 640),
        (1070, 690)), 10, (GRASS, SAND))
    canvas.area(SAND, ((90, 790), (150, 770), (220, 806), (190, 850), (110, 850)), 10, (GRASS,))
    canvas.brush(SAND, ((404, 930, 16), (470, 916, 30), (550, 930, 18)), 8, (WATER,))
    canvas.brush(SAND, ((950, 872, 14), (1000, 826, 30), (1050, 806, 22),
        (1090, 770, 12)), 8, (WATER,))
    canvas.area(SAND, ((60, 896), (110, 876), (170, 892), (190, 930), (120, 944),
        (66, 930)), 8, (WATER,))
    canvas.area(FOREST, ((86, 902), (120, 892), (156, 904), (160, 924), (112, 928)), 6, (SAND,))
# fmt: on
