"""Packets → fragmented MP4 (ISO/IEC 14496-12 and -15): one writer for recording and for live view."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from appliance.domain.packet import Packet, SoundPacket, SoundStream
from appliance.domain.time import WallUs

TIMESCALE = 90_000
"""Ticks of the video track in a second."""


class Fmp4Writer:
    """Makes the init segment and the fragments of one file or of one live stream; pure, on one thread.

    Times in it count from ``base_us``, the wall time of its first picture, so that the wall time of what
    a player shows is ``base_us`` plus the player's own position.

    Args:
        keyframe: the first packet; parameter sets that the stream does not announce are taken from it.
        sound: the sound track, or ``None``.

    Raises:
        NotRecordable: the codec has no place in MP4, or its parameter sets are not known.
    """

    def __init__(self, keyframe: Packet, sound: SoundStream | None = None) -> None:
        raise NotImplementedError

    @property
    def base_us(self) -> WallUs:
        """The wall time of position 0."""
        raise NotImplementedError

    @property
    def codecs(self) -> str:
        """The codecs of video and sound as RFC 6381 names them: ``avc1.64001f,mp4a.40.2``."""
        raise NotImplementedError

    @property
    def init(self) -> bytes:
        """``ftyp`` and ``moov``."""
        raise NotImplementedError

    def fragment(
        self, packets: Sequence[Packet], end_us: WallUs, sounds: Sequence[SoundPacket] = ()
    ) -> bytes:
        """Return a ``moof`` with its ``mdat``.

        Args:
            packets: of the stream that the writer was made for, in decoding order, following those of the
                fragment before; not empty.
            end_us: where the last picture ends: the next picture's time if it is known.
            sounds: of the sound stream it was made for, in order.
        """
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class FragmentPlace:
    """Where a fragment lies in a file, and when.

    Attributes:
        offset: of its ``moof``, in bytes.
        size: of ``moof`` and ``mdat`` together.
        start_us: of its first picture in decoding order, in microseconds since position 0.
        duration_us: of its pictures.
        is_keyframe: its first picture is one.
    """

    offset: int
    size: int
    start_us: int
    duration_us: int
    is_keyframe: bool


@dataclass(frozen=True, slots=True)
class FileLayout:
    """What ``layout_of`` finds in a file.

    Attributes:
        init_size: bytes of ``ftyp`` and ``moov``; 0 when they are not whole.
        whole_size: bytes up to the end of the last whole fragment.
        fragments: the whole ones, in order.
    """

    init_size: int
    whole_size: int
    fragments: tuple[FragmentPlace, ...] = field(repr=False)
