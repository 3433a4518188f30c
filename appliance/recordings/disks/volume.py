"""A volume: one storage path, whether it is the disk it should be, and how it is doing."""

import errno
import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from appliance.domain import footage
from appliance.domain.footage import Cause
from appliance.domain.ids import VolumeId, new_id
from appliance.domain.time import NS_PER_S, MonotonicNs
from appliance.recordings.disks.files import Files, Space
from appliance.recordings.disks.identity import Identity, read_identity, settle, write_identity
from appliance.recordings.settings import Role, Settings, StoragePath
from appliance.runtime.clock import Clock
from appliance.runtime.health import Health, Level

log = logging.getLogger(__name__)

PROBE_NAME = "nightjar-probe"
"""Written and removed to see whether a disk that failed works again."""
REPLACEMENT_NAME = "nightjar-new-volume"
"""An owner makes this file on a disk that takes another one's place; no empty mount point has it."""
PACE_MEMORY_S = 300.0
"""How far back the pace of writing looks, for the reserve."""
MOST_RESERVED_RATIO = 0.2
"""However fast is written: a reserve is never more of a disk than this."""
SLOW_MEMORY_S = 10.0
"""A disk that has kept up for so long is not slow any more."""
LEAST_FREE_OF_RESERVE_RATIO = 0.2
"""A small disk stops at this part of its reserve, where ``least_free_bytes`` would be most of the disk."""

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
FORBIDDEN = {errno.EACCES, errno.EPERM}
GONE = {errno.ENOENT, errno.ENOTDIR, errno.ENODEV, errno.ENXIO, errno.ESTALE}


class Condition(StrEnum):
    """How a volume is doing."""

    UNCHECKED = "unchecked"
    OK = "ok"
    UNMOUNTED = "unmounted"
    WRONG_DISK = "wrong_disk"
    READ_ONLY = "read_only"
    FULL = "full"
    FAILING = "failing"
    SLOW = "slow"
    """It takes what it is given, later than it comes."""

    @property
    def is_usable(self) -> bool:
        """Whether something may be written."""
        return self in {Condition.OK, Condition.SLOW}

    @property
    def cause(self) -> Cause:
        """What a gap says that comes of it."""
        causes = {Condition.FULL: Cause.DISK_FULL, Condition.SLOW: Cause.DISK_SLOW}
        return causes.get(self, Cause.DISK_UNAVAILABLE)


@dataclass(frozen=True, slots=True)
class State:
    """What the last look at a volume found.

    Attributes:
        reason: a sentence for the owner; empty when all is well.
    """

    condition: Condition
    reason: str = ""
    space: Space | None = None


class Trouble(Exception):
    """Why a volume is refused."""

    def __init__(self, condition: Condition, reason: str) -> None:
        super().__init__(reason)
        self.condition = condition


class Register:
    """Which volumes there are: those that the database knows, and those that were found or made since.

    Args:
        known: the database's rows.
        enrolled: told of each volume that is new or lies elsewhere than before; called on a disk's thread,
            must not block.
    """

    def __init__(self, known: Iterable[footage.Volume], enrolled: Callable[[footage.Volume], None]) -> None:
        self._known = {volume.path: volume for volume in known}
        self._claimed: dict[VolumeId, Path] = {}
        self._enrolled = enrolled
        self._lock = threading.Lock()

    def expected(self, path: Path) -> Identity | None:
        """Return who a storage path was, or ``None`` when nobody knows it yet."""
        with self._lock:
            volume = self._known.get(str(path))
        return Identity(volume.id, volume.created_us) if volume else None

    def claim(self, path: Path, identity: Identity) -> Path:
        """Return the storage path that is this volume: the first that claims it, while the service runs."""
        with self._lock:
            owner = self._claimed.setdefault(identity.id, path)
            volume = footage.Volume(identity.id, str(path), identity.created_us)
            is_news = owner == path and self._known.get(volume.path) != volume
            if is_news:
                self._known[volume.path] = volume
        if is_news:
            self._enrolled(volume)
        return owner


