"""One camera's decisions, made again from what is stored of it."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from appliance.decisions.changes import Change
from appliance.decisions.decider import Decider
from appliance.decisions.frozen import thaw
from appliance.decisions.looked import looked_of
from appliance.decisions.setup import Setup
from appliance.domain.detection import Detections
from appliance.domain.ids import CameraId, EventId
from appliance.domain.tampering import tampering_of
from appliance.domain.time import WallUs
from appliance.errors import InvalidInput, NotFound
from appliance.replay.archive import Archive, Mark
from appliance.replay.outcome import Outcome
from appliance.replay.rows import Rows, rows_of
from appliance.replay.supposition import NOTHING, Supposition
from appliance.store.boxes import StoredFrame, found_in
from appliance.store.journal import Entry, EntryKind, Snapshot, code_version

MISFITS = (InvalidInput, AttributeError, IndexError, KeyError, TypeError, ValueError)
"""How it shows that a state is none of this version's: often only once something in it is missed."""

TELL_EVERY = 2000
"""Frames after which it is told how far a replay has come."""

Tell: TypeAlias = Callable[[int], None]
"""Gets the number of frames that were decided on since it was told last."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """What a replay of one camera found.

    Attributes:
        frames: how many were decided on, those before and after the time among them.
        from_us: from when on there is something to compare: later than was asked for where what lies before
            is no longer stored.
        rows: what the decisions leave of the time.
        supposed: what they would leave with other settings, if any were supposed.
        versions: of the code that decided then.
        breaks: snapshots inside a run of the service at which the state was another one than here: frames
            were lost before them since the database was behind. From there on it is gone on from them.
    """

    camera: CameraId
    frames: int
    from_us: WallUs
    rows: Rows
    supposed: Rows | None
    versions: frozenset[str]
    breaks: int


class Run:
    """A decider that is told what is stored, and what becomes of its changes.

    Args:
        snapshot: where it begins.
        supposition: replaces parts of every setup.
    """

    def __init__(self, snapshot: Snapshot, supposition: Supposition = NOTHING) -> None:
        self._supposition = supposition
        self._decider = self._restored(snapshot)
        self.outcome = Outcome(self._open_events(), is_supposed=supposition != NOTHING)
        self.breaks = 0

    def frame(self, found: Detections) -> None:
        """Decide on the next analysed frame."""
        self.outcome.take(self._decider.frame(found).changes)

    def entry(self, entry: Entry) -> None:
        """Do what was done between two frames."""
        self.outcome.take(self._changes(entry))

    def snapshot(self, snapshot: Snapshot) -> None:
        """Begin again as the service did at a start, or see that all is as it was then."""
        if snapshot.is_start:
            self._decider = self._restored(snapshot)
            self.outcome.interrupt(self._open_events())
        elif self._supposition == NOTHING and self._decider.snapshot() != snapshot.state:
            self._decider = self._restored(snapshot)
            self.breaks += 1

    def _changes(self, entry: Entry) -> tuple[Change, ...]:
        match entry.kind:
            case EntryKind.TICK:
                return self._decider.tick(entry.at_us)
            case EntryKind.CLOSE:
                return self._decider.close(entry.at_us)
            case EntryKind.AWAY | EntryKind.ONLINE:
                return self._decider.reached(entry.at_us, is_reached=entry.kind is EntryKind.ONLINE)
            case EntryKind.TAMPERED:
                return self._decider.tampered(entry.at_us, tampering_of(entry.data))
            case EntryKind.SETUP:
                return self._decider.configure(self._supposition.applied(_setup(entry.data)), entry.at_us)
            case EntryKind.SECOND_LOOK:
                return self._decider.second_look(*looked_of(entry.data))

    def _restored(self, snapshot: Snapshot) -> Decider:
        if self._supposition == NOTHING:
            return Decider.restore(snapshot.state)
        return Decider.restore(snapshot.state, self._supposition.applied(_setup(snapshot.setup)))

    def _open_events(self) -> frozenset[EventId]:
        return frozenset(event.id for event in self._decider.open_events)


def repeat(
    archive: Archive,
    camera: CameraId,
    from_us: WallUs,
    to_us: WallUs,
    supposition: Supposition = NOTHING,
    tell: Tell = lambda _: None,
) -> Repeated:
    """Make a camera's decisions of a time again.

    They are made from the snapshot before it, and on after it until what began in it is over. Where another
    version of the program made that one, and its state is none of this version's, they begin where that
    version was replaced.

    Raises:
        NotFound: nothing that the decisions of that time were made of is stored.
        InvalidInput: all of it was stored by versions of the program with whose states this one cannot go on.
    """
    marks, own = _marks(archive, camera, from_us, to_us), code_version()
    while True:
        version = archive.snapshot(marks[0]).version
        try:
            return _repeated(archive, camera, (from_us, to_us), marks, supposition, tell)
        except MISFITS as err:
            if version == own:
                raise
            marks = _after_version(archive, marks, version)
            if not marks or marks[0].at_us >= to_us:
                problem = f"how it was decided at camera {camera!r} was stored by another version, {version}"
                raise InvalidInput(f"{problem}, with whose state this one cannot go on") from err


def _repeated(
    archive: Archive,
    camera: CameraId,
    time: tuple[WallUs, WallUs],
    marks: list[Mark],
    supposition: Supposition,
    tell: Tell,
) -> Repeated:
    """Make a camera's decisions again from the first of these snapshots on."""
    from_us, to_us = time
    since_us = WallUs(max(from_us, marks[0].at_us))
    first = archive.snapshot(marks[0])
    runs = [Run(first), *([] if supposition == NOTHING else [Run(first, supposition)])]
    told = _Told(tell)
    versions = {first.version}
    for number, mark in enumerate(marks):
        if number:
            snapshot = archive.snapshot(mark)
            versions.add(snapshot.version)
            for run in runs:
                run.snapshot(snapshot)
        following = marks[number + 1] if number + 1 < len(marks) else None
        if not _decide(archive, camera, (mark, following), to_us, runs, told):
            break
    told.end()
    left = [rows_of(run.outcome.changes(), camera, since_us, to_us) for run in runs]
    supposed = None if supposition == NOTHING else left[-1]
    return Repeated(camera, told.frames, since_us, left[0], supposed, frozenset(versions), runs[0].breaks)


