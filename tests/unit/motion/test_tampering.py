"""A camera that is covered, turned or put out of focus is told of; light, weather and traffic are not."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest

from appliance.domain.frame import Frame
from appliance.domain.tampering import Tampering
from appliance.domain.time import MediaTime
from appliance.motion.settings import Settings
from appliance.packets.demo.scene import Scene as Demo
from tests.support.arrivals.scene import Scene as Arrivals
from tests.support.rtsp import shared_folder
from tests.support.tampered import (
    HEIGHT,
    WIDTH,
    Change,
    Yard,
    black,
    blurred,
    dusk,
    filmed,
    foam,
    fog,
    framed,
    hand,
    headlights,
    infrared,
    lamp,
    lit,
    rain,
    side,
    told_of,
    truck,
    turned,
)

COVERED, MOVED, BLURRED = Tampering.COVERED, Tampering.MOVED, Tampering.OUT_OF_FOCUS


@pytest.mark.parametrize("step_s", [0.5, 2.0, 8.0])
@pytest.mark.parametrize(
    ("change", "kind", "after_s"),
    [
        pytest.param(hand, COVERED, 15, id="a hand"),
        pytest.param(foam, COVERED, 15, id="spray"),
        pytest.param(blurred(0.004), BLURRED, 15, id="a little out of focus"),
        pytest.param(blurred(0.012), BLURRED, 15, id="far out of focus"),
        pytest.param(turned(0.15), MOVED, 30, id="a little to the side"),
        pytest.param(turned(0.4), MOVED, 30, id="to the side"),
        pytest.param(turned(0.0, 0.3), MOVED, 30, id="up"),
    ],
)
def test_what_is_done_to_it_is_told_in_time_and_so_is_its_end(
    change: Change, kind: Tampering, after_s: float, step_s: float
) -> None:
    """With pictures as seldom as they are decoded: as soon as the second one after that time."""
    yard = Yard(step_s)
    yard.show(60)
    began_s = yard.at_s
    yard.show(60, change)
    ended_s = yard.at_s
    yard.show(40)
    (told_s, told), (over_s, over) = yard.told
    assert (told, over) == (kind, None)
    assert began_s + after_s <= told_s <= began_s + after_s + 2 * max(1.0, step_s)
    assert ended_s + 5 <= over_s <= ended_s + 5 + 2 * max(1.0, step_s)


@pytest.mark.parametrize(
    ("change", "seconds", "noise"),
    [
        pytest.param(lit(0.1), 300, 2, id="lights off"),
        pytest.param(lit(0.03), 300, 2, id="nearly all lights off"),
        pytest.param(lit(1.6, 20), 300, 2, id="lights on"),
        pytest.param(infrared, 300, 5, id="infrared light that keeps its colour"),
        pytest.param(headlights, 10, 3, id="headlights"),
        pytest.param(truck, 20, 2, id="a truck that fills the picture"),
        pytest.param(rain, 300, 2, id="rain"),
        pytest.param(fog, 900, 2, id="fog"),
        pytest.param(dusk, 900, 4, id="dusk and a dark night"),
        pytest.param(turned(0.02), 300, 2, id="a mount that gives way a little"),
        pytest.param(blurred(0.0015), 300, 2, id="a drop in bitrate"),
        pytest.param(hand, 10, 2, id="an insect on the lens"),
        pytest.param(black, 900, 2, id="the only lamp off"),
        pytest.param(side, 12, 2, id="a van's bare side"),
        pytest.param(turned(0.5), 20, 2, id="a glance elsewhere"),
    ],
)
@pytest.mark.parametrize("step_s", [1.5, 8.0])
def test_light_weather_and_traffic_are_no_tampering(
    change: Change, seconds: float, noise: float, step_s: float
) -> None:
    """Neither as it comes nor as it goes."""
    yard = Yard(step_s)
    yard.show(60)
    yard.show(seconds, change, noise=noise)
    yard.show(60)
    assert yard.told == []


def test_a_camera_that_is_suddenly_blind_is_told_of_where_that_is_wanted() -> None:
    """Of a bag; but a lamp that goes off in a cellar looks the same."""
    yard = Yard(settings=Settings(dark_is_covered=True))
    yard.show(60)
    yard.show(60, black)
    yard.show(40)
    assert [kind for _, kind in yard.told] == [COVERED, None]


@pytest.mark.parametrize("dark", [0.2, 0.08, 0.03])
@pytest.mark.parametrize("step_s", [2.0, 8.0])
@pytest.mark.parametrize("light", [lit(1.0), lamp, infrared])
def test_lights_that_go_on_and_off_by_night_are_no_tampering(
    light: Change, step_s: float, dark: float
) -> None:
    """However dark it is without them, for one evening long."""
    yard = Yard(step_s)
    yard.show(80, lit(dark), noise=4)
    for _ in range(4):
        yard.show(40, light, noise=3)
        yard.show(60, lit(dark), noise=4)
    assert yard.told == []


def test_infrared_light_is_known_by_the_colour_it_lacks() -> None:
    """Even where it shows edges that daylight did not: as if another place were seen."""
    yard = Yard()
    yard.show(60)
    yard.show(60, turned(0.5), colour=0)
    yard.show(60)
    assert yard.told == []


def test_one_that_stays_turned_sees_its_usual_view_after_ten_minutes() -> None:
    """Then that is what is watched, and what is done to it is told again."""
    yard = Yard()
    yard.show(60)
    yard.show(700, turned(0.4))
    yard.show(60, hand)
    assert [kind for _, kind in yard.told] == [MOVED, None, COVERED]
    assert yard.told[1][0] - 60 == pytest.approx(600, abs=4)


def test_one_that_stays_covered_is_told_of_until_it_is_not() -> None:
    """However long: a cover is nobody's usual view."""
    yard = Yard(8.0)
    yard.show(60)
    yard.show(1200, hand)
    assert [kind for _, kind in yard.told] == [COVERED]


