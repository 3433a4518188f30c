"""A secret that is looked for in all the forms in which it might lie somewhere."""

import base64
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Canary:
    """A secret that nobody could have written by chance.

    Attributes:
        text: letters and digits, so that no form of writing escapes anything of it.
    """

    name: str
    text: str = field(default_factory=lambda: f"kanari{secrets.token_hex(8)}")

    def forms(self) -> Iterator[bytes]:
        """Yield it as it is, in hexadecimal, in UTF-16, and in base64 at each place in a group."""
        plain = self.text.encode()
        yield plain
        yield plain.hex().encode()
        yield self.text.encode("utf-16-le")
        for before in range(3):
            whole = base64.b64encode(b"\0" * before + plain)
            # The characters at both ends depend on what stands beside it.
            yield whole[4 if before else 0 : -4]

    def is_in(self, content: bytes) -> bool:
        """Return whether any form of it is there."""
        return any(form in content for form in self.forms())


def found(canaries: Iterable[Canary], places: Iterable[tuple[str, bytes]]) -> list[tuple[str, str]]:
    """Return which canary is in which place."""
    known = list(canaries)
    return [(one.name, where) for where, content in places for one in known if one.is_in(content)]


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file below a folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes()


def processes(pid: int) -> Iterator[tuple[str, bytes]]:
    """Yield the command line and the environment of a process and of all that descend from it."""
    for one in (pid, *descendants(pid)):
        for what in ("cmdline", "environ"):
            yield f"{what} of {one}", Path(f"/proc/{one}/{what}").read_bytes()


def descendants(pid: int) -> list[int]:
    """Return the processes that descend from one, as the kernel knows them."""
    parents: dict[int, int] = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            status = (process / "stat").read_text()
        except OSError:
            continue
        parents[int(process.name)] = int(status.rpartition(")")[2].split()[1])
    known = {pid}
    while more := {one for one, parent in parents.items() if parent in known} - known:
        known |= more
    return sorted(known - {pid})
