"""Visits that decoding on demand lets be seen, of those that are seen when everything is decoded.

Clips with visits of known time (``tests/support/arrivals``) go through the product's decoder on demand and
its motion detector, on a simulated clock: once as a camera of ``decode = "auto"``, once with everything
decoded, which is the floor. The two clips of the shared folder are played over and over for some minutes, if
they are there. A visit is seen in a frame when motion's box and the visit's box then share half of the
smaller one (in the shared clips, whose truth has no box for each moment, when anything moves during the
visit). Where a camera sleeps at all, only visits after its first sleep count: before that everything is
decoded. Cameras that never sleep count in the total, and are told apart.

Quiet clips, in which nobody comes, tell what false wakes cost: the share of time, from the first sleep on, in
which everything is decoded. ``make soak NAME=recall`` is the same with many seeds and whole hours.
"""

import json
import math
import multiprocessing
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from appliance.domain.camera import DecodePolicy
from appliance.frames.settings import Settings
from bench.report import median, percentile, progress, result
from tests.support.arrivals.clip import ClipSpec, cached
from tests.support.arrivals.encoding import Rate
from tests.support.arrivals.nuisance import TROUBLES
from tests.support.decoding import Decoding
from tests.support.recall import Sighting, Visit, Wakefulness, sightings
from tests.support.rtsp import shared_folder

