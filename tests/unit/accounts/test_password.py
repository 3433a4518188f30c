"""Passwords: what one must be, how it is kept, and that many at once get no more of the box."""

import asyncio
import threading

import pytest

from appliance.accounts.password import (
    COMMON,
    LONGEST,
    MEMORY_KIB,
    SHORTEST,
    Argon2,
    BadPassword,
    Passwords,
    as_bytes,
    expect_password,
    nobodys_hash,
)
from appliance.errors import Overloaded
from tests.support.accounts import QuickWork

GOOD = "correct horse battery"


@pytest.mark.parametrize("password", [GOOD, "a" * 7 + "b", "ab" * 128, "ünïcödé 🌙", "        x"])
def test_any_text_of_the_right_length_will_do(password: str) -> None:
    """No rule of capitals or digits."""
    expect_password("ann", password)


@pytest.mark.parametrize(
    "password",
    ["", "short12", "ab" * 128 + "c", "Annabella", "ANNABELLA", "password1", "QWERTY123", "zzzzzzzz"],
)
def test_what_is_guessed_first_is_no_password(password: str) -> None:
    """Too short or long, the name, the most common ones; the message does not repeat it."""
    with pytest.raises(BadPassword) as caught:
        expect_password("annabella", password)
    assert not password or password not in str(caught.value)


def test_the_common_ones_are_such_as_the_length_lets_pass() -> None:
    """A shorter one in the list would be there for nothing."""
    assert all(SHORTEST <= len(word) <= LONGEST and word == word.casefold() for word in COMMON)


def test_a_hash_says_by_what_it_was_made_and_is_salted() -> None:
    """argon2id with 46 MiB, one pass, one lane."""
    work = Argon2()
    one, other = work.hash(as_bytes(GOOD)), work.hash(as_bytes(GOOD))
    assert one.startswith(f"$argon2id$v=19$m={MEMORY_KIB},t=1,p=1$")
    assert one != other
    assert work.fits(as_bytes(GOOD), one)
    assert not work.fits(as_bytes(GOOD + "x"), one)


@pytest.mark.parametrize("kept", ["", "nonsense", "$argon2id$v=19$m=1,t=1,p=1$AA$AA"])
def test_a_damaged_hash_fits_nothing(kept: str) -> None:
    """A row that was damaged lets nobody in, and is no crash."""
    assert not Argon2().fits(as_bytes(GOOD), kept)


def test_nobodys_hash_is_made_like_any_other() -> None:
    """To look at it costs the same memory and passes, so that the time says nothing of a name."""
    real = Argon2().hash(as_bytes(GOOD))
    assert nobodys_hash().split("$")[:4] == real.split("$")[:4]
    assert len(nobodys_hash()) == len(real)
    assert not Argon2().fits(as_bytes(GOOD), nobodys_hash())


async def test_an_unknown_user_costs_one_hash_as_a_known_one_does() -> None:
    """And is refused whatever the password."""
    work = QuickWork()
    async with Passwords(4, work) as passwords:
        kept = await passwords.hash(GOOD)
        assert await passwords.fits(GOOD, kept)
        assert not await passwords.fits(GOOD, None)
    assert work.looked_at == [kept, nobodys_hash()]


async def test_the_same_letters_typed_in_another_way_fit() -> None:
    """One keyboard sends é as one character, another as two."""
    async with Passwords(4, QuickWork()) as passwords:
        assert await passwords.fits("caf\u00e9 noir", await passwords.hash("cafe\u0301 noir"))


class Held:
    """A hash that waits until it may go on, and notes how many are at work."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.at_work = 0
        self.most_at_work = 0

    def hash(self, password: bytes) -> str:
        """Wait."""
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        assert self.go.wait(20)
        self.at_work -= 1
        return "held"

    def fits(self, password: bytes, kept: str) -> bool:
        """Wait."""
        return self.hash(password) == kept


async def test_one_is_worked_on_and_no_more_than_the_bound_wait() -> None:
    """Whoever tries thousands gets one core's time and a refusal, not the box."""
    held = Held()
    async with Passwords(3, held) as passwords:
        waiting = [asyncio.ensure_future(passwords.hash(GOOD)) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await passwords.hash(GOOD)
        (queue,) = passwords.queues()
        assert (queue.length, queue.capacity, queue.dropped) == (3, 3, 1)
        held.go.set()
        assert await asyncio.gather(*waiting) == ["held"] * 3
        assert held.most_at_work == 1
        assert await passwords.hash(GOOD) == "held"


async def test_whoever_goes_away_leaves_the_place_taken_until_the_work_is_done() -> None:
    """Clients that hang up at once do not make room for more of them."""
    held = Held()
    async with Passwords(1, held) as passwords:
        gone = asyncio.ensure_future(passwords.hash(GOOD))
        await asyncio.sleep(0)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        with pytest.raises(Overloaded):
            await passwords.hash(GOOD)
        held.go.set()