class _Told:
    """Counts frames, and says so now and then."""

    def __init__(self, tell: Tell) -> None:
        self.frames = 0
        self._tell = tell

    def add(self) -> None:
        self.frames += 1
        if self.frames % TELL_EVERY == 0:
            self._tell(TELL_EVERY)

    def end(self) -> None:
        self._tell(self.frames % TELL_EVERY)


def _decide(
    archive: Archive,
    camera: CameraId,
    marks: tuple[Mark, Mark | None],
    to_us: WallUs,
    runs: list[Run],
    told: _Told,
) -> bool:
    """Decide on what lies between two snapshots; return whether there is more to be done after them."""
    for stored in archive.between(camera, *marks):
        if not isinstance(stored, StoredFrame):
            for run in runs:
                run.entry(stored)
            continue
        if stored.at_us >= to_us and all(run.outcome.is_over(to_us) for run in runs):
            return False
        found = found_in(stored)
        told.add()
        for run in runs:
            run.frame(found)
    return True


def _marks(archive: Archive, camera: CameraId, from_us: WallUs, to_us: WallUs) -> list[Mark]:
    """Return the snapshot to begin at and all that follow it.

    Raises:
        NotFound: there is none before the end of that time.
    """
    marks = archive.marks(camera)
    before = [place for place, mark in enumerate(marks) if mark.at_us <= from_us]
    chosen = marks[before[-1] if before else 0 :]
    if not chosen or chosen[0].at_us >= to_us:
        raise NotFound(f"it is not stored how it was decided at camera {camera!r} in that time")
    return chosen


def _after_version(archive: Archive, marks: list[Mark], version: str) -> list[Mark]:
    """Return the snapshots from the first on that another version made."""
    return list(itertools.dropwhile(lambda mark: archive.snapshot(mark).version == version, marks))


def _setup(frozen: bytes) -> Setup:
    setup = thaw(frozen)
    if not isinstance(setup, Setup):
        raise InvalidInput("expected the configuration of a camera's decisions, got something else")
    return setup
