"""What the appliance and the detection worker say to each other: MessagePack, one message to a packet.

They talk over a pair of connected ``SOCK_SEQPACKET`` sockets, whose packets keep their bounds. Pictures lie
in the memory of the file descriptor (``memfd_create``) that travels with a ``Detect``; only their places in
it are written down. Every request has an id, which its answer repeats.
"""

from typing import TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from detectors.contract import Detections, ModelInput

PACKET_BYTES = 1 << 17
"""No message is longer; the kernel's default buffer takes one whole."""


class Load(msgspec.Struct, frozen=True, tag="load"):
    """Make another detector; the present one works on until the new one is ready.

    The attributes after ``id`` are those of ``registry.Spec``.
    """

    id: int
    model: str
    min_score: float
    threads: int | None
    back_end: str = ""
    device: int = 0
    sha256: str = ""


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where a picture lies in the memory, and where to look in it.

    Attributes:
        offset: bytes; from there on I420 of ``width`` × ``height`` × 3/2 bytes.
        motion: float32 boxes, as bytes.
        followed: float32 boxes, as bytes.
    """

    offset: int
    width: int
    height: int
    motion: bytes
    followed: bytes

    @property
    def end(self) -> int:
        """Bytes up to which the picture reaches."""
        return self.offset + self.width * self.height * 3 // 2


class Detect(msgspec.Struct, frozen=True, tag="detect"):
    """Look at some pictures; carries one file descriptor."""

    id: int
    places: tuple[Place, ...]


class Loaded(msgspec.Struct, frozen=True, tag="loaded"):
    """The new detector is in use: what it is.

    The attributes after ``id`` are those of ``contract.Detector``.
    """

    id: int
    name: str
    accelerator: str
    labels: tuple[str, ...]
    searches_whole_picture: bool
    back_end: str = ""
    input: ModelInput | None = None
    lanes: int = 1


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """The new detector could not be made; the one before is still in use."""

    id: int
    reason: str


class Full(msgspec.Struct, frozen=True, tag="full"):
    """The accelerator had no memory left for so many pictures, and works on: ask with fewer."""

    id: int
    reason: str


class Boxes(msgspec.Struct, frozen=True, array_like=True):
    """The detections in one picture, as the bytes of the contract's arrays."""

    xyxy: bytes
    scores: bytes
    class_ids: bytes

    @classmethod
    def of(cls, found: Detections) -> "Boxes":
        """Pack one picture's detections."""
        return cls(found.xyxy.tobytes(), found.scores.tobytes(), found.class_ids.tobytes())

    def unpack(self) -> Detections:
        """Return the detections.

        Raises:
            ValueError: the bytes are no such arrays.
        """
        return Detections(
            boxes_from(self.xyxy),
            np.frombuffer(self.scores, np.float32),
            np.frombuffer(self.class_ids, np.int64),
        )


class Found(msgspec.Struct, frozen=True, tag="found"):
    """The detections of each picture, in order.

    Attributes:
        model: the id of the ``Load`` that brought the detector that found them.
    """

    id: int
    model: int
    boxes: tuple[Boxes, ...]


Request: TypeAlias = Load | Detect
Answer: TypeAlias = Loaded | Refused | Found | Full


def boxes_from(data: bytes) -> npt.NDArray[np.float32]:
    """Return the boxes, float32 (n, 4), whose bytes these are; read only.

    Raises:
        ValueError: the bytes are no whole number of boxes.
    """
    return np.frombuffer(data, np.float32).reshape(-1, 4)
