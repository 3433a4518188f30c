"""Whether somebody covered a camera, turned it or put it out of focus: its structure, then and now."""

import math
from collections.abc import Mapping
from dataclasses import replace
from enum import Enum

import numpy as np

from appliance.domain.frame import Frame
from appliance.domain.tampering import Tampering
from appliance.motion.settings import Settings
from appliance.motion.structure import Structure, structure_of

LOOK_EVERY_S = 1.0
_EARLY_S = 0.05
_LONGEST_STEP_S = 30.0
"""Of what was between two pictures further apart than this, nothing is known."""
_KNOWN_S = 10.0
_MEMORY_S = 120.0
_STRENGTH_S = 30.0
_CLEAR_S = 5.0
_LOST_S = 120.0
_STRUCTURED_LEVELS = 1.0
_LEAST_PARTS = 14
_GONE = 0.3
_UNLIKE = 0.5
_LIKE = 0.55
"""Parts of the likeness that is usual at the camera, which is less where many come and go."""
_LEAST_ALIKE = 0.5
"""Where pictures are usually less alike than that, none says that the camera was turned."""
_DARK_LEVELS = 36.0
_SAME = 0.7
_COLLAPSED = 0.35
_COLLAPSED_QUANTILE = 0.85
_UNSHARP = 0.42
_FAINT = 0.4
_GREY_LEVELS = 0.5
_COLOURED_LEVELS = 1.5


class _Sight(Enum):
    """What a picture says where it says nothing of tampering: that all is well, or nothing at all."""

    CLEAR = "clear"
    UNKNOWN = "unknown"


