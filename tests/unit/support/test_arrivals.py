"""The clips that recall is measured on: their truth is what they show."""

import itertools
import json
from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt
import pytest

from tests.support.arrivals.clip import Arrival, ClipSpec, arrivals, cached
from tests.support.arrivals.encoding import Codec, Rate
from tests.support.arrivals.nuisance import TROUBLES, light
from tests.support.arrivals.scene import Scene
from tests.support.arrivals.visit import FIRST_S, LONGEST_S, Visit, schedule, throng

WIDTH, HEIGHT, FPS = 320, 180, 15
SEEDS = (1, 2, 3)
CLEAR_LEVELS = 3


def scene(seed: int = 1, duration_s: float = 180.0, *, noise_levels: float = 0.0) -> Scene:
    """Return a small scene, by default without noise."""
    return Scene(seed, duration_s, width=WIDTH, height=HEIGHT, fps=FPS, noise_levels=noise_levels)


def changed(visited: Scene, tick: int) -> npt.NDArray[np.bool_]:
    """Return which pixels of a frame differ from the empty scene's: shape (height, width)."""
    empty = Scene(1, 1.0, width=WIDTH, height=HEIGHT, fps=FPS, noise_levels=0.0, visited=False)
    difference = cv2.absdiff(visited.draw(tick)[:HEIGHT], empty.draw(tick)[:HEIGHT])
    return np.asarray(difference > CLEAR_LEVELS)