class Volume:
    """One storage path. ``check`` and ``failed`` belong to its disk's thread; the rest is read anywhere.

    Args:
        needs_room: told at each check how many bytes are missing to the reserve, if any are; must not block.
    """

    def __init__(
        self,
        place: StoragePath,
        register: Register,
        files: Files,
        clock: Clock,
        health: Health,
        settings: Settings,
        needs_room: Callable[[VolumeId, int], None] = lambda _id, _missing: None,
    ) -> None:
        self.place = place
        self.path = place.path
        self.part = f"storage {place.path}"
        self._register = register
        self._files = files
        self._clock = clock
        self._health = health
        self._settings = settings
        self._needs_room = needs_room
        self._identity: Identity | None = None
        self._device: int | None = None
        self._state = State(Condition.UNCHECKED, "it has not been looked at yet")
        self._must_probe = False
        self._slow: tuple[MonotonicNs, str] | None = None
        self._pace = _Pace(clock)

    @property
    def id(self) -> VolumeId | None:
        """Who it is; ``None`` before it was right for the first time."""
        return self._identity.id if self._identity else None

    @property
    def known_id(self) -> VolumeId:
        """Who it is, once it was right.

        Raises:
            OSError: it never was.
        """
        if self._identity is None:
            raise OSError(errno.ENODEV, f"{self.path} has not been looked at yet")
        return self._identity.id

    @property
    def state(self) -> State:
        """What the last look found, or the last failure."""
        return self._state

    @property
    def is_usable(self) -> bool:
        """Whether it is the right disk and may be written."""
        return self._state.condition.is_usable

    @property
    def is_promising(self) -> bool:
        """Whether it is usable as far as anybody knows: before the first look nobody does."""
        return self.is_usable or self._state.condition is Condition.UNCHECKED

    @property
    def is_hot(self) -> bool:
        """Whether it is recorded to."""
        return self.place.role is Role.HOT

    def check(self) -> bool:
        """Look whether it is there, the right one, writable and has room; return whether it is usable.

        A file system other than at the last look counts as not usable this once, so that whoever has
        files open there lets go of them.
        """
        try:
            space = self._look()
            state = self._slow_state(space) or State(Condition.OK, space=space)
        except Trouble as trouble:
            state = State(trouble.condition, str(trouble))
        except OSError as err:
            state = self._state_of(err)
        self._enter(state)
        return self.is_usable

    def expect_same(self) -> None:
        """Make sure, before a name is made, that it would lie on this very disk.

        Raises:
            OSError: it would not (``ENODEV``), or nobody can tell.
        """
        try:
            is_same = self._files.device(self.path) == self._device and self._read() == self._identity
        except Trouble as trouble:
            raise OSError(errno.ENODEV, str(trouble)) from trouble
        if not is_same:
            raise OSError(errno.ENODEV, "another file system is mounted there")

    def expect_on_it(self, path: Path) -> None:
        """Make sure that a file or folder which was just made lies on this very disk.

        Raises:
            OSError: it does not (``ENODEV``), or nobody can tell.
        """
        if self._files.device(path) != self._device:
            raise OSError(errno.ENODEV, "another file system is mounted there")

    def failed(self, err: OSError) -> None:
        """Take note that a write failed: nothing more is written until a check finds it well again."""
        self._must_probe = True
        self._enter(self._state_of(err))

    def slow(self, reason: str) -> None:
        """Take note, from any thread, that it does not keep up; it is well again after a while without."""
        self._slow = (self._clock.monotonic_ns(), reason)
        if self._state.condition is Condition.OK:
            self._enter(State(Condition.SLOW, reason, self._state.space))
        elif self._state.condition is Condition.UNCHECKED:
            self._enter(State(Condition.UNCHECKED, reason))

    def wrote(self, size: int) -> None:
        """Count what was written, for the pace."""
        self._pace.add(size)

    def reserve(self, space: Space) -> int:
        """Return how many bytes of a disk should stay free."""
        wanted = max(self._settings.reserve_ratio * space.total, self._settings.reserve_s * self._pace.value)
        return round(min(wanted, MOST_RESERVED_RATIO * space.total))

    def _slow_state(self, space: Space) -> State | None:
        if self._slow is None or self._clock.monotonic_ns() - self._slow[0] > SLOW_MEMORY_S * NS_PER_S:
            return None
        return State(Condition.SLOW, self._slow[1], space)

    def _look(self) -> Space:
        identity = self._identify()
        device = self._files.device(self.path)
        is_same = device == self._device or self._device is None
        self._identity, self._device = identity, device
        if not is_same:
            raise Trouble(Condition.UNMOUNTED, f"{self.path} was mounted anew")
        space = self._files.space(self.path)
        if space.is_read_only:
            raise Trouble(
                Condition.READ_ONLY, f"{self.path} is mounted read-only; look for errors of its disk"
            )
        self._expect_room(identity, space)
        if self._must_probe:
            self._probe()
            self._must_probe = False
        return space

    def _identify(self) -> Identity:
        """Return who it is: the one it must be, or, where nobody knows the path yet, the one it is now."""
        expected = self._identity or self._register.expected(self.path)
        found = self._read()
        if expected is None or (found is None and self._is_replacement()):
            found = found or self._enrol()
            settle(self._files, self.path)
        elif found is None:
            raise Trouble(
                Condition.UNMOUNTED,
                f"{self.path} is not the disk it was: mount it, or, if another disk is to take its place, "
                f"make an empty file {REPLACEMENT_NAME} on that one",
            )
        elif found.id != expected.id:
            raise Trouble(
                Condition.WRONG_DISK,
                f"{self.path} holds another disk of Nightjar's than before: expected the volume "
                f"{expected.id}, found {found.id}",
            )
        owner = self._register.claim(self.path, found)
        if owner != self.path:
            raise Trouble(Condition.WRONG_DISK, f"{self.path} is the same disk as {owner}: name it once")
        return found

    def _is_replacement(self) -> bool:
        """Whether the owner has said, on the disk itself, that it takes the place of the one before."""
        return self._files.size(self.path / REPLACEMENT_NAME) is not None

    def _read(self) -> Identity | None:
        try:
            return read_identity(self._files, self.path)
        except ValueError as err:
            raise Trouble(Condition.WRONG_DISK, str(err)) from err

    def _enrol(self) -> Identity:
        created_us = self._clock.wall_us()
        identity = Identity(VolumeId(new_id(created_us)), created_us)
        write_identity(self._files, self.path, identity)
        self._files.remove(self.path / REPLACEMENT_NAME)
        log.info("%s is a storage path from now on: the volume %s", self.path, identity.id)
        return identity

    def _expect_room(self, identity: Identity, space: Space) -> None:
        reserve = self.reserve(space)
        if space.free < reserve:
            self._needs_room(identity.id, reserve - space.free)
        least = min(self._settings.least_free_bytes, round(LEAST_FREE_OF_RESERVE_RATIO * reserve))
        was_full = self._state.condition is Condition.FULL
        if space.free < (2 * least if was_full else least):  # twice: so that it does not go to and fro
            raise Trouble(
                Condition.FULL, f"{self.path} is full: {space.free} of {space.total} bytes are free"
            )

    def _probe(self) -> None:
        probe = self.path / PROBE_NAME
        file = self._files.open(probe)
        try:
            file.append(b"\n")
            file.sync()
        finally:
            file.close()
        self._files.remove(probe)

    def _state_of(self, err: OSError) -> State:
        reason = f"{self.path}: {err.strerror or err}"
        if err.errno in FULL:
            return State(Condition.FULL, f"{self.path} is full")
        if err.errno == errno.EROFS:
            return State(
                Condition.READ_ONLY, f"{self.path} is mounted read-only; look for errors of its disk"
            )
        if err.errno in FORBIDDEN:
            return State(Condition.FAILING, f"{reason}; the user that Nightjar runs as must own it")
        if err.errno in GONE:
            return State(Condition.UNMOUNTED, reason)
        return State(Condition.FAILING, f"{reason}: look at the disk and its cable")

    def _enter(self, state: State) -> None:
        if state.condition is not self._state.condition:
            say = log.info if state.condition is Condition.OK else log.error
            say("%s: %s %s", self.part, state.condition.value, state.reason)
        self._state = state
        levels = {Condition.OK: Level.OK, Condition.SLOW: Level.DEGRADED}
        self._health.report(self.part, levels.get(state.condition, Level.FAILED), state.reason)


class _Pace:
    """Bytes a second, averaged over the last minutes. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since_ns = clock.monotonic_ns()
        self._size = 0
        self._average = 0.0
        self._lock = threading.Lock()

    def add(self, size: int) -> None:
        """Count bytes."""
        with self._lock:
            self._size += size

    @property
    def value(self) -> float:
        """Bytes a second; the first minutes count as if nothing had been written before."""
        now = self._clock.monotonic_ns()
        with self._lock:
            passed_s = (now - self._since_ns) / NS_PER_S
            if passed_s >= 1.0:
                weight = min(1.0, passed_s / PACE_MEMORY_S)
                self._average += weight * (self._size / passed_s - self._average)
                self._size, self._since_ns = 0, now
            return self._average
