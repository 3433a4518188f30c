"""A folder of pytest's for a process of another user."""

import tempfile
from pathlib import Path


def open_to_all(folder: Path) -> None:
    """Let everybody get to a folder: pytest makes those above it for its own user alone."""
    common = Path(tempfile.gettempdir())
    for above in (folder, *folder.parents):
        if common in above.parents:
            above.chmod(0o755)
