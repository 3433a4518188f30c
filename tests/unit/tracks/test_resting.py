"""Things that stay: one object, however long, in whatever light, whoever passes."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.ids import TrackId
from appliance.domain.look import SAME_BITS, difference
from appliance.domain.track import Box, Origin, Remover, Rest, Track, TrackState
from appliance.tracks.geometry import iou
from appliance.tracks.held import Held
from appliance.tracks.settings import Settings
from appliance.tracks.tracker import Tracker
from tests.support.sightings import Sighting, detections, moved, person, seconds, wall, with_looks

PLACE: Box = (0.4, 0.5, 0.6, 0.7)
CAR: Sighting = ("car", 0.8, PLACE)
WITH_CAR, WITHOUT, HIDDEN = 0x5A5A_F0F0_3C3C_0FF0, 0xA5A5_0F3F_C33C_F10F, 0xFFFF_0000_FFFF_0000
"""How the place looks with its car, without it, and with something before it: more than 16 bits apart."""


class Yard:
    """A tracker, and a camera in whose picture the place looks as a test says."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.tracker = Tracker(settings)
        self.look = WITH_CAR
        self.at_s = 0.0
        self.known: dict[int, Track] = {}
        self.now: tuple[Track, ...] = ()

    def see(self, *sightings: Sighting, after_s: float = 0.2, searched: Iterable[Box] | None = None) -> None:
        """Analyse the next frame."""
        self.at_s += after_s
        found = detections(self.at_s, *sightings, searched=searched)
        self.now = self.tracker.step(with_looks(found, self.look_of, self.tracker.resting)).tracks
        self.known |= {track.id: track for track in self.now}

    def look_of(self, box: Box) -> int:
        """Return how a box looks: like the place where it lies on it."""
        return self.look if iou(np.array([box]), np.array([PLACE]))[0, 0] > 0.5 else 0

    def park(self, *sightings: Sighting) -> Track:
        """Let a car stand until it rests."""
        for _ in range(120):
            self.see(*(sightings or (CAR,)))
        return self.car

    @property
    def car(self) -> Track:
        """The first track."""
        return self.known[min(self.known)]


def test_what_stood_for_long_enough_rests_at_its_place() -> None:
    """From the 20th second on, since it came, with its place and how that looks."""
    yard = Yard()
    for _ in range(100):
        yard.see(CAR)
        assert yard.car.rest is None if yard.known else yard.at_s < 1
    yard.see(CAR)
    yard.see(CAR)
    rest = yard.car.rest
    assert rest is not None
    assert (seconds(rest.since_us), rest.look) == (0.2, WITH_CAR)
    assert rest.unit_box == pytest.approx(PLACE, abs=1e-6)


def test_what_stands_is_not_lost_by_a_detector_that_overlooks_it() -> None:
    """After two seconds its look alone keeps it for as long; once that has changed, it is lost as ever."""
    yard = Yard()
    for _ in range(15):
        yard.see(CAR)
    for _ in range(50):
        yard.see()
    assert (yard.car.state, yard.car.missed, yard.car.rest) == (TrackState.CONFIRMED, 0, None)
    yard.look = WITHOUT
    for _ in range(14):
        yard.see()
    assert yard.car.state is TrackState.ENDED


def test_what_goes_on_moving_never_rests() -> None:
    """Somebody who walks slowly to and fro is followed as before."""
    yard = Yard()
    for i in range(300):
        yard.see(person(moved((0.1, 0.3, 0.2, 0.8), 0.3 * abs((i % 60) / 30 - 1))))
    assert {track.rest for track in yard.known.values()} == {None}


def test_a_jittering_box_rests_all_the_same() -> None:
    """A detector that is never quite sure of the sides, and loses half of the box at times."""
    yard, chance = Yard(), np.random.default_rng(5)
    for i in range(150):
        left, top, right, bottom = np.array(PLACE) + chance.normal(0, 0.01, 4)
        yard.see(("car", 0.7, (left, top, right, bottom if i % 9 else top + 0.07)))
    assert yard.car.rest is not None
    assert len(yard.known) == 1