GOPS_S = (1, 2, 4)
SHARED_CLIPS = ("car-detection", "one-by-one-person")
SHARED_S = 150.0
SHORTEST_S = 0.5
LATE_S = 0.21
"""A later frame than this has missed one at 5 frames a second; below, it is where the sampling began."""
MOST_AWAKE_SHARE = 0.10
LEAST_RATIO = 0.99
S_PER_H = 3600.0


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is played.

    Attributes:
        vbr_seeds: clips of variable bitrate for each GOP length.
        cbr_seeds: clips of constant bitrate for each GOP length.
        clip_s: length of those of variable bitrate.
        cbr_clip_s: length of those of constant bitrate.
        quiet_clip_s: length of the clips in which nobody comes: whole GOPs, else the first keyframe of each
            pass comes too early; and near a multiple of the 193 s in which the light drifts once round.
        quiet_s: they are played over and over until then.
    """

    vbr_seeds: int
    cbr_seeds: int
    clip_s: int
    cbr_clip_s: int
    quiet_clip_s: int
    quiet_s: float


SAMPLE = Extent(vbr_seeds=3, cbr_seeds=1, clip_s=240, cbr_clip_s=120, quiet_clip_s=192, quiet_s=960.0)


@dataclass(frozen=True, slots=True)
class Played:
    """What became of one clip with visits.

    Attributes:
        clip: its name, short.
        group: the kind of stream it is.
        reason: why everything was decoded at the end, or empty.
        sightings: of all its visits.
        first_sleep_s: media time; infinite if it never slept.
        awake_s: after the first sleep, outside the visits and the time it may stay awake after each.
        outside_s: that time in all.
        pixels: decoded.
        full_pixels: decoded when everything is.
    """

    clip: str
    group: str
    reason: str
    sightings: list[Sighting]
    first_sleep_s: float
    awake_s: float
    outside_s: float
    pixels: int
    full_pixels: int

    @property
    def sleeps(self) -> bool:
        """Whether it slept at all."""
        return math.isfinite(self.first_sleep_s)

    @property
    def counted(self) -> list[Sighting]:
        """The visits that count: those after the first sleep, or all if it never slept."""
        return [sighting for sighting in self.sightings if sighting.gone_to_sleep or not self.sleeps]


@dataclass(frozen=True, slots=True)
class Quiet:
    """What a clip cost in which nobody comes; of the time after the first sleep.

    Attributes:
        clip: its name, short.
        reason: why everything was decoded at the end, or empty.
        played_s: media time in all.
        slept_from_s: media time of the first sleep; infinite if it never slept.
        awake_share: of the time; 1 if it never slept.
        wakes: for whatever reason.
        false_wakes: packets stood out, and nothing moved.
        pixels_ratio: decoded of all, from the beginning on.
    """

    clip: str
    reason: str
    played_s: float
    slept_from_s: float
    awake_share: float
    wakes: int
    false_wakes: int
    pixels_ratio: float

    def figures(self) -> dict[str, object]:
        """Return it for the last line."""
        hours = max(self.played_s - self.slept_from_s, 0.0) / S_PER_H
        return {
            "awake_share": round(self.awake_share, 4),
            "wakes_per_h": round(self.wakes / hours, 1) if hours else None,
            "false_wakes_per_h": round(self.false_wakes / hours, 1) if hours else None,
            "decoded_pixels_ratio": round(self.pixels_ratio, 4),
            "first_sleep_s": round(self.slept_from_s, 1) if hours else None,
            "played_s": round(self.played_s),
            "reason": self.reason,
        }


def play_spec(spec: ClipSpec) -> Played:
    """Play a drawn clip, which is made first if it is not there."""
    path = cached(spec, say=progress)
    truth = json.loads(path.with_suffix(".json").read_text())
    visits = [_drawn_visit(visit) for visit in truth["visits"]]
    name = f"gop {spec.gop_s} s {spec.rate} seed {spec.seed}"
    return _played(name, f"gop {spec.gop_s} s {spec.rate}", path, visits, None)


def play_shared(clip: str) -> Played:
    """Play a clip of the shared folder over and over."""
    path = shared_folder() / "media" / f"{clip}.mp4"
    truth = json.loads(path.with_suffix(".truth.json").read_text())
    length_s = truth["n_frames"] / truth["fps"]
    visits = [
        Visit(
            f"{visit['id']} pass {turn + 1}",
            turn * length_s + visit["t_first"],
            turn * length_s + visit["t_last"],
            np.empty((0, 5)),
            visit["label"],
        )
        for turn in range(int(SHARED_S // length_s))
        for visit in truth["visits"]
    ]
    return _played(clip, clip, path, visits, int(SHARED_S // length_s) * length_s)


def play_quiet(spec: ClipSpec, for_s: float) -> Quiet:
    """Play a drawn clip in which nobody comes over and over."""
    path = cached(spec, say=progress)
    decoding = Decoding().play(path, for_s=for_s)
    wakefulness = Wakefulness(decoding.awake)
    awake_s, total_s = wakefulness.spent_s()
    figures = decoding.decoder.figures
    name = f"gop {spec.gop_s} s{' with ' + ', '.join(spec.troubles) if spec.troubles else ''}"
    progress(f"quiet, {name}: awake {awake_s:.0f} s of {total_s:.0f} s")
    return Quiet(
        name,
        _reason(decoding),
        decoding.awake[-1][0],
        wakefulness.first_sleep_s,
        awake_s / total_s if total_s else 1.0,
        wakefulness.wakes,
        figures.false_wakes,
        figures.pixels / (spec.width * spec.height * len(decoding.awake)),
    )


def _drawn_visit(visit: dict[str, Any]) -> Visit:
    about = (
        f"{visit['kind']}, {visit['manner']}, covers {visit['area_ratio'] * 100:.2f} %, "
        f"contrast {visit['contrast']:.0f}, speed {visit['speed']:.3f}/s"
    )
    boxes = np.array(visit["boxes"], np.float64).reshape(-1, 5)
    return Visit(str(visit["id"]), visit["t_first"], visit["t_last"], boxes, about)


def _played(clip: str, group: str, path: Path, visits: Sequence[Visit], for_s: float | None) -> Played:
    gated, full = Decoding().play(path, for_s=for_s), Decoding(DecodePolicy.ALWAYS).play(path, for_s=for_s)
    wakefulness = Wakefulness(gated.awake)
    after_s = Settings().quiet_after_s + 0.5
    besides = [(visit.first_s - SHORTEST_S, visit.last_s + after_s) for visit in visits]
    awake_s, outside_s = wakefulness.spent_s(besides)
    seen = sightings(visits, gated.viewer.looks, full.viewer.looks, wakefulness)
    progress(f"{clip}: {len(visits)} visits, {sum(one.gated is not None for one in seen)} seen")
    return Played(
        clip,
        group,
        _reason(gated),
        seen,
        wakefulness.first_sleep_s,
        awake_s,
        outside_s,
        gated.decoder.figures.pixels,
        full.decoder.figures.pixels,
    )


def _reason(decoding: Decoding) -> str:
    return decoding.decoder.decoding.reason if decoding.decoder.decoding else "not known yet"


def jobs(extent: Extent) -> list[Callable[[], Played | Quiet]]:
    """Return all that is to be played, the longest first; each may run in a process of its own."""
    calm = ClipSpec(duration_s=extent.quiet_clip_s, visited=False)
    restless = ClipSpec(duration_s=extent.quiet_clip_s, visited=False, troubles=TROUBLES)
    quiet = [partial(play_quiet, spec, extent.quiet_s) for spec in (calm, restless)]
    return [*quiet, *(partial(play_spec, spec) for spec in specs(extent)), *_shared_jobs()]


def specs(extent: Extent) -> list[ClipSpec]:
    """Return the clips with visits: the same ones come at either rate, and others with another GOP length."""
    vbr = _specs("vbr", extent.vbr_seeds, extent.clip_s)
    return [*vbr, *_specs("cbr", extent.cbr_seeds, extent.cbr_clip_s)]


def _specs(rate: Rate, seeds: int, clip_s: int) -> list[ClipSpec]:
    return [
        ClipSpec(100 * gop_s + seed, clip_s, gop_s=gop_s, rate=rate)
        for gop_s in GOPS_S
        for seed in range(seeds)
    ]


def _shared_jobs() -> list[partial[Played]]:
    media = shared_folder() / "media"
    there = [clip for clip in SHARED_CLIPS if (media / f"{clip}.mp4").is_file()]
    if absent := sorted(set(SHARED_CLIPS) - set(there)):
        progress(f"left out, since {media} (NIGHTJAR_SHARED) does not have them: {', '.join(absent)}")
    return [partial(play_shared, clip) for clip in there]


def played(extent: Extent) -> tuple[list[Played], list[Quiet]]:
    """Draw and play everything in two processes."""
    visited: list[Played] = []
    quiet: list[Quiet] = []
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(2, os.cpu_count() or 1), context, cv2.setNumThreads, (1,)) as pool:
        for future in [pool.submit(job) for job in jobs(extent)]:
            one = future.result()
            if isinstance(one, Played):
                visited.append(one)
            else:
                quiet.append(one)
    return visited, quiet


def group_figures(seen: Sequence[Sighting]) -> dict[str, object]:
    """Return how visits were found with decoding on demand, of those found with everything decoded."""
    full = [one for one in seen if one.full is not None]
    delays_s = [one.delay_s for one in full if one.delay_s is not None]
    known_s = [one.known_after_s for one in full if one.known_after_s is not None]
    full_known_s = [one.full_known_after_s for one in full if one.full_known_after_s is not None]
    return {
        "visits": len(seen),
        "found_full": len(full),
        "found": len(delays_s),
        "found_ratio": _ratio(len(delays_s), len(full)),
        "found_by_gated_only": sum(one.gated is not None and one.full is None for one in seen),
        "came_while_asleep": sum(one.asleep for one in full),
        "came_while_asleep_found": sum(one.asleep and one.gated is not None for one in full),
        "delay_max_s": round(max(delays_s, default=0.0), 3),
        "delayed": sum(delay_s > 0.002 for delay_s in delays_s),
        "delayed_more_than_a_sample": sum(delay_s > LATE_S for delay_s in delays_s),
        "known_after_s": _spread(known_s),
        "known_after_full_s": _spread(full_known_s),
    }


def _spread(values_s: Sequence[float]) -> dict[str, float] | None:
    if not values_s:
        return None
    return {"median": round(median(values_s), 2), "p95": round(percentile(values_s, 95), 2)}


def _ratio(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None


def long_ones(visited: Iterable[Played]) -> list[Sighting]:
    """Return the visits that count and are long enough for the aim."""
    return [one for clip in visited for one in clip.counted if one.visit.length_s >= SHORTEST_S]


def figures_of(visited: Sequence[Played], quiet: Sequence[Quiet]) -> dict[str, object]:
    """Return everything worth knowing besides the ratio."""
    sleeping = [clip for clip in visited if clip.sleeps]
    short = [one for clip in visited for one in clip.counted if one.visit.length_s < SHORTEST_S]
    groups = sorted({clip.group for clip in visited})
    return {
        "on_demand": group_figures(long_ones(sleeping)),
        "never_asleep": group_figures(long_ones(clip for clip in visited if not clip.sleeps)),
        "shorter_than_half_a_second": group_figures(short),
        "before_the_first_sleep": sum(len(clip.sightings) - len(clip.counted) for clip in visited),
        "streams": {group: _stream([clip for clip in visited if clip.group == group]) for group in groups},
        "awake_share_outside_visits": _ratio(
            sum(clip.awake_s for clip in sleeping), sum(clip.outside_s for clip in sleeping)
        ),
        "decoded_pixels_ratio": _ratio(
            sum(clip.pixels for clip in visited), sum(clip.full_pixels for clip in visited)
        ),
        "quiet": {one.clip: one.figures() for one in quiet},
    }


def _stream(clips: Sequence[Played]) -> dict[str, object]:
    reasons = sorted({clip.reason for clip in clips if clip.reason})
    return {
        **group_figures(long_ones(clips)),
        "clips": len(clips),
        "slept": sum(clip.sleeps for clip in clips),
        "reasons": reasons,
        "decoded_pixels_ratio": _ratio(
            sum(clip.pixels for clip in clips), sum(clip.full_pixels for clip in clips)
        ),
    }


def tell_misses(visited: Iterable[Played]) -> None:
    """Name each visit that was missed or seen late, with what it was like."""
    for clip in visited:
        for one in clip.counted:
            late = one.delay_s is not None and one.delay_s > LATE_S
            if one.full is not None and (one.gated is None or late):
                progress(f"{clip.clip}: {_miss(one)}")


def _miss(one: Sighting) -> str:
    visit = one.visit
    what = "missed" if one.delay_s is None else f"seen {one.delay_s:.2f} s late"
    when = f"{visit.first_s:.1f} s for {visit.length_s:.2f} s"
    state = "asleep" if one.asleep else "awake"
    state += ", woken" if one.woke else ", not woken"
    full = f"in {one.full_looks} frames with everything decoded"
    return f"visit {visit.name} at {when} {what} ({full}), came while {state}: {visit.about}"


def unmet(visited: Sequence[Played], quiet: Sequence[Quiet]) -> list[str]:
    """Return the aims that are not met; cameras that never sleep must not make up for those that do."""
    seen = [one for one in long_ones(clip for clip in visited if clip.sleeps) if one.full is not None]
    found = sum(one.gated is not None for one in seen)
    late = sum(one.delay_s is not None and one.delay_s > LATE_S for one in seen)
    told = []
    if found < LEAST_RATIO * len(seen):
        told.append(
            f"where cameras sleep, {found} of {len(seen)} visits were found: expected {LEAST_RATIO:.0%}"
        )
    if late:
        told.append(f"the start of {late} visits was lost: expected none")
    told += [
        f"quiet, {one.clip}: awake {one.awake_share:.1%} of the time: expected under {MOST_AWAKE_SHARE:.0%}"
        for one in quiet
        if one.awake_share >= MOST_AWAKE_SHARE
    ]
    return told


def measure(extent: Extent) -> list[str]:
    """Play, print everything, and return the aims that are not met."""
    visited, quiet = played(extent)
    tell_misses(visited)
    aims = unmet(visited, quiet)
    for aim in aims:
        progress(f"aim not met: {aim}")
    seen = [one for one in long_ones(visited) if one.full is not None]
    found = sum(one.gated is not None for one in seen)
    result(
        "recall",
        found,
        "visits of 0.5 s and more found, of those found with everything decoded",
        len(seen),
        found / len(seen) if seen else 0.0,
        figures_of(visited, quiet),
    )
    return aims


if __name__ == "__main__":
    measure(SAMPLE)
