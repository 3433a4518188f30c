"""Boxes are packed, and come back as what is decided on; rows of the former form are still read."""

from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.detection import UNKNOWN_MODEL, Detections, DetectorModel, Probes, TrackedDetections
from appliance.domain.ids import CameraId
from appliance.domain.time import MediaTime, MonotonicNs, WallUs
from appliance.store.boxes import (
    BOX,
    FORMER_BOX,
    StoredFrame,
    as_stored,
    box_of_track,
    pack,
    unpack,
    wire_boxes,
)

SIZES = [(640, 360), (1920, 1080), (2560, 1440), (3840, 2160), (704, 576), (2, 2)]
LABELS = ("person", "car", "motion", "dog")
PLACE = (CameraId("front"), WallUs(7), MediaTime(0, Fraction(1)), MonotonicNs(0))

units = st.tuples(*[st.floats(0, 1)] * 4)
boxes = st.tuples(units, st.floats(0, 1), st.sampled_from(LABELS), st.integers(0, 2**64 - 1))
some_boxes = st.lists(boxes, max_size=5)
some_units = st.lists(units, max_size=3)


def pixels(rows: list[tuple[float, ...]], width: int, height: int) -> npt.NDArray[np.float32]:
    """Return unit boxes as pixels."""
    size = np.array([width, height] * 2, np.float64)
    return np.asarray(np.array(rows, np.float64).reshape(-1, 4) * size, np.float32)


def frame(
    found: list[tuple[tuple[float, ...], float, str, int]],
    probes: list[tuple[float, ...]],
    searched: list[tuple[float, ...]] | None,
    size: tuple[int, int] = (640, 360),
) -> Detections:
    """Return an analysed frame of that size."""
    return Detections(
        *PLACE,
        *size,
        pixels([box for box, _, _, _ in found], *size),
        np.array([score for _, score, _, _ in found], np.float32),
        tuple(label for _, _, label, _ in found),
        None if searched is None else pixels(searched, *size),
        np.array([look for _, _, _, look in found], np.uint64),
        Probes(pixels(probes, *size), np.arange(len(probes), dtype=np.uint64) + 1),
    )


def row(tracked: TrackedDetections) -> StoredFrame:
    """Return the row of an analysed frame."""
    found, packed = tracked.detections, pack(tracked)
    return StoredFrame(
        *(found.camera_id, found.wall_us, found.width, found.height),
        *(packed.labels, packed.boxes, 1, packed.searched),
    )


def tracked(labels: tuple[str, ...], track_ids: list[int]) -> TrackedDetections:
    """Return a frame with a box of its own for each label."""
    n = len(labels)
    xyxy = np.arange(n * 4, dtype=np.float32).reshape(n, 4) + np.float32(0.25)
    scores = np.linspace(0.5, 0.875, n, dtype=np.float32)
    return TrackedDetections(
        Detections(*PLACE, 640, 360, xyxy, scores, labels), np.array(track_ids, np.int64)
    )


@given(some_boxes, some_units, st.none() | some_units, st.sampled_from(SIZES))
def test_what_was_stored_once_is_stored_again_as_the_same_bytes(
    found: list[tuple[tuple[float, ...], float, str, int]],
    probes: list[tuple[float, ...]],
    searched: list[tuple[float, ...]] | None,
    size: tuple[int, int],
) -> None:
    """Of a picture of any size: so a row can be decided on again and again, and nothing drifts."""
    ids = np.arange(len(found), dtype=np.int64) * 3
    once = row(TrackedDetections(frame(found, probes, searched, size), ids))
    again = unpack(once)
    assert row(again) == once
    assert again.track_ids.tolist() == ids.tolist()


