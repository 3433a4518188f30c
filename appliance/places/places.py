"""Where the tracks of one camera went: their stays in zones, the lines they crossed, their speeds."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from appliance.domain.ids import TrackId
from appliance.domain.passage import NO_PASSAGES, Crossing, Direction, Passages, ZoneStay
from appliance.domain.scene import EMPTY_SCENE, CountedDirection, LineId, Scene, ZoneId
from appliance.domain.time import WallUs
from appliance.domain.track import Track, TrackState
from appliance.places.foot import between, sight_of
from appliance.places.ground import KMH_PER_MPS, Ground, rest, travel
from appliance.places.line_crossing import WatchedLine
from appliance.places.memory import LineMemory, Memory, Sight, SpeedMemory, TrackMemory, ZoneMemory
from appliance.places.zone_stay import WatchedZone

MOST_UNSEEN = 128
"""Frames without a sight that are remembered of a track; older ones are taken for not analysed."""
MOST_PASSAGES = 200
"""Stays and crossings that are remembered of a track: the newest of each."""
Passage = TypeVar("Passage", ZoneStay, Crossing)
COUNTED = {Direction.FORWARD: CountedDirection.FORWARD, Direction.BACKWARD: CountedDirection.BACKWARD}


class Places:
    """Follows the tracks of one camera through its zones and over its lines; reads no clock.

    What a track did is the same whatever the rate of frames: its path runs straight from sight to sight, also
    through frames in which it was not seen. Labels and scores are asked about at the end of each frame, of
    everything that it did: whoever is called a person only at the third sight has crossed as a person.

    Args:
        memory: of the same camera, to go on with; is changed.
    """

    def __init__(self, scene: Scene = EMPTY_SCENE, memory: Memory | None = None) -> None:
        self.memory = memory or Memory()
        self._take(scene)

    def configure(self, scene: Scene) -> None:
        """Go by another scene from the next frame on; what was done in the former one remains.

        A stay in a zone that is no more is over. A line that lies elsewhere now begins anew.
        """
        if scene == self._scene:
            return
        before_zones, before_lines = self._zones, self._lines
        for track in self.memory.tracks.values():
            self._settle(track)
        self._take(scene)
        moved = {
            line_id
            for line_id, watched in before_lines.items()
            if line_id not in self._lines or _ends(self._lines[line_id]) != _ends(watched)
        }
        for track in self.memory.tracks.values():
            for zone_id in before_zones.keys() - self._zones.keys():
                _put(track.stays, before_zones[zone_id].leave(track.zones.pop(zone_id, ZoneMemory())))
            track.lines = {key: memory for key, memory in track.lines.items() if key not in moved}

    def resume(self, track_id: TrackId, passages: Passages) -> None:
        """Go on with what a track did before this memory began; a stay in a zone that is no more is over."""
        track = TrackMemory(crossings=list(passages.crossings), speed_kmh=passages.speed_kmh)
        for stay in passages.stays:
            if stay.is_over or stay.zone_id not in self._zones:
                track.stays.append(replace(stay, is_over=True))
            else:
                track.zones[stay.zone_id] = ZoneMemory(
                    since_us=stay.entered_us, entered_us=stay.entered_us, seen_us=stay.seen_us
                )
        self.memory.tracks[track_id] = track

    def step(self, tracks: Sequence[Track], at: WallUs) -> Mapping[TrackId, Passages]:
        """Take in the tracks of the next analysed frame and return what each of them did so far.

        Args:
            tracks: all of them, also those not yet confirmed and those that ended with this frame; what is
                not among them is forgotten.
            at: the instant that the frame shows.
        """
        known = self.memory.tracks
        if self._is_empty and not known:
            return {}
        self.memory.tracks = {track.id: known.get(track.id) or TrackMemory() for track in tracks}
        done = {track.id: self._follow(track, self.memory.tracks[track.id], at) for track in tracks}
        for track in tracks:
            if track.state is TrackState.ENDED:
                del self.memory.tracks[track.id]
        return done

    def _take(self, scene: Scene) -> None:
        self._scene = scene
        self._zones: dict[ZoneId, WatchedZone] = {zone.id: WatchedZone(zone) for zone in scene.zones}
        self._lines: dict[LineId, WatchedLine] = {line.id: WatchedLine(line) for line in scene.lines}
        grounds = {zone.id: Ground.of(zone) for zone in scene.zones}
        self._grounds = {zone_id: ground for zone_id, ground in grounds.items() if ground is not None}
        self._is_empty = not scene.zones and not scene.lines

    def _follow(self, track: Track, memory: TrackMemory, at: WallUs) -> Passages:
        memory.label, memory.score = track.label, track.score
        if track.state is TrackState.ENDED:
            self._end(memory)
        elif track.last_seen_us >= at or (track.rest is not None and track.missed == 0):
            self._see(memory, sight_of(track.unit_box, at), is_resting=track.rest is not None)
        else:
            memory.unseen_us = [*memory.unseen_us, at][-MOST_UNSEEN:]
        return self._passages(memory)

    def _see(self, memory: TrackMemory, sight: Sight, *, is_resting: bool) -> None:
        before = memory.sight
        if before is not None:
            for at_us in memory.unseen_us:
                self._be_in_zones(memory, between(before, sight, at_us))
        self._be_in_zones(memory, sight)
        for line_id, line in self._lines.items():
            met = memory.lines.get(line_id)
            if met is None:
                met = memory.lines[line_id] = LineMemory()
            _put(memory.crossings, line.see(met, before, sight))
        for zone_id, ground in self._grounds.items():
            speed = memory.speeds.get(zone_id)
            if speed is None:
                speed = memory.speeds[zone_id] = SpeedMemory()
            if is_resting or sight.is_cut_off or not self._zones[zone_id].area.contains(sight.x, sight.y):
                rest(speed)
            else:
                travel(speed, ground, sight)
        memory.sight, memory.unseen_us = sight, []

    def _be_in_zones(self, memory: TrackMemory, sight: Sight) -> None:
        for zone_id, zone in self._zones.items():
            been = memory.zones.get(zone_id)
            if been is None:
                been = memory.zones[zone_id] = ZoneMemory()
            _put(memory.stays, zone.see(been, sight))

    def _end(self, memory: TrackMemory) -> None:
        for zone_id, zone in self._zones.items():
            _put(memory.stays, zone.leave(memory.zones.get(zone_id, ZoneMemory())))
        for line_id, line in self._lines.items():
            _put(memory.crossings, line.end(memory.lines.get(line_id, LineMemory())))

    def _passages(self, memory: TrackMemory) -> Passages:
        stays = list(memory.stays)
        for key, zone in self._zones.items():
            stay = zone.stay(memory.zones[key]) if key in memory.zones else None
            if stay is not None:
                stays.append(stay)
        speed = self._speed_kmh(memory) if self._grounds or memory.speed_kmh is not None else None
        if not stays and not memory.crossings and speed is None:
            return NO_PASSAGES
        return Passages(
            tuple(sorted([s for s in stays if self._stays(s, memory)], key=_entered_us)),
            tuple(sorted([c for c in memory.crossings if self._crosses(c, memory)], key=_at_us)),
            speed,
        )

    def _speed_kmh(self, memory: TrackMemory) -> float | None:
        speeds = [
            KMH_PER_MPS * memory.speeds[zone_id].best_mps
            for zone_id in self._grounds.keys() & memory.speeds.keys()
            if memory.speeds[zone_id].best_mps > 0 and self._admits(self._zones[zone_id], memory)
        ]
        known = [*speeds, *([] if memory.speed_kmh is None else [memory.speed_kmh])]
        return round(max(known), 1) if known else None

    def _stays(self, stay: ZoneStay, memory: TrackMemory) -> bool:
        zone = self._zones.get(stay.zone_id)
        return zone is None or self._admits(zone, memory)

    def _crosses(self, crossing: Crossing, memory: TrackMemory) -> bool:
        watched = self._lines.get(crossing.line_id)
        if watched is None:
            return True
        line = watched.line
        counts = line.counts in {CountedDirection.BOTH, COUNTED[crossing.direction]}
        return counts and _is_for(line.labels, line.min_score, memory)

    def _admits(self, zone: WatchedZone, memory: TrackMemory) -> bool:
        return _is_for(zone.zone.labels, zone.zone.min_score, memory)

    def _settle(self, memory: TrackMemory) -> None:
        """Drop what the scene at hand does not count, before another one takes its place."""
        memory.stays = [stay for stay in memory.stays if self._stays(stay, memory)]
        memory.crossings = [crossing for crossing in memory.crossings if self._crosses(crossing, memory)]
        memory.speed_kmh = self._speed_kmh(memory)
        memory.speeds = {}
        for zone_id, zone in self._zones.items():
            if not self._admits(zone, memory):
                memory.zones.pop(zone_id, None)


def _is_for(labels: frozenset[str] | None, min_score: float, memory: TrackMemory) -> bool:
    return (labels is None or memory.label in labels) and memory.score >= min_score


def _ends(watched: WatchedLine) -> tuple[object, object]:
    return watched.line.a, watched.line.b


def _entered_us(stay: ZoneStay) -> WallUs:
    return stay.entered_us


def _at_us(crossing: Crossing) -> WallUs:
    return crossing.at_us


def _put(passages: list[Passage], passage: Passage | None) -> None:
    """Add what has happened, if it did, and let the oldest go where there are too many."""
    if passage is not None:
        passages.append(passage)
        del passages[:-MOST_PASSAGES]