def test_one_thing_may_follow_the_other() -> None:
    """A hand that turns the camera, and leaves it so."""
    yard = Yard(1.0)
    yard.show(60)
    yard.show(20, hand)
    yard.show(60, turned(0.4))
    assert [kind for _, kind in yard.told] == [COVERED, MOVED]


def test_one_that_is_turned_while_its_plug_is_pulled_is_told_of() -> None:
    """Its stream begins anew, and the view is another."""
    yard = Yard()
    yard.show(60)
    yard.at_s = 0.0
    yard.show(60, turned(0.4))
    assert [kind for _, kind in yard.told] == [MOVED]


def test_another_size_of_picture_is_learnt_anew() -> None:
    """Nothing can be compared with what was."""
    yard = Yard()
    yard.show(60, hand)
    for at_s in range(60, 120, 2):
        yard.see(framed(np.random.default_rng(1).uniform(0, 255, (240, 320)).astype(np.float32), at_s))
    assert yard.told == []


def test_it_can_be_switched_off() -> None:
    """Then nothing is looked at."""
    yard = Yard(settings=Settings(tampering=False))
    yard.show(60)
    yard.show(60, hand)
    assert yard.told == []


def test_corrupt_pictures_say_nothing() -> None:
    """Grey is what a decoder makes of what it did not get."""
    yard = Yard()
    yard.show(60)
    for at_s in range(60, 90):
        yard.see(replace(framed(np.full((HEIGHT, WIDTH), 128, np.float32), at_s), is_corrupt=True))
    assert yard.told == []


CLIPS = ["car-detection.mp4", "one-by-one-person.mp4"]


def pictures_of(clip: str) -> list[Frame]:
    """Return a second's first picture each of a shared clip."""
    path = shared_folder() / "media" / clip
    if not path.exists():
        pytest.skip("the shared clips are not here")
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        every = round(float(stream.average_rate or 1))
        decoded = (
            np.asarray(frame.to_ndarray(format="yuv420p"), np.uint8)
            for number, frame in enumerate(container.decode(stream))
            if number % every == 0
        )
        return list(filmed(decoded, 1.0))