@given(some_boxes, some_units, st.none() | some_units, st.sampled_from(SIZES))
def test_what_is_decided_on_is_what_comes_out_of_the_row(
    found: list[tuple[tuple[float, ...], float, str, int]],
    probes: list[tuple[float, ...]],
    searched: list[tuple[float, ...]] | None,
    size: tuple[int, int],
) -> None:
    """Live and replayed frames are equal in every bit that a decision may look at."""
    seen = frame(found, probes, searched, size)
    live = as_stored(seen)
    replayed = unpack(row(TrackedDetections(live, np.zeros(len(seen), np.int64)))).detections
    for name in ("wall_us", "width", "height", "labels"):
        assert getattr(live, name) == getattr(replayed, name)
    for one, other in (
        (live.xyxy, replayed.xyxy),
        (live.scores, replayed.scores),
        (live.looks, replayed.looks),
        (live.probes.xyxy, replayed.probes.xyxy),
        (live.probes.looks, replayed.probes.looks),
    ):
        assert one.dtype == other.dtype
        assert one.tobytes() == other.tobytes()
    assert (live.searched is None) == (searched is None)
    if live.searched is not None and replayed.searched is not None:
        assert live.searched.tobytes() == replayed.searched.tobytes()


@given(some_boxes, some_units, st.none() | some_units, st.sampled_from(SIZES))
def test_a_picture_of_another_size_is_stored_alike(
    found: list[tuple[tuple[float, ...], float, str, int]],
    probes: list[tuple[float, ...]],
    searched: list[tuple[float, ...]] | None,
    size: tuple[int, int],
) -> None:
    """What is stored is where in the picture it was, within one step of 1/65535, not at which pixel."""
    small = pack(TrackedDetections(frame(found, probes, searched), np.zeros(len(found), np.int64)))
    other = pack(TrackedDetections(frame(found, probes, searched, size), np.zeros(len(found), np.int64)))
    one, two = np.frombuffer(small.boxes, BOX), np.frombuffer(other.boxes, BOX)
    assert np.abs(one["unit"].astype(int) - two["unit"]).max(initial=0) <= 1
    for name in ("score", "label", "look", "track_id"):
        assert one[name].tolist() == two[name].tolist()
    assert small.labels == other.labels


@given(some_boxes)
def test_what_is_stored_lies_where_it_was_seen(
    found: list[tuple[tuple[float, ...], float, str, int]],
) -> None:
    """Within half a step of 65535, a few hundredths of a pixel."""
    live = as_stored(frame(found, [], None, (3840, 2160)))
    assert live.xyxy == pytest.approx(pixels([box for box, _, _, _ in found], 3840, 2160), abs=0.04)
    assert live.scores == pytest.approx(np.array([score for _, score, _, _ in found]), abs=1e-5)
    assert live.looks.tolist() == [look for _, _, _, look in found]


def test_a_frame_keeps_what_its_row_does_not_hold() -> None:
    """The stream's own time, when it came, and the model are needed on the way."""
    seen = Detections(
        *(CameraId("front"), WallUs(7), MediaTime(90, Fraction(1, 90_000)), MonotonicNs(5), 640, 360),
        *(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), ()),
        model=DetectorModel("1f", "yolox_nano"),
    )
    live = as_stored(seen)
    assert (live.media, live.arrived_ns, live.model) == (seen.media, seen.arrived_ns, seen.model)
    assert unpack(row(TrackedDetections(seen, np.zeros(0, np.int64)))).detections.model == UNKNOWN_MODEL


@pytest.mark.parametrize(
    ("labels", "track_ids"),
    [((), []), (("person",), [0]), (("person", "car", "person"), [7, 0, 2**32 - 1])],
    ids=["nothing", "one", "several"],
)
def test_what_is_packed_is_sent(labels: tuple[str, ...], track_ids: list[int]) -> None:
    """Labels, places and tracks, also of an empty frame; a track of 0 is none."""
    packed = pack(tracked(labels, track_ids))
    assert len(packed.boxes) == len(labels) * 24
    boxes = wire_boxes(packed.labels, packed.boxes, 1, 640, 360)
    assert [box.label for box in boxes] == list(labels)
    assert [box.track_id for box in boxes] == [number or None for number in track_ids]
    assert [box.box[0] for box in boxes] == pytest.approx([4 * i + 0.25 for i in range(len(labels))], abs=0.1)
    assert [box.score for box in boxes] == pytest.approx(np.linspace(0.5, 0.875, len(labels)), abs=1e-3)


