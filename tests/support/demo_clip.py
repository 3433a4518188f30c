"""Clips of the demo scene as H.264 files, with the truth about who is to be seen when."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np

from appliance.packets.demo.scene import Scene
from appliance.packets.demo.visits import Visit

FPS = 10
GOP_S = 2
SEED = 1
_LEAD_S = 3.0
"""Empty seconds before the first visit: a background model must see the street first."""
_TAIL_S = 4.5
"""Empty seconds after the last visit: its event must be able to end before the clip does, which takes three
looks in vain, one a second on frames a fifth of a second apart."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the scene's time that holds whole visits only."""

    start_s: float
    duration_s: float


@dataclass(frozen=True, slots=True)
class SeenVisit:
    """One person's visit in a clip.

    Attributes:
        first_s: when half of the person is in view for the first time, seconds from the clip's start.
        last_s: when half of the person is in view for the last time.
        stands_s: how long the person stands still on the way; 0 for not at all.
    """

    first_s: float
    last_s: float
    stands_s: float


def good_window(scene: Scene, from_s: float = 0.0, *, companions: bool = False) -> Window:
    """Return the next window of 40 to 62 s with three or four visits, of which one stands still.

    Args:
        scene: whose people are meant.
        from_s: where the search begins, seconds of the scene.
        companions: also take a window in which two people are in the picture at the same time.
    """
    begin = from_s
    while True:
        visits = scene.visits(begin + 600.0, begin)
        for count in (4, 3):
            for first in range(1, len(visits) - count):
                window = _around(visits[first - 1 : first + count + 1], companions=companions)
                if window is not None:
                    return window
        begin += 300.0


def encode(path: Path, scene: Scene, window: Window) -> list[SeenVisit]:
    """Write that part of the scene as an MP4 file (H.264, 10 fps, a keyframe every 2 s) and return its truth.

    Takes about a quarter of the clip's length on one core.
    """
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = scene.width, scene.height, "yuv420p"
        stream.time_base = Fraction(1, FPS)
        stream.gop_size = GOP_S * FPS
        stream.options = {"preset": "ultrafast", "crf": "30", "sc_threshold": "0", "bf": "0"}
        for tick in range(round(window.duration_s * FPS)):
            picture = scene.draw(window.start_s + tick / FPS)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="yuv420p")
            frame.pts, frame.time_base = tick, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return truth_of(scene, window)


def truth_of(scene: Scene, window: Window) -> list[SeenVisit]:
    """Return the visits of a window, in order of their first sight."""
    visits = scene.visits(window.start_s + window.duration_s, window.start_s)
    return [
        SeenVisit(v.first_sight_s - window.start_s, v.last_sight_s - window.start_s, v.stands_s)
        for v in visits
    ]


def _around(visits: tuple[Visit, ...], *, companions: bool) -> Window | None:
    """Return the window of all visits but the first and the last one, if it is a good one."""
    before, *wanted, after = visits
    if not any(v.stands_s for v in wanted):
        return None
    if not companions and any(b.starts_s < a.ends_s for a, b in pairwise(wanted)):
        return None
    start = round(wanted[0].first_sight_s - _LEAD_S, 1)
    end = round(max(v.last_sight_s for v in wanted) + _TAIL_S, 1)
    alone = before.ends_s < start and after.starts_s > end
    return Window(start, round(end - start, 1)) if alone and 40.0 <= end - start <= 62.0 else None
