"""A server's endless answer is cut into its parts, however it arrives, and into nothing else."""

import random
import threading
from collections.abc import Callable

import pytest

from appliance.packets.multipart import LARGEST_PART_BYTES, Part, PartError, Parts
from tests.support.clock import SimulatedClock

BODIES = [b"one", b"", b"\r\n--fram\r\ne\r\n--", bytes(range(256)) * 20, b"\n", b"last"]
WITH_LENGTH = b"".join(
    b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n" % (len(b), b) for b in BODIES
)
WITHOUT = b"".join(b"--frame\r\nContent-Type: image/jpeg\r\n\r\n%s\r\n" % b for b in BODIES)
END = b"--frame--\r\n"


def feeder(data: bytes, longest: int, source: random.Random | None = None) -> Callable[[int], bytes]:
    """Return a reader that gives the data in pieces, of random length where a source is given."""
    rest = bytearray(data)

    def read(count: int) -> bytes:
        wanted = min(count, source.randint(1, longest) if source else longest)
        piece = bytes(rest[:wanted])
        del rest[:wanted]
        return piece

    return read


def all_of(data: bytes, longest: int = 1 << 20, source: random.Random | None = None) -> list[bytes]:
    """Return the bodies of all parts."""
    parts = Parts(feeder(data, longest, source), "frame", SimulatedClock())
    found: list[bytes] = []
    while (part := parts.next()) is not None:
        found.append(part.data)
    return found


@pytest.mark.parametrize("stream", [WITH_LENGTH + END, WITHOUT + END], ids=["length", "no length"])
@pytest.mark.parametrize("longest", [1, 2, 3, 7, 100, 1 << 20])
def test_parts_are_the_same_however_they_arrive(stream: bytes, longest: int) -> None:
    """A network cuts anywhere: in a separator, between its two dashes, in the middle of a line's end."""
    assert all_of(stream, longest) == BODIES


def test_a_part_with_a_length_is_there_as_soon_as_its_last_byte() -> None:
    """It does not wait for the next picture's separator."""
    said = b"--frame\r\nContent-Length: 3\r\n\r\none"

    def no_more(_count: int) -> bytes:
        raise AssertionError("waited for more than the part")

    first = feeder(said, 1000)
    pieces = iter([first(1000)])
    parts = Parts(lambda count: next(pieces, b"") or no_more(count), "frame", SimulatedClock())
    assert parts.next() == Part(b"one", SimulatedClock().monotonic_ns(), SimulatedClock().wall_us())


def test_a_wrong_length_costs_no_later_picture() -> None:
    """What follows a part up to the next separator is left out."""
    stream = b"--frame\r\nContent-Length: 2\r\n\r\nlonger\r\n" + WITH_LENGTH + END
    assert all_of(stream) == [b"lo", *BODIES]


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_lines_may_end_either_way(newline: bytes) -> None:
    """Small servers are written by hand."""
    stream = b"--frame\nContent-Length: 3\n\none\n--frame\n\ntwo\n--frame--\n".replace(b"\n", newline)
    assert all_of(stream) == [b"one", b"two"]


def test_a_part_has_the_time_at_which_its_body_began_to_arrive() -> None:
    """Not that of the separator after it, which may come with the next picture only."""
    clock = SimulatedClock()
    pieces = [(1.0, b"--frame\r\n\r\n"), (2.0, b"on"), (3.0, b"e\r\n"), (4.0, b"--frame\r\n\r\n"), (5.0, b"")]
    coming = iter(pieces)

    def read(_count: int) -> bytes:
        at_s, piece = next(coming)
        clock.wait(threading.Event(), at_s - clock.monotonic_ns() / 1e9)
        return piece

    part = Parts(read, "frame", clock).next()
    assert part is not None
    assert part.data == b"one"
    assert part.arrived_ns == 2_000_000_000
    assert clock.monotonic_ns() == 4_000_000_000


@pytest.mark.parametrize(
    "stream",
    [
        b"x" * 5000,
        b"\r\n" * 5000,
        b"--frame\r\n" + b"a: b\r\n" * 70,
        b"--frame\r\na: " + b"b" * 5000,
        b"--frame\r\nContent-Length: %d\r\n\r\n" % (LARGEST_PART_BYTES + 1),
        b"--frame\r\nContent-Length: 999999999999999999999999999999\r\n\r\n",
        b"--frame\r\n\r\n" + bytes(LARGEST_PART_BYTES + 100_000),
    ],
    ids=["no separator", "blank lines", "long header", "long line", "too large", "absurd", "endless"],
)
def test_what_has_no_end_is_refused(stream: bytes) -> None:
    """Every wait for an end has a bound in bytes."""
    with pytest.raises(PartError):
        all_of(stream)


@pytest.mark.parametrize("seed", range(200))
def test_damage_ends_in_parts_or_in_a_refusal(seed: int) -> None:
    """Bytes changed, left out and repeated at random raise nothing else, and never loop."""
    source = random.Random(seed)
    stream = bytearray(source.choice([WITH_LENGTH, WITHOUT]) + END)
    for _ in range(source.randint(1, 20)):
        at = source.randrange(len(stream))
        kind = source.randrange(3)
        if kind == 0:
            stream[at] = source.randrange(256)
        elif kind == 1:
            del stream[at : at + source.randint(1, 30)]
        else:
            stream[at:at] = stream[at : at + source.randint(1, 30)]
    try:
        found = all_of(bytes(stream), 64, source)
    except PartError:
        return
    assert sum(map(len, found)) <= len(stream)