def test_probes_are_sent_to_nobody() -> None:
    """They are no boxes that somebody found."""
    seen = frame([((0.1, 0.1, 0.2, 0.2), 0.5, "car", 9)], [(0.5, 0.5, 0.6, 0.6)], None)
    packed = pack(TrackedDetections(seen, np.array([3])))
    assert len(packed.boxes) == 48
    assert [box.label for box in wire_boxes(packed.labels, packed.boxes, 1, 640, 360)] == ["car"]
    assert box_of_track(packed.boxes, 1, 640, 360, 0) is None


def former_row(tracks: list[int]) -> StoredFrame:
    """Return a row as it was stored before boxes had a look."""
    records = np.zeros(len(tracks), FORMER_BOX)
    records["xyxy"] = (10, 20, 110.25, 220)
    records["score"] = 0.875
    records["track_id"] = tracks
    return StoredFrame("front", 7, 640, 360, '["person"]', records.tobytes(), None, None)


def test_a_row_of_the_former_form_is_still_read() -> None:
    """32 bytes a box, in pixels: sent, looked for by track, and decided on again."""
    old = former_row([0, 5, 9])
    sent = wire_boxes(old.labels, old.boxes, None, 640, 360)
    assert [(box.box, box.score, box.track_id) for box in sent] == [
        ((10.0, 20.0, 110.2, 220.0), 0.875, number) for number in (None, 5, 9)
    ]
    again = unpack(old)
    assert again.track_ids.tolist() == [0, 5, 9]
    assert again.detections.xyxy.tolist() == [[10.0, 20.0, 110.25, 220.0]] * 3
    assert again.detections.labels == ("person",) * 3
    assert again.detections.looks.tolist() == [0, 0, 0]
    assert box_of_track(old.boxes, None, 640, 360, 5) == (10 / 640, 20 / 360, 110.25 / 640, 220 / 360)
    assert box_of_track(old.boxes, None, 640, 360, 6) is None


def test_the_last_box_of_a_track_is_its_place() -> None:
    """In unit coordinates."""
    seen = frame([((0.1, 0.1, 0.2, 0.2), 0.5, "car", 9), ((0.5, 0.5, 0.75, 1.0), 0.5, "car", 9)], [], None)
    packed = pack(TrackedDetections(seen, np.array([3, 3])))
    assert box_of_track(packed.boxes, 1, 640, 360, 3) == pytest.approx((0.5, 0.5, 0.75, 1.0), abs=1e-5)


@pytest.mark.parametrize(
    ("labels", "boxes", "model_id", "said"),
    [
        ('["person"]', b"x" * 23, 1, "multiple of 24"),
        ("[]", pack(tracked(("person",), [1])).boxes, 1, "label indices below 0"),
        ('["person"]', b"x" * 31, None, "multiple of 32"),
        ("[]", former_row([1]).boxes, None, "label indices below 0"),
        ('["person"]', np.full(1, -1, np.int64).tobytes() * 4, None, "label indices"),
    ],
    ids=["torn", "no labels", "torn before", "no labels before", "negative label"],
)
def test_what_nobody_packed_is_refused(labels: str, boxes: bytes, model_id: int | None, said: str) -> None:
    """The message says what was expected and what came."""
    with pytest.raises(ValueError, match=said):
        wire_boxes(labels, boxes, model_id, 640, 360)
    with pytest.raises(ValueError, match=said):
        unpack(StoredFrame("front", 0, 640, 360, labels, boxes, model_id, None))
