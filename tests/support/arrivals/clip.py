"""Clips with visits of known time, made once and kept in a folder outside the repository."""

import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tests.support.arrivals.backdrop import UnitBox
from tests.support.arrivals.encoding import Codec, Rate, encode
from tests.support.arrivals.nuisance import Trouble
from tests.support.arrivals.scene import Scene
from tests.support.arrivals.visit import Visit

VERSION = 1
"""Is counted up whenever the same spec would make another clip: what is in the cache is then made anew."""

_IN_VIEW = 0.1
_HALF = 0.5
_BOX_STEP_S = 0.2
_SAY_EVERY_S = 30


@dataclass(frozen=True, slots=True)
class ClipSpec:
    """All that a clip follows from.

    Attributes:
        seed: of who comes when, and of the noise.
        duration_s: of the clip.
        width: pixels, a multiple of 4.
        height: pixels, a multiple of 4.
        fps: frames a second.
        gop_s: seconds from keyframe to keyframe.
        rate: variable or constant bitrate.
        codec: of the stream.
        noise_levels: standard deviation of the camera's noise before encoding.
        visited: False for a clip in which nobody comes.
        busy: True for one in which hardly a moment passes without somebody.
        troubles: what moves besides.
    """

    seed: int = 1
    duration_s: int = 180
    width: int = 1280
    height: int = 720
    fps: int = 15
    gop_s: int = 2
    rate: Rate = "vbr"
    codec: Codec = "h264"
    noise_levels: float = 2.0
    visited: bool = True
    busy: bool = False
    troubles: tuple[Trouble, ...] = ()

    @property
    def name(self) -> str:
        """Everything in it, as the name of a file without its suffix."""
        kind = ("busy" if self.busy else "visits") if self.visited else "quiet"
        with_troubles = f"-{'+'.join(self.troubles)}" if self.troubles else ""
        return (
            f"{kind}-{self.width}x{self.height}-{self.fps}fps-{self.duration_s}s-gop{self.gop_s}-{self.rate}-"
            f"{self.codec}-seed{self.seed}-noise{self.noise_levels:g}{with_troubles}-v{VERSION}"
        )

    def scene(self) -> Scene:
        """Return what the clip shows."""
        return Scene(
            self.seed,
            self.duration_s,
            width=self.width,
            height=self.height,
            fps=self.fps,
            noise_levels=self.noise_levels,
            visited=self.visited,
            busy=self.busy,
            troubles=self.troubles,
        )


@dataclass(frozen=True, slots=True)
class Arrival:
    """A visit as a frame's looker can see it.

    Attributes:
        id: in the clip, from 1.
        kind: person or car.
        manner: cross, return, stand or gap.
        t_first: second of the first frame in which a tenth of the figure is in view.
        t_half: second of the first frame in which half of the figure is in view; None if it never is.
        t_last: second of the last frame in which a tenth of the figure is in view.
        area_ratio: how much of the picture the whole figure covers.
        box_ratio: how much of the picture its whole box covers.
        speed: picture widths a second when it moves (heights, if it comes from below).
        contrast: luma levels by which it differs from the ground on the average.
    """

    id: int
    kind: str
    manner: str
    t_first: float
    t_half: float | None
    t_last: float
    area_ratio: float
    box_ratio: float
    speed: float
    contrast: float


def arrivals(scene: Scene) -> tuple[Arrival, ...]:
    """Return the visits of a scene, in order of time."""
    return tuple(_arrival(scene, visit) for visit in scene.visits)


def cached(spec: ClipSpec, folder: Path | None = None, say: Callable[[str], None] | None = None) -> Path:
    """Return the clip's file, which is made if it is not there; beside it lies its truth, ``.json``.

    Args:
        spec: which clip.
        folder: where clips are kept; else one in the system's folder for temporary files.
        say: is told how far it has come.
    """
    folder = folder or Path(tempfile.gettempdir()) / "nightjar-arrivals"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{spec.name}.mp4"
    if not (path.exists() and path.with_suffix(".json").exists()):
        scene = spec.scene()
        path.with_suffix(".json").write_text(truth(spec, scene))
        unfinished = path.with_suffix(".part.mp4")
        encode(
            unfinished,
            _pictures(scene, spec, say or (lambda _: None)),
            fps=spec.fps,
            gop_s=spec.gop_s,
            rate=spec.rate,
            codec=spec.codec,
        )
        unfinished.rename(path)
    return path


def truth(spec: ClipSpec, scene: Scene) -> str:
    """Return the truth as JSON: the spec, the visits, the disturbances.

    A visit has its arrival's fields, and its boxes, one each 0.2 s: second, and xyxy in parts of the picture.
    """
    visits = [
        asdict(arrival) | {"boxes": _boxes(visit)}
        for arrival, visit in zip(arrivals(scene), scene.visits, strict=True)
    ]
    nuisances = [asdict(nuisance) for nuisance in scene.nuisances]
    return json.dumps({"spec": asdict(spec), "visits": visits, "nuisances": nuisances}, indent=1)


def _arrival(scene: Scene, visit: Visit) -> Arrival:
    ticks = range(int(visit.begins_s * scene.fps), int(visit.ends_s * scene.fps) + 2)
    first = _first(scene, visit, ticks, _IN_VIEW)
    last = _first(scene, visit, ticks[::-1], _IN_VIEW)
    if first is None or last is None:
        raise ValueError(f"expected visit {visit.number} to come into view at {scene.fps} frames a second")
    return Arrival(
        visit.number,
        visit.kind,
        visit.manner,
        t_first=first,
        t_half=_first(scene, visit, ticks, _HALF),
        t_last=last,
        area_ratio=visit.area_ratio,
        box_ratio=visit.size[0] * visit.size[1],
        speed=visit.speed,
        contrast=visit.contrast_levels,
    )


def _first(scene: Scene, visit: Visit, ticks: range, part: float) -> float | None:
    """Return the second of the first of those frames in which that part of the figure is in view."""
    for tick in ticks:
        if scene.in_view_ratio(visit, tick) >= part * visit.area_ratio:
            return tick / scene.fps
    return None


def _boxes(visit: Visit) -> list[tuple[float, float, float, float, float]]:
    times = np.arange(visit.begins_s, visit.ends_s + _BOX_STEP_S, _BOX_STEP_S)
    boxes = [(t_s, visit.box(t_s)) for t_s in (round(float(t), 3) for t in times)]
    return [(t_s, *_rounded(box)) for t_s, box in boxes if box is not None]


def _rounded(box: UnitBox) -> UnitBox:
    left, top, right, bottom = (round(side, 5) for side in box)
    return left, top, right, bottom


def _pictures(scene: Scene, spec: ClipSpec, say: Callable[[str], None]) -> Iterator[npt.NDArray[np.uint8]]:
    for tick in range(spec.duration_s * spec.fps):
        if tick % (_SAY_EVERY_S * spec.fps) == 0:
            say(f"{spec.name}: {tick // spec.fps} of {spec.duration_s} s drawn")
        yield scene.draw(tick)
