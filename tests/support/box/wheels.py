"""Nightjar's wheel, and others made of it: a newer version, and one that is broken."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from appliance import __version__
from appliance.store.migrate import newest_revision
from tests.support.source import ROOT

Change = Callable[[str], str]

BROKEN_REVISION = "9999"
MIGRATION = f'''"""A table more.

Revision ID: {BROKEN_REVISION}
"""

from alembic import op

revision = "{BROKEN_REVISION}"
down_revision = "{newest_revision()}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it."""
    op.execute("CREATE TABLE of_the_broken_release (id INTEGER)")
'''


def build(folder: Path) -> Path:
    """Build the wheel of this checkout, with its page."""
    command = ["-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-deps", "--wheel-dir"]
    subprocess.run([sys.executable, *command, str(folder), str(ROOT)], check=True)
    (wheel,) = folder.glob("nightjar-*.whl")
    return wheel


def newer(wheel: Path, folder: Path, version: str) -> Path:
    """Return the same program under another version."""
    return _changed(wheel, folder, version, {})


def broken(wheel: Path, folder: Path, version: str) -> Path:
    """Return a version that changes the database's schema, listens, and never says that it is ready."""

    def never_ready(source: str) -> str:
        right = "ready = writable and report.level != Level.FAILED"
        assert right in source
        return source.replace(right, "ready = False")

    migration = f"appliance/store/migrations/versions/v{BROKEN_REVISION}_a_table_more.py"
    return _changed(wheel, folder, version, {"appliance/web/system.py": never_ready}, {migration: MIGRATION})


def _changed(
    wheel: Path,
    folder: Path,
    version: str,
    changes: Mapping[str, Change],
    more: Mapping[str, str] | None = None,
) -> Path:
    """Write the wheel anew with other files; pip looks at no hash in RECORD."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / wheel.name.replace(__version__, version)
    with ZipFile(wheel) as old, ZipFile(target, "w", ZIP_DEFLATED) as new:
        for info in old.infolist():
            data = old.read(info)
            if info.filename in changes:
                data = changes[info.filename](data.decode()).encode()
            elif info.filename == "appliance/__init__.py" or ".dist-info/" in info.filename:
                data = data.replace(__version__.encode(), version.encode())
            new.writestr(info.filename.replace(f"nightjar-{__version__}", f"nightjar-{version}"), data)
        for name, text in (more or {}).items():
            new.writestr(name, text)
    return target