def test_a_resting_object_is_looked_at_again_only_when_its_place_changes() -> None:
    """Its place is probed instead; the detector looks there once it looks different."""
    yard = Yard()
    yard.park()
    assert (yard.tracker.followed.shape, yard.tracker.resting.shape) == ((0, 4), (1, 4))
    assert yard.tracker.resting[0] == pytest.approx([256, 180, 384, 252], abs=0.01)
    yard.look = WITHOUT
    yard.see()
    assert yard.tracker.followed.tolist() == yard.tracker.resting.tolist()


@pytest.mark.parametrize("pause_s", [0.2, 3.0, 600.0])
def test_it_stays_however_long_nothing_is_detected(pause_s: float) -> None:
    """Its look alone says that it is there, also across pauses in which all else is forgotten."""
    yard = Yard()
    parked = yard.park()
    for _ in range(300):
        yard.see(after_s=pause_s)
    assert (yard.car.state, yard.car.missed, yard.car.id) == (TrackState.CONFIRMED, 0, parked.id)
    assert yard.car.last_seen_us == wall(yard.at_s)


@pytest.mark.parametrize(
    "flicker",
    [
        ("truck", 0.9, PLACE),
        ("dog", 0.6, PLACE),
        ("motion", 0.6, PLACE),
        ("car", 0.9, moved(PLACE, 0.05)),
        ("car", 0.5, (0.4, 0.5, 0.5, 0.7)),
        ("motion", 0.6, (0.42, 0.6, 0.46, 0.68)),
        ("cat", 0.7, (0.42, 0.6, 0.46, 0.68)),
        ("person", 0.7, (0.42, 0.55, 0.46, 0.68)),
    ],
)
def test_flicker_at_its_place_is_no_new_object(flicker: Sighting) -> None:
    """Whatever the model calls the parked car, or a part of it, for however long."""
    yard = Yard()
    parked = yard.park()
    for i in range(200):
        yard.see(flicker, *([CAR] if i % 3 == 0 else []))
    assert set(yard.known) == {parked.id}
    assert (yard.car.label, yard.car.rest) == ("car", parked.rest)


@pytest.mark.parametrize("pace_s", [0.2, 0.5])
def test_who_passes_before_it_is_a_track_of_its_own(pace_s: float) -> None:
    """The person is known, and neither steals the car nor ends it, though it hides the car for a while."""
    yard = Yard()
    parked = yard.park()
    for i in range(round(8 / pace_s)):
        left = 0.1 + 0.1 * pace_s * i
        walker = (left, 0.3, left + 0.1, 0.75)
        yard.look = HIDDEN if 0.3 < left < 0.6 else WITH_CAR
        yard.see(person(walker), *([] if yard.look == HIDDEN else [CAR]), after_s=pace_s)
    assert {track.label for track in yard.known.values()} == {"car", "person"}
    assert len(yard.known) == 2
    assert (yard.car.id, yard.car.rest, yard.car.state) == (parked.id, parked.rest, TrackState.CONFIRMED)


def test_a_car_that_passes_before_it_is_not_taken_for_it() -> None:
    """It comes and goes by itself, and the parked one is still there."""
    yard = Yard()
    parked = yard.park()
    for i in range(25):
        passing = moved((0.0, 0.52, 0.2, 0.72), 0.035 * i)
        share = iou(np.array([passing]), np.array([PLACE]))[0, 0]
        yard.look = HIDDEN if share > 0.15 else WITH_CAR
        yard.see(("car", 0.8, passing), *([] if share > 0.3 else [CAR]))
    yard.see(CAR)
    assert len(yard.known) == 2
    assert (yard.car.rest, yard.car.missed) == (parked.rest, 0)


def test_an_unseen_passer_by_does_not_end_it() -> None:
    """A place that looks different for 25 s, and nothing found there: a van's side, an umbrella."""
    yard = Yard()
    parked = yard.park()
    yard.look = HIDDEN
    for _ in range(125):
        yard.see()
    yard.look = WITH_CAR
    yard.see()
    assert (yard.car.id, yard.car.state, yard.car.missed) == (parked.id, TrackState.CONFIRMED, 0)


