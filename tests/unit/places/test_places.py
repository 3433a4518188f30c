"""What holds of everything that tracks do, however it is handed in."""

import random
from dataclasses import replace

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.domain.ids import TrackId
from appliance.domain.passage import Passages
from appliance.domain.scene import Line, LineId, Point, Scene, Zone, ZoneId
from appliance.domain.track import Track
from appliance.places.memory import Memory
from appliance.places.places import Places
from tests.support.paths import HEIGHT, WIDTH, standing
from tests.support.sightings import wall

ZONES = (
    Zone(ZoneId("drive"), "Drive", ((0.1, 0.3), (0.6, 0.4), (0.5, 0.9), (0.1, 0.8)), sides_m=(6, 9, 6, 9)),
    Zone(ZoneId("door"), "Door", ((0.5, 0.5), (0.9, 0.5), (0.9, 1.0), (0.5, 1.0)), enter_s=0.0),
)
LINES = (
    Line(LineId("gate"), "Gate", (0.4, 0.9), (0.4, 0.2)),
    Line(LineId("step"), "Step", (0.2, 0.6), (0.9, 0.7)),
)
SCENE = Scene(ZONES, LINES)
FRAME_S = 0.2
grid = st.integers(0, 997).map(lambda step: 0.05 + step / 1109)
"""Places that lie on no drawn line: there, rounding would decide."""
feet: st.SearchStrategy[Point] = st.tuples(grid, grid)
films = st.lists(st.lists(st.one_of(st.none(), feet), min_size=3, max_size=3), min_size=2, max_size=25)
Film = list[list[Point | None]]


def shots(film: Film, size: tuple[float, float] = (WIDTH, HEIGHT)) -> list[list[Track]]:
    """Return the tracks of each frame of a film; who is not seen is missed there."""
    last: dict[int, Track] = {}
    frames = []
    for n, places in enumerate(film):
        for number, foot in enumerate(places, 1):
            if foot is not None:
                last[number] = standing(n * FRAME_S, foot, number, size=size)
        frames.append(list(last.values()))
    return frames


def played(scene: Scene, frames: list[list[Track]], keep_at: int = -1) -> dict[TrackId, Passages]:
    """Return what was done in the end; at frame ``keep_at`` the memory is written down and read again."""
    places, done = Places(scene), {}
    for n, tracks in enumerate(frames):
        if n == keep_at:
            kept = msgspec.msgpack.encode(places.memory)
            places = Places(scene, msgspec.msgpack.decode(kept, type=Memory))
        done = dict(places.step(tracks, wall(n * FRAME_S)))
    return done


@settings(max_examples=60)
@given(films, st.randoms(use_true_random=False))
def test_the_order_of_tracks_does_not_matter(film: Film, dice: random.Random) -> None:
    """Each track goes its own way."""
    frames = shots(film)
    shuffled = [dice.sample(tracks, len(tracks)) for tracks in frames]
    assert played(SCENE, frames) == played(SCENE, shuffled)


@settings(max_examples=60)
@given(films, st.integers(0, 25))
def test_a_memory_that_was_written_down_goes_on_as_if_nothing_had_been(film: Film, keep_at: int) -> None:
    """Wherever a film is split into parts: the answer is the same."""
    frames = shots(film)
    assert played(SCENE, frames) == played(SCENE, frames, keep_at)


@settings(max_examples=60)
@given(films)
def test_a_track_is_judged_as_if_it_were_alone(film: Film) -> None:
    """Whoever else is in the picture."""
    frames = shots(film)
    for number, passages in played(SCENE, frames).items():
        alone = [[track for track in tracks if track.id == number] for tracks in frames]
        assert played(SCENE, alone)[number] == passages


@settings(max_examples=60)
@given(films, st.floats(0.3, 1.0), st.floats(0.3, 1.0))
def test_a_scaled_picture_tells_the_same(film: Film, across: float, down: float) -> None:
    """Scene and objects may be shrunk together, also out of shape, about the middle of the picture.

    Nothing here touches the picture's edge: what is cut off there is another question.
    """

    def small(point: Point) -> Point:
        return 0.5 + across * (point[0] - 0.5), 0.5 + down * (point[1] - 0.5)

    whole = [[None if f is None else (0.04 + 0.9 * f[0], 0.04 + 0.9 * f[1]) for f in row] for row in film]
    shrunk = [[None if f is None else small(f) for f in row] for row in whole]
    drive, door = ZONES[0], replace(ZONES[1], points=((0.5, 0.5), (0.9, 0.5), (0.9, 0.97), (0.5, 0.97)))
    scene = Scene((drive, door), LINES)
    zones = tuple(replace(zone, points=tuple(map(small, zone.points))) for zone in scene.zones)
    lines = tuple(replace(line, a=small(line.a), b=small(line.b)) for line in LINES)
    one = played(scene, shots(whole))
    other = played(Scene(zones, lines), shots(shrunk, (across * WIDTH, down * HEIGHT)))
    assert {n: told(p) for n, p in one.items()} == {n: told(p) for n, p in other.items()}


def told(passages: Passages) -> tuple[object, ...]:
    """Return passages with times in milliseconds: rounding moves a crossing by a microsecond."""
    crossings = [(c.line_id, round(c.at_us / 1000), c.direction) for c in passages.crossings]
    speed = None if passages.speed_kmh is None else round(passages.speed_kmh)
    return passages.stays, crossings, speed
