"""What ``nightjar backup`` and ``nightjar restore`` say in the end, and what they note for the service."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from appliance.backup.backup import Asked, Done, make_backup
from appliance.backup.found_again import FoundAgain
from appliance.backup.record import Rehearsed, note_backup, note_rehearsal
from appliance.backup.rehearsal import rehearse
from appliance.backup.restore import Restored
from appliance.errors import BackupDamaged, InvalidInput, NightjarError, StoreCorrupt
from appliance.runtime.clock import Clock, seconds_since
from appliance.store.times import iso_of_us

Tell = Callable[[float], None]


def backup(asked: Asked, clock: Clock, tell: Tell) -> str:
    """Make a backup, note it, and return the line that says so.

    Raises:
        NightjarError: as ``make_backup``.
    """
    begun_ns = clock.monotonic_ns()
    done = make_backup(asked, clock, tell)
    unnoted = _noted(lambda: note_backup(asked.data, done.made))
    took = f"{_size(done.made.size)} in {seconds_since(clock, begun_ns):.1f} s"
    return f"{asked.file}: {took}; {_holds(done)}{unnoted}"


def verify(
    file: Path, data: Path, clock: Clock, tell: Tell, opened: BinaryIO | None = None
) -> tuple[bool, str]:
    """Rehearse a restore, note what came of it, and return whether all was well and the line that says so.

    Raises:
        NotFound: there is no such file.
        Conflict: another rehearsal is under way.
    """
    begun_ns = clock.monotonic_ns()
    made_at = ""
    notes: tuple[str, ...] = ()
    try:
        found = rehearse(file, data, clock, tell, opened)
    except NightjarError as err:
        if not _is_of_the_file(err):
            raise
        trouble = str(err)
    else:
        made_at, trouble, notes = found.made_at, found.trouble, found.notes
    rehearsed = Rehearsed(iso_of_us(clock.wall_us()), str(file.absolute()), made_at, trouble)
    unnoted = _noted(lambda: note_rehearsal(data, rehearsed))
    if trouble:
        return False, f"{file}: cannot be restored: {trouble}{unnoted}"
    words = "".join(f"; {note}" for note in notes)
    took = f"{seconds_since(clock, begun_ns):.1f} s"
    return (
        True,
        f"{file}: can be restored (tried in {took}): made {made_at}, no difference found{words}{unnoted}",
    )


def restored_line(file: Path, restored: Restored, footage: FoundAgain | None) -> str:
    """Return the line that says what was restored; ``footage`` is ``None`` where nobody looked for it."""
    manifest = restored.manifest
    words = [f"{file}: restored as of {manifest.copied_at}, made by Nightjar {manifest.version}"]
    if restored.former is not None:
        words.append(f"the former database lies at {restored.former}")
    if restored.missing:
        words.append(f"{restored.missing} pictures were not in it")
    if restored.configuration:
        words.append(restored.configuration)
    if footage is None:
        words.append("the footage is found again by the next start")
    else:
        words.append(f"footage: {footage.found} files found again, {footage.missing} missing")
        if not footage.is_whole:
            words.append("the next start goes on looking for footage")
    words += [
        f"the disk of {disk.segments} files of footage is not at {disk.path} (volume {disk.id})"
        for disk in restored.absent
    ]
    return "; ".join(words)


def _is_of_the_file(err: NightjarError) -> bool:
    """Return whether an error says that the backup is bad, not that there is none, or no room to try."""
    return isinstance(err, BackupDamaged | StoreCorrupt | InvalidInput)


def _noted(note: Callable[[], None]) -> str:
    """Note something for the service; return in words that this was not possible."""
    try:
        note()
    except OSError as err:
        return f"; the service is not told of it: {err.strerror or err}"
    return ""


def _holds(done: Done) -> str:
    keys = sum(part.name.startswith("keys/") for part in done.manifest.parts)
    segments = sum(disk.segments for disk in done.manifest.footage)
    words = ["the database", f"{done.pictures} pictures"]
    words += [f"{keys} keys"] if keys else []
    words += (
        ["the configuration"] if any(part.name == "nightjar.toml" for part in done.manifest.parts) else []
    )
    missing = f"; {done.missing} pictures were not there" if done.missing else ""
    return f"{', '.join(words)}; {segments} files of footage by reference{missing}"


def _size(size: int) -> str:
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"
