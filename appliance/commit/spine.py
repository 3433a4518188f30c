"""The spine: database, writer, publisher and bus, joined. Everything that is said goes this way."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from appliance.bus.bus import Bus
from appliance.commit.committer import Committer
from appliance.commit.event_broadcaster import EventBroadcaster
from appliance.commit.message_log import MessageLog
from appliance.commit.settings import CommitSettings
from appliance.runtime.allowance import Allowance
from appliance.runtime.clock import Clock
from appliance.runtime.health import Health
from appliance.runtime.metrics import Metrics
from appliance.runtime.supervisor import Supervisor
from appliance.store.engine import Rescuer, Store
from appliance.store.reader import Reader
from appliance.store.settings import StoreSettings

log = logging.getLogger(__name__)

LAST_COMMITS_S = 2.0
"""How long a stopping service, all of it together, waits for a database that cannot be written."""


@dataclass(frozen=True, slots=True)
class Spine:
    """What the rest of the service writes to, reads from and listens to.

    Attributes:
        patience: for how long those who end may wait for their last commits, all of them together.
    """

    store: Store
    reader: Reader
    committer: Committer
    log: MessageLog
    bus: Bus
    patience: Allowance


@asynccontextmanager
async def spine(
    data_dir: Path,
    clock: Clock,
    health: Health,
    metrics: Metrics,
    store_settings: StoreSettings,
    commit_settings: CommitSettings,
    rescuer: Rescuer | None = None,
) -> AsyncIterator[Spine]:
    """Open the database and run the writer and the publisher until the block ends; then all is committed.

    A database that cannot be written by then gets what is left of two seconds; how much is lost is logged.

    Raises:
        Conflict: another service runs on this data directory.
        StoreUnavailable: the database cannot be opened.
    """
    bus = Bus()
    patience = Allowance(clock, LAST_COMMITS_S)
    with Store(data_dir, clock, store_settings, rescuer) as store:
        # Three sets of readers: neither a page that lists events nor a hundred clients that resume at once
        # keep the publisher waiting.
        async with (
            Reader(store.path, store_settings) as reader,
            Reader(store.path, store_settings) as for_clients,
            Reader(store.path, store_settings) as for_publisher,
        ):
            messages = MessageLog(for_clients)
            publisher = EventBroadcaster(MessageLog(for_publisher), bus, clock, commit_settings)
            async with (
                Committer(store.writer, clock, health, metrics, commit_settings, publisher.wake) as committer,
                Supervisor(clock, health) as parts,
            ):
                await publisher.run_once()
                parts.start("publisher", publisher.run)
                parts.start("committer", committer.run)
                try:
                    yield Spine(store, reader, committer, messages, bus, patience)
                finally:
                    if not await patience.wait_for(committer.drain()):
                        lost = committer.waiting
                        log.error("the database could not be written in time; %d changes are lost", lost)