def test_behind_a_known_object_it_is_kept_for_long() -> None:
    """A truck that stands before it for ten minutes makes one event more, not two."""
    yard = Yard()
    parked = yard.park()
    truck = (0.3, 0.4, 0.62, 0.9)
    for i in range(40):
        yard.look = HIDDEN if i > 20 else WITH_CAR
        yard.see(("truck", 0.8, moved(truck, 0.4 - 0.01 * i)), *([] if i > 20 else [CAR]))
    for _ in range(600):
        yard.see(("truck", 0.8, truck), after_s=1.0)
    yard.look = WITH_CAR
    yard.see(CAR)
    assert len(yard.known) == 2
    assert (yard.car.id, yard.car.state, yard.car.rest) == (parked.id, TrackState.CONFIRMED, parked.rest)


@pytest.mark.parametrize("fps", [2, 3, 5])
def test_a_car_that_drives_off_is_the_same_and_rests_no_more(fps: int) -> None:
    """Its track goes on from its place to the picture's edge, and ends there: one event, one end."""
    yard = Yard()
    parked = yard.park()
    yard.look = WITHOUT
    for i in range(4 * fps):
        way = 0.02 * (i / fps) ** 2 + 0.08 * i / fps
        yard.see(("car", 0.8, moved(PLACE, min(way, 0.4))), after_s=1 / fps)
    assert (yard.car.id, yard.car.rest, yard.car.removed_by) == (parked.id, None, Remover.ITSELF)
    left_s = yard.at_s
    for _ in range(20):
        yard.see()
    assert set(yard.known) == {parked.id}
    assert (yard.car.state, yard.car.last_seen_us) == (TrackState.ENDED, wall(left_s))


def test_what_is_gone_has_ended_when_it_was_seen_last() -> None:
    """30 s after its place came to look different, if nothing was found there."""
    yard = Yard()
    parked = yard.park()
    last_s = yard.at_s
    yard.look = WITHOUT
    while yard.car.state is not TrackState.ENDED:
        yard.see()
    assert yard.at_s - last_s == pytest.approx(30.0, abs=0.5)
    assert (yard.car.last_seen_us, yard.car.rest) == (wall(last_s), parked.rest)
    assert yard.tracker.resting.shape == (0, 4)


def test_a_place_that_was_not_searched_is_not_missed() -> None:
    """A detector that looks elsewhere says nothing about it."""
    yard = Yard()
    yard.park()
    yard.look = WITHOUT
    for _ in range(300):
        yard.see(searched=[(0, 0, 0.1, 0.1)])
    assert yard.car.missed == 0


def test_without_looks_a_detector_alone_keeps_it() -> None:
    """Rows from before tell of no looks: what is found stays, what is not found for long enough has left."""
    tracker = Tracker()
    for i in range(120):
        tracker.step(detections(0.2 * i, CAR))
    (kept,) = tracker.step(detections(50, CAR)).tracks
    assert kept.rest is not None
    steps = [tracker.step(detections(51.0 + i)) for i in range(40)]
    assert [t.state for step in steps for t in step.tracks][-1] is TrackState.ENDED


def test_day_and_night_do_not_lose_it() -> None:
    """Two bits in a minute, for 12 hours, until nothing is as it was; and not one detection."""
    yard, chance = Yard(), np.random.default_rng(3)
    parked = yard.park()
    for _ in range(12 * 60):
        for bit in chance.choice(64, 2, replace=False):
            yard.look ^= 1 << int(bit)
        for _ in range(6):
            yard.see(after_s=10)
    assert difference(yard.look, WITH_CAR) > SAME_BITS
    assert (yard.car.id, yard.car.state) == (parked.id, TrackState.CONFIRMED)


def test_a_noisy_night_does_not_lose_it() -> None:
    """Six wrong bits in each frame, others each time, leave no trace in what is known of the place."""
    yard, chance = Yard(), np.random.default_rng(4)
    parked = yard.park()
    for _ in range(2000):
        yard.look = WITH_CAR
        for bit in chance.choice(64, 6, replace=False):
            yard.look ^= 1 << int(bit)
        yard.see(after_s=5)
        assert yard.car.rest is not None
        assert difference(yard.car.rest.look, WITH_CAR) <= 6
    assert yard.car.id == parked.id


