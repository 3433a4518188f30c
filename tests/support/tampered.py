"""Pictures of a watched place to which something is done, a second or more apart."""

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction

import cv2
import numpy as np
import numpy.typing as npt

from appliance.domain.frame import Frame
from appliance.domain.ids import CameraId
from appliance.domain.tampering import Tampering
from appliance.domain.time import MediaTime, MonotonicNs, WallUs
from appliance.motion.settings import Settings
from appliance.motion.tampering import TamperingDetector
from tests.support.arrivals.backdrop import backdrop

Plane = npt.NDArray[np.float32]
Change = Callable[[Plane, float], Plane]
"""What is done to the place: its luma, and for how many seconds it has lasted."""

WIDTH, HEIGHT = 640, 360
NOISE_LEVELS = 2.0


def framed(luma: npt.NDArray[np.float32], at_s: float, colour: int = 8) -> Frame:
    """Return a picture as a frame."""
    i420 = np.full((luma.shape[0] * 3 // 2, luma.shape[1]), 128 + colour, np.uint8)
    i420[: luma.shape[0]] = np.clip(luma, 0, 255).astype(np.uint8)
    media = MediaTime(round(at_s * 1000), Fraction(1, 1000))
    return Frame(CameraId("yard"), i420, media, WallUs(0), MonotonicNs(0))


class Yard:
    """A yard that is looked at every so many seconds, and what is said of it.

    Attributes:
        told: each change of the verdict, with its second.
    """

    def __init__(self, step_s: float = 2.0, settings: Settings | None = None) -> None:
        self.detector = TamperingDetector(settings)
        self.told: list[tuple[float, Tampering | None]] = []
        self._place = backdrop(WIDTH, HEIGHT)[0]
        self._dice = np.random.default_rng(5)
        self._grain = self._dice.standard_normal((4, HEIGHT, WIDTH), np.float32)
        self._step_s = step_s
        self.at_s = 0.0

    def show(
        self, seconds: float, change: Change | None = None, *, noise: float = NOISE_LEVELS, colour: int = 8
    ) -> None:
        """Show it for so long, with something done to it."""
        began_s = self.at_s
        while self.at_s < began_s + seconds:
            luma = self._place if change is None else change(self._place, self.at_s - began_s)
            self.see(framed(luma + self._unrest() * np.float32(noise), self.at_s, colour))
            self.at_s = round(self.at_s + self._step_s, 3)

    def _unrest(self) -> Plane:
        """Return noise that differs from picture to picture: drawing it anew would take most of the time."""
        grain = self._grain[self._dice.integers(4)]
        return np.asarray(np.roll(grain, self._dice.integers(HEIGHT), axis=0), np.float32)

    def see(self, frame: Frame) -> None:
        """Show a frame."""
        before = self.detector.verdict
        after = self.detector.step(frame)
        if after is not before:
            self.told.append((frame.media.seconds, after))


def told_of(frames: Iterable[Frame]) -> list[tuple[float, Tampering | None]]:
    """Return what is said of frames."""
    yard = Yard()
    for frame in frames:
        yard.see(frame)
    return yard.told


def lit(gain: float, light: float = 0.0) -> Change:
    """Return the change of another exposure."""
    return lambda place, _: place * np.float32(gain) + np.float32(light)


def blurred(width_ratio: float) -> Change:
    """Return the change of a lens out of focus, by a part of the picture's width."""
    return lambda place, _: np.asarray(
        cv2.GaussianBlur(place, (0, 0), width_ratio * place.shape[1]), np.float32
    )


def turned(across: float, down: float = 0.0) -> Change:
    """Return the change of a camera that is turned by so much of its view; what comes is a place as this."""
    return lambda place, _: np.roll(
        place, (round(down * place.shape[0]), round(across * place.shape[1])), (0, 1)
    )


def infrared(place: Plane, _: float) -> Plane:
    """Return the place in the light of the camera's own lamp, which is strong in the middle."""
    return np.asarray(20 + (0.55 * place + 44) * _pool(place.shape, (0.5, 0.6), (0.4, 0.45)), np.float32)


def lamp(place: Plane, _: float) -> Plane:
    """Return the place by night, where one lamp burns at its side."""
    return np.asarray(place * (0.15 + 0.8 * _pool(place.shape, (0.3, 0.3), (0.35, 0.35))), np.float32)


def _pool(shape: tuple[int, ...], middle: tuple[float, float], wide: tuple[float, float]) -> Plane:
    """Return a pool of light: 1 in its middle; middle and width are parts of the picture's sides."""
    y, x = np.ogrid[0 : shape[0], 0 : shape[1]]
    across, down = (x / shape[1] - middle[0]) / wide[0], (y / shape[0] - middle[1]) / wide[1]
    return np.asarray(np.exp(-(across**2 + down**2)), np.float32)


def hand(place: Plane, _: float) -> Plane:
    """Return what is seen of the place through a hand on the lens."""
    return np.asarray(
        cv2.GaussianBlur(place * np.float32(0.05), (0, 0), place.shape[1] / 20) + 40, np.float32
    )


def black(place: Plane, _: float) -> Plane:
    """Return nothing."""
    return np.full_like(place, 4.0)


def foam(place: Plane, _: float) -> Plane:
    """Return what is seen of a spray: bright clouds."""
    clouds = np.random.default_rng(9).standard_normal(place.shape).astype(np.float32) * 30 + 150
    return np.asarray(cv2.GaussianBlur(clouds, (0, 0), WIDTH / 60), np.float32)


def headlights(place: Plane, seconds: float) -> Plane:
    """Return the place by night, with a car that shines at it as it passes."""
    glare = 220 * _pool(place.shape, (seconds / 10, 0.6), (0.2, 0.2))
    return np.asarray(place * 0.3 + glare, np.float32)


def truck(place: Plane, _: float) -> Plane:
    """Return the place behind a truck: panels, a wheel, and a strip of sky above it."""
    height, width = place.shape
    picture = np.full_like(place, 150.0)
    picture[:, :: width // 9] = 90.0
    picture[height * 3 // 4 :] = 60.0
    cv2.circle(picture, (width // 4, height * 7 // 8), height // 8, 20.0, -1)
    picture[: height // 12] = place[: height // 12]
    return picture


def side(place: Plane, _: float) -> Plane:
    """Return the place behind a van so near that only its bare side is seen, and a strip beneath it."""
    picture = np.full_like(place, 170.0)
    picture[place.shape[0] * 5 // 6 :] = 60.0
    return picture


def rain(place: Plane, seconds: float) -> Plane:
    """Return the place in heavy rain."""
    dice, picture = np.random.default_rng(round(seconds * 10)), place.copy()
    for x, y in dice.integers((0, 0), (WIDTH, HEIGHT), (400, 2)).tolist():
        cv2.line(picture, (x, y), (x + 2, y + HEIGHT // 12), 200.0, 1)
    return picture


def fog(place: Plane, seconds: float) -> Plane:
    """Return the place in fog that comes over ten minutes, and leaves a tenth of the contrast."""
    left = np.float32(max(0.1, 1 - seconds / 600))
    return np.asarray(place * left + 160 * (1 - left), np.float32)


def dusk(place: Plane, seconds: float) -> Plane:
    """Return the place as it grows dark over ten minutes, to nothing."""
    return np.asarray(place * np.exp(-np.float32(seconds) / 120), np.float32)


def filmed(pictures: Iterator[npt.NDArray[np.uint8]], step_s: float) -> Iterator[Frame]:
    """Yield I420 pictures as frames so far apart."""
    for number, picture in enumerate(pictures):
        media = MediaTime(round(number * step_s * 1000), Fraction(1, 1000))
        yield Frame(CameraId("yard"), picture, media, WallUs(0), MonotonicNs(0))
