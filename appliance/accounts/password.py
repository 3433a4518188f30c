"""What a password must be, and the slow hash by which it is kept."""

import asyncio
import base64
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, Self, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import Argon2Error, InvalidHashError

from appliance.accounts.name import key_of
from appliance.errors import InvalidInput, Overloaded
from appliance.runtime.queue_state import QueueState

T = TypeVar("T")

SHORTEST, LONGEST = 8, 256
MEMORY_KIB = 46 * 1024
"""With one pass over it: the first choice of OWASP's list for argon2id."""
SALT_BYTES, HASH_BYTES = 16, 32

_WORDS = """
00000000 11111111 12121212 12341234 12345678 123456789 1234567890 123123123 123qweasd 147258369 1q2w3e4r
1q2w3e4r5t 1qaz2wsx 66666666 87654321 88888888 987654321 99999999 aa123456 abc12345 abcd1234 access14
admin123 admin1234 admin12345 administrator alexander asdfasdf asdfghjk asdfghjkl baseball basketball
camera123 changeme changeme123 charlie1 computer corvette dahua123 danielle default1 dragon123 einstein
elephant football freedom1 garfield guest123 hallo123 hello123 hik12345 hikvision iloveyou internet jennifer
jonathan letmein1 letmein123 liverpool marlboro master123 maverick mercedes michael1 michelle midnight
monkey123 mustang1 nightjar nightjar1 nightjar123 p@ssw0rd p@ssword passw0rd passwort passwort1 password
password! password1 password12 password123 princess q1w2e3r4 qazwsxedc qwer1234 qwertyui qwertyuiop qwerty12
qwerty123 qwerty1234 root1234 samantha secret123 security shadow123 sicherheit snowball starwars sunshine
superman surveillance test1234 testtest trustno1 victoria welcome1 welcome123 whatever xxxxxxxx zaq12wsx
zxcvbnm123
"""
COMMON = frozenset(_WORDS.split())
"""Of eight characters and more, the first that anybody tries."""


class BadPassword(InvalidInput):
    """A password that was chosen is none; the message never contains it."""


def expect_password(name: str, password: str) -> None:
    """Make sure that a new password is one.

    Raises:
        BadPassword: it is too short or too long, the user's own name, or among the most common ones.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadPassword(
            f"expected a password of {SHORTEST} to {LONGEST} characters, got one of {len(password)}"
        )
    plain = key_of(password)
    if plain == key_of(name):
        raise BadPassword("expected a password other than the name, got the name")
    if plain in COMMON or len(set(password.casefold())) == 1:
        raise BadPassword("expected a password that is not among the most common ones, got such a one")


def nobodys_hash() -> str:
    """Return a hash that no password has: to look at one costs as much as at a real one."""
    zeros = (base64.b64encode(bytes(n)).rstrip(b"=").decode() for n in (SALT_BYTES, HASH_BYTES))
    return f"$argon2id$v=19$m={MEMORY_KIB},t=1,p=1${'$'.join(zeros)}"


class Work(Protocol):
    """A slow hash; both methods block."""

    def hash(self, password: bytes) -> str:
        """Return salt, parameters and hash as one text."""
        ...

    def fits(self, password: bytes, kept: str) -> bool:
        """Return whether the password has that hash."""
        ...


class Passwords:
    """Hashes passwords on a thread of its own, one after the other; use as ``async with``.

    Each takes 46 MiB and some tenths of a second of one core: whoever tries many gets no more of the box.
    The event loop goes on, since the hash lets other threads run.

    Args:
        work: what is hashed by; a test counts with one of its own.
        most: that may wait or be worked on.
    """

    def __init__(self, most: int, work: Work | None = None) -> None:
        self._most = most
        self._work = work or Argon2()
        self._waiting = 0
        self._refused = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="passwords")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await asyncio.to_thread(self._thread.shutdown, cancel_futures=True)

    async def hash(self, password: str) -> str:
        """Return the text by which the password is kept.

        Raises:
            Overloaded: too many wait.
        """
        return await self._turn(lambda: self._work.hash(as_bytes(password)))

    async def fits(self, password: str, kept: str | None) -> bool:
        """Return whether the password is the kept one; with ``None`` it is not, and takes as long.

        Raises:
            Overloaded: too many wait.
        """
        found = await self._turn(lambda: self._work.fits(as_bytes(password), kept or nobodys_hash()))
        return found and kept is not None

    def queues(self) -> list[QueueState]:
        """Return what waits to be looked at."""
        text = "Passwords that wait to be looked at"
        return [
            QueueState(
                *("passwords", text, "passwords", "one more is refused"),
                self._waiting,
                self._most,
                self._refused,
            )
        ]

    async def _turn(self, work: Callable[[], T]) -> T:
        if self._waiting >= self._most:
            self._refused += 1
            raise Overloaded(f"{self._waiting} passwords wait to be looked at; try again soon")
        future = asyncio.get_running_loop().run_in_executor(self._thread, work)
        self._waiting += 1
        future.add_done_callback(self._done)
        # Whoever goes away meanwhile leaves the work behind, which keeps its place until it is done.
        return await asyncio.shield(future)

    def _done(self, _future: object) -> None:
        self._waiting -= 1


class Argon2:
    """argon2id as the library does it, with what the house decided on."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(1, MEMORY_KIB, 1, HASH_BYTES, SALT_BYTES, type=Type.ID)

    def hash(self, password: bytes) -> str:
        """Return salt, parameters and hash as one text."""
        return self._hasher.hash(password)

    def fits(self, password: bytes, kept: str) -> bool:
        """Return whether the password has that hash."""
        try:
            return self._hasher.verify(kept, password)
        except (Argon2Error, InvalidHashError):
            return False


def as_bytes(password: str) -> bytes:
    """Return what is hashed of a password."""
    # The same characters may be typed in several ways: as one, or as a letter and its accent.
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