def test_a_sudden_light_is_learnt_from_the_detector() -> None:
    """A lamp is switched on for an hour: ten seconds of sights say that the car is there as before."""
    yard = Yard()
    parked = yard.park()
    yard.look = HIDDEN
    for _ in range(52):
        yard.see(CAR)
    for _ in range(1200):
        yard.see(after_s=3)
    assert (yard.car.id, yard.car.state) == (parked.id, TrackState.CONFIRMED)
    assert yard.car.rest is not None
    assert yard.car.rest.look == HIDDEN
    yard.look = WITH_CAR
    yard.see()
    assert yard.car.missed == 0


def test_headlights_that_sweep_over_it_are_nothing() -> None:
    """Every other minute its place looks different for two seconds, with a box called bus."""
    yard = Yard()
    parked = yard.park()
    for _ in range(100):
        yard.look = HIDDEN
        for shift in (0.0, 0.04, 0.08):
            yard.see(("bus", 0.6, moved(PLACE, shift)), after_s=0.7)
        yard.look = WITH_CAR
        yard.see(after_s=118)
    assert set(yard.known) == {parked.id}
    assert yard.car.rest is not None


def test_what_only_seemed_to_leave_its_place_rests_there_again() -> None:
    """A box was found beside the place while that looked different; then it looks as before."""
    yard = Yard()
    parked = yard.park()
    yard.look = HIDDEN
    for _ in range(3):
        yard.see(("car", 0.6, moved(PLACE, 0.12)))
    assert yard.car.rest is None
    yard.look = WITH_CAR
    yard.see()
    assert yard.car.rest == parked.rest
    assert set(yard.known) == {parked.id}


def test_who_gets_out_of_a_parked_car_is_somebody() -> None:
    """The person appears at the car's place and walks off: a track of its own, and the car stays."""
    yard = Yard()
    parked = yard.park()
    for i in range(20):
        yard.see(person(moved((0.5, 0.48, 0.56, 0.7), 0.02 * i)), CAR)
    assert len(yard.known) == 2
    assert yard.car.rest == parked.rest


def held(look: int = WITH_CAR) -> Held:
    """Return the car as the last run left it an hour ago."""
    return Held(TrackId(7), "car", 0.8, wall(-7200), wall(-3600), Rest(wall(-7190), PLACE, look))


@pytest.mark.parametrize(
    ("look", "sightings"),
    [(WITH_CAR, ()), (HIDDEN, (CAR,)), (HIDDEN, (("truck", 0.5, PLACE),))],
)
def test_after_a_restart_it_is_known_again(look: int, sightings: Sequence[Sighting]) -> None:
    """By how its place looks, or by what the detector finds there; the same track, resting as long."""
    yard = Yard()
    yard.tracker.hold(held())
    yard.look = look
    for _ in range(300):
        yard.see(*sightings)
    assert set(yard.known) == {7}
    rest = yard.car.rest
    assert rest is not None
    assert (yard.car.state, yard.car.first_us, rest.since_us) == (
        TrackState.CONFIRMED,
        wall(-7200),
        wall(-7190),
    )
    assert yard.car.last_seen_us == wall(yard.at_s)


def test_what_is_looked_for_in_vain_after_a_restart_was_last_seen_before_it() -> None:
    """Its place looks different, and a dog that lies in it is no car."""
    yard = Yard()
    yard.tracker.hold(held())
    yard.look = WITHOUT
    for _ in range(200):
        yard.see(("dog", 0.8, (0.42, 0.6, 0.48, 0.68)))
    assert yard.known[7].state is TrackState.ENDED
    assert yard.known[7].last_seen_us == wall(-3600)


BAG: Box = (0.48, 0.6, 0.53, 0.7)


def test_after_a_restart_something_else_at_its_place_is_not_it() -> None:
    """Nothing is known of it yet in this run: a person there is none, and it is looked for on."""
    yard = Yard()
    yard.tracker.hold(held())
    yard.look = WITHOUT
    for _ in range(10):
        yard.see(("person", 0.9, PLACE))
    (kept,) = [track for track in yard.now if track.id == 7]
    assert kept.last_seen_us == wall(-3600)
    assert kept.missed == 10


