"""How a place looks, in whatever light."""

import numpy as np
import numpy.typing as npt
import pytest

from appliance.domain.look import SAME_BITS, difference, look, looks

Luma = npt.NDArray[np.uint8]

BOX = (100.0, 60.0, 220.0, 130.0)


def street(*, car: int | None = 160, noise: float = 2.0, seed: int = 1) -> Luma:
    """Return a street of 320×180 by day, with a car of that luma in ``BOX`` or without one."""
    chance = np.random.default_rng(seed)
    luma = np.full((180, 320), 110.0)
    luma[:70] = 150
    luma[:70, ::40] = 90
    if car is not None:
        luma[75:120, 102:218] = car
        luma[64:90, 125:190] = car * 0.5
        luma[68:86, 150:156] = car
        for wheel in (118, 185):
            luma[108:130, wheel : wheel + 20] = 30
        luma[92:98, 104:116] = 230
        luma[118:126, 140:182] = car * 0.7
    return as_luma(luma + chance.normal(0, noise, luma.shape))


def as_luma(levels: npt.NDArray[np.float64]) -> Luma:
    """Return levels as a picture."""
    return np.clip(levels, 0, 255).astype(np.uint8)


def cone(at: float) -> npt.NDArray[np.float64]:
    """Return how much a headlight adds: 0 to 1, brightest at that part of the box's width."""
    rows, columns = np.mgrid[0:180, 0:320].astype(np.float64)
    left, _, right, bottom = BOX
    x, y = left + at * (right - left), bottom - 10
    return np.asarray(np.exp(-(((columns - x) / 90) ** 2) - ((rows - y) / 60) ** 2), np.float64)


DAY = street().astype(np.float64)

LIGHTS = {
    "as it was, other noise": street(seed=2),
    "half as bright": as_luma(DAY * 0.5),
    "brighter": as_luma(DAY * 1.3),
    "at night": street(seed=3, noise=6) // np.uint8(4),
    "headlights by day": as_luma(DAY + 60 * cone(0.2)),
    "headlights at night": as_luma(street(seed=4, noise=5) * 0.35 + 90 * cone(0.5)),
    "a cloud's edge": as_luma(DAY * (1 - 0.45 / (1 + np.exp(-(np.arange(320) - 160) / 10)))),
    "fog": as_luma(DAY * 0.5 + 90),
}


@pytest.mark.parametrize("light", LIGHTS)
def test_light_changes_little_of_a_look(light: str) -> None:
    """The same car in another light looks the same."""
    assert difference(look(street(), BOX), look(LIGHTS[light], BOX)) <= SAME_BITS


@pytest.mark.parametrize(
    "other",
    [street(car=None), street(car=None) // np.uint8(4), np.roll(street(), 40, axis=1)],
    ids=["empty", "empty at night", "drawn forward"],
)
def test_another_thing_or_none_looks_different(other: Luma) -> None:
    """The empty place, by day and at night, and a car a third of its length further on are told from it."""
    assert difference(look(street(), BOX), look(other, BOX)) > SAME_BITS


def test_a_flat_place_has_a_look_of_its_own() -> None:
    """Noise alone makes no bits: an even wall looks the same each time."""
    walls = [as_luma(np.random.default_rng(i).normal(100, 3, (180, 320))) for i in range(20)]
    assert max(difference(look(walls[0], BOX), look(wall, BOX)) for wall in walls) <= SAME_BITS // 2


def test_the_size_of_the_picture_does_not_matter() -> None:
    """The same place in a picture of twice the size looks the same."""
    twice = np.repeat(np.repeat(street(), 2, axis=0), 2, axis=1)
    doubled = np.array(BOX) * 2
    assert difference(look(street(), BOX), look(twice, doubled)) <= 2


@pytest.mark.parametrize("box", [(-20, -20, 30, 30), (300, 170, 400, 300), (50, 50, 50, 50), (9, 9, 8, 8)])
def test_any_box_has_a_look(box: tuple[float, float, float, float]) -> None:
    """One that leaves the picture, an empty one and one inside out are looked at as far as there is one."""
    assert 0 <= look(street(), box) < 1 << 64


def test_looks_are_those_of_each_box() -> None:
    """Many boxes at once get what each gets alone; none gets none."""
    boxes = np.array([BOX, (0, 0, 90, 90)], np.float32)
    taken = looks(street(), boxes)
    assert taken.dtype == np.uint64
    assert taken.tolist() == [look(street(), box) for box in boxes]
    assert looks(street(), boxes[:0]).shape == (0,)


@pytest.mark.parametrize(("one", "other", "bits"), [(0, 0, 0), (0, (1 << 64) - 1, 64), (0b1010, 0b0110, 2)])
def test_the_difference_counts_bits(one: int, other: int, bits: int) -> None:
    """Hamming's distance."""
    assert difference(one, other) == bits
