"""Footage after a restore: the files on the disks are compared with what the database says of them."""

import asyncio
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.commit.settings import CommitSettings
from appliance.commit.spine import spine
from appliance.domain.footage import Volume as VolumeRow
from appliance.domain.ids import SegmentId
from appliance.recordings.disks.identity import read_identity
from appliance.recordings.disks.os_files import SystemFiles
from appliance.recordings.disks.recovery import Recovery, remembered
from appliance.recordings.disks.volume import Register, Volume
from appliance.recordings.settings import Settings, StoragePath
from appliance.runtime.clock import Clock
from appliance.runtime.health import Health
from appliance.runtime.metrics import Metrics
from appliance.store import footage
from appliance.store.settings import StoreSettings


@dataclass(frozen=True, slots=True)
class FoundAgain:
    """How the footage was found.

    Attributes:
        found: files that the database did not know, or knew as unfinished, and ``missing``: those that are
        gone. is_whole: all disks that are there were gone through; else the next start goes on with it.
    """

    found: int
    missing: int
    is_whole: bool


def find_footage(
    data: Path, paths: Sequence[StoragePath], settings: Settings, clock: Clock, longest_s: float
) -> FoundAgain:
    """Go through the disks for so long, as a start would; the service has to be off.

    It must not stay off for the hours that a day of many cameras takes to be read: what is left then is done
    by the service, beside the recording.

    Raises:
        Conflict: the service runs.
    """
    return asyncio.run(_find(data, paths, settings, clock, longest_s))


async def _find(
    data: Path, paths: Sequence[StoragePath], settings: Settings, clock: Clock, longest_s: float
) -> FoundAgain:
    files = SystemFiles()
    health, metrics = Health(), Metrics()
    async with spine(data, clock, health, metrics, StoreSettings(), CommitSettings()) as trunk:
        async with trunk.reader.read() as connection:
            past = await connection.run_sync(remembered)
            known = await connection.run_sync(footage.volumes)
        loop = asyncio.get_running_loop()

        def enrolled(row: VolumeRow) -> None:
            unit = functools.partial(footage.save_volume, volume=row)
            loop.call_soon_threadsafe(trunk.committer.post, unit)

        register = Register(known, enrolled)
        # One that was never used is left to the service: here nobody enrols a disk.
        used = [path for path in paths if read_identity_of(path.path)]
        volumes = [Volume(path, register, files, clock, health, settings) for path in used]
        usable = [volume for volume in volumes if await asyncio.to_thread(volume.check)]
        recovery = Recovery(usable, past, _nobody_writes, files, trunk.committer, clock)
        try:
            async with asyncio.timeout(longest_s):
                await recovery.run()
        except TimeoutError:
            return FoundAgain(recovery.found, recovery.missing, is_whole=False)
        return FoundAgain(recovery.found, recovery.missing, len(usable) == len(used))


def read_identity_of(path: Path) -> bool:
    """Return whether a storage path was used before; one that cannot be read was not."""
    try:
        return read_identity(SystemFiles(), path) is not None
    except (OSError, ValueError):
        return False


def _nobody_writes(_segment: SegmentId) -> bool:
    return False
