"""A start without a sound database: the newest good copy takes its place; cameras and rules are not lost."""

import logging
import os
import re
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from appliance.backup.archive_reader import ArchiveReader
from appliance.backup.staging import stage
from appliance.domain.time import WallUs
from appliance.errors import NightjarError
from appliance.runtime.clock import Clock
from appliance.store import swap
from appliance.store.data_folder import DATABASE, EXPORTS, PICTURES
from appliance.store.restored import Beside, exports_done, pictures_named, prepare

log = logging.getLogger(__name__)

UNTRIED = ".part"
"""What the nightly backup's names end in until they were restored for a try."""
MOST_TRIED = 5
"""Of the backups, the newest: a start has no time for more."""
_Make = Callable[[Path, Path, Path, WallUs], None]
"""Makes a copy fit for a start: file, folder to make it in, data's folder, now."""
BEFORE_UPGRADE = re.compile(rf"{re.escape(DATABASE)}\.before-\d{{4}}")


class BackupRescuer:
    """Restores the newest good backup of a folder, else the newest copy that was made before an upgrade.

    Args:
        folder: of this box's backups; ``None`` where the service is not told of any.
    """

    def __init__(self, folder: Path | None, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def rescue(self, data_dir: Path, aside: str, is_there: bool) -> str:
        """Commit a swap with the best copy, and return what it is; empty when there is none.

        A database that was removed may have been removed on purpose: then only a backup is taken, whose
        folder the owner has named, and no copy that happens to lie beside it.
        """
        for file in self._backups():
            if self._try(data_dir, aside, file, self._unpack):
                return f"the backup {file}"
        for file in _copies(data_dir) if is_there else ():
            if self._try(data_dir, aside, file, self._take):
                return f"the copy {file.name}, which was made before an upgrade"
        return ""

    def _try(self, data_dir: Path, aside: str, file: Path, make: _Make) -> bool:
        try:
            folder = swap.begin(data_dir)
            make(file, folder, data_dir, self._clock.wall_us())
            _own_as(data_dir, folder)
            swap.commit(data_dir, aside, exports_done(folder / DATABASE))
        except (NightjarError, OSError) as err:
            log.warning("%s cannot be restored: %s", file, err)
            swap.discard(data_dir)
            return False
        return True

    def _backups(self) -> Iterator[Path]:
        """Yield the newest backups of the folder, the newest first."""
        if self._folder is None:
            return
        try:
            files = [path for path in self._folder.iterdir() if _is_finished(path.name)]
            found = [(path.stat(), path) for path in files]
        except OSError as err:
            log.warning("the backups in %s cannot be looked at: %s", self._folder, err)
            return
        plain = [(state.st_mtime_ns, path) for state, path in found if stat.S_ISREG(state.st_mode)]
        yield from (path for _, path in sorted(plain, reverse=True)[:MOST_TRIED])

    @staticmethod
    def _unpack(file: Path, folder: Path, data_dir: Path, now_us: WallUs) -> None:
        with ArchiveReader(file) as archive:
            stage(archive, folder, _names(data_dir / EXPORTS), now_us)

    @staticmethod
    def _take(file: Path, folder: Path, data_dir: Path, now_us: WallUs) -> None:
        """Take a copy of the database alone: the pictures and keys beside it stay."""
        target = folder / DATABASE
        shutil.copyfile(file, target)
        target.chmod(0o600)
        there = pictures_named(target) & _names(data_dir / PICTURES)
        prepare(target, Beside(there, _names(data_dir / EXPORTS)), now_us)


def _is_finished(name: str) -> bool:
    return not name.startswith(".") and not name.endswith(UNTRIED)


def _own_as(like: Path, folder: Path) -> None:
    """Give a folder with all in it to the owner of another one: root may start a service."""
    if os.geteuid() != 0:
        return
    owner = like.stat()
    for one in (folder, *folder.rglob("*")):
        with suppress(FileNotFoundError):
            os.chown(one, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _copies(data_dir: Path) -> list[Path]:
    """Return the copies that were made before upgrades, the newest first."""
    found = [path for path in data_dir.iterdir() if BEFORE_UPGRADE.fullmatch(path.name)]
    return sorted(found, key=lambda path: path.stat().st_mtime_ns, reverse=True)


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()