def bag_scene(*, leaves: bool) -> Yard:
    """Let a person come with a bag, put it down, and leave or stay."""
    yard = Yard()
    for i in range(10):
        yard.see(person(moved((0.0, 0.3, 0.1, 0.72), 0.045 * i)))
    for i in range(150):
        walked = 0.03 * min(i - 10, 12) if leaves and i > 10 else 0.0
        somebody = [] if leaves and i > 30 else [person(moved((0.42, 0.3, 0.52, 0.72), walked))]
        yard.see(("suitcase", 0.7, BAG), *somebody)
    return yard


@pytest.mark.parametrize(("leaves", "origin"), [(True, Origin.LEFT_BEHIND), (False, Origin.ARRIVED)])
def test_a_bag_is_left_behind_once_its_person_is_gone(leaves: bool, origin: Origin) -> None:
    """Beside its person it rests, but nobody left it."""
    yard = bag_scene(leaves=leaves)
    (bag,) = (track for track in yard.known.values() if track.label == "suitcase")
    assert bag.rest is not None
    assert bag.origin is origin


def test_a_parked_car_is_not_left_behind_by_who_got_out_of_it() -> None:
    """A car stands beside a person as it appears, and is no bag."""
    yard = Yard()
    for i in range(150):
        yard.see(CAR, *([person((0.58, 0.4, 0.64, 0.72))] if i < 50 else []))
    assert yard.car.origin is Origin.ARRIVED


@pytest.mark.parametrize(
    ("label", "is_there", "remover"),
    [
        ("suitcase", True, Remover.PERSON),
        ("bicycle", True, Remover.PERSON),
        ("suitcase", False, Remover.ITSELF),
        ("car", True, Remover.ITSELF),
    ],
)
def test_what_was_carried_off_is_told(label: str, is_there: bool, remover: Remover) -> None:
    """A thing whose place is empty after a person was there was taken; a car was driven."""
    yard = Yard()
    parked = yard.park((label, 0.8, PLACE))
    for i in range(10):
        yard.see(
            (label, 0.8, PLACE), *([person(moved((0.0, 0.4, 0.08, 0.75), 0.05 * i))] if is_there else [])
        )
    yard.look = WITHOUT
    for i in range(300):
        yard.see(*([person(moved((0.5, 0.4, 0.58, 0.75), 0.05 * i))] if is_there and i < 8 else []))
    assert yard.known[parked.id].state is TrackState.ENDED
    assert yard.known[parked.id].removed_by is remover


boxes_at_place = st.tuples(*[st.floats(-0.02, 0.02)] * 4).map(
    lambda jitter: tuple(side + shift for side, shift in zip(PLACE, jitter, strict=True))
)
flickers = st.lists(
    st.tuples(
        st.sampled_from([0.1, 0.2, 1.0, 3.0, 120.0]),
        st.lists(
            st.tuples(st.sampled_from(["car", "truck", "dog", "motion"]), st.floats(0, 1), boxes_at_place)
        ),
        st.booleans(),
    ),
    max_size=60,
)


@given(flickers)
def test_whatever_flickers_at_its_place_it_is_one_object(
    frames: list[tuple[float, list[Sighting], bool]],
) -> None:
    """Any labels, scores, jitter and pauses, with its look now and then: one track, resting, for ever."""
    yard = Yard()
    parked = yard.park()
    for pause_s, sightings, is_lit in frames:
        yard.look = HIDDEN if is_lit and sightings else WITH_CAR
        yard.see(*sightings, after_s=pause_s)
    assert set(yard.known) == {parked.id}
    assert yard.car.rest is not None
    assert replace(yard.car.rest, look=0) == replace(parked.rest or yard.car.rest, look=0)


def test_the_order_of_the_boxes_changes_nothing() -> None:
    """A frame is a set of boxes: the tracks and their numbers are the same however they are listed."""
    frames = [
        [CAR, person(moved((0.1, 0.2, 0.2, 0.6), 0.02 * i)), person(moved((0.8, 0.2, 0.92, 0.7), -0.02 * i))]
        for i in range(20)
    ]
    seen = []
    for order in itertools.permutations(range(3)):
        yard = Yard()
        for frame in frames:
            yard.see(*(frame[i] for i in order))
        seen.append(yard.now)
    assert all(tracks == seen[0] for tracks in seen)
