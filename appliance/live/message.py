"""What a viewer is sent: made once, the same bytes for all."""

import struct
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

import msgspec

from appliance.domain.packet import Packet
from appliance.domain.time import WallUs
from appliance.packets.fmp4 import Fmp4Writer
from appliance.store.times import iso_of_us

HEADER = struct.Struct(">Bq")
"""Before each fragment: flags, and when its picture was taken, in microseconds since 1970."""

IS_KEYFRAME = 0x01
"""The flag of a fragment at which a player can begin."""

NOT_RECORDABLE = "not_recordable"
"""The state of a camera that plays, but whose codec has no place in MP4."""


class Kind(Enum):
    """What a message is to the queue that it waits in."""

    STREAM = auto()
    STATE = auto()
    KEYFRAME = auto()
    PICTURE = auto()
    BEHIND = auto()


@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """One message of each kind that is not empty: first the text, then the bytes.

    Attributes:
        text: JSON, UTF-8.
        data: an init segment, or a header with a fragment.
    """

    kind: Kind
    text: bytes = b""
    data: bytes = b""

    @property
    def is_picture(self) -> bool:
        """Whether it may be left out when a viewer is behind."""
        return self.kind in {Kind.KEYFRAME, Kind.PICTURE}

    @property
    def size(self) -> int:
        """Bytes of text and data together."""
        return len(self.text) + len(self.data)


class Fragment(NamedTuple):
    """What a binary message is made of.

    Attributes:
        wall_us: when the picture was taken, on the camera's anchored clock.
        data: ``moof`` and ``mdat``.
    """

    is_keyframe: bool
    wall_us: WallUs
    data: bytes


def of_stream(writer: Fmp4Writer) -> Message:
    """Return what a player begins with: what it has to know, and the init segment."""
    width, height = writer.size
    said = {
        "type": "stream",
        "mime": f'video/mp4; codecs="{writer.codecs}"',
        "width": width,
        "height": height,
        "base": iso_of_us(writer.base_us),
        "base_us": writer.base_us,
    }
    return Message(Kind.STREAM, msgspec.json.encode(said), writer.init)


def of_state(state: str, reason: str) -> Message:
    """Return the word that nothing can be played at the moment, and why."""
    return Message(Kind.STATE, msgspec.json.encode({"type": "state", "state": state, "reason": reason}))


def of_behind(skipped: int) -> Message:
    """Return the word that a viewer is behind: so many pictures were left out since it was last said."""
    return Message(Kind.BEHIND, msgspec.json.encode({"type": "behind", "skipped": skipped}))


def of_picture(packet: Packet, fragment: bytes) -> Message:
    """Return the message of one picture."""
    kind, flags = (Kind.KEYFRAME, IS_KEYFRAME) if packet.is_keyframe else (Kind.PICTURE, 0)
    return Message(kind, data=HEADER.pack(flags, packet.wall_us) + fragment)


def read_picture(data: bytes) -> Fragment:
    """Return the parts of a picture's message, as a client reads them.

    Raises:
        ValueError: it is shorter than its header.
    """
    if len(data) < HEADER.size:
        raise ValueError(f"expected at least {HEADER.size} bytes, got {len(data)}")
    flags, wall_us = HEADER.unpack_from(data)
    return Fragment(bool(flags & IS_KEYFRAME), WallUs(wall_us), data[HEADER.size :])
