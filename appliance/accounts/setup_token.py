"""The setup token: who can read it on the box may claim it over the network, once and for half an hour."""

import asyncio
import contextlib
import hmac
import os
from pathlib import Path

from appliance.accounts.secret import hash_of, new_secret
from appliance.errors import NotFound, Refused
from appliance.runtime.clock import Clock, seconds_since

FILE = "setup-token"
LASTS_S = 1800.0


class SetupToken:
    """The token of this run, in a file that its owner alone can read.

    Args:
        folder: of the data.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._path = folder / FILE
        self._clock = clock
        self._begun_ns = clock.monotonic_ns()
        self._hash: bytes | None = None

    @property
    def left_s(self) -> float:
        """For how many more seconds it can be used; 0 when it is not there."""
        if self._hash is None:
            return 0.0
        return max(0.0, LASTS_S - seconds_since(self._clock, self._begun_ns))

    def make(self) -> str:
        """Write a new one and return it; that of a former run counts no more."""
        self.forget()
        token = new_secret()
        opened = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(opened, "w") as file:
            file.write(f"{token}\n")
        self._begun_ns, self._hash = self._clock.monotonic_ns(), hash_of(token)
        return token

    def expect(self, token: str) -> None:
        """Make sure that it is this one, and can still be used.

        Raises:
            Refused: it is not, or its time is over.
        """
        if self._hash is None or self.left_s <= 0:
            raise Refused("the setup token has expired; start the service anew, which makes another one")
        if not hmac.compare_digest(self._hash, hash_of(token)):
            raise Refused("this is not the setup token; on the box, `nightjar setup-token` prints it")

    def forget(self) -> None:
        """Remove it: it was used, or its time is over."""
        self._hash = None
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()

    async def run(self) -> None:
        """Remove it once its time is over; until then it may be used at any time."""
        await self._clock.sleep(self.left_s)
        if self.left_s <= 0:
            await asyncio.to_thread(self.forget)


def read(folder: Path, clock: Clock) -> str:
    """Return the present setup token of the service that runs on that folder.

    Raises:
        NotFound: there is none: the box is claimed, its time is over, or only this machine reaches the box.
    """
    path = folder / FILE
    try:
        token = path.read_text().strip()
        age_s = clock.wall_us() / 1e6 - path.stat().st_mtime
    except FileNotFoundError as err:
        raise NotFound(
            f"there is no setup token in {folder}: the box is claimed, its half hour is over (start the "
            "service anew), or it listens for this machine alone and needs none"
        ) from err
    except OSError as err:
        raise NotFound(f"{path} cannot be read: {err.strerror}; only the service's own user can") from err
    if age_s > LASTS_S:
        raise NotFound(f"the setup token in {folder} has expired; start the service anew")
    return token