class TamperingDetector:
    """Tells what is done to one camera; used on its lane, with pictures a second or ten apart.

    The structure that the camera usually sees is followed, where its edges lie with a time constant of two
    minutes and how strong they are with one of half a minute, which dusk and fog that comes over ten minutes
    do not outrun; and is compared with the structure now. Nobody knows what is behind a picture without
    structure: in the dark nothing is said.

    Thresholds are from five places: the two shared clips (768 × 432), a drawn yard, and the drawn street at
    two times of its day (640 × 360), with white noise of 2 to 5 levels. How alike the edges are is counted in
    parts of how alike they usually are there, which was 0.73 to 1.00. Where nothing was done that was 0.74 to
    1.09; in the light of 15 to 160 %, 0.70 to 1.04; under a lamp by night 0.79 to 1.06, under headlights 0.72
    to 1.03, after a switch to infrared light 0.65 to 0.96 and, where all that is dark shines in it, 0.43 to
    0.72; that is known by the colours that go, too, where there were any. Of a camera turned by a tenth of
    its view or more it was at most 0.19, and 0.46 in the yard, whose courses of bricks are alike; of one that
    was covered at most 0.13. The ground of the car clip is bare: one of its pictures was as low as 0.29
    without anything done and 0.02 in infrared light, in whose noise no two are alike enough for a view.

    Of the gradient a hand left at most 0.21 in 85 % of the parts; a van's bare side 0.09 to 0.29, which is
    told from a hand by driving on; a truck with panels 1.2 and more. Out of focus by 0.3 to 1.2 % of the
    width, 0.08 to 0.29 of the fine structure was left, by what was left of the gradient; after any change of
    the light 0.57 and more.

    Of both clips as they are, over and over with pictures 1 to 10 s apart, none of 5,656 looks told anything.
    Left in peace were, at all five, looked at every second and every four: lamps that went on and off by
    night, lights that left 5 and 2 %, headlights into the lens, infrared light with and without a dark
    moment before it, vans whose bare side stood before the lens for 12 s, and trucks for 20 s.

    A look takes 0.5 ms for 720p and 0.6 ms for 1080p, and twice that on a machine with other work.

    It does not find a camera that is turned by less than a tenth of its view, nor one out of focus where
    there is little that is fine: on the bare ground of the car clip, or in the noise of the night. It takes
    what stands right before the lens for longer than ``covered_after_s`` and ``moved_after_s`` for a cover or
    another view. A picture that is suddenly black says nothing, for a bag leaves no more than a lamp that
    goes off; with ``dark_is_covered`` both are told of.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings or Settings()
        self._after_s: Mapping[Tampering | _Sight, float] = {
            Tampering.COVERED: self._settings.covered_after_s,
            Tampering.OUT_OF_FOCUS: self._settings.unfocused_after_s,
            Tampering.MOVED: self._settings.moved_after_s,
            _Sight.CLEAR: _CLEAR_S,
        }
        self._size = (0, 0)
        self._at_s = -math.inf
        self._usual: Structure | None = None
        self._last: Structure | None = None
        self._alike = 0.0
        self._colour_levels = 0.0
        self._known_s = 0.0
        self._sight: Tampering | _Sight = _Sight.UNKNOWN
        self._since_s = 0.0
        self.verdict: Tampering | None = None

    def step(self, frame: Frame) -> Tampering | None:
        """Take in a picture, unless one was taken in a moment ago, and return what is done to the camera.

        What the camera usually sees is remembered when its media time begins anew: it may be turned while its
        plug is pulled.
        """
        passed_s = frame.media.seconds - self._at_s
        is_soon = 0.0 <= passed_s < LOOK_EVERY_S - _EARLY_S
        if not self._settings.tampering or frame.is_corrupt or is_soon:
            return self.verdict
        self._at_s = frame.media.seconds
        now = structure_of(frame.luma)
        is_other_size = self._size != (frame.width, frame.height)
        if self._usual is None or is_other_size or (_is_bare(self._usual) and not _is_bare(now)):
            self._size = (frame.width, frame.height)
            self._begin(frame, now)
            return None
        is_gap = not 0.0 < passed_s <= _LONGEST_STEP_S
        self._look(frame, now, self._usual, None if is_gap else passed_s)
        self._last = now
        return self.verdict

    def _begin(self, frame: Frame, now: Structure) -> None:
        """Take what is seen now for what is usual."""
        self._usual = self._last = now
        self._colour_levels = _colour_levels(frame)
        self._alike, self._known_s, self._since_s = 0.0, 0.0, self._at_s
        self._sight, self.verdict = _Sight.CLEAR, None

    def _look(self, frame: Frame, now: Structure, usual: Structure, passed_s: float | None) -> None:
        likeness = usual.likeness(now)
        sight = self._judged(now, usual, likeness, is_dark=_is_dark(frame))
        # Somebody who passes while it is turned does not turn it back.
        is_passed = sight is _Sight.UNKNOWN and self._sight is Tampering.MOVED
        if passed_s is None or (sight is not self._sight and not is_passed):
            self._sight, self._since_s = sight, self._at_s
        lasted_s = self._at_s - self._since_s
        if self.verdict is None and (sight is _Sight.CLEAR or self._known_s < _KNOWN_S):
            self._colour_levels = _colour_levels(frame)
            self._learn(now, usual, passed_s)
            self._grow_used_to(likeness, passed_s)
        elif self._is_new_view(sight, lasted_s) or self._is_other_light(sight, frame):
            self._begin(frame, now)
        elif sight is not _Sight.UNKNOWN and lasted_s >= self._after_s[sight]:
            self.verdict = sight if isinstance(sight, Tampering) else None
        elif sight is _Sight.UNKNOWN and self.verdict is None:
            # What fades into the dark is no sudden loss in the end.
            self._learn(replace(now, edges=usual.edges), usual, passed_s)

    def _is_new_view(self, sight: Tampering | _Sight, lasted_s: float) -> bool:
        """Return whether another view was seen for so long that it is the usual one from now on."""
        if self.verdict is None:
            return sight is _Sight.UNKNOWN and lasted_s >= _LOST_S
        return self.verdict is sight is Tampering.MOVED and lasted_s >= self._settings.new_view_s

    def _is_other_light(self, sight: Tampering | _Sight, frame: Frame) -> bool:
        """Return whether the camera went over to infrared light, which shows other edges, or back."""
        if self.verdict is not None or sight is Tampering.COVERED:
            return False
        less, more = sorted((self._colour_levels, _colour_levels(frame)))
        return less < _GREY_LEVELS and more > _COLOURED_LEVELS

    def _learn(self, now: Structure, usual: Structure, passed_s: float | None) -> None:
        """Follow what is usual: the mean of two minutes for places, of half a minute for strengths."""
        if passed_s is not None:
            self._known_s = min(self._known_s + passed_s, _MEMORY_S)
            strength = passed_s / min(self._known_s, max(_STRENGTH_S, passed_s))
            self._usual = usual.towards(now, strength, passed_s / self._known_s)

    def _grow_used_to(self, likeness: float, passed_s: float | None) -> None:
        """Follow how alike pictures usually are to what is usual, over two minutes."""
        if passed_s is not None:
            self._alike += passed_s / self._known_s * (likeness - self._alike)

    def _judged(
        self, now: Structure, usual: Structure, likeness: float, *, is_dark: bool
    ) -> Tampering | _Sight:
        """Return what this picture says by itself."""
        if _is_bare(usual):
            return _Sight.CLEAR
        parts = usual.strong > _STRUCTURED_LEVELS
        left = now.strong[parts] / usual.strong[parts]
        if likeness < _GONE and float(np.quantile(left, _COLLAPSED_QUANTILE)) < _COLLAPSED:
            # A light that was switched off leaves no more than a bag does.
            is_told = not is_dark or self._settings.dark_is_covered
            return Tampering.COVERED if is_told else _Sight.UNKNOWN
        if likeness < _UNLIKE * self._alike:
            is_turned = self._alike >= _LEAST_ALIKE and self._is_view(now)
            return Tampering.MOVED if is_turned else _Sight.UNKNOWN
        sharp = now.fine[parts] / np.maximum(usual.fine[parts], _STRUCTURED_LEVELS / 2)
        is_unsharp = float(np.median(sharp / np.maximum(left, 0.05))) < _UNSHARP
        is_like = likeness >= _LIKE * self._alike
        if is_like and is_unsharp and float(np.median(sharp)) < _UNSHARP:
            return Tampering.OUT_OF_FOCUS if float(np.median(left)) > _FAINT else _Sight.UNKNOWN
        return _Sight.CLEAR if is_like else _Sight.UNKNOWN

    def _is_view(self, now: Structure) -> bool:
        """Return whether a picture shows something, and the same as the last one did."""
        return not _is_bare(now) and self._last is not None and self._last.likeness(now) >= _SAME


def _is_bare(structure: Structure) -> bool:
    """Return whether a picture shows too little to be compared with others."""
    return int(np.count_nonzero(structure.strong > _STRUCTURED_LEVELS)) < _LEAST_PARTS


def _is_dark(frame: Frame) -> bool:
    """Return whether a picture is nearly black."""
    return float(frame.luma[::8, ::8].mean()) < _DARK_LEVELS


def _colour_levels(frame: Frame) -> float:
    """Return how far the colours are from grey; infrared light has none."""
    chroma = frame.i420[frame.height :: 16, ::4]
    return float(np.abs(chroma.astype(np.int16) - 128).mean())