NIGHT = lit(0.15)
EVENTS_OF_LIGHT = {
    "a lamp by night": (NIGHT, lamp, NIGHT, lamp, NIGHT),
    "lights off and on": (lit(1.0), lit(0.03), lit(1.0), black, lit(1.0)),
    "lights on by night": (lit(0.03), lit(1.0), lit(0.03), lit(1.0), lit(0.03)),
    "infrared light": (lit(1.0), infrared, lit(1.0)),
    "a truck": (lit(1.0), truck, lit(1.0)),
    "a van's bare side": (lit(1.0), side, lit(1.0)),
}
"""What happens to the shared clips' places: for 45 s each, 12 s where something stands before them."""


@pytest.mark.parametrize("changes", EVENTS_OF_LIGHT.values(), ids=list(EVENTS_OF_LIGHT))
@pytest.mark.parametrize("clip", CLIPS)
def test_neither_light_nor_vans_disturb_the_shared_clips(clip: str, changes: tuple[Change, ...]) -> None:
    """Between them there is light as it was filmed, and while they last cars and people come and go."""
    assert told_of(changed(pictures_of(clip), changes)) == []


def changed(frames: list[Frame], changes: tuple[Change, ...]) -> Iterator[Frame]:
    """Yield pictures a second apart, over and over, with one thing after the other done to them."""
    looped, dice = itertools.cycle(frames), np.random.default_rng(7)
    grain = dice.standard_normal((frames[0].height, frames[0].width), np.float32) * 3
    at_s = 0
    for change in changes:
        for passed_s in range(12 if change in (truck, side) else 45):
            frame, at_s = next(looped), at_s + 1
            i420 = frame.i420.copy()
            plane = change(np.asarray(i420[: frame.height], np.float32), passed_s)
            unrest = np.roll(grain, dice.integers(frame.height), axis=0)
            i420[: frame.height] = np.clip(plane + unrest, 0, 255).astype(np.uint8)
            if change is infrared:
                i420[frame.height :] = 128
            yield replace(frame, i420=i420, media=MediaTime(at_s, Fraction(1)))


@pytest.mark.parametrize("clip", CLIPS)
def test_the_shared_clips_are_left_in_peace(clip: str) -> None:
    """From their first picture to their last."""
    frames = pictures_of(clip)
    assert len(frames) > 20
    assert told_of(frames) == []


def twice(frames: list[Frame]) -> Iterator[Frame]:
    """Yield pictures a second apart, and once more after the last."""
    for number, frame in enumerate(frames * 2):
        yield replace(frame, media=MediaTime(number, Fraction(1)))


@pytest.mark.parametrize(
    ("clip", "kind"), [*((clip, kind) for clip in CLIPS for kind in (COVERED, MOVED)), (CLIPS[1], BLURRED)]
)
def test_what_is_done_to_the_camera_of_a_shared_clip_is_told(clip: str, kind: Tampering) -> None:
    """While cars and people come and go."""
    frames = []
    for frame in twice(pictures_of(clip)):
        i420 = frame.i420.copy()
        if frame.media.seconds >= 20:
            plane = np.asarray(i420[: frame.height], np.float32)
            done = {COVERED: hand, MOVED: turned(0.33), BLURRED: blurred(0.01)}[kind](plane, 0.0)
            i420[: frame.height] = np.clip(done, 0, 255).astype(np.uint8)
        frames.append(replace(frame, i420=i420))
    assert [what for _, what in told_of(frames)] == [kind]


def test_a_street_through_its_day_and_night_is_left_in_peace() -> None:
    """Both fall within ten minutes here, and people come and go."""
    street = Demo(seed=5)
    assert told_of(filmed((street.draw(2.0 * i) for i in range(300)), 2.0)) == []


def test_a_busy_yard_is_left_in_peace() -> None:
    """With cars and people, a cloud, a lamp and leaves."""
    scene = Arrivals(
        3,
        180,
        width=640,
        height=360,
        fps=15,
        noise_levels=2.0,
        busy=True,
        troubles=("cloud", "lamp", "leaves"),
    )
    assert told_of(filmed((scene.draw(i * 15) for i in range(170)), 1.0)) == []
