"""The box's time zone, by its name: that is what is kept of it beside the decisions that went by it."""

import zoneinfo
from pathlib import Path

LOCALTIME = Path("/etc/localtime")
FALLBACK = "UTC"


def local_zone_name(path: Path = LOCALTIME) -> str:
    """Return the name of the box's time zone in the IANA database; UTC where it has none.

    Args:
        path: a link into that database or, in some containers, a copy of one of its files.
    """
    if not path.exists():
        return FALLBACK
    target = path.resolve()
    for folder in map(Path, zoneinfo.TZPATH):
        if target.is_relative_to(folder.resolve()):
            return str(target.relative_to(folder.resolve()))
    return _name_of(path.read_bytes())


def _name_of(wanted: bytes) -> str:
    """Return the first zone whose file has these bytes; of several with the same rules any will do."""
    for name in sorted(zoneinfo.available_timezones()):
        for folder in map(Path, zoneinfo.TZPATH):
            file = folder / name
            if file.is_file() and file.stat().st_size == len(wanted) and file.read_bytes() == wanted:
                return name
    return FALLBACK
