"""The hashes of files, each read only when the file has changed."""

from pathlib import Path

from appliance.detections.models import sha256_of


class FileHashes:
    """Remembers what it has read; blocks on the disk."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[tuple[int, int], str]] = {}

    def of(self, path: Path) -> str:
        """Return a file's SHA-256 in hexadecimal digits.

        Raises:
            OSError: it cannot be read.
        """
        stat = path.stat()
        state = (stat.st_size, stat.st_mtime_ns)
        known_state, sha256 = self._known.get(path, ((-1, 0), ""))
        if known_state != state:
            sha256 = sha256_of(path)
            self._known[path] = state, sha256
        return sha256