def in_pixels(visit: Visit, t_s: float) -> tuple[int, int, int, int]:
    """Return the visit's box in whole pixels, outwards."""
    box = visit.box(t_s)
    assert box is not None
    left, top = int(box[0] * WIDTH), int(box[1] * HEIGHT)
    return left, top, -int(-box[2] * WIDTH // 1), -int(-box[3] * HEIGHT // 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_picture_changes_inside_a_visits_box_and_nowhere_else(seed: int) -> None:
    """At each moment of each visit; a pixel's breadth is granted to smoothed edges.

    How much changes is asked only where the figure stands out and half of it is in view: its box has corners
    where nothing of it is.
    """
    watched = scene(seed)
    for visit in watched.visits:
        for tick in np.linspace(visit.begins_s * FPS + 1, visit.ends_s * FPS - 1, 7).astype(int):
            if visit.box(tick / FPS) is None:
                continue
            difference = changed(watched, int(tick))
            left, top, right, bottom = in_pixels(visit, tick / FPS)
            inside = difference[top:bottom, left:right].mean()
            difference[max(0, top - 1) : bottom + 1, max(0, left - 1) : right + 1] = False
            assert inside > 0.15 or visit.contrast_levels < 30 or visit.part_in_view(tick / FPS) < 0.5, visit
            assert not difference.any(), visit


@pytest.mark.parametrize("seed", SEEDS)
def test_between_visits_the_picture_is_the_empty_one(seed: int) -> None:
    """Nothing of a figure stays behind, neither in the picture nor in the truth."""
    watched = scene(seed)
    for before, after in itertools.pairwise(watched.visits):
        assert not changed(watched, round((before.ends_s + after.begins_s) / 2 * FPS)).any()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_figure_covers_as_much_as_its_truth_says(seed: int) -> None:
    """To a sixth, since legs open and close; at a camera's size, where lines are not thinner than a pixel."""
    watched = Scene(seed, 180.0, noise_levels=0.0)
    for visit in watched.visits:
        middle = round((visit.begins_s + visit.ends_s) / 2 * FPS)
        if visit.part_in_view(middle / FPS) > 0.99:
            assert watched.in_view_ratio(visit, middle) == pytest.approx(visit.area_ratio, rel=0.17), visit


def test_the_same_seed_and_tick_give_the_same_picture() -> None:
    """Whatever was drawn before, so that a clip can be made anew and a frame looked at by itself."""
    one, other = scene(noise_levels=2.0), scene(noise_levels=2.0)
    for tick in (200, 130, 140, 150):
        one.draw(tick)
    assert np.array_equal(one.draw(137), other.draw(137))
    assert not np.array_equal(one.draw(137), scene(2, noise_levels=2.0).draw(137))


def test_visits_are_short_and_long_slow_and_fast_and_all_apart() -> None:
    """Each seed keeps the pauses; over many seeds the whole range of the promise occurs."""
    lengths, areas = [], []
    for seed in range(60):
        visits = schedule(seed, 180.0)
        assert visits[0].begins_s == FIRST_S
        for before, after in itertools.pairwise(visits):
            assert 4.0 <= after.begins_s - before.ends_s <= 40.0
        lengths += [visit.ends_s - visit.begins_s for visit in visits]
        areas += [visit.area_ratio for visit in visits]
    assert 0.4 <= min(lengths) < 0.5
    assert 25.0 < max(lengths) <= LONGEST_S + 1e-6
    assert min(areas) < 0.0016
    assert max(areas) > 0.15


@pytest.mark.parametrize("seed", SEEDS)
def test_in_a_busy_scene_hardly_a_moment_passes_without_motion(seed: int) -> None:
    """In nine of ten frames somebody has moved since the one before; at the end nobody is left."""
    visits = throng(seed, 120.0)
    boxes = [[visit.box(tick / FPS) for visit in visits] for tick in range(120 * FPS + 1)]
    moved = [then != now for then, now in itertools.pairwise(boxes)]
    assert np.mean(moved) >= 0.9
    assert not any(boxes[-1])
    assert [visit.number for visit in visits] == [*range(1, len(visits) + 1)]


def test_an_arrival_is_seen_from_its_first_frame_to_its_last() -> None:
    """A tenth of the figure is in view at both ends, and less a frame before and after."""
    watched = scene()
    for visit, arrival in zip(watched.visits, arrivals(watched), strict=True):
        first, last = round(arrival.t_first * FPS), round(arrival.t_last * FPS)
        seen = [
            watched.in_view_ratio(visit, t) / visit.area_ratio for t in (first - 1, first, last, last + 1)
        ]
        assert [part >= 0.1 for part in seen] == [False, True, True, False]


def test_noise_is_as_strong_as_asked_for_and_weaker_in_the_highlights() -> None:
    """Two frames differ by it everywhere, and by nothing else in a quiet second."""
    quiet = Scene(1, 20.0, noise_levels=2.0, visited=False)
    frames = np.stack([quiet.draw(tick)[: quiet.height] for tick in range(0, 120, 4)]).astype(np.float32)
    deviation, level = frames.std(axis=0), frames.mean(axis=0)
    assert float(deviation[(level > 90) & (level < 150)].mean()) == pytest.approx(2.0, rel=0.1)
    assert float(deviation[level > 185].mean()) < 1.5


@pytest.mark.parametrize("trouble", TROUBLES)
def test_each_disturbance_shows_in_its_time_only(trouble: str) -> None:
    """The rest of a quiet clip is as quiet as one without."""
    troubles = tuple(t for t in TROUBLES if t == trouble)
    restless = Scene(1, 120.0, width=WIDTH, height=HEIGHT, noise_levels=0.0, visited=False, troubles=troubles)
    first = restless.nuisances[0]
    middle_s = (first.begins_s + first.ends_s) / 2
    shown = [changed(restless, round(middle_s * FPS) + tick).any() for tick in range(FPS)]
    assert any(shown)
    assert not changed(restless, round((first.ends_s + 5.0) * FPS)).any()


def test_light_drifts_slowly() -> None:
    """By less than half a level a second: that is no motion to anybody."""
    gains = [light(t_s, ()) for t_s in range(600)]
    assert max(abs(b - a) for a, b in itertools.pairwise(gains)) * 200 < 0.5
    assert max(gains) - min(gains) > 0.05


@pytest.mark.parametrize("codec", ["h264", "hevc"])
@pytest.mark.parametrize("rate", ["vbr", "cbr"])
@pytest.mark.parametrize("gop_s", [1, 2])
def test_a_clip_has_its_keyframes_where_asked_for_and_its_truth_beside_it(
    tmp_path: Path, gop_s: int, rate: Rate, codec: Codec
) -> None:
    """Every GOP is as long, no frame is shown in another order than sent, and the truth can be read."""
    spec = ClipSpec(duration_s=5, width=WIDTH, height=HEIGHT, gop_s=gop_s, rate=rate, codec=codec)
    path = cached(spec, tmp_path)
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    keyframes = [i for i, packet in enumerate(packets) if packet.is_keyframe]
    assert keyframes == list(range(0, spec.duration_s * FPS, gop_s * FPS))
    assert [packet.pts for packet in packets] == [packet.dts for packet in packets]
    assert json.loads(path.with_suffix(".json").read_text())["spec"]["gop_s"] == gop_s


def test_a_clip_is_made_once_and_another_one_has_another_name(tmp_path: Path) -> None:
    """All that it follows from is in the name of its file."""
    spec = ClipSpec(duration_s=1, width=WIDTH, height=HEIGHT)
    path = cached(spec, tmp_path)
    made = path.stat().st_mtime_ns
    assert cached(spec, tmp_path).stat().st_mtime_ns == made
    others = [replace(spec, seed=2), replace(spec, noise_levels=1.5), replace(spec, troubles=("lamp",))]
    assert len({s.name for s in (spec, *others)}) == 4


def test_the_truth_beside_a_clip_lists_its_visits_with_their_boxes(tmp_path: Path) -> None:
    """What the scene says is what the file says."""
    spec = ClipSpec(duration_s=40, width=160, height=88)
    found = json.loads(cached(spec, tmp_path).with_suffix(".json").read_text())["visits"]
    watched = spec.scene()
    for visit, arrival, written in zip(watched.visits, arrivals(watched), found, strict=True):
        assert Arrival(**{k: v for k, v in written.items() if k != "boxes"}) == arrival
        for t_s, *box in written["boxes"]:
            assert box == pytest.approx(visit.box(t_s), abs=1e-3)
