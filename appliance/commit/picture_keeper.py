"""The pictures of events: from a frame to a file, then to its row, then the file before it goes."""

import asyncio
import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from appliance.commit.committer import Committer
from appliance.domain.frame import Frame
from appliance.domain.ids import EventId
from appliance.runtime.health import Health, Level
from appliance.runtime.mailbox import Mailbox, Policy
from appliance.runtime.queue_state import QueueState
from appliance.store import pipeline
from appliance.store.pictures import Pictures

log = logging.getLogger(__name__)

WAITING_PICTURES = 64
"""Frames that wait for their turn; some hundred megabytes at 1080p if every one of them is taken."""


@dataclass(frozen=True, slots=True)
class _Moment:
    event_id: EventId
    frame: Frame


class PictureKeeper:
    """Keeps the best moment of each event as a JPEG, on threads of its own pace.

    Args:
        encode: makes a JPEG of a frame; runs on a thread.
    """

    def __init__(
        self, pictures: Pictures, committer: Committer, health: Health, encode: Callable[[Frame], bytes]
    ) -> None:
        self._pictures = pictures
        self._committer = committer
        self._health = health
        self._encode = encode
        self._moments = Mailbox[_Moment]("pictures", WAITING_PICTURES, Policy.DROP_OLDEST)

    def keep(self, event_id: EventId, frame: Frame) -> None:
        """Make this frame the event's picture, soon."""
        self._moments.put(_Moment(event_id, frame))

    def queues(self) -> list[QueueState]:
        """Return what waits to be written."""
        return [self._moments.state("pictures", "Pictures of events that wait to be written", "pictures")]

    async def run(self) -> None:
        """Sweep what a crash left, then write pictures until cancelled."""
        named = await self._committer.commit(pipeline.picture_names)
        await asyncio.to_thread(self._pictures.sweep, named)
        while True:
            await self._keep(await self._moments.get())

    async def _keep(self, moment: _Moment) -> None:
        name = self._pictures.name_for(moment.event_id, moment.frame.wall_us)
        try:
            await asyncio.to_thread(self._write, name, moment.frame)
        except OSError as err:
            self._health.report("pictures", Level.FAILED, f"a picture could not be written: {err.strerror}")
            return
        self._health.report("pictures", Level.OK)
        unit: Callable[[Connection], str | None] = functools.partial(
            pipeline.set_picture, event_id=moment.event_id, name=name
        )
        unneeded = await self._committer.commit(unit)
        if unneeded is not None:
            await asyncio.to_thread(self._pictures.delete, unneeded)

    def _write(self, name: str, frame: Frame) -> None:
        self._pictures.write(name, self._encode(frame))
