"""What packet sizes tell without being decoded."""

import math
import random

import pytest

from appliance.frames.sizes import PacketSizes

FPS = 15
GOP = 30
KEYFRAME = 40_000


class Camera:
    """Packets of a quiet scene, and of something that covers a part of it."""

    def __init__(self, noise_bytes: float, mean: float = 1200.0, seed: int = 1) -> None:
        self.sizes = PacketSizes()
        self._random = random.Random(seed)
        self._noise = noise_bytes
        self._mean = mean
        self.at_s = 0.0
        self._count = 0

    def play(self, seconds: float, covered_ratio: float = 0.0, cost: float = 1.0, learn: bool = True) -> int:
        """Return how many packets stood out of so many seconds."""
        alarms = 0
        for _ in range(round(seconds * FPS)):
            is_keyframe = self._count % GOP == 0
            extra = covered_ratio * cost * KEYFRAME
            # The first pictures after a keyframe cost more with most encoders.
            usual = self._mean * (1.5 if self._count % GOP < 3 else 1.0)
            size = KEYFRAME if is_keyframe else max(50, round(self._random.gauss(usual, self._noise) + extra))
            alarms += self.sizes.step(self.at_s, size, is_keyframe, learn)
            self._count += 1
            self.at_s += 1 / FPS
        return alarms


@pytest.mark.parametrize("ratio", [0.002, 0.01, 0.1])
def test_something_that_appears_stands_out(ratio: float) -> None:
    """It costs its share of a keyframe on top of the quiet scene's packets; half a second of it is enough."""
    camera = Camera(noise_bytes=20)
    camera.play(60)
    assert camera.play(0.5, covered_ratio=ratio, learn=False) > 0


def test_the_quiet_scene_hardly_ever_does() -> None:
    """An alarm costs a GOP or so; two in a minute, of noise alone, are 5 % of the time at the most."""
    camera = Camera(noise_bytes=60)
    camera.play(20)
    alarms = 0
    for _ in range(1200):
        if camera.play(3.0):
            alarms += 1
            camera.sizes.false_alarm(camera.at_s)
    assert alarms <= 120


def test_alarms_in_a_burst_have_one_cause() -> None:
    """A cloud makes the camera no blinder than a single false alarm does."""
    once, often = Camera(noise_bytes=15), Camera(noise_bytes=15)
    for camera in (once, often):
        camera.play(60)
    once.sizes.false_alarm(once.at_s)
    for i in range(6):
        often.sizes.false_alarm(often.at_s + 2 * i)
    assert often.sizes.smallest_ratio == once.sizes.smallest_ratio
    often.sizes.false_alarm(often.at_s + 60)
    assert often.sizes._factor > once.sizes._factor


def test_what_can_be_seen_is_told_by_the_noise() -> None:
    """The same object that stands out of a clean picture drowns in a noisy one, and that is known."""
    clean, noisy = Camera(noise_bytes=15), Camera(noise_bytes=1500, mean=12_000)
    for camera in (clean, noisy):
        camera.play(60)
    assert clean.sizes.smallest_ratio < 0.002
    assert noisy.sizes.smallest_ratio > 0.02
    assert noisy.play(0.5, covered_ratio=0.004, learn=False) == 0


def test_nothing_is_claimed_before_anything_was_learnt() -> None:
    """A stream that has just begun is not relied on."""
    camera = Camera(noise_bytes=15)
    assert camera.sizes.smallest_ratio == math.inf
    camera.play(1)
    assert camera.sizes.smallest_ratio == math.inf


def test_the_level_of_the_scene_is_followed() -> None:
    """Night falls and the noise doubles the packets: after a while that is the quiet scene."""
    camera = Camera(noise_bytes=30)
    camera.play(60)
    camera._mean = 2400
    camera.play(60)
    assert camera.play(10) <= 5


def test_where_things_that_move_cost_nothing_sizes_show_nothing() -> None:
    """A constant bit rate takes from the rest of the picture what moves; that is learnt."""
    constant, variable = Camera(noise_bytes=15), Camera(noise_bytes=15)
    for camera, cost in ((constant, 0.0), (variable, 1.0)):
        camera.play(60)
        for _ in range(200):
            camera.play(0.4, covered_ratio=0.02, cost=cost, learn=False)
            camera.sizes.moved(camera.at_s - 1 / FPS, 0.02)
    assert variable.sizes.cost_ratio == pytest.approx(1.0, abs=0.3)
    assert constant.sizes.cost_ratio < 0.2
    assert constant.sizes.smallest_ratio > 4 * variable.sizes.smallest_ratio


def test_what_was_seen_of_a_packet_that_is_forgotten_teaches_nothing() -> None:
    """Nor does a part of the picture that is too small or too large to tell."""
    camera = Camera(noise_bytes=15)
    camera.play(60)
    before = camera.sizes.cost_ratio
    for at_s, ratio in ((1.0, 0.02), (camera.at_s - 1 / FPS, 0.9), (camera.at_s - 1 / FPS, 0.0)):
        camera.sizes.moved(at_s, ratio)
    assert camera.sizes.cost_ratio == before
