"""File descriptors: how many this process may have, and for how many connections they suffice.

A file of footage, a camera's socket and a client's connection all take one of the same few. Whoever opens
connections could thereby stop the recording, so that some are kept for it, and what is left is for clients.
"""

import errno
import logging
import resource
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from appliance.runtime.health import Health, Level

log = logging.getLogger(__name__)

PART = "open files"
OPEN = Path("/proc/self/fd")
ENOUGH = 65_536
"""More is not asked for: a container may allow a thousand million, and some programs go through them all."""

KEPT = 32
"""Kept beyond what is open just now: up to 16 for the database's readers, 8 for another detection worker, and
some for a file that is replaced, a message to a target and a look at the machine."""

KEPT_PER_CAMERA = 6
"""A new connection over RTSP (up to 5 with its UDP ports), and the next file of footage."""

PER_CONNECTION = 2
"""Its socket, and a file that is sent on it."""

MOST_TOLD, FEWEST_TOLD = 32, 2

NEEDED = 192
"""The 40 of a service without cameras, what is kept, and room for 45 connections: some people's pages."""

NEEDED_PER_CAMERA = 8
"""Two while it records, and what is kept."""


@dataclass(frozen=True, slots=True)
class Room:
    """What there is for clients.

    Attributes:
        connections: that are served.
        told: further ones that may come in to be told that there is no room.
    """

    connections: int
    told: int


def room_in(limit: int, others: int, cameras: int) -> Room:
    """Return the room for clients.

    Args:
        limit: descriptors that the process may have.
        others: of them that are open and are no client's connection.
        cameras: how many there are.
    """
    left = limit - others - KEPT - KEPT_PER_CAMERA * cameras
    told = min(MOST_TOLD, max(FEWEST_TOLD, left // 4))
    return Room(max(0, (left - told) // PER_CONNECTION), told)


def judge(limit: int, cameras: int) -> tuple[Level, str]:
    """Return how well a limit fits so many cameras and, unless that is ok, what to do."""
    needed = NEEDED + NEEDED_PER_CAMERA * cameras
    if limit >= needed:
        return Level.OK, ""
    return Level.DEGRADED, (
        f"the service may have {limit} files and connections open, and with {cameras} "
        f"camera{'' if cameras == 1 else 's'} it should have {needed}: few clients are served, so that the "
        "recording has what it needs; raise LimitNOFILE= (systemctl edit nightjar) or the hard limit that "
        "`ulimit -Hn` shows, and start the service anew"
    )


def raise_limit() -> int:
    """Have as many as the hard limit permits, 65536 at most, and return how many this process may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else min(hard, ENOUGH)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (OSError, ValueError) as err:  # a sandbox may forbid it
            log.warning("the limit of open files stays at %d: %s", soft, err)
        else:
            soft = wanted
    return ENOUGH if soft == resource.RLIM_INFINITY else soft


def count_open() -> int | None:
    """Return how many descriptors this process has open; ``None`` when no other is to be had to count them.

    Some tenths of a millisecond for a thousand.
    """
    try:
        return sum(1 for _ in OPEN.iterdir()) - 1
    except OSError as err:
        if err.errno in {errno.EMFILE, errno.ENFILE}:
            return None
        raise


class Descriptors:
    """Says how many connections there may be, as things are just now.

    Args:
        limit: descriptors that the process may have.
        cameras: returns how many cameras there are.
        health: hears when the limit is too low for them.
        count: returns how many are open, or ``None`` when there is none left.
    """

    def __init__(
        self,
        limit: int,
        cameras: Callable[[], int],
        health: Health,
        count: Callable[[], int | None] = count_open,
    ) -> None:
        self._limit = limit
        self._cameras = cameras
        self._health = health
        self._count = count

    def tell(self) -> None:
        """Say in the log how many may be open; a start that fails is to say why, and nothing else."""
        log.info("up to %d files and connections may be open", self._limit)

    def room(self, connections: int) -> Room:
        """Return for how many connections there is room, with so many open."""
        cameras, held = self._cameras(), self._count()
        level, reason = judge(self._limit, cameras)
        self._health.report(PART, level, reason)
        return room_in(self._limit, (self._limit if held is None else held) - connections, cameras)
