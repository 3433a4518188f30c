"""``nightjar forget-volume``: footage of a disk that never comes back becomes a gap; the service is off."""

from pathlib import Path

from appliance.domain.ids import VolumeId
from appliance.errors import Conflict, NotFound
from appliance.recordings.disks.identity import read_identity
from appliance.recordings.disks.os_files import SystemFiles
from appliance.runtime.clock import Clock
from appliance.store import footage
from appliance.store.engine import DATABASE, Store
from appliance.store.settings import StoreSettings


def forget_volume(data_dir: Path, volume_id: VolumeId, clock: Clock) -> int:
    """Forget a storage path and all that lies in it, protected footage too; return how many segments.

    Their time becomes a gap with the cause ``lost``. No file is touched: if the disk comes back after all,
    the service learns of its footage from it. What a crash leaves is done by doing it again.

    Raises:
        NotFound: there is no such volume, or no database.
        Conflict: the disk is there, or the service runs.
    """
    if not (data_dir / DATABASE).exists():
        raise NotFound(f"expected a database in {data_dir}, found none")
    count = 0
    with Store(data_dir, clock, StoreSettings()) as store:
        with store.writer.begin() as connection:
            known = {volume.id: Path(volume.path) for volume in footage.volumes(connection)}
            portion = footage.segments_of_volume(connection, volume_id)
        if volume_id not in known and not portion:
            raise NotFound(f"expected one of the volumes {', '.join(known) or 'none'}, got {volume_id!r}")
        if volume_id in known and _is_there(known[volume_id], volume_id):
            raise Conflict(
                f"the volume {volume_id} is there, in {known[volume_id]}: its footage can be played"
            )
        while portion:
            with store.writer.begin() as connection:
                count += footage.lose_from_volume(connection, volume_id, portion)
                portion = footage.segments_of_volume(connection, volume_id)
        with store.writer.begin() as connection:
            footage.forget_volume(connection, volume_id)
    return count


def _is_there(folder: Path, volume_id: VolumeId) -> bool:
    try:
        identity = read_identity(SystemFiles(), folder)
    except (OSError, ValueError):
        return False
    return identity is not None and identity.id == volume_id
