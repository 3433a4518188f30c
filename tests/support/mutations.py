"""Damage for fuzzing: bytes, session descriptions and RTP packets, changed in ways that parsers dread."""

import random

from tests.support.camera_simulator.faults import Mutate

_NUMBERS = (
    "0",
    "-1",
    "1",
    "96",
    "255",
    "65536",
    "2147483647",
    "2147483648",
    "4294967295",
    "1e30",
    "99999999999",
)
_WORDS = ("", " ", ";", "=", ",", "/", "%s%n", "\x00", "*", "…", "x" * 300, "A" * 70_000)
_UNIT_HEADERS = (0x18, 0x19, 0x1A, 0x1B, 0x1C, 0x1D, 0x1E, 0x1F, 0x00, 0x60, 0x62, 0x64, 0x67, 0x68, 0x65)
_RTP_HEADER_BYTES = 12


def mutated(data: bytes, rng: random.Random) -> bytes:
    """Return the bytes with one to four changes: flipped, cut, repeated, filled, replaced by noise."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(changed) + 1)
        length = rng.choice((1, 2, 4, 16, 200))
        match rng.randrange(6):
            case 0 if at < len(changed):
                changed[at] ^= 1 << rng.randrange(8)
            case 1:
                del changed[at : at + length]
            case 2:
                changed[at:at] = changed[at : at + length] * rng.choice((1, 2, 30))
            case 3:
                changed[at : at + length] = bytes((rng.choice((0x00, 0xFF, 0x7F, 0x80)),)) * length
            case 4:
                changed[at : at + length] = rng.randbytes(length)
            case _:
                del changed[at:]
    return bytes(changed)


def mutated_text(text: str, rng: random.Random) -> bytes:
    """Return a session description or an answer of which lines, words and numbers are changed."""
    lines = text.split("\r\n")
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(lines))
        match rng.randrange(6):
            case 0 if len(lines) > 1:
                del lines[at]
            case 1:
                lines[at:at] = [lines[at]] * rng.choice((1, 2, 500))
            case 2:
                rng.shuffle(lines)
            case 3:
                lines[at] = _with_another_number(lines[at], rng)
            case 4:
                cut = rng.randrange(len(lines[at]) + 1)
                lines[at] = lines[at][:cut] + rng.choice(_WORDS) + lines[at][cut + rng.randrange(4) :]
            case _:
                lines[at] = mutated(lines[at].encode(), rng).decode("latin-1")
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")


def packet_mutation(rng: random.Random) -> Mutate:
    """Return what changes RTP packets: a share of them, in header, NAL unit header and payload."""
    share = rng.choice((0.02, 0.2, 1.0))

    def change(packet: bytes) -> bytes:
        if rng.random() >= share:
            return packet
        match rng.randrange(4):
            case 0:
                return mutated(packet[:_RTP_HEADER_BYTES], rng) + packet[_RTP_HEADER_BYTES:]
            case 1:
                head, body = packet[:_RTP_HEADER_BYTES], packet[_RTP_HEADER_BYTES:]
                return (
                    head + bytes((rng.choice(_UNIT_HEADERS), rng.randrange(256))) + body[rng.randrange(3) :]
                )
            case 2:
                return packet[:_RTP_HEADER_BYTES] + mutated(packet[_RTP_HEADER_BYTES:], rng)
            case _:
                return packet[: rng.randrange(len(packet))]

    return lambda packet: change(packet)[:65_000]


def _with_another_number(line: str, rng: random.Random) -> str:
    at = [i for i, char in enumerate(line) if char.isdigit()]
    if not at:
        return line + rng.choice(_NUMBERS)
    begin = end = rng.choice(at)
    while end < len(line) and line[end].isdigit():
        end += 1
    return line[:begin] + rng.choice(_NUMBERS) + line[end:]
